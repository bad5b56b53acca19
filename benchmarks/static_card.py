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
Portuguese Bible whose edition is not identified; all development and test sets, and of the packages
and the sentences made word for word every row with a text of a development set. The model stores
sums of gradients of these texts, not the texts.

Contrastive loss (InfoNCE) both ways, temperature {temperature}, batches of {batch_size} pairs of
one source, row-wise Adagrad, seed {seed}, in three stages:

{stages}
Each goes on from the table of the one before; the last is the model. In the first two, a source
without Luxembourgish was seen twice as often as the table says. The learning rate rises over
{warm_up:g} epochs and falls to 0 at the end of the last. A pair is two languages of a row, drawn by
weight. Of a source that is seen less than once an epoch the rows are drawn anew for each.

What was made word for word comes of word links in the sources above and of 720 frequent German
words translated for this purpose, under the project's licence (benchmarks/everyday_words.tsv).

Rebuild it (the packages: benchmarks/encoder_packages.py; training is deterministic on one machine,
though the whole was not made twice):

```
python benchmarks/train_static.py --packages DIR --stages DIR
```

## Limits

- It knows letters and words, not their order: `the dog bites the man` and `the man bites the dog`
  have nearly the same vector.
- Negation, numbers and names weigh as much as any word: margins and filters must catch the rest.
- Of languages it was not trained on it sees shared names, numbers and cognates only; across
  alphabets, numbers only.
- Texts like the Bible, Tatoeba and software messages are what it has seen; NTREX (news) is the
  honest figure for other text. On a test set of Tatoeba's Luxembourgish, some of the German (or
  English) sides are sentences it was trained on.
- Of a text the first 10,000 characters count.
"""


def model_card(
    sources: list[Source],
    stages: tuple[TrainingOptions, TrainingOptions, TrainingOptions],
    revision: str,
    figures: str,
) -> str:
    """Return the model card as Markdown.

    :param stages: the options of each.
    """
    first, second, third = stages
    rows = [
        f"| {source.rows.name} | {source.origin} | {source.licence} | {source.languages} "
        f"| {source.rows.table.num_rows:,} | {source.rows.repeat:.2g} |"
        for source in sources
    ]
    languages = sorted({code for source in sources for code in source.languages.split()})
    return _CARD.format(
        revision=revision,
        buckets=third.ngrams.buckets,
        shortest=third.ngrams.shortest,
        longest=third.ngrams.longest,
        dimension=third.dimension,
        languages=", ".join(languages),
        figures=figures,
        sources="\n".join(rows),
        temperature=third.temperature,
        batch_size=third.batch_size,
        warm_up=third.warm_up,
        seed=third.seed,
        stages=_stage("the shared data, `l10n` to `bible`", first)
        + _stage("and the packages, to `freedict`", second)
        + _stage("all sources", third),
    )


def _stage(what: str, options: TrainingOptions) -> str:
    weights = ", ".join(f"{name} {value:g}" for name, value in options.column_weights.items())
    rate = f"learning rate up to {options.learning_rate:g}"
    return f"- {what}: {options.epochs} epochs, {rate}; weights: {weights}, each other 1\n"
