"""Labelled lines -> a language identifier in a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from bitseam.lid.identifiers.linear_model import write_model
from bitseam.lid.training import TrainConfig, train_identifier
from bitseam.pipelines.lid.labelled import read_labelled
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")


def train_on_lines(paths: Sequence[str], output: Path, options: Mapping[str, Any]) -> None:
    """Train on labelled lines and write the model.

    :param options: fields of `TrainConfig`; None stands for the default.
    :raises UserError: an option out of range; no labelled lines, or of too few languages.
    """
    if not output.parent.is_dir():  # before the training, not after it
        raise UserError(f"--output {output}: there is no folder {output.parent}")
    config = TrainConfig(**{name: value for name, value in options.items() if value is not None})
    batches = [*read_labelled(paths)]
    texts = pa.concat_arrays([batch.texts for batch in batches])
    languages = pa.concat_arrays([batch.languages for batch in batches])
    model = train_identifier(
        texts,
        languages,
        config,
        lambda epoch, loss: log.info("epoch %d: mean loss %.4f", epoch + 1, loss),
    )
    write_model(model, output)
    log.info("%s: %d languages from %s lines", output, len(model.languages), f"{len(texts):,}")
