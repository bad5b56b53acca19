"""Metrics: what a score is made of, the score, its interval, and its signature."""
