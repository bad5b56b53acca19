"""A second look at candidate pairs: what ranks, rivals and texts say beside the margin."""
