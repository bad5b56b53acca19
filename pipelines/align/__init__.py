"""`mine align`: documents of two sides read, matched, aligned and written."""
