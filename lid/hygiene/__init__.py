"""Which documents, lines and sentences are worth keeping."""
