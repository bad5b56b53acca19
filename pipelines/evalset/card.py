"""What a set says of itself: `README.md` (a dataset card), `manifest.json` and the rejects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from bitseam.mining.benchmark.leaks import NEAR
from bitseam.pipelines.atomic import write_json
from bitseam.pipelines.evalset.bitext import Bitext
from bitseam.pipelines.evalset.gold import Gold
from bitseam.pipelines.evalset.layouts import file_codes
from bitseam.pipelines.exporters.card import size_category
from bitseam.pipelines.parquet import write_table
from bitseam.schemas.languages import short_code
from bitseam.schemas.tables import REJECTS

_Row = Sequence[object]


@dataclass(frozen=True)
class Built:
    """A set that was built.

    :ivar counts: by split: `pairs`, and of a mining set those of each side.
    :ivar options: as the card shows them. :ivar content: a hash of the set's texts.
    :ivar candidates: by side, what became of the sentences that might have been distractors.
    """

    kind: Literal["retrieval", "mining"]
    name: str
    bitext: Bitext
    gold: Gold
    counts: Mapping[str, Mapping[str, Any]]
    options: Mapping[str, object]
    content: str
    candidates: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def pair(self) -> str:
        """The languages as in file names: `lb-de`."""
        return "-".join(file_codes(self.bitext.languages))


def write_about(
    folder: Path, built: Built, licence: str | None, rejects: Sequence[pa.Table]
) -> None:
    """Write the card, the manifest and the rejects of a set into its folder."""
    write_table(folder / "rejects.parquet", pa.concat_tables(rejects).cast(REJECTS))
    (folder / "README.md").write_text(_card(built, licence), "utf-8")
    src, tgt = built.bitext.languages
    manifest = {
        "bitseam": version("bitseam"),
        "kind": built.kind,
        "name": built.name,
        "pair": built.pair,
        "src": src,
        "tgt": tgt,
        "bitext": built.bitext.name,
        "content": built.content,
        "licence": licence,
        "options": built.options,
        "pairs": built.gold.counts,
        "leaks": built.gold.leaks.counts,
        "candidates": built.candidates,
        "splits": built.counts,
    }
    write_json(folder / "manifest.json", manifest)


def _card(built: Built, licence: str | None) -> str:
    from jinja2 import Environment, StrictUndefined

    markdown = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    markdown.filters["cell"] = _cell
    template = markdown.from_string(Path(__file__).with_name("card.md").read_text("utf-8"))
    return template.render(
        kind=built.kind,
        name=built.name,
        pair=built.pair,
        title=f"{built.name}: {built.kind} set {built.pair}",
        languages=[short_code(language) for language in built.bitext.languages],
        tags=[language.replace("_", "-") for language in built.bitext.languages],
        licence=licence,
        size=size_category(sum(map(_size, built.counts.values()))),
        folders=_folders(built),
        splits=[*built.counts],
        counts=[*_counts(built)],
        bitext=built.bitext.name,
        signature=built.bitext.signature,
        pairs=[("pairs", ""), *built.gold.counts.items()],
        candidates=[*_by_side(built.candidates)],
        near=NEAR,
        leaks=[*_rows(built.gold.leaks.counts)],
        options=[("option", ""), *((name, _told(its)) for name, its in built.options.items())],
    )


def _folders(built: Built) -> dict[str, str]:
    """Return the configurations that `datasets` loads, and where they lie, mteb's first."""
    if built.kind == "retrieval":
        return {built.pair: "data"}
    return {built.pair: "mteb", "source": "source", "target": "target", "gold": "gold"}


def _size(counts: Mapping[str, Any]) -> int:
    sides = [its["sentences"] for its in counts.values() if isinstance(its, Mapping)]
    return int(max(sides, default=counts["pairs"]))


def _counts(built: Built) -> Iterable[_Row]:
    """Yield a table with a row a split, of a mining set a row a side of it."""
    if built.kind == "retrieval":
        return _rows([{"split": split, **its} for split, its in built.counts.items()])
    return _rows(
        [
            {"split": split, "side": side, "gold": its["pairs"], **its[side]}
            for split, its in built.counts.items()
            for side in ("src", "tgt")
        ]
    )


def _by_side(counts: Mapping[str, Mapping[str, int]]) -> Iterable[_Row]:
    return _rows([{"side": side, **its} for side, its in counts.items()])


def _rows(records: Sequence[Mapping[str, object]]) -> Iterable[_Row]:
    """Yield the names of the columns, then the values of each record."""
    for number, record in enumerate(records):
        if number == 0:
            yield [*record]
        yield [*record.values()]


def _told(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _cell(value: object) -> str:
    """Return a value as a cell of a Markdown table holds it."""
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", r"\|").split())
