"""What the training of an identifier depends on besides its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bitseam.lid.ngrams import NgramConfig
from bitseam.schemas.errors import UserError


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The same texts and options give the same model.

    An epoch draws `draws` texts of a language that has 20,000 or more, and of a smaller one in
    proportion to the root of its size, but no less than `least_draws`.
    `emphasis` multiplies that number, and with it the language's share in the trained prior.

    :raises UserError: a value is out of range.
    """

    epochs: int = 8
    dimension: int = 64
    buckets: int = 58_000
    learning_rate: float = 0.2
    seed: int = 0
    draws: int = 20_000
    least_draws: int = 2_000
    emphasis: Mapping[str, float] = field(default_factory=dict)
    shortest: int = 2
    longest: int = 5

    def __post_init__(self) -> None:
        for name, low, high in (
            ("epochs", 1, 1000),
            ("dimension", 2, 1024),
            ("buckets", 1000, 1 << 24),
            ("learning_rate", 1e-6, 100.0),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise UserError(
                    f"--{name.replace('_', '-')} is {value}: expected from {low} to {high}"
                )

    @property
    def ngrams(self) -> NgramConfig:
        """The features of the model."""
        return NgramConfig(self.buckets, self.shortest, self.longest)
