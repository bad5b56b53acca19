"""The text of the static encoder's model card."""

from __future__ import annotations

from training_sources import Source

from bitseam.mining.training import TrainingOptions

_CARD = """\
# The static encoder

Revision `{revision}`. A table of {buckets:,} rows of {dimension} numbers (int8, one scale a row).
The vector of a text is the sum of the rows of its hashed character n-grams ({shortest} to {longest}
code points within a word) and words, at unit norm. No neural network, no download, the same vectors
on every machine.

## What it is for

Mining with nothing but what `pip install` brought, on a laptop or a cluster: Luxembourgish with
German, English or French first, and the Western European languages below among each other. Where a
GPU is at hand, `labse` or `luxembedder` find more.

Languages: {languages}.

## Figures

How often the nearest neighbour of a sentence is its translation, forward and backward, on
development sets that are not trained on (NTREX 755, FLORES-200 510 segments):

{figures}

## Training data

| source | what | licence | languages | rows | times an epoch |
|---|---|---|---|---|---|
{sources}

Left out on purpose: everything non-commercial, under the AGPL, or without a stated licence; a
Portuguese Bible whose edition is not identified; all development and test sets. The model stores
sums of gradients of these texts, not the texts.

Contrastive loss (InfoNCE) both ways, temperature {temperature}, batches of {batch_size} pairs of
one source, row-wise Adagrad, seed {seed}. The learning rate rises to {learning_rate} over
{warm_up:g} epochs and falls to 0 at the end of {epochs}. A pair is two languages of a row;
Luxembourgish is drawn {lb:g} times as readily as each other.

Rebuild it, to the same bytes on the same machine:

```
python benchmarks/train_static.py --output mining/encoders/static.safetensors
```

## Limits

- It knows letters and words, not their order: `the dog bites the man` and `the man bites the dog`
  have nearly the same vector.
- Negation, numbers and names weigh as much as any word: margins and filters must catch the rest.
- Of languages it was not trained on it sees shared names, numbers and cognates only; across
  alphabets, numbers only.
- Texts like the Bible, Tatoeba and software messages are what it has seen; NTREX (news) is the
  honest figure for other text.
- Of a text the first 10,000 characters count.
"""


def model_card(sources: list[Source], options: TrainingOptions, revision: str, figures: str) -> str:
    """Return the model card as Markdown."""
    rows = [
        f"| {source.rows.name} | {source.origin} | {source.licence} | {source.languages} "
        f"| {source.rows.table.num_rows:,} | {source.rows.repeat} |"
        for source in sources
    ]
    languages = sorted({code for source in sources for code in source.languages.split()})
    return _CARD.format(
        revision=revision,
        buckets=options.ngrams.buckets,
        shortest=options.ngrams.shortest,
        longest=options.ngrams.longest,
        dimension=options.dimension,
        languages=", ".join(languages),
        figures=figures,
        sources="\n".join(rows),
        temperature=options.temperature,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        epochs=options.epochs,
        warm_up=options.warm_up,
        seed=options.seed,
        lb=options.column_weights.get("lb", 1.0),
    )
