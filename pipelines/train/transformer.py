"""Parallel text -> a transformer encoder, adapted or taught by another one, in a folder."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from tqdm import tqdm

from bitseam.mining.encoders import load_encoder
from bitseam.mining.encoders.checkpoint import safe_checkpoint
from bitseam.mining.encoders.loading import find_preset
from bitseam.mining.encoders.mapped import NeedsLanguage
from bitseam.mining.encoders.transformer import folder_revision, load_model
from bitseam.mining.training import transformer_trainer
from bitseam.mining.training.held_aside import accuracies
from bitseam.mining.training.transformer_trainer import (
    AfterEpoch,
    AfterStep,
    TransformerOptions,
    contrastive_training,
    distillation,
)
from bitseam.pipelines.atomic import replace_folder
from bitseam.pipelines.train.card import transformer_card
from bitseam.pipelines.train.history import History
from bitseam.pipelines.train.output import finish, is_finished
from bitseam.pipelines.train.split import DataOptions, Split, read_split, signature
from bitseam.schemas.errors import UserError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger("bitseam")

_PROMPT = "mining"
Train = Callable[[AfterEpoch, AfterStep], None]


@dataclass(frozen=True)
class TransformerRun:
    """What `mine train adapt` and `distill` were asked to do to the model `base`."""

    data: DataOptions
    output: Path
    base: str
    training: TransformerOptions
    patience: int
    device: str | None = None
    licence: str | None = None


def adapt(run: TransformerRun, guide: str | None) -> None:
    """Train `run.base` on parallel text of a domain, contrastively.

    :raises UserError: a model or the data cannot be used, or the folder is taken.
    """
    split = read_split(run.data)
    model, revision = open_model(run.base, run.device)
    guiding, guides = open_model(guide, run.device) if guide else (None, None)
    what = f"`{run.base}` adapted to the texts below by a contrastive loss over the batch"
    what += f", guided by `{guide}`." if guide else "."
    name = _signature(run, split, revision, {"task": "adapt", "guide": guides})

    def train(after_epoch: AfterEpoch, after_step: AfterStep) -> None:
        contrastive_training(model, split.train, run.training, guiding, after_epoch, after_step)

    _train(run, split, model, name, what, train)


def distil(run: TransformerRun, teacher: str, known: str | None) -> None:
    """Teach `run.base` the vectors that the encoder `teacher` gives to texts of the column `known`.

    :param known: a column of the data; None: the first.
    :raises UserError: as `adapt`; or teacher and student differ in dimension.
    """
    split = read_split(run.data)
    column = known or split.train[0].table.column_names[0]
    if any(column not in rows.table.column_names for rows in split.train):
        found = "; ".join(", ".join(rows.table.column_names) for rows in split.train)
        raise UserError(f"--teacher-column {column}: expected a column of all data, found {found}")
    model, revision = open_model(run.base, run.device)
    teaching = load_encoder(teacher, device=run.device)
    if isinstance(teaching, NeedsLanguage):
        raise UserError(f"--teacher {teacher} is a linear map: name the encoder under it")
    dimension = transformer_trainer.encode(model, pa.array(["."])).shape[1]
    if teaching.dimension != dimension:
        raise UserError(
            f"the vectors of --teacher {teacher} have {teaching.dimension} numbers, those of "
            f"--student {run.base} {dimension}: expected as many"
        )
    facts = {"task": "distill", "teacher": teaching.revision, "column": column}
    name = _signature(run, split, revision, facts)
    what = (
        f"`{run.base}`, taught to give the texts of the column `{column}` and their translations "
    )
    what += f"the vectors that `{teacher}` gives the former (Reimers & Gurevych 2020)."

    def train(after_epoch: AfterEpoch, after_step: AfterStep) -> None:
        distillation(model, teaching, split.train, column, run.training, after_epoch, after_step)

    _train(run, split, model, name, what, train)


def open_model(name: str, device: str | None) -> tuple[SentenceTransformer, str]:
    """Load a transformer in full precision, with the prompt it wants, and its revision.

    :raises UserError: it is no transformer, or cannot be loaded safely.
    """
    if name == "static" or name.endswith(".safetensors"):
        raise UserError(f"{name} is no transformer: for a static encoder see `mine train static`")
    preset, _ = find_preset(name)
    folder = safe_checkpoint(preset)
    model = load_model(folder, preset, device)
    if preset.prompt:
        model.prompts[_PROMPT] = preset.prompt
        model.default_prompt_name = _PROMPT
    return model, folder_revision(folder)


def _signature(run: TransformerRun, split: Split, revision: str, facts: dict[str, Any]) -> str:
    asked = {"patience": run.patience, "base": revision, "licence": run.licence}
    return signature(split, {**asdict(run.training), **asked, **facts})


def _train(
    run: TransformerRun,
    split: Split,
    model: SentenceTransformer,
    name: str,
    what: str,
    train: Train,
) -> None:
    """Train, and leave the model of the best epoch, its card and its record in `run.output`."""
    if is_finished(run.output, name):
        return
    history = History()
    best = run.output.with_name(f".{run.output.name}.part")
    shutil.rmtree(best, ignore_errors=True)  # what a killed training left

    def after_epoch(epoch: int, loss: float | None) -> bool:
        measured = accuracies(split.held, lambda texts: transformer_trainer.encode(model, texts))
        if history.add(epoch, run.training.epochs, loss, measured):
            shutil.rmtree(best, ignore_errors=True)
            model.save_pretrained(str(best), create_model_card=False)
        return history.is_stuck(run.patience)

    try:
        after_epoch(0, None)
        with _progress_bar() as after_step:
            train(after_epoch, after_step)
        replace_folder(best, run.output)
    finally:
        shutil.rmtree(best, ignore_errors=True)
    card = transformer_card(split, what, run.training, run.base, history, run.licence)
    finish(run.output, name, card, history)
    log.info("use it with `mine --encoder %s`", run.output)


class _progress_bar:  # noqa: N801
    """A bar over the steps of all epochs, on a terminal only."""

    def __enter__(self) -> AfterStep:
        hidden = not (sys.stderr.isatty() and log.isEnabledFor(logging.INFO))
        self._bar = tqdm(desc="training", unit=" batches", leave=False, disable=hidden)
        return self._show

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def _show(self, done: int, of: int) -> None:
        self._bar.total = of
        self._bar.update(done - self._bar.n)
