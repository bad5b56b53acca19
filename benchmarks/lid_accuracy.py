"""Accuracy of language identification on gold data, as Markdown tables.

    python benchmarks/lid_accuracy.py [--lid-model bitseam] [--beside lid176] [--src lb --tgt de]

Needs the shared data (BITSEAM_SHARED, default ../shared). Four questions: how two models do alone,
on the same sentences; how often the language is right by the model and the decision rule; how much
of a side is kept, and how much of other languages slips in, when the input is a file of lines with
and without a declared language; and the same for documents that hold one sentence of another
language. Of Tatoeba, which the bundled model is trained on, only the held-out texts count.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from shared_data import SHARED, read_lines, read_tsv

from bitseam.lid.clean import clean
from bitseam.lid.decide import Context, Decision, decide
from bitseam.lid.evaluate import language_figures, overall, recall_at_precision, tally
from bitseam.lid.extract import ExtractOptions, extract_sentences, find_sides
from bitseam.lid.identifiers import DEFAULT_MODEL, Identifier, load_identifier
from bitseam.lid.identifiers.labels import find_language
from bitseam.lid.training.examples import is_held_out
from bitseam.schemas.choices import TextUnit
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language
from bitseam.schemas.tables import DOCUMENTS

MIN_CHARS, MAX_CHARS, MIN_SCORE = 10, 500, 0.5  # the defaults of ExtractOptions
NTREX, MINING_DEV = SHARED / "ntrex_dev", SHARED / "mining_dev"
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


@cache
def parallel() -> list[Lines]:
    """FLORES and NTREX: the same sentences in many languages."""
    flores = sorted((SHARED / "flores200_dev").glob("*_*.txt"))
    sets = [
        lines_of("FLORES", parse_language(path.stem), read_lines(path))
        for path in flores
        if path.stem != "lines"
    ]
    for code in ("ltz", "deu", "fra", "eng", "nld"):
        sets.append(lines_of("NTREX", parse_language(code), read_lines(NTREX / f"{code}.txt")))
    return sets


def short_sentences() -> list[Lines]:
    """Tatoeba: short sentences, those that are held out from training."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for row in read_tsv(SHARED / "tatoeba_laser/tatoeba_laser.tsv.gz").to_pylist():
        if row["sentence"] and is_held_out(row["sentence"]):
            with suppress(UserError):  # `ber`, a family
                by_language[parse_language(row["lang"])].append(row["sentence"])
    return [lines_of("Tatoeba", language, texts) for language, texts in by_language.items()]


def luxembourgish() -> list[Lines]:
    """Everyday and dictionary sentences, and forum spelling."""
    forum = read_tsv(SHARED / "lb_mono/luxembert_negation_train.tsv.gz").column(0).drop_null()
    examples = read_tsv(SHARED / "lod/examples.tsv.gz")["lb_example"].drop_null()
    return [
        lines_of("LETZ", "ltz_Latn", read_lines(SHARED / "lb_mono/letz_sentences.txt")),
        lines_of("LOD examples", "ltz_Latn", examples.to_pylist()[::8]),
        lines_of("LuxemBERT (forum)", "ltz_Latn", forum.to_pylist()[::5]),
    ]


def mining_gold(src: str, tgt: str) -> list[Lines]:
    """Both sides of the gold pairs of `mining_dev`, and the sides as a whole."""
    pair = f"{src}-{tgt}"
    gold = [line.split("\t") for line in read_lines(MINING_DEV / f"{pair}.gold")]
    sets = []
    for code, ids in zip((src, tgt), zip(*gold, strict=True), strict=True):
        side = dict(line.split("\t", 1) for line in read_lines(MINING_DEV / f"{pair}.{code}"))
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
        names = read_lines(NTREX / "doc_ids.txt")
        _, firsts, document = np.unique(names, return_index=True, return_inverse=True)
        texts = read_lines(NTREX / f"{home[:3]}.txt")
        guests = [read_lines(NTREX / f"{guest[:3]}.txt")[i] for i in firsts]
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


class Answers(NamedTuple):
    """What a model says alone of lines in languages that are numbered alike for all models."""

    gold: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray


def answers(identifier: Identifier, sets: list[Lines], names: list[str]) -> Answers:
    """Ask for the language of each line; one that is not in `names` gets the last number."""
    texts = pa.concat_arrays([lines.texts for lines in sets])
    gold = np.repeat([names.index(x.language) for x in sets], [len(x.texts) for x in sets])
    where = {find_language(name, identifier.languages): i for i, name in enumerate(names)}
    number = np.array([where.get(i, len(names)) for i in range(len(identifier.languages))])
    prediction = identifier.predict(texts)
    return Answers(gold, number[prediction.languages[:, 0]], prediction.probabilities[:, 0])


def compare(models: list[Identifier]) -> None:
    """Print how the models do alone on the same sentences."""
    short = [lines for lines in luxembourgish() if "forum" in lines.dataset]
    groups = {
        "FLORES": [lines for lines in parallel() if lines.dataset == "FLORES"],
        "NTREX": [lines for lines in parallel() if lines.dataset == "NTREX"],
        "NTREX, lb from a forum": [
            *short,
            *(x for x in parallel() if x.dataset == "NTREX" and x.language != "ltz_Latn"),
        ],
        "Tatoeba, held out": short_sentences(),
    }
    rows = []
    for name, sets in groups.items():
        known = [
            lines
            for lines in sets
            if all(find_language(lines.language, m.languages) is not None for m in models)
        ]
        names = sorted({lines.language for lines in known})
        for model in models:
            found = answers(model, known, names)
            count = tally(*found, (*names, "other"))
            figures = language_figures(count)
            precise = recall_at_precision(*found, len(names) + 1, 0.99)
            shares = [
                percent(float(recall[names.index(f"{code}_Latn")]))
                if f"{code}_Latn" in names
                else ""
                for recall, code in (
                    (precise, "ltz"),
                    *((figures.recall, code) for code in ("ltz", "deu", "fra", "eng", "nld")),
                )
            ]
            macro = percent(overall(count).macro_f1)
            rows.append([name, model.name, str(len(names)), macro, *shares])
    recalls = [f"{code} recall" for code in ("lb", "de", "fr", "en", "nl")]
    header = ["data", "model", "languages", "macro F1", "lb at 99 % precision", *recalls]
    table("Models alone, %", header, rows)


def lost_gold() -> None:
    """Print the share of `mining_dev`'s gold sentences that `mine` loses before its search.

    In documents a gold line of two sentences comes out as two: such lines are counted apart.
    """
    rows = []
    for pair in ("lb-de", "lb-fr", "lb-en", "de-en"):
        src, tgt = pair.split("-")
        gold = [line.split("\t") for line in read_lines(MINING_DEV / f"{pair}.gold")]
        for code, ids in zip((src, tgt), zip(*gold, strict=True), strict=True):
            side = dict(line.split("\t", 1) for line in read_lines(MINING_DEV / f"{pair}.{code}"))
            wanted = clean(pa.array([side[key] for key in ids])).texts.to_pylist()
            as_lines = extracted([*side.values()], src, tgt, "line")
            in_documents = extracted([*side.values()], src, tgt, "document")
            parts = [parts_kept(text, in_documents) for text in wanted]
            shares = (
                [text not in as_lines for text in wanted],
                np.equal(parts, 0),
                np.greater(parts, 1),
            )
            rows.append([pair, code, str(len(wanted)), *(percent(np.mean(x)) for x in shares)])
    header = ["pair", "side", "gold", "lost from lines", "lost from documents", "divided there"]
    table("Gold sentences lost before the search, %", header, rows)


def parts_kept(text: str, kept: set[str]) -> int:
    """Return of how many kept sentences `text` is made, 0 if something of it is lost."""
    count = 0
    words = text.split(" ")
    while words:
        size = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in kept), 0)
        if not size:
            return 0
        words = words[size:]
        count += 1
    return count


def extracted(lines: list[str], src: str, tgt: str, unit: TextUnit) -> set[str]:
    """What is left of a file of lines; as documents, they are paragraphs of fifty."""
    size = 1 if unit == "line" else 50
    texts = ["\n\n".join(lines[i : i + size]) for i in range(0, len(lines), size)]
    nothing = pa.nulls(len(texts), pa.string())
    ids = pa.array(map(str, range(len(texts))))
    documents = pa.RecordBatch.from_arrays(
        [ids, nothing, nothing, nothing, pa.array(texts)], schema=DOCUMENTS
    )
    options = ExtractOptions(parse_language(src), parse_language(tgt), text_unit=unit)
    found = extract_sentences(documents, load_identifier(), options)
    return {*found.sentences["text"].to_pylist()}


@click.command(help=__doc__.splitlines()[0])
@click.option("--lid-model", default=DEFAULT_MODEL, show_default=True)
@click.option("--beside", default="lid176", show_default=True)
@click.option("--src", default="lb", show_default=True)
@click.option("--tgt", default="de", show_default=True)
def main(lid_model: str, beside: str, src: str, tgt: str) -> None:
    identifier = load_identifier(lid_model)
    compare([identifier, load_identifier(beside)])
    lost_gold()
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
