"""`mine evalset`: builds evaluation sets from a bitext and monolingual text."""
