"""Text -> labelled sentences: language identification, segmentation, cleaning, n-gram hashing."""
