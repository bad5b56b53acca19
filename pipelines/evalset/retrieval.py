"""Builds a retrieval set: aligned lists of sentences in which none stands twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bitseam.pipelines.atomic import new_folder
from bitseam.pipelines.evalset.bitext import read_bitext
from bitseam.pipelines.evalset.card import Built, write_about
from bitseam.pipelines.evalset.gold import GoldOptions, choose_gold
from bitseam.pipelines.evalset.layouts import write_retrieval_split
from bitseam.pipelines.evalset.references import named_references
from bitseam.pipelines.evaluate.files import fingerprint


def build_retrieval_set(
    path: str, output: Path, options: GoldOptions, against: Sequence[str], licence: str | None
) -> Built:
    """Build a retrieval set from the bitext at `path` and write it to the new folder `output`.

    :param against: `NAME=PATH` of data in which its sentences must not stand.
    :raises UserError: see `read_bitext`, `choose_gold`, `named_references`; or `output` is taken.
    """
    references = named_references(against)
    with new_folder(output) as folder:
        bitext = read_bitext(path, options.bitext)
        gold = choose_gold(bitext, options, references, without_near_repeats=False)
        texts, counts = [], {}
        for split in gold.split_names:
            rows = write_retrieval_split(folder, bitext.languages, split, gold.of(split))
            texts += [rows["sentence1"].to_arrow(), rows["sentence2"].to_arrow()]
            counts[split] = {"pairs": len(rows)}
        built = Built(
            "retrieval",
            output.resolve().name,
            bitext,
            gold,
            counts,
            options.told(),
            fingerprint(*texts),
        )
        write_about(folder, built, licence, gold.rejects)
    return built
