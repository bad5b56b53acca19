"""Exact nearest neighbours in both directions, by one fused pass instead of two searches."""
