"""Parallel text of a user: Parquet, TSV, CSV, JSON, TMX, Moses, or what `mine` has mined.

Rows may be Hugging Face's, too: `{"translation": {"en": ..., "de": ...}}`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bitseam.mining.training.parallel_rows import ParallelRows
from bitseam.pipelines.exporters.pairs import open_pairs
from bitseam.pipelines.lid.lines import MAX_LINE_BYTES, LineBatches
from bitseam.pipelines.readers.content import format_of
from bitseam.pipelines.readers.csv_records import Malformed, parse_record, records, separator_of
from bitseam.pipelines.readers.fields import TRANSLATION
from bitseam.pipelines.readers.inputs import COMPRESSIONS, InputFile
from bitseam.pipelines.readers.lines import Row
from bitseam.pipelines.readers.parquet import is_translation
from bitseam.pipelines.readers.pipes import is_pipe, stored_pipe
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.train.columns import MINED, choose_columns, names_columns
from bitseam.pipelines.train.tmx_file import read_tmx
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.languages import short_code
from bitseam.schemas.named_by_language import languages_of_ends, read_language

log = logging.getLogger("bitseam")

_EXPECTED = (
    "expected a .parquet, .tsv, .csv, .jsonl, .json or .tmx file, line-aligned files such as "
    "corpus.lb and corpus.de by their common name, or the --output of a `mine` run"
)
_LANGUAGES = ("src_lang", "tgt_lang")
_SHOWN = 20  # rows that tell whether the line above them is a header
_NUMBER = r"^\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*$"


def read_parallel(paths: Sequence[str], columns: Sequence[str]) -> list[ParallelRows]:
    """Return the rows of each input as a source; a blank text is a null.

    Rows with less than two texts are left out, and the log says how many. A column that is known to
    be of one language is named by its code.

    :param columns: the names of the columns that are translations; none: see `choose_columns`.
    :raises UserError: there is no such input, it is in doubt what in it is a translation of what,
        or nothing is.
    :raises BitseamError: a file is damaged.
    """
    sources = []
    for path in paths:
        table = _filled(read_columns(path, columns), path)
        log.info("%s: %s rows of %s", path, f"{table.num_rows:,}", ", ".join(table.column_names))
        sources.append(ParallelRows(Path(path).name, table))
    return sources


def read_columns(given: str, columns: Sequence[str], also: Sequence[str] = ()) -> pa.Table:
    """Read every row of one parallel text as it is; see `read_parallel` for forms and errors.

    A malformed row is a row of nulls, so that rows keep their numbers; the log says how many.

    :param also: further columns to keep where they are found, after those that are translations.
    """
    if is_pipe(given):
        return _read_pipe(given, columns, also)
    path = Path(given).expanduser()
    if path.is_dir():
        return _read_folder(path, columns, also)
    if not path.exists():
        return _read_moses(path)
    kind = _extension(path)
    if kind in _READERS:
        return _READERS[kind](path, columns, also)
    if read_language(kind.removeprefix(".")):
        return _read_moses(_without_compression(path).with_suffix(""))
    raise UserError(f"{given}: unknown extension {kind or '(none)'!r}: {_EXPECTED}")


def _read_pipe(given: str, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    """Read what comes through a pipe; its first bytes tell the format, no name does."""
    path = stored_pipe(given)
    with InputStream(InputFile(str(path), given, "text", None, None), by_content=True) as stream:
        head = stream.text_head()
    found = "tmx" if b"<tmx" in head else format_of(head)
    if found == "text" and b"\t" in head:
        found = "tsv"
    if f".{found}" not in _READERS:
        raise UserError(f"{given}: its content is no parallel text, it starts with {head[:40]!r}")
    return _READERS[f".{found}"](path, columns, also)


def _filled(table: pa.Table, path: str) -> pa.Table:
    """Blank texts as nulls; rows with two texts or more."""
    texts = [column.cast(pa.large_string()) for column in table.columns]
    blank = [pc.equal(pc.utf8_trim_whitespace(column), "") for column in texts]
    columns = [
        pc.if_else(is_blank, pa.scalar(None, pa.large_string()), column)
        for is_blank, column in zip(blank, texts, strict=True)
    ]
    filled = pa.table(columns, names=table.column_names)
    counts = [pc.is_valid(column).cast(pa.int32()) for column in columns]
    total = counts[0]
    for count in counts[1:]:
        total = pc.add(total, count)
    kept = filled.filter(pc.greater(total, 1))
    if lost := table.num_rows - kept.num_rows:
        log.warning("%s: rows with less than two texts, left out: %s", path, f"{lost:,}")
    if not kept.num_rows:
        raise UserError(f"{path}: no row with two texts in {', '.join(table.column_names)}")
    return kept


# ------------------------------------------------------------------------------------- one a format


def _read_folder(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    if (path / "pairs").is_dir():
        files = list(open_pairs(path).files)
    else:
        files = sorted(path.rglob("*.parquet"))
    if not files:
        raise UserError(f"{path} is a folder without Parquet files: {_EXPECTED}")
    tables = [_read_parquet(file, columns, also) for file in files]
    names = [table.column_names for table in tables]
    if any(its != names[0] for its in names):
        raise UserError(f"{path}: its files differ in columns: give each as a --data of its own")
    return pa.concat_tables(tables)


def _read_parquet(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    try:
        with pq.ParquetFile(path) as file:
            # Empty, to know what there is when structs of translations are flat.
            empty = _flat_table(file.schema_arrow.empty_table())
            names = [field.name for field in empty.schema if _is_text(field.type)]
            chosen = choose_columns(names, columns, path)
            kept = _kept(chosen, also, empty.column_names)
            table = _flat_table(file.read(columns=_stored_names(file.schema_arrow, kept)))
        table = table.select(kept)
        table.validate(full=True)  # what is no UTF-8 makes polars panic
    except (pa.ArrowException, OSError) as error:
        raise BitseamError(f"{path} cannot be read as Parquet: {one_line(error)}") from error
    return _named_by_language(table, chosen, also)


def _read_tsv(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    r"""Tab-separated values without quoting. Without a header the columns are `1`, `2` ...

    The first line is a header if it has the wanted names, `src_text` and `tgt_text`, or two names
    of languages. Columns of numbers, as the margin in the export of `mine`, are no text.
    """
    return _table_of_cells(pc.split_pattern(_lines(path), "\t"), path, columns, also)


def _read_csv(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    """Comma- or semicolon-separated values with quoting; a header as of TSV."""
    rows = (Row(line.encode(), 0, n) for n, line in enumerate(_lines(path).to_pylist(), 1) if line)
    first = next(rows, None)
    if first is None:
        raise UserError(f"{path} is empty: {_EXPECTED}")
    separator, names = separator_of(first.data.decode())
    found: list[list[str] | None] = [names]
    for row in records(rows, separator, len(names), MAX_LINE_BYTES):
        try:
            found.append(parse_record(row.data.decode(), separator))
        except Malformed:
            found.append([])
    cells = pa.array(found, pa.large_list(pa.large_string()))
    return _table_of_cells(cells, path, columns, also)


def _table_of_cells(
    cells: pa.Array, path: Path, columns: Sequence[str], also: Sequence[str]
) -> pa.Table:
    if not len(cells):
        raise UserError(f"{path} is empty: {_EXPECTED}")
    header = cells[0].as_py()
    has_header = names_columns(header, columns, cells.slice(1, _SHOWN).to_pylist())
    names = header if has_header else [str(i + 1) for i in range(len(header))]
    rows = cells.slice(int(has_header))
    right = pc.equal(pc.list_value_length(rows), len(names))
    if lost := len(rows) - (pc.sum(right).as_py() or 0):
        log.warning(
            "%s: rows that have not %d columns, read as empty: %s", path, len(names), f"{lost:,}"
        )
    whole = pc.if_else(right, rows, pa.scalar(None, rows.type))
    table = {name: pc.list_element(whole, i) for i, name in enumerate(names)}
    texts = [name for name, column in table.items() if not _all_numbers(column)]
    chosen = choose_columns(texts, columns, f"{path} ({'a' if has_header else 'no'} header)")
    kept = _kept(chosen, also, names)
    return _named_by_language(pa.table({name: table[name] for name in kept}), chosen, also)


def _read_jsonl(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    return _table_of_objects(map(_json, _lines(path).to_pylist()), path, columns, also)


def _read_json(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    """An array of objects, alone or under a name (`{"data": [...]}`); or JSON Lines after all."""
    compression = COMPRESSIONS.get(path.suffix.lower())
    with InputStream(InputFile(str(path), str(path), "json", compression, None)) as stream:
        text = b"".join(stream.text_chunks())
    value = _json(text)
    if isinstance(value, dict) and TRANSLATION not in value:
        value = next((its for its in value.values() if isinstance(its, list)), [value])
    if value is None:
        value = [_json(line) for line in text.splitlines()]
    rows = value if isinstance(value, list) else [value]
    return _table_of_objects(rows, path, columns, also)


def _table_of_objects(
    rows: Iterable[object], path: Path, columns: Sequence[str], also: Sequence[str]
) -> pa.Table:
    values = list(rows)
    objects = [_flat(value) if isinstance(value, dict) else {} for value in values]
    if lost := sum(not isinstance(value, dict) for value in values):
        log.warning("%s: rows that are no JSON objects, read as empty: %s", path, f"{lost:,}")
    names = list(dict.fromkeys(name for value in objects for name in value))
    table = {
        name: [text if isinstance(text := value.get(name), str) else None for value in objects]
        for name in names
    }
    texts = [name for name, column in table.items() if any(column)]
    chosen = choose_columns(texts, columns, path)
    kept = _kept(chosen, also, names)
    arrays = {name: pa.array(table[name], pa.large_string()) for name in kept if name in texts}
    numbers = {name: _numbers(objects, name) for name in kept if name not in texts}
    return _named_by_language(pa.table(arrays | numbers).select(kept), chosen, also)


def _read_tmx(path: Path, columns: Sequence[str], also: Sequence[str]) -> pa.Table:
    table = read_tmx(path)
    codes = [name for name in table.column_names if read_language(name)]
    chosen = choose_columns(codes, columns, path)
    return table.select(_kept(chosen, also, table.column_names))


def _read_moses(prefix: Path) -> pa.Table:
    """Line-aligned files `prefix.lb`, `prefix.de` ..., compressed or not, of any number."""
    found: dict[str, Path] = {}
    beside = sorted(prefix.parent.glob(f"{prefix.name}.*")) if prefix.parent.is_dir() else []
    ends = [(path, _without_compression(path)) for path in beside]
    ends = [(path, plain) for path, plain in ends if plain.stem == prefix.name]
    known = languages_of_ends([plain.suffix.removeprefix(".") for _, plain in ends], prefix.name)
    for path, plain in ends:
        code = plain.suffix.removeprefix(".")
        if code in known:
            if code in found:
                raise UserError(f"{found[code]} and {path} are both of {code!r}: remove one")
            found[code] = path
    if len(found) < 2:
        raise UserError(f"no parallel text at {prefix}: {_EXPECTED}")
    sides = {code: _lines(path) for code, path in found.items()}
    if len({len(lines) for lines in sides.values()}) > 1:
        counts = ", ".join(f"{found[code]} {len(lines):,}" for code, lines in sides.items())
        raise UserError(f"line-aligned files must have the same number of lines: found {counts}")
    return pa.table(sides)


_READERS: dict[str, Callable[[Path, Sequence[str], Sequence[str]], pa.Table]] = {
    ".parquet": _read_parquet,
    ".tsv": _read_tsv,
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".tmx": _read_tmx,
}


# -------------------------------------------------------------------------------------------- parts


def _kept(chosen: Sequence[str], also: Sequence[str], found: Sequence[str]) -> list[str]:
    """Return the columns to read: texts, the languages of mined pairs, and what else is kept."""
    languages = _LANGUAGES if list(chosen) == list(MINED) else ()
    wanted = dict.fromkeys([*chosen, *languages, *also])
    return [name for name in wanted if name in chosen or name in found]


def _named_by_language(table: pa.Table, chosen: Sequence[str], also: Sequence[str]) -> pa.Table:
    """Name the texts of a `pairs` table by their languages, where each side is of one."""
    kept = table.select([name for name in table.column_names if name in (*chosen, *also)])
    is_mined = list(chosen) == list(MINED) and set(_LANGUAGES) <= set(table.column_names)
    if not is_mined or not table.num_rows:
        return kept
    codes = [pc.unique(pc.drop_null(table[name])).to_pylist() for name in _LANGUAGES]
    names = [short_code(its[0]) if len(its) == 1 and its[0] else None for its in codes]
    if not all(names) or len(set(names)) < 2:
        return kept
    return kept.rename_columns([*names, *kept.column_names[2:]])


def _numbers(objects: Sequence[Mapping[str, object]], name: str) -> pa.Array:
    values = (value.get(name) for value in objects)
    numbers = [float(value) if isinstance(value, int | float) else None for value in values]
    return pa.array(numbers, pa.float64())


def _flat(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return a row with its translations as fields of their own."""
    translations = row.get(TRANSLATION)
    return {**row, **translations} if isinstance(translations, dict) else row


def _flat_table(table: pa.Table) -> pa.Table:
    """The same of a table: a struct of texts becomes columns."""
    place = table.schema.get_field_index(TRANSLATION)
    if place < 0 or not is_translation(table.schema.field(place).type):
        return table
    column = table[TRANSLATION].combine_chunks()
    table = table.remove_column(place)
    for field, texts in zip(column.type, column.flatten(), strict=True):
        if field.name not in table.column_names:
            table = table.append_column(field.name, texts)
    return table


def _stored_names(schema: pa.Schema, kept: Sequence[str]) -> list[str]:
    """Return the columns to read for those of a flat table."""
    own = set(schema.names) - {TRANSLATION}
    return [name if name in own else f"{TRANSLATION}.{name}" for name in kept]


def _json(line: str | bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _lines(path: Path) -> pa.Array:
    batches = LineBatches(str(path))
    read = [batch.cast(pa.large_string()) for batch in batches]
    batches.warn()
    return pa.concat_arrays([pa.array([], pa.large_string()), *read])


def _all_numbers(column: pa.Array) -> bool:
    return bool(pc.all(pc.match_substring_regex(column, _NUMBER)).as_py())


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(is_kind(value) for is_kind in kinds)


def _without_compression(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() in COMPRESSIONS else path


def _extension(path: Path) -> str:
    suffix = _without_compression(path).suffix
    return suffix if read_language(suffix.removeprefix(".")) else suffix.lower()
