"""The model card that is written beside a trained model."""

from __future__ import annotations

from collections.abc import Sequence

from bitseam.mining.encoders.static_model import StaticModel
from bitseam.mining.training.static_trainer import TrainingOptions
from bitseam.mining.training.transformer_trainer import TransformerOptions
from bitseam.pipelines.train.history import History
from bitseam.pipelines.train.split import Split

_CARD = """\
---
language: [{codes}]
library_name: {library}
tags: [bitseam, sentence-similarity, bitext-mining]
---
# {title}

{what}

## Use

```
{use}
```

## Figures

How often the nearest neighbour of a text held aside is its translation (or equal to it), by cosine,
forward from the first language of the pair, and backward. Nothing held aside was trained on, and
the epoch was chosen by these figures: on other text expect a little less.

{figures}

## Training

{training}

| epoch | loss | accuracy |
|---|---|---|
{epochs}

The model is that of epoch {best}.

## Data

| source | columns | rows trained on | rows held aside |
|---|---|---|---|
{sources}

Licence: {licence}
"""


def model_card(
    split: Split,
    history: History,
    *,
    title: str,
    what: str,
    use: str,
    training: str,
    library: str,
    codes: Sequence[str],
    base: str | None,
    licence: str | None,
) -> str:
    """Return the card of a trained encoder as Markdown."""
    return _CARD.format(
        title=title,
        what=what,
        use=use,
        training=training,
        library=library,
        codes=", ".join(f'"{code}"' for code in codes),
        figures=_figures(history),
        epochs="\n".join(
            f"| {entry['epoch']} | {_loss(entry['loss'])} | {entry['accuracy']:.4f} |"
            for entry in history.entries
        ),
        best=history.best_epoch,
        sources=_sources(split),
        licence=f"{licence} (as stated by whoever trained it)" if licence else _not_stated(base),
    )


def static_card(
    split: Split,
    model: StaticModel,
    base: StaticModel | None,
    options: TrainingOptions,
    history: History,
    licence: str | None,
) -> str:
    """Return the card of a static encoder."""
    ngrams = options.ngrams
    origin = f"the static encoder of revision `{base.revision}`" if base else None
    what = (
        f"A static encoder: a table of {ngrams.buckets:,} rows of {options.dimension} numbers. "
        "The vector of a text is the sum of the rows of its hashed character n-grams "
        f"({ngrams.shortest} to {ngrams.longest} code points within a word) and words, "
        "at unit norm."
    )
    training = (
        f"{f'Continued from {origin}. ' if origin else ''}Contrastive loss (InfoNCE) both ways, "
        f"temperature {options.temperature:g}, batches of {options.batch_size} pairs of one "
        f"source, row-wise Adagrad at a learning rate of up to {options.learning_rate:g}, at most "
        f"{options.epochs} epochs, seed {options.seed}."
    )
    return model_card(
        split,
        history,
        title="A static sentence encoder",
        what=what,
        use="mine --src ... --tgt ... --input ... --output ... --encoder model.safetensors",
        training=training,
        library="bitseam",
        codes=model.card["languages"],
        base=origin,
        licence=licence,
    )


def transformer_card(
    split: Split,
    what: str,
    options: TransformerOptions,
    base: str,
    history: History,
    licence: str | None,
) -> str:
    """Return the card of a transformer."""
    training = (
        f"By the trainer of sentence-transformers: batches of {options.batch_size}, at most "
        f"{options.epochs} epochs, learning rate up to {options.learning_rate:g}, temperature "
        f"{options.temperature:g} (of a contrastive loss), seed {options.seed}."
    )
    return model_card(
        split,
        history,
        title="A sentence encoder",
        what=what,
        use="mine --src ... --tgt ... --input ... --output ... --encoder FOLDER",
        training=training,
        library="sentence-transformers",
        codes=split.languages,
        base=f"`{base}`",
        licence=licence,
    )


def _figures(history: History) -> str:
    """The accuracies of the chosen epoch, and before them those of the base."""
    chosen = {entry["epoch"]: entry for entry in history.entries}
    lines = ["| model | pair | rows | forward | backward |", "|---|---|---|---|---|"]
    for name, epoch in (("before", 0), ("this", history.best_epoch)):
        for row in chosen.get(epoch, {"pairs": []})["pairs"]:
            figures = f"{row['rows']:,} | {row['forward']:.3f} | {row['backward']:.3f}"
            lines.append(f"| {name} | {row['pair']} | {figures} |")
    return "\n".join(lines)


def _sources(split: Split) -> str:
    held = [rows.table.num_rows for rows in split.held]
    lines = []
    for i, rows in enumerate(split.train):
        names = ", ".join(rows.table.column_names)
        aside = f"{held[i]:,}" if len(held) == len(split.train) else ""
        lines.append(f"| {rows.name} | {names} | {rows.table.num_rows:,} | {aside} |")
    return "\n".join(lines)


def _not_stated(base: str | None) -> str:
    return (
        f"not stated. It depends on that of the data{f' and of {base}' if base else ''}.\n"
        "Say here what it is before the model is passed on, or train with `--licence`."
    )


def _loss(loss: float | None) -> str:
    return "" if loss is None else f"{loss:.4f}"
