"""Two documents -> an alignment: document matching, m-n sentence alignment, word alignment.

The room imports `lid` and `schemas`, never `mining`: vectors come in as arrays.
"""
