"""Figures as a table on the terminal, and as JSON, Parquet and pictures in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import pyarrow as pa

from bitseam.mining.evaluate.judged import precision_recall_curve
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.evaluate.figures import Evaluation, Figure, figures_table
from bitseam.pipelines.evaluate.pictures import pictures
from bitseam.pipelines.parquet import write_table
from bitseam.schemas.errors import UserError
from bitseam.schemas.tables import BANDS, CURVES


def check_output(output: Path | None) -> None:
    """Refuse an output that is no folder, before the work is done.

    :raises UserError: it is a file.
    """
    if output and output.exists() and not output.is_dir():
        raise UserError(f"--output {output} is a file: expected a folder")


def as_tables(evaluations: Sequence[Evaluation], figures: Sequence[Figure]) -> str:
    """Return one table for each set: a row a metric, a column a system."""
    tables = []
    for name in dict.fromkeys(its.set for its in evaluations):
        here = [its for its in evaluations if its.set == name]
        tables.append("\n".join(_table(here, [its for its in figures if its.set == name])))
    return "\n\n".join(tables) + "\n"


def write_results(
    output: Path, evaluations: Sequence[Evaluation], figures: Sequence[Figure]
) -> None:
    """Write figures.json, figures.parquet and, of mined pairs, curves, bands and pictures."""
    output.mkdir(parents=True, exist_ok=True)
    with replacing(output / "figures.json") as temporary:
        temporary.write_bytes(as_json(evaluations, figures))
    write_table(output / "figures.parquet", figures_table(figures))
    if any(its.pairs is not None for its in evaluations):
        write_table(output / "curves.parquet", _curves(evaluations))
        write_table(output / "bands.parquet", _bands(evaluations))
    for name, picture in pictures(evaluations).items():
        with replacing(output / name) as temporary:
            temporary.write_text(picture, "utf-8")


def as_json(evaluations: Sequence[Evaluation], figures: Sequence[Figure]) -> bytes:
    """Return all figures, and what else is known of each set and system."""
    details = [
        {"set": its.set, "system": its.system, **its.details} for its in evaluations if its.details
    ]
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(
        {"figures": [its._asdict() for its in figures], "details": details}, option=options
    )


def _table(evaluations: Sequence[Evaluation], figures: Sequence[Figure]) -> Iterator[str]:
    """Yield the lines of one set's table; a difference from the first system has its p-value."""
    systems = [its.system for its in evaluations]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for figure in figures:
        rows.setdefault((figure.metric, figure.direction), {})[figure.system] = _cell(figure)
    for its in evaluations:
        for name, value in its.details.items():
            shown = f"{value:.6g}" if isinstance(value, float) else str(value)
            rows.setdefault((name.replace("_", " "), ""), {})[its.system] = shown
    widths = [max(len(name[i]) for name in rows) + 2 for i in (0, 1)]
    columns = [
        2 + max(len(system), *(len(row.get(system, "-")) for row in rows.values()))
        for system in systems
    ]
    yield f"{evaluations[0].set}: {figures[0].units:,} sentences"
    for (metric, direction), row in {("", ""): {}, **rows}.items():
        cells = [row.get(system, "-") for system in systems] if metric else systems
        shown = "".join(f"{cell:{width}}" for cell, width in zip(cells, columns, strict=True))
        yield f"{metric:{widths[0]}}{direction:{widths[1]}}{shown}".rstrip()


def _cell(figure: Figure) -> str:
    p_value = "" if figure.p_value is None else f" p={figure.p_value:.4f}"
    return f"{figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}]{p_value}"


def _curves(evaluations: Sequence[Evaluation]) -> pa.Table:
    tables = []
    for its in evaluations:
        if its.pairs is not None:
            curve = precision_recall_curve(its.pairs)
            names = [pa.repeat(name, len(curve.threshold)) for name in (its.set, its.system)]
            tables.append(pa.table([*names, *map(pa.array, curve)], CURVES))
    return pa.concat_tables(tables)


def _bands(evaluations: Sequence[Evaluation]) -> pa.Table:
    rows = [
        (its.set, its.system, *band, band.precision, *band.interval)
        for its in evaluations
        for band in its.bands
    ]
    columns = zip(*rows, strict=True) if rows else [[] for _ in BANDS]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, BANDS, strict=True)], BANDS)
