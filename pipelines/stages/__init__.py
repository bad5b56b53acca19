"""The stages of the main job: documents -> sentences -> embeddings -> neighbours -> pairs.

Or alignments in place of neighbours, or beside them: see `store.STAGES_OF`.
"""
