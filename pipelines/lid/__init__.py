"""`mine lid`: language identification by itself, over lines of text."""
