"""The files of an evaluation set in which texts stand, and copies of them with other texts.

Known are the layouts that `mine evalset` writes (see `layouts`), those of BUCC and FLORES, and
plain text; of Parquet the columns that hold texts of one side, as strings or lists of strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bitseam.pipelines.exporters.sinks import open_sink
from bitseam.pipelines.lid.lines import LineBatches
from bitseam.schemas.errors import BitseamError
from bitseam.schemas.named_by_language import read_language

Side = Literal["src", "tgt"]
Change = Callable[[pa.StringArray], pa.StringArray]

_COLUMNS: dict[str, Side] = {
    "sentence1": "src",
    "src_text": "src",
    "sentence2": "tgt",
    "tgt_text": "tgt",
}
_FOLDERS: dict[str, Side] = {"source": "src", "target": "tgt"}  # whose column is `text`
_GOLD = ".gold"


class SetFile(NamedTuple):
    """A file of a set, and where texts stand in it.

    :ivar columns: of Parquet, the side of each column of texts; of lines "" or, after an id and a
        tab, "text"; nothing: a file without texts.
    """

    path: Path
    columns: Mapping[str, Side]


def bucc_languages(gold: Path) -> tuple[str, str] | None:
    """Return source and target that the name of a gold file tells: `lb-de.test.gold`."""
    parts = gold.name.partition(".")[0].split("-")
    return (parts[0], parts[1]) if len(parts) == 2 else None


def set_files(root: Path, paths: list[Path], languages: Mapping[str, Side]) -> Iterator[SetFile]:
    """Yield the files with what is known of each.

    :param languages: the side of each language, as `ltz_Latn`.
    """
    rows = dict[Path, Side]()
    for gold in paths:
        if gold.suffix == _GOLD and (codes := bucc_languages(gold)):
            sides: tuple[Side, Side] = ("src", "tgt")
            rows |= {gold.with_suffix(f".{c}"): s for c, s in zip(codes, sides, strict=True)}
    for path in paths:
        if path in rows:
            yield SetFile(path, {"text": rows[path]})
        elif path.suffix == ".parquet":
            yield SetFile(path, _parquet_columns(path))
        else:
            told = read_language(path.relative_to(root).name.partition(".")[0])
            yield SetFile(path, {"": languages[told]} if told and told in languages else {})


def copy_lines(path: Path, output: Path, change: Change, *, after_tab: bool) -> None:
    """Copy a file of lines with other texts: whole lines, or what follows the first tab."""
    lines = LineBatches(str(path))
    with open_sink(output) as file:
        for batch in lines:
            if after_tab:
                cells = pl.Series("line", batch).str.splitn("\t", 2).struct.unnest()
                ids, texts = (cells[name].to_arrow().cast(pa.string()) for name in cells.columns)
                texts = change(texts)
                joined = pl.select(
                    pl.concat_str([pl.Series(ids), pl.Series(texts)], separator="\t")
                )
                # A line without a tab is none of a set, and stays as it is.
                batch = joined.to_series().fill_null(pl.Series(batch)).to_list()
            else:
                batch = change(batch).to_pylist()
            file.write("".join(f"{line}\n" for line in batch).encode())
    lines.warn()


def copy_parquet(path: Path, output: Path, changes: Mapping[str, Change]) -> None:
    """Copy a Parquet file with other texts in these columns.

    :raises BitseamError: it is damaged.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            with pq.ParquetWriter(output, schema, compression="zstd") as writer:
                for batch in file.iter_batches():
                    for name, change in changes.items():
                        at = schema.get_field_index(name)
                        column = _changed(batch.column(at), change)
                        batch = batch.set_column(at, schema.field(at), column)
                    writer.write_batch(batch)
    except (pa.ArrowException, OSError) as error:
        raise BitseamError(f"{path} cannot be read as Parquet: {error}") from error


def _changed(column: pa.Array, change: Change) -> pa.Array:
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return change(column.cast(pa.string())).cast(column.type)
    lists = column.cast(pa.list_(pa.string()))
    texts = change(lists.values)
    return pa.ListArray.from_arrays(lists.offsets, texts, mask=lists.is_null()).cast(column.type)


def _parquet_columns(path: Path) -> dict[str, Side]:
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise BitseamError(f"{path} cannot be read as Parquet: {error}") from error
    if path.parent.name in _FOLDERS and "text" in names:
        return {"text": _FOLDERS[path.parent.name]}
    return {name: side for name, side in _COLUMNS.items() if name in names}
