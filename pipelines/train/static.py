"""Parallel text -> a static encoder in a folder, from scratch or from another one."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.lid.ngrams import NgramConfig
from bitseam.mining.encoders.loading import STATIC
from bitseam.mining.encoders.static import BUNDLED_MODEL
from bitseam.mining.encoders.static_model import StaticModel, read_static_model, to_bytes
from bitseam.mining.training.held_aside import accuracies
from bitseam.mining.training.static_trainer import StaticTraining, TrainingOptions
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.train.card import static_card
from bitseam.pipelines.train.output import finish, is_finished
from bitseam.pipelines.train.split import DataOptions, Split, read_split, signature
from bitseam.pipelines.train.state import load_state, save_state
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

MODEL = "model.safetensors"
# A trained table is left with small steps, and rises to them slowly: Adagrad does not know at first
# which of its rows have learned most. Chosen on 9,404 pairs of historical newspapers.
_CONTINUED = {"learning_rate": 0.01, "temperature": 0.1}
_CONTINUED_WARM_UP = 0.4  # of the epochs


@dataclass(frozen=True)
class StaticRun:
    """What `mine train static` was asked to do; `base` is the file of a model, or None."""

    data: DataOptions
    output: Path
    base: Path | None
    training: TrainingOptions
    patience: int
    licence: str | None = None


def static_run(
    data: DataOptions,
    output: Path,
    base: str | None,
    *,
    epochs: int,
    patience: int,
    licence: str | None = None,
    dimension: int | None = None,
    buckets: int | None = None,
    **training: Any,
) -> StaticRun:
    """Return the run that the options of the command line ask for.

    :param base: `static`, the path of a model, or None.
    :param training: other fields of `TrainingOptions`; None stands for the default.
    :raises UserError: the base fixes what another option asks for, or is no static encoder.
    """
    for flag, value in (("--dimension", dimension), ("--buckets", buckets)):
        if base and value:
            raise UserError(f"{flag} {value}: with --base it is that of the model; leave it away")
    if base and base != STATIC and not base.endswith(".safetensors"):
        raise UserError(
            f"--base {base}: expected {STATIC!r} or the path of a model.safetensors; for a "
            "transformer see `mine train adapt`"
        )
    model = None if not base else BUNDLED_MODEL if base == STATIC else Path(base).expanduser()
    chosen = {name: value for name, value in training.items() if value is not None}
    if base:
        chosen = {**_CONTINUED, "warm_up": _CONTINUED_WARM_UP * epochs, **chosen}
    if dimension:
        chosen["dimension"] = dimension
    if buckets:
        chosen["ngrams"] = NgramConfig(buckets)
    options = TrainingOptions(**chosen, epochs=epochs, threads=os.cpu_count() or 1)
    return StaticRun(data, output, model, options, patience, licence)


def train_static(run: StaticRun) -> None:
    """Train, and leave the model, its card and a record of the epochs in `run.output`.

    A run that was stopped is continued after its last whole epoch, to the same bytes.

    :raises UserError: the data or the base cannot be used, or the folder is taken.
    """
    base = read_static_model(run.base) if run.base else None
    options = _of_base(run.training, base)
    split = read_split(run.data)
    _check_weights(options, split)
    asked = {**asdict(options), "threads": None, "patience": run.patience, "licence": run.licence}
    name = signature(split, {**asked, "base": base.revision if base else None})
    if is_finished(run.output, name):
        return
    classes = base.table.classes if base else character_classes()
    start = base.table.rows * base.table.scales[:, None] if base else None
    training = StaticTraining(split.train, classes, options, start)
    history, best = load_state(run.output, name, training)

    def measure(loss: float | None) -> bool:
        table = NgramTable(options.ngrams, classes, *quantise(training.table))  # as it is saved
        measured = accuracies(split.held, table.embed)
        return history.add(training.epoch, options.epochs, loss, measured)

    if base and not history.entries:
        measure(None)
    while training.epoch < options.epochs and not history.is_stuck(run.patience):
        if measure(_epoch(training, options)):
            best = training.table.copy()
        save_state(run.output, name, training, history, best)
    table = NgramTable(options.ngrams, classes, *quantise(best))
    model = StaticModel(table, _facts(split, base, run.licence))
    with replacing(run.output / MODEL) as temporary:
        temporary.write_bytes(to_bytes(model))
    card = static_card(split, model, base, options, history, run.licence)
    finish(run.output, name, card, history)
    log.info("use it with `mine --encoder %s`", run.output / MODEL)


def _of_base(options: TrainingOptions, base: StaticModel | None) -> TrainingOptions:
    """The n-grams and the dimension of a table that is trained on are its own."""
    if base is None:
        return options
    return replace(options, ngrams=base.table.ngrams, dimension=base.table.dimension)


def _check_weights(options: TrainingOptions, split: Split) -> None:
    columns = {name for rows in split.train for name in rows.table.column_names}
    if unknown := sorted(options.column_weights.keys() - columns):
        raise UserError(
            f"--weight {unknown[0]}: no such column, found {', '.join(sorted(columns))}"
        )


def _epoch(training: StaticTraining, options: TrainingOptions) -> float:
    hidden = not (sys.stderr.isatty() and log.isEnabledFor(logging.INFO))
    title = f"epoch {training.epoch + 1}/{options.epochs}"
    with tqdm(desc=title, unit=" batches", leave=False, disable=hidden) as bar:

        def show(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        return training.run_epoch(show)


def _facts(split: Split, base: StaticModel | None, licence: str | None) -> dict[str, Any]:
    """What the model file says of itself; a model trained on keeps what its base was made of."""
    before = base.card if base else {}
    return {
        "languages": sorted({*before.get("languages", []), *split.languages}),
        "sources": {**before.get("sources", {}), **{s.name: "not stated" for s in split.train}},
        "licence": licence or "not stated: that of the sources",
    }
