"""Trains sentence-transformers models by the trainer and the losses of that library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.mining.encoders.protocol import Encoder
from bitseam.mining.training.parallel_rows import ParallelRows
from bitseam.schemas.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer

_MINI_BATCH = 32  # texts in memory at once; what a batch is made of does not change its gradient
_WARM_UP = 0.1  # of all steps
# One prints to standard output; the other computes examples for a model card that is not written.
_UNWANTED_CALLBACKS = ("PrinterCallback", "SentenceTransformerModelCardCallback")

AfterEpoch = Callable[[int, float], bool]  # epoch from 1, mean loss -> whether to stop
AfterStep = Callable[[int, int], None]  # steps done, steps of all epochs


@dataclass(frozen=True, slots=True)
class TransformerOptions:
    """What the training depends on besides its data.

    The learning rate rises over the first tenth of the steps, and falls in a line to nothing.
    `temperature` is that of a contrastive loss.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    temperature: float = 0.05
    seed: int = 0


def contrastive_training(
    model: SentenceTransformer,
    sources: Sequence[ParallelRows],
    options: TransformerOptions,
    guide: SentenceTransformer | None,
    after_epoch: AfterEpoch,
    after_step: AfterStep | None = None,
) -> None:
    """Train `model` so that each text finds its translation among those of its batch, both ways.

    A batch is of one source, and no text stands in it twice. With a `guide`, what it finds nearer
    to a text than the translation is no negative (GISTEmbed, Solatorio 2024,
    https://arxiv.org/abs/2402.16829).
    """
    _require_trainer()
    from sentence_transformers.sentence_transformer import losses

    if guide is None:
        loss: Any = losses.CachedMultipleNegativesRankingLoss(
            model,
            scale=1 / options.temperature,
            directions=("query_to_doc", "doc_to_query"),
            partition_mode="per_direction",
            mini_batch_size=_MINI_BATCH,
        )
    else:
        loss = losses.CachedGISTEmbedLoss(
            model, guide, temperature=options.temperature, mini_batch_size=_MINI_BATCH
        )
    tables = [_pairs(rows.table) for rows in sources]
    _train(model, _datasets(tables), loss, "no_duplicates", options, after_epoch, after_step)


def distillation(
    student: SentenceTransformer,
    teacher: Encoder,
    sources: Sequence[ParallelRows],
    known: str,
    options: TransformerOptions,
    after_epoch: AfterEpoch,
    after_step: AfterStep | None = None,
) -> None:
    """Train `student` to give a text and its translations the vector the teacher gives the text.

    The text is that in the column `known`, of a language that the teacher was trained on; the loss
    is the mean squared error (Reimers & Gurevych 2020, https://arxiv.org/abs/2004.09813), of the
    teacher's vectors at unit norm.
    """
    _require_trainer()
    from sentence_transformers.sentence_transformer import losses

    tables = [_taught(rows.table, teacher, known) for rows in sources]
    loss = losses.MSELoss(student)
    _train(student, _datasets(tables), loss, "batch_sampler", options, after_epoch, after_step)


def _require_trainer() -> None:
    if not (find_spec("accelerate") and find_spec("datasets")):
        raise UserError(
            "training a transformer needs the packages accelerate and datasets: "
            "pip install 'bitseam[train]'"
        )


def _pairs(table: pa.Table) -> pa.Table:
    """Every two different texts of a row, as `anchor` and `positive`."""
    pairs = []
    for names in combinations(table.column_names, 2):
        both = table.select(list(names)).drop_null()
        both = both.filter(pc.not_equal(both[0], both[1]))
        pairs.append(both.rename_columns(["anchor", "positive"]))
    return pa.concat_tables(pairs)


def _taught(table: pa.Table, teacher: Encoder, known: str) -> pa.Table:
    """Every text of the rows that have a `known` one, as `text`, and its `label`."""
    rows = table.filter(pc.is_valid(table[known]))
    texts = rows[known].combine_chunks()
    vectors = teacher.encode(texts)
    flat = pa.array(vectors.reshape(-1))
    labels = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    parts = [
        pa.table({"text": rows[name], "label": labels}).filter(pc.is_valid(rows[name]))
        for name in rows.column_names
    ]
    return pa.concat_tables(parts)


def _datasets(tables: Sequence[pa.Table]) -> dict[str, Dataset]:
    from datasets import Dataset

    return {str(i): Dataset(table) for i, table in enumerate(tables) if table.num_rows}


def _train(
    model: SentenceTransformer,
    data: dict[str, Dataset],
    loss: Any,
    sampler: str,
    options: TransformerOptions,
    after_epoch: AfterEpoch,
    after_step: AfterStep | None,
) -> None:
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )

    batches = sum(-(-len(rows) // options.batch_size) for rows in data.values())
    with TemporaryDirectory() as nothing_is_left_here:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=nothing_is_left_here,
            num_train_epochs=options.epochs,
            per_device_train_batch_size=options.batch_size,
            learning_rate=options.learning_rate,
            warmup_steps=int(_WARM_UP * batches * options.epochs),
            batch_sampler=sampler,
            prompts=default_prompt(model),
            seed=options.seed,
            use_cpu=model.device.type == "cpu",
            save_strategy="no",
            logging_strategy="epoch",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = SentenceTransformerTrainer(
            model=model, args=arguments, train_dataset=data, loss=loss
        )
        for callback in [*trainer.callback_handler.callbacks]:
            if type(callback).__name__ in _UNWANTED_CALLBACKS:
                trainer.remove_callback(callback)
        trainer.add_callback(_callback(after_epoch, after_step))
        trainer.train()


def _callback(after_epoch: AfterEpoch, after_step: AfterStep | None) -> Any:
    from transformers import TrainerCallback

    class Reporter(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if after_step is not None:
                after_step(state.global_step, state.max_steps)

        def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            # The trainer logs the loss once an epoch, and its sums at the end.
            loss = kwargs["logs"].get("loss")
            if loss is not None and after_epoch(round(state.epoch), float(loss)):
                control.should_training_stop = True
            return control

    return Reporter()


def default_prompt(model: SentenceTransformer) -> str | None:
    """Return what the model puts before every text."""
    name = model.default_prompt_name
    return model.prompts.get(name) if name else None


def encode(model: SentenceTransformer, texts: pa.Array) -> npt.NDArray[np.float32]:
    """Return unit vectors of a model in training, `(n, d)`."""
    vectors = model.encode(
        texts.to_pylist(), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
    )
    return np.asarray(vectors, dtype=np.float32)
