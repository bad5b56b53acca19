"""The signature of a figure: what it depends on, in one line, as sacrebleu has it."""

from __future__ import annotations

from importlib.metadata import version

from bitseam.mining.evaluate.bootstrap import RESAMPLES, SEED


def signature(metric: str, **parts: object) -> str:
    """Return `accuracy|bitseam:0.1.0|encoder:static@1f3a|...`; a part that is None is left out.

    The bootstrap's resamples and seed are always the same.
    """
    every = {"bitseam": version("bitseam"), **parts, "bootstrap": f"{RESAMPLES},{SEED}"}
    named = [f"{name}:{value}" for name, value in every.items() if value is not None]
    return "|".join([metric, *named])
