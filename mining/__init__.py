"""Sentences -> scored pairs: encoders, k-NN search, margins, retrieval, thresholds."""
