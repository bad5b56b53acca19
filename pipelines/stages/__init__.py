"""The stages of the main job: documents -> sentences -> embeddings -> neighbours -> pairs."""
