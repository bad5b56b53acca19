"""Paragraphs: which line breaks of a text only wrap it, judged paragraph by paragraph.

code points -> lines (`lines`, `measure`) -> what a line is (`shapes`) -> paragraphs and the
column they are wrapped at (`margins`) -> wrapped or not (`judge`) -> what becomes of each code
point (`roles`) -> texts without the wrapping (`join`, `hyphens`)
"""
