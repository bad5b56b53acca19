"""Sentence segmenters on the labelled cases of the tests, as a Markdown table.

    python benchmarks/segmenters.py

Compares what Bitseam does (sentencex with its rules around it) with sentencex alone, and with
pysbd and blingfire where they are installed. A boundary is the end of a sentence within a text; the
last one of a text is given and does not count. Bitseam's rules were written with these cases in
view, so that its own rows say what is mended, not how it does on unseen text.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import Any

import click
import sentencex

from bitseam.lid.segmentation.segment import segment
from bitseam.schemas.languages import short_code

ROOT = Path(__file__).resolve().parent.parent
CASES = json.loads((ROOT / "tests" / "lid" / "segment_cases.json").read_text("utf-8"))
ALIASES = {"cmn": "zh", "arb": "ar"}
REPEATS = 20

Segmenter = Callable[[str, str], list[str]]  # text, ltz_Latn -> sentences


def code(language: str) -> str:
    base = language.partition("_")[0]
    return ALIASES.get(base) or short_code(base)


def bitseam(text: str, language: str) -> list[str]:
    starts, ends = segment(text, language)
    return [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]


def bare_sentencex(text: str, language: str) -> list[str]:
    return list(sentencex.segment(code(language), text))


def with_pysbd() -> Segmenter:
    import pysbd
    from pysbd.languages import LANGUAGE_CODES

    def split(text: str, language: str) -> list[str]:
        known = code(language) if code(language) in LANGUAGE_CODES else "en"
        return list(pysbd.Segmenter(language=known, clean=False).segment(text))

    return split


def with_blingfire() -> Segmenter:
    import blingfire

    return lambda text, _: blingfire.text_to_sentences(text).split("\n")


def segmenters() -> dict[str, Segmenter]:
    found: dict[str, Segmenter] = {"Bitseam": bitseam, "sentencex": bare_sentencex}
    for name, load in (("pysbd", with_pysbd), ("blingfire", with_blingfire)):
        if find_spec(name):
            found[name] = load()
    return found


def boundaries(sentences: list[str]) -> set[int]:
    """Where sentences end, counted in characters other than white space: every library has its own
    way with the space between two sentences."""
    lengths = (len("".join(sentence.split())) for sentence in sentences)
    return {*list(accumulate(lengths))[:-1]}


def evaluate(split: Segmenter, cases: list[dict[str, Any]]) -> list[str]:
    right = found = wanted = 0
    texts = [(case["separator"].join(case["sentences"]), case["language"]) for case in cases]
    for (text, language), case in zip(texts, cases, strict=True):
        gold, ours = boundaries(case["sentences"]), boundaries(split(text, language))
        right, found, wanted = right + len(gold & ours), found + len(ours), wanted + len(gold)
    began = time.process_time()
    for _ in range(REPEATS):
        for text, language in texts:
            split(text, language)
    size = REPEATS * sum(len(text.encode()) for text, _ in texts)
    speed = size / (time.process_time() - began) / 1e6
    precision, recall = right / max(found, 1), right / wanted
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return [f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}", f"{speed:.2f}"]


@click.command(help=__doc__.splitlines()[0])
def main() -> None:
    click.echo("| segmenter | languages | precision | recall | F1 | MB/s |")
    click.echo("| --- | --- | --- | --- | --- | --- |")
    latin = [case for case in CASES if case["language"].endswith("_Latn")]
    others = [case for case in CASES if not case["language"].endswith("_Latn")]
    for name, split in segmenters().items():
        for script, cases in (("Latin script", latin), ("other scripts", others)):
            click.echo(f"| {name} | {script} | {' | '.join(evaluate(split, cases))} |")


if __name__ == "__main__":
    main()
