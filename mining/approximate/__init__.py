"""Approximate nearest neighbours by a faiss index, for sides too large for every product."""
