"""Two documents -> an alignment: document matching and m-n sentence alignment.

The room is named by the house plan and still empty; it imports `lid` and `schemas`, never `mining`.
"""
