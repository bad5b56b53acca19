"""From the options of `mine train adapt` and `distill` to what trains the kind of encoder named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitseam.mining.encoders.loading import STATIC
from bitseam.mining.training.transformer_trainer import TransformerOptions
from bitseam.pipelines.train.split import DataOptions
from bitseam.schemas.errors import UserError

_STATIC_DEFAULTS = {"epochs": 10, "batch_size": 2048}
_TRANSFORMER_DEFAULTS = {"epochs": 3, "batch_size": 128, "learning_rate": 2e-5}


def adapt_encoder(
    data: DataOptions,
    output: Path,
    base: str,
    *,
    guide: str | None,
    patience: int,
    device: str | None,
    licence: str | None = None,
    **training: Any,
) -> None:
    """Adapt a static encoder or a transformer.

    :param training: what the options of the trainer are called; None stands for the default.
    :raises UserError: an option that is not for this kind of encoder.
    """
    chosen = {name: value for name, value in training.items() if value is not None}
    if base != STATIC and not base.endswith(".safetensors"):
        from bitseam.pipelines.train.transformer import TransformerRun, adapt

        temperature = {"temperature": 0.01 if guide else 0.05}
        training = {**_TRANSFORMER_DEFAULTS, **temperature, **chosen}
        options = TransformerOptions(**training)
        adapt(TransformerRun(data, output, base, options, patience, device, licence), guide)
        return
    for flag, value in (("--guide", guide), ("--device", device)):
        if value:
            raise UserError(f"{flag} {value}: for transformers only, and --base {base} is none")
    from bitseam.pipelines.train.static import static_run, train_static

    asked = {**_STATIC_DEFAULTS, **chosen}
    train_static(static_run(data, output, base, patience=patience, licence=licence, **asked))


def distil_encoder(
    data: DataOptions,
    output: Path,
    teacher: str,
    student: str,
    *,
    teacher_column: str | None,
    patience: int,
    device: str | None,
    licence: str | None = None,
    **training: Any,
) -> None:
    """Teach the transformer `student`.

    :param training: fields of `TransformerOptions`.
    """
    from bitseam.pipelines.train.transformer import TransformerRun, distil

    options = TransformerOptions(**training)
    run = TransformerRun(data, output, student, options, patience, device, licence)
    distil(run, teacher, teacher_column)
