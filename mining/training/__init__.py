"""Trains encoders and linear maps from rows of parallel text."""

from bitseam.mining.training.parallel_rows import ParallelRows
from bitseam.mining.training.static_trainer import TrainingOptions, train_static_table

__all__ = ["ParallelRows", "TrainingOptions", "train_static_table"]
