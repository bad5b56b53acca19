"""Training of language identifiers such as the bundled one."""

from bitseam.lid.training.config import TrainConfig
from bitseam.lid.training.linear_trainer import train_identifier

__all__ = ["TrainConfig", "train_identifier"]
