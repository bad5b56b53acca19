"""Parallel text -> the linear map between two languages' vectors of an encoder, in a file."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bitseam.mining.encoders import Encoder, load_encoder
from bitseam.mining.encoders.linear_map import LinearMap, MapFile, map_bytes
from bitseam.mining.encoders.loading import STATIC
from bitseam.mining.encoders.mapped import NeedsLanguage
from bitseam.mining.encoders.presets import PRESETS
from bitseam.mining.training.held_aside import Accuracy, nearest_neighbour_accuracy
from bitseam.mining.training.parallel_rows import ParallelRows
from bitseam.mining.training.procrustes import fit_map
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.train.split import DataOptions, read_split
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language
from bitseam.schemas.named_by_language import read_language

log = logging.getLogger("bitseam")

Vectors = npt.NDArray[np.float32]


def train_map(
    data: DataOptions,
    encoder: str,
    output: Path,
    languages: Sequence[str | None],
    centred: bool | None,
) -> None:
    """Fit the map of the first column onto the second, measure it, and write it to `output`.

    :param languages: of the two columns, as the user named them; None where the column does.
    :param centred: whether the means are taken off; None: whichever finds more translations.
    :raises UserError: there are not two columns, their languages are not known, or `output` is no
        name of a map.
    """
    if output.suffix != ".safetensors":
        raise UserError(f"--output {output}: expected a name that ends in .safetensors")
    if output.is_dir():
        raise UserError(f"--output {output} is a folder: expected the name of a file in it")
    split = read_split(data)
    columns = _two_columns(split.train)
    src, tgt = (
        _language(column, given, flag)
        for column, given, flag in zip(columns, languages, ("--src", "--tgt"), strict=True)
    )
    if src == tgt:
        raise UserError(f"both columns are {src}: a map is between two languages")
    path = Path(encoder).expanduser()
    is_path = encoder != STATIC and encoder not in PRESETS and path.exists()
    name = str(path.resolve()) if is_path else encoder
    model = load_encoder(name)
    if isinstance(model, NeedsLanguage):
        raise UserError(f"--encoder {encoder} is a linear map itself: name the encoder under it")
    train, held = _vectors(split.train, columns, model), _vectors(split.held, columns, model)
    if len(train[0]) < model.dimension:
        log.warning(
            "%s rows for a map of %d dimensions are few: expect it to fit these rows only",
            f"{len(train[0]):,}",
            model.dimension,
        )
    best = _best_map(train, held, _texts(split.held, columns), centred)
    with replacing(output) as temporary:
        temporary.write_bytes(map_bytes(MapFile(best, name, model.revision, src, tgt)))
    log.info("%s: use it with `mine --encoder %s`", output, output)


def _best_map(
    train: Sequence[Vectors],
    held: Sequence[Vectors],
    texts: Sequence[pa.Array],
    centred: bool | None,
) -> LinearMap:
    """Fit with and without means as asked, and return the map that finds more; ties: without."""
    before = nearest_neighbour_accuracy("", *held, *texts)
    log.info("%-16s %s", "without a map", _shown(before))
    fitted = []
    for takes_means, name in ((False, "mapped"), (True, "centred, mapped")):
        if centred is None or centred == takes_means:
            its = fit_map(*train, centred=takes_means)
            mapped = its.of_source(held[0]), its.of_target(held[1])
            accuracy = nearest_neighbour_accuracy("", *mapped, *texts)
            log.info("%-16s %s", name, _shown(accuracy))
            fitted.append((accuracy.mean, its))
    highest, best = max(fitted, key=lambda pair: pair[0])
    if highest < before.mean:
        log.warning("the map finds fewer translations than the encoder without it: do not use it")
    return best


def _shown(accuracy: Accuracy) -> str:
    return f"accuracy {accuracy.forward:.3f} {accuracy.backward:.3f}"


def _two_columns(sources: Sequence[ParallelRows]) -> list[str]:
    columns = sources[0].table.column_names
    if len(columns) != 2 or any(rows.table.column_names != columns for rows in sources):
        found = "; ".join(", ".join(rows.table.column_names) for rows in sources)
        raise UserError(
            f"a map is of one language onto another: found the columns {found}, expected the same "
            "two in all data: choose them with --columns"
        )
    return list(columns)


def _language(column: str, given: str | None, flag: str) -> str:
    language = parse_language(given) if given else read_language(column)
    if language is None:
        raise UserError(f"the column {column!r} does not tell its language: name it with {flag}")
    return language


def _texts(sources: Sequence[ParallelRows], columns: Sequence[str]) -> list[pa.Array]:
    table = pa.concat_tables([rows.table for rows in sources])
    return [table[name].combine_chunks() for name in columns]


def _vectors(
    sources: Sequence[ParallelRows], columns: Sequence[str], encoder: Encoder
) -> list[Vectors]:
    return [encoder.encode(texts) for texts in _texts(sources, columns)]
