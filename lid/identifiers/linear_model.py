"""The file of a bundled-style identifier: n-gram rows, a linear layer over them, a calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.ngram_table import NgramTable, not_a_model, read_table, table_bytes

METADATA_KEY = "bitseam.identifier"
FORMAT = 1
_WHAT = "the model of a language identifier"


class LinearModel(NamedTuple):
    """The posterior of a text is the softmax of `sharpness * (vector @ weights)`.

    `vector` is the text's unit vector by `table`.
    """

    table: NgramTable
    languages: tuple[str, ...]  # `ltz_Latn`, and `und_Zyyy`
    weights: npt.NDArray[np.float32]  # (d, languages), each fits a half-precision float
    prior: npt.NDArray[np.float64]  # (languages,), the shares in training, positive, sum 1
    sharpness: float  # fitted on texts held out from training, so that probabilities are honest
    card: dict[str, Any]  # sources, licence ...: for people, no influence on answers
    revision: str = ""  # of the file it was read from


def write_model(model: LinearModel, path: Path) -> None:
    """Write the model as a safetensors file; the same model gives the same bytes."""
    description = {
        "format": FORMAT,
        "languages": model.languages,
        "sharpness": model.sharpness,
        "card": model.card,
    }
    tensors: dict[str, npt.NDArray[Any]] = {
        "weights": model.weights.astype(np.float16),
        "prior": model.prior.astype(np.float64),
    }
    path.write_bytes(table_bytes(model.table, METADATA_KEY, description, tensors))


def read_model(path: Path) -> LinearModel:
    """Map a model file into memory; processes that read the same file share its rows.

    :raises UserError: no such file, or not the model of a language identifier.
    """
    file = read_table(path, METADATA_KEY, FORMAT, _WHAT)
    try:
        model = LinearModel(
            file.table,
            tuple(file.description["languages"]),
            file.tensors["weights"].astype(np.float32),
            file.tensors["prior"],
            float(file.description["sharpness"]),
            file.description["card"],
            file.revision,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise not_a_model(path, _WHAT, f"{type(error).__name__}: {error}") from error
    if why := _defect(model):
        raise not_a_model(path, _WHAT, why)
    return model


def _defect(model: LinearModel) -> str | None:
    """Return what does not fit together: compiled code reads the arrays without looking."""
    languages = len(model.languages)
    if model.weights.shape != (model.table.dimension, languages):
        return f"{model.weights.shape} weights, {model.table.dimension} x {languages} expected"
    if model.prior.shape != (languages,) or not (model.prior > 0).all():
        return "no positive prior for each language"
    if not (np.isfinite(model.weights).all() and np.isfinite(model.sharpness)):
        return "its numbers are not finite"
    return None
