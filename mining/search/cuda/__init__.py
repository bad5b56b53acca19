"""Exact neighbours on a CUDA device; every step runs on the CPU, too, and is tested there."""

from bitseam.mining.search.cuda.mutual import mutual_neighbours_cuda

__all__ = ["mutual_neighbours_cuda"]
