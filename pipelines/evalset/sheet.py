"""Sheets of pairs that people judge: a page for a browser, or TSV for a spreadsheet."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

import xxhash

from bitseam.mining.benchmark.tiers import allocate, draw_pairs
from bitseam.pipelines.evalset.sheet_pairs import SheetPairs, read_sheet_pairs
from bitseam.pipelines.evalset.sheet_rows import HEADER, VERDICTS, format_row
from bitseam.pipelines.exporters.sinks import open_sink, refuse_folder
from bitseam.schemas.choices import Allocation
from bitseam.schemas.errors import UserError

_FORMATS = (".html", ".tsv")


@dataclass(frozen=True)
class SheetOptions:
    """What `mine evalset sheet` was asked for.

    :raises UserError: the output's name tells no format, or it is a folder.
    """

    directory: Path
    output: Path
    pairs: int = 200
    tiers: int = 5
    allocation: Allocation = "equal"
    seed: int = 1

    def __post_init__(self) -> None:
        refuse_folder(self.output)
        if self.output.suffix not in _FORMATS:
            raise UserError(f"--output {self.output}: expected a name that ends in .html or .tsv")


@dataclass(frozen=True)
class SheetReport:
    """What stands in a sheet: of each tier its name, its pairs, and those in the sheet."""

    output: Path
    score: str
    tiers: tuple[tuple[str, int, int], ...]

    def lines(self) -> list[str]:
        """Return it as a table for the terminal."""
        total = sum(chosen for _, _, chosen in self.tiers)
        rows = [(name, f"{size:,}", str(chosen)) for name, size, chosen in self.tiers]
        return [
            f"{total} pairs to judge in {self.output}",
            *(f"{a:15}{b:>12}{c:>10}" for a, b, c in [(self.score, "pairs", "in sheet"), *rows]),
        ]


def write_sheet(options: SheetOptions) -> SheetReport:
    """Write a sheet of pairs from all tiers, in an order that tells nothing of their scores.

    :raises UserError: there are no pairs; :raises BitseamError: a file is damaged.
    """
    pairs = read_sheet_pairs(options.directory, options.tiers)
    sizes = pairs.tiers.sizes
    numbers = allocate(sizes, options.pairs, options.allocation, pairs.estimates)
    rows = draw_pairs(pairs.tiers, numbers, options.seed)
    names, texts = pairs.names(rows), pairs.texts(rows)
    if options.output.suffix == ".html":
        # Another choice of pairs is another sheet: a browser keeps those of all runs side by side.
        sheet = f"{pairs.fingerprint}-{xxhash.xxh3_64_hexdigest(''.join(names).encode())[:8]}"
        written = as_page(sheet, names, texts, _languages(pairs))
    else:
        written = as_tsv(names, texts)
    with open_sink(options.output) as file:
        file.write(written.encode())
    tiers = (
        (pairs.name_tier(tier), int(size), int(number))
        for tier, (size, number) in enumerate(zip(sizes, numbers, strict=True))
    )
    return SheetReport(options.output, pairs.score, tuple(tiers))


def as_tsv(names: Iterable[str], texts: Iterable[tuple[str, str]]) -> str:
    """Return the sheet for a spreadsheet, the column of verdicts empty."""
    rows = (f"{format_row(name, *pair)}\t\n" for name, pair in zip(names, texts, strict=True))
    return "".join(["\t".join(HEADER) + "\n", *rows])


def as_page(
    sheet: str, names: list[str], texts: Iterable[tuple[str, str]], languages: tuple[str, str]
) -> str:
    """Return the sheet as a page that needs nothing else, and loads nothing.

    :param sheet: under this name the browser keeps the verdicts. :param languages: BCP-47.
    """
    style, script = (_part(f"sheet.{kind}") for kind in ("css", "js"))
    numbered = enumerate(zip(names, texts, strict=True), 1)
    pairs = (_pair(number, name, *pair, languages) for number, (name, pair) in numbered)
    return Template(_part("sheet.html")).substitute(
        style=style,
        script=script,
        # Only these very texts may style the page and act in it, whatever stands in a pair.
        style_hash=_hash(style),
        script_hash=_hash(script),
        sheet=html.escape(sheet),
        header="\t".join(HEADER),
        count=len(names),
        pairs="\n".join(pairs),
    )


def _pair(number: int, name: str, src: str, tgt: str, languages: tuple[str, str]) -> str:
    texts = "".join(
        f'<p lang="{html.escape(code)}" dir="auto">{html.escape(text)}</p>'
        for code, text in zip(languages, (src, tgt), strict=True)
    )
    buttons = "\n".join(
        f'<button type="button" value="{verdict}" aria-pressed="false">{verdict}</button>'
        for verdict in VERDICTS
    )
    row = html.escape(format_row(name, src, tgt))
    return (
        f'<article data-row="{row}" tabindex="-1" aria-label="pair {number}">\n'
        f'<div class="texts">{texts}</div>\n{buttons}\n</article>'
    )


def _languages(pairs: SheetPairs) -> tuple[str, str]:
    """Return the languages that the page names, so that words are broken and read out rightly."""
    try:
        return pairs.run.codes
    except UserError:  # pairs of several languages
        return "", ""


def _part(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
