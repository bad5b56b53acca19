"""Evaluation sets built from a bitext and monolingual text: pure functions over Arrow and numpy."""
