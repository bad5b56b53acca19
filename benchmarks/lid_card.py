"""The model card of the bundled language identifier."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from lid_accuracy import parallel
from lid_sources import Source, small_languages, unseen_texts

from bitseam.lid.evaluate import (
    Tally,
    calibration_error,
    language_figures,
    overall,
    reliability_table,
    tally,
    top_confusions,
)
from bitseam.lid.identifiers import Identifier
from bitseam.lid.identifiers.linear import LinearIdentifier
from bitseam.lid.training import TrainConfig
from bitseam.lid.training.examples import is_held_out

GROUPS = (
    ("ltz_Latn", "deu_Latn", "nld_Latn", "lim_Latn", "nds_Latn", "gsw_Latn"),
    ("dan_Latn", "nob_Latn", "nno_Latn", "swe_Latn"),
    ("bos_Latn", "hrv_Latn", "srp_Latn", "slv_Latn"),
    ("por_Latn", "glg_Latn", "spa_Latn", "cat_Latn"),
    ("ces_Latn", "slk_Latn"),
    ("ind_Latn", "zsm_Latn"),
)
_HELD_OUT = 200  # texts of a source and language

_CARD = """\
# The bundled language identifier

Revision `{revision}`, {size:.2f} MB. A table of {buckets:,} rows of {dimension} numbers (int8, one
scale a row) for hashed character n-grams ({shortest} to {longest} code points within a word) and
words, as in the static encoder; the text's unit vector times a matrix, through a softmax, is the
posterior over {count} languages and `und_Zyyy`: no language, or one that it does not know.

## Figures

Development sets that are not trained on; `python benchmarks/lid_accuracy.py` prints more.

{parallel}

Texts held out from the training, at most {held_out} of a source and language ({lines:,} lines,
{known} languages): accuracy {accuracy:.3f}, macro F1 {macro:.3f}. Of {unseen_lines:,} lines in
{unseen_languages} languages that it has never seen, {leak:.2f} % are called Luxembourgish, German,
French, English or Dutch with a probability of 0.5 or more.

How often an answer is right by its probability (FLORES, NTREX and the held-out texts), expected
calibration error {error:.3f}:

{reliability}

### Confusion

Held-out texts; rows are what a text is, columns what it is called, in %.

{groups}

The most frequent confusions of all:

{confusions}

## Training data

| source | what | licence | languages | texts |
|---|---|---|---|---|
{sources}

Left out on purpose: everything non-commercial, under the AGPL, or without a stated licence; all
development and test sets. Languages with less than 100 texts or 3,000 characters are not named:
half of them, by their code, are trained on as `und_Zyyy`, the others measure what is said of
languages never seen. `und_Zyyy` also holds made-up addresses, code, tables, numbers and random
letters. Texts are cut to a few words (40 %), given a foreign word (12 %), misread as by a scanner
(4 %), robbed of their diacritics (3 %). {epochs} epochs of gradient descent, seed {seed}; how
sharp the posterior is was fitted on the held-out texts.

Rebuild it; Faker draws other names under another hash seed of Python, and the bundled model was
trained under a random one, so that its bytes do not come back, only its figures:

```
PYTHONHASHSEED=0 python benchmarks/train_lid.py --packages DIR
```

## Limits

- Many languages are known from software messages alone: expect less on their literature.
- One or two words are seldom in one language only; the probabilities say so.
- Varieties that are written nearly alike (Bosnian, Croatian, Serbian; Indonesian, Malay; Hindi,
  Awadhi) are told apart by few words.
- Of a text the first 10,000 characters count.

## Languages

{languages}
"""


def model_card(sources: list[Source], identifier: LinearIdentifier, config: TrainConfig) -> str:
    """Return the model card as Markdown."""
    small = small_languages(sources)
    held_out = _tally(identifier, *_held_out(sources, small, identifier))
    named = [(x.language, x.texts.to_pylist()) for x in parallel()]
    known = [(lang, texts) for lang, texts in named if lang in identifier.languages]
    labels = [lang for lang, texts in known for _ in texts]
    together = held_out + _tally(identifier, labels, [text for _, texts in known for text in texts])
    unseen = unseen_texts(sources)
    figures = overall(held_out)
    return _CARD.format(
        revision=identifier.revision,
        size=identifier.model.table.rows.nbytes * (1 + 2 / config.dimension) / 1e6,
        buckets=config.buckets,
        dimension=config.dimension,
        shortest=config.shortest,
        longest=config.longest,
        count=len(identifier.languages) - 1,
        parallel=_parallel_table(identifier),
        held_out=_HELD_OUT,
        lines=figures.lines,
        known=int((language_figures(held_out).support > 0).sum()),
        accuracy=figures.micro_f1,
        macro=figures.macro_f1,
        unseen_lines=len(unseen),
        unseen_languages=len({*small}) // 2,
        leak=100 * _leak(identifier, unseen),
        error=calibration_error(together),
        reliability=_reliability(together),
        groups="\n\n".join(_group(held_out, group) for group in GROUPS),
        confusions=_confusions(held_out),
        sources="\n".join(
            f"| {x.name} | {x.origin} | {x.licence} | {len(x.texts)} "
            f"| {sum(map(len, x.texts.values())):,} |"
            for x in sources
        ),
        epochs=config.epochs,
        seed=config.seed,
        languages=" ".join(language for language in identifier.languages if language[:3] != "und"),
    )


def _held_out(
    sources: list[Source], small: set[str], identifier: Identifier
) -> tuple[list[str], list[str]]:
    labels, texts = [], []
    for source in sources:
        for language in sorted(source.texts.keys() - small):
            if language in identifier.languages:
                found = [text for text in source.texts[language] if is_held_out(text)][:_HELD_OUT]
                labels += [language] * len(found)
                texts += found
    return labels, texts


def _tally(identifier: Identifier, labels: list[str], texts: list[str]) -> Tally:
    index = {language: i for i, language in enumerate(identifier.languages)}
    prediction = identifier.predict(pa.array(texts, pa.large_string()))
    gold = np.array([index[label] for label in labels])
    return tally(
        gold, prediction.languages[:, 0], prediction.probabilities[:, 0], identifier.languages
    )


def _parallel_table(identifier: Identifier) -> str:
    rows = []
    for lines in parallel():
        first = identifier.predict(lines.texts).languages[:, 0]
        right = np.mean([identifier.languages[i] == lines.language for i in first])
        rows.append(f"| {lines.dataset} {lines.language} | {len(first)} | {100 * right:.1f} % |")
    return "\n".join(["| set | lines | right |", "|---|---|---|", *rows])


def _leak(identifier: Identifier, texts: list[str]) -> float:
    prediction = identifier.predict(pa.array(texts, pa.large_string()))
    main = ("ltz_Latn", "deu_Latn", "fra_Latn", "eng_Latn", "nld_Latn")
    called = np.isin(prediction.languages[:, 0], [identifier.languages.index(x) for x in main])
    return float(np.mean(called & (prediction.probabilities[:, 0] >= 0.5)))


def _reliability(counts: Tally) -> str:
    rows = [
        f"| {i / 10:.1f}-{(i + 1) / 10:.1f} | {bin_.answers:,} | {bin_.mean_score:.3f} "
        f"| {bin_.share_right:.3f} |"
        for i, bin_ in enumerate(reliability_table(counts))
        if bin_.answers
    ]
    header = ["| probability | answers | mean | right |", "|---|---|---|---|"]
    return "\n".join([*header, *rows])


def _group(counts: Tally, group: tuple[str, ...]) -> str:
    rows = [counts.languages.index(language) for language in group]
    support = counts.confusion[rows].sum(axis=1)
    shares = 100 * counts.confusion[np.ix_(rows, rows)] / np.maximum(support, 1)[:, None]
    header = ["| | " + " | ".join(group) + " | other |", "|" + "---|" * (len(group) + 2)]
    lines = [
        f"| {name} | {' | '.join(f'{x:.1f}' for x in row)} | {100 - row.sum():.1f} |"
        for name, row in zip(group, shares, strict=True)
    ]
    return "\n".join([*header, *lines])


def _confusions(counts: Tally) -> str:
    rows = [f"| {x.gold} | {x.predicted} | {x.lines} |" for x in top_confusions(counts, 25)]
    return "\n".join(["| is | called | texts |", "|---|---|---|", *rows])
