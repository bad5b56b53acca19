"""Accuracy of language identification on gold data, as Markdown tables.

    python benchmarks/lid_accuracy.py [--lid-model lid176] [--src lb --tgt de]

Needs the shared data (BITSEAM_SHARED, default ../shared). Three questions: how often the language
is right for each language, by the model alone and by the decision rule; how much of a side is kept,
and how much of other languages slips in, when the input is a file of lines with and without a
declared language; and the same for documents that hold one sentence of another language.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from functools import cache
from typing import NamedTuple

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from shared_data import SHARED

from bitseam.lid.clean import clean
from bitseam.lid.decide import Context, Decision, decide
from bitseam.lid.extract import find_sides
from bitseam.lid.identifiers import Identifier, load_identifier
from bitseam.lid.identifiers.labels import find_language
from bitseam.schemas.languages import parse_language

MIN_CHARS, MAX_CHARS, MIN_SCORE = 10, 500, 0.5  # the defaults of ExtractOptions
INTRUDERS = ("eng_Latn", "fra_Latn", "nld_Latn", "deu_Latn", "lim_Latn", "dan_Latn")


class Lines(NamedTuple):
    """Cleaned lines of one data set in one language."""

    dataset: str
    language: str
    texts: pa.StringArray


def lines_of(dataset: str, language: str, texts: list[str]) -> Lines:
    cleaned = clean(pa.array(texts)).texts
    lengths = pc.utf8_length(cleaned)
    fits = pc.and_(pc.greater_equal(lengths, MIN_CHARS), pc.less_equal(lengths, MAX_CHARS))
    return Lines(dataset, language, cleaned.filter(fits))


def read_lines(path: str) -> list[str]:
    return (SHARED / path).read_text("utf-8").removesuffix("\n").split("\n")


def read_column(path: str, column: int) -> list[str]:
    with gzip.open(SHARED / path, "rt", encoding="utf-8", newline="\n") as stream:
        rows = [line.rstrip("\n").split("\t") for line in stream][1:]
    return [row[column] for row in rows if row[column]]


@cache
def parallel() -> list[Lines]:
    """FLORES and NTREX: the same sentences in many languages."""
    flores = sorted((SHARED / "flores200_dev").glob("*_*.txt"))
    sets = [
        lines_of("FLORES", parse_language(path.stem), read_lines(f"flores200_dev/{path.name}"))
        for path in flores
        if path.stem != "lines"
    ]
    for code in ("ltz", "deu", "fra", "eng", "nld"):
        sets.append(lines_of("NTREX", parse_language(code), read_lines(f"ntrex_dev/{code}.txt")))
    return sets


def short_sentences(identifier: Identifier) -> list[Lines]:
    """Tatoeba: short sentences of the languages that the model knows."""
    by_language: dict[str, list[str]] = defaultdict(list)
    with gzip.open(SHARED / "tatoeba_laser/tatoeba_laser.tsv.gz", "rt", encoding="utf-8") as stream:
        for line in list(stream)[1:]:
            code, text, _ = line.split("\t")
            by_language[code].append(text)
    sets = [lines_of("Tatoeba", parse_language(code), by_language[code]) for code in by_language]
    return [lines for lines in sets if find_language(lines.language, identifier.languages)]


def luxembourgish() -> list[Lines]:
    """Everyday and dictionary sentences, and forum spelling."""
    forum = read_column("lb_mono/luxembert_negation_train.tsv.gz", 0)
    return [
        lines_of("LETZ", "ltz_Latn", read_lines("lb_mono/letz_sentences.txt")),
        lines_of("LOD examples", "ltz_Latn", read_column("lod/examples.tsv.gz", 2)[::8]),
        lines_of("LuxemBERT (forum)", "ltz_Latn", forum[::5]),
    ]


def mining_gold(src: str, tgt: str) -> list[Lines]:
    """Both sides of the gold pairs of `mining_dev`, and the sides as a whole."""
    pair = f"{src}-{tgt}"
    gold = [line.split("\t") for line in read_lines(f"mining_dev/{pair}.gold")]
    sets = []
    for code, ids in zip((src, tgt), zip(*gold, strict=True), strict=True):
        side = dict(line.split("\t", 1) for line in read_lines(f"mining_dev/{pair}.{code}"))
        language = parse_language(code)
        sets.append(lines_of(f"mining_dev {pair} gold", language, [side[key] for key in ids]))
        sets.append(lines_of(f"mining_dev {pair} side", language, list(side.values())))
    return sets


class Bench:
    """An identifier with the two languages of a user."""

    def __init__(self, identifier: Identifier, src: str, tgt: str) -> None:
        self.identifier = identifier
        self.sides = find_sides(identifier, parse_language(src), parse_language(tgt))

    def index(self, language: str) -> int:
        found = find_language(language, self.identifier.languages)
        return -1 if found is None else found

    def alone(self, lines: Lines) -> float:
        """The share of lines whose first language by the model alone is right."""
        first = self.identifier.predict(lines.texts).languages[:, 0]
        return float(np.mean(first == self.index(lines.language)))

    def decided(
        self, texts: pa.StringArray, neighbourhood: np.ndarray, hint: str | None
    ) -> Decision:
        n = len(texts)
        hints = np.full(n, self.index(hint) if hint else -1, np.int32)
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
        context = Context(neighbourhood, lengths, hints)
        prediction = self.identifier.predict(texts)
        return decide(prediction, self.identifier.trained_prior, self.sides, context)

    def file_share(self, lines: Lines, hint: str | None) -> float:
        """The share of a file of lines that is kept as what it is."""
        decision = self.decided(lines.texts, np.zeros(len(lines.texts), np.int64), hint)
        return self.share(decision, lines.language)

    def share(self, decision: Decision, language: str) -> float:
        right = (decision.languages == self.index(language)) & (decision.scores >= MIN_SCORE)
        return float(np.mean(right))

    def leak(self, home: Lines, foreign: Lines, hint: str | None) -> float:
        """The share of foreign lines in a file that pass for the file's language."""
        texts = pa.concat_arrays([home.texts, foreign.texts])
        decision = self.decided(texts, np.zeros(len(texts), np.int64), hint)
        last = slice(len(home.texts), None)
        passed = Decision(decision.languages[last], decision.scores[last])
        return self.share(passed, home.language)

    def documents(self, home: str, guest: str) -> tuple[float, float]:
        """NTREX documents with one guest sentence each: home kept, guests that pass for home."""
        names = read_lines("ntrex_dev/doc_ids.txt")
        _, firsts, document = np.unique(names, return_index=True, return_inverse=True)
        texts = read_lines(f"ntrex_dev/{home[:3]}.txt")
        guests = [read_lines(f"ntrex_dev/{guest[:3]}.txt")[i] for i in firsts]
        cleaned = clean(pa.array(texts + guests)).texts
        decision = self.decided(cleaned, np.append(document, np.arange(len(firsts))), None)
        kept = Decision(decision.languages[: len(texts)], decision.scores[: len(texts)])
        passed = Decision(decision.languages[len(texts) :], decision.scores[len(texts) :])
        return self.share(kept, home), self.share(passed, home)


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def table(title: str, header: list[str], rows: list[list[str]]) -> None:
    click.echo(f"\n### {title}\n\n| {' | '.join(header)} |")
    click.echo(f"| {' | '.join(['---'] * len(header))} |")
    for row in rows:
        click.echo(f"| {' | '.join(row)} |")


@click.command(help=__doc__.splitlines()[0])
@click.option("--lid-model", default="lid176", show_default=True)
@click.option("--src", default="lb", show_default=True)
@click.option("--tgt", default="de", show_default=True)
def main(lid_model: str, src: str, tgt: str) -> None:
    identifier = load_identifier(lid_model)
    bench = Bench(identifier, src, tgt)
    sides = [parse_language(src), parse_language(tgt)]
    sets = [*parallel(), *luxembourgish()]
    table(
        f"Share of lines in the right language, % ({identifier.name}, sides {src} and {tgt})",
        ["data", "language", "lines", "model alone", "as a file", "as a file, declared"],
        [
            [
                *(
                    lines.dataset,
                    lines.language,
                    str(len(lines.texts)),
                    percent(bench.alone(lines)),
                ),
                *(percent(bench.file_share(lines, hint)) for hint in (None, lines.language)),
            ]
            for lines in [*sets, *mining_gold(src, tgt)]
        ],
    )
    table(
        "Tatoeba, short sentences: share in the right language, %",
        ["language", "lines", "model alone", "as a file"],
        [
            [
                *(lines.language, str(len(lines.texts)), percent(bench.alone(lines))),
                percent(bench.file_share(lines, None)),
            ]
            for lines in short_sentences(identifier)
        ],
    )
    home = {
        side: next(x for x in sets if x.language == side and x.dataset == "NTREX") for side in sides
    }
    table(
        "Foreign lines in a file that pass for its language, %",
        ["file", "foreign lines", "plain", "declared"],
        [
            [side, f"{lines.dataset} {lines.language}"]
            + [percent(bench.leak(home[side], lines, hint)) for hint in (None, side)]
            for side in sides
            for lines in parallel()
            if lines.language in {*INTRUDERS, *sides} - {side}
        ],
    )
    table(
        "NTREX documents with one sentence of another language, %",
        ["documents", "guest", "kept", "guests that pass"],
        [
            [side, guest, *map(percent, bench.documents(side, guest))]
            for side in sides
            for guest in ("ltz_Latn", "deu_Latn", "fra_Latn", "nld_Latn", "eng_Latn")
            if guest != side
        ],
    )


if __name__ == "__main__":
    main()
