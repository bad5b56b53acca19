"""`mine align`: from two paths to a written alignment."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.pipelines.align.bootstrap import aligned_collections, encoder_folder, forget_encoder
from bitseam.pipelines.align.collection import read_collection
from bitseam.pipelines.align.formats import WRITERS, Written
from bitseam.pipelines.bootstrap import is_wanted, warn_of_coverage
from bitseam.pipelines.exporters.sinks import STANDARD_OUTPUT, open_sink, refuse_folder
from bitseam.pipelines.models import shared_encoder, shared_identifier
from bitseam.pipelines.readers import distinct_sources, find_inputs
from bitseam.pipelines.readers.inputs import COMPRESSIONS, InputFile
from bitseam.pipelines.readers.storage import is_remote
from bitseam.schemas.choices import Bootstrap
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import NO_LANGUAGE, UNDETERMINED, parse_language

if TYPE_CHECKING:
    from bitseam.lid.identifiers import Identifier

log = logging.getLogger("bitseam")

_SAMPLE = 200  # sentences of a side whose language is looked at
_FEWEST = 5  # of which so many must be in another one to say so
_WITHOUT_ENCODER = "lengths, and words found to translate each other, align the sentences"


def align_paths(
    paths: tuple[str, str],
    languages: tuple[str, str],
    *,
    in_lines: bool,
    format_: str,
    output: Path | None,
    encoder_name: str,
    bootstrap: Bootstrap,
    identifier_name: str,
) -> None:
    """Align the documents at two paths and write the beads to `output`, or to standard output.

    :param bootstrap: whether the encoder is adapted to what it aligns.
    :raises UserError: of the languages, the paths, the models or what the files hold.
    """
    _check_output(output, format_)
    src, tgt = _parse_languages(languages)
    encoder = shared_encoder(encoder_name)
    warn_of_coverage(bootstrap, encoder, (src, tgt), _WITHOUT_ENCODER)
    kept = encoder_folder(output) if is_wanted(bootstrap, encoder, (src, tgt)) else None
    identifier = shared_identifier(identifier_name)
    files = distinct_sources(
        find_inputs([paths[0]], lang_hint=src), find_inputs([paths[1]], lang_hint=tgt)
    )
    _refuse_same_files(paths, files, output)
    ours, theirs = (
        read_collection(path, its, language, identifier, in_lines=in_lines)
        for path, its, language in zip(paths, files, (src, tgt), strict=True)
    )
    sides = ours, theirs
    for path, side, other in zip(paths, sides, (tgt, src), strict=True):
        _check_language(path, side.sentences["text"], (side.language, other), identifier)
    with (
        open_sink(output or STANDARD_OUTPUT) as file,
        aligned_collections(sides, encoder, bootstrap, kept) as found,
    ):
        about = Written((src, tgt), _signature(found.found_by), max(map(len, sides)) > 1)
        WRITERS[format_](found.beads, file, about)
    if output is not None and not found.is_adapted:
        forget_encoder(output, encoder_name)


def _check_output(output: Path | None, format_: str) -> None:
    if output is None:
        return
    refuse_folder(output)
    if format_ == "parquet" and output.suffix in COMPRESSIONS:
        raise UserError(
            f"--output {output}: Parquet is compressed in itself, expected a name without "
            f"{output.suffix}"
        )


def _parse_languages(languages: tuple[str, str]) -> tuple[str, str]:
    src, tgt = map(parse_language, languages)
    for flag, language in (("--src", src), ("--tgt", tgt)):
        if language == UNDETERMINED:
            raise UserError(f"{flag} names no language: expected one such as lb or ltz_Latn")
    if src == tgt:
        raise UserError(f"--src and --tgt are both {src}: expected two different languages")
    return src, tgt


def _refuse_same_files(
    paths: tuple[str, str], files: Sequence[list[InputFile]], output: Path | None
) -> None:
    resolved = [{_real(file.path) for file in side} for side in files]
    if output is not None and _real(str(output)) in resolved[0] | resolved[1]:
        raise UserError(f"--output {output} would replace an input: expected another name")
    for path in sorted(resolved[0] & resolved[1]):
        raise UserError(
            f"{path} is on both sides, {paths[0]} and {paths[1]}: expected two files or folders"
        )


def _real(path: str) -> str:
    return path if is_remote(path) else str(Path(path).resolve())


def _check_language(
    path: str, sentences: pa.ChunkedArray, languages: tuple[str, str], identifier: Identifier
) -> None:
    """Refuse texts that are plainly in the other side's language; warn of a third one.

    :param languages: what they should be in, and what the other side should.
    :raises UserError: SRC and TGT were exchanged, as it seems.
    """
    from bitseam.lid.identifiers.labels import find_language

    own, other = (find_language(language, identifier.languages) for language in languages)
    if own is None or own == other:  # the identifier cannot tell
        return
    texts = sentences.filter(pc.not_equal(sentences, "")).combine_chunks()
    rows = np.unique(np.linspace(0, len(texts) - 1, _SAMPLE).astype(np.int64))
    best = identifier.predict(texts.take(rows)).languages[:, 0]
    counts = np.bincount(best, minlength=len(identifier.languages))
    found = int(counts.argmax())
    if counts[found] < _FEWEST or counts[found] < len(rows) / 2 or 4 * counts[own] > counts[found]:
        return
    name = identifier.languages[found]
    language = "no language the identifier knows" if name.startswith(NO_LANGUAGE) else name
    told = (
        f"{path} is in {language}, as {counts[found]} of {len(rows)} sentences "
        f"say: expected {languages[0]}"
    )
    if found == other:
        raise UserError(f"{told}; are SRC and TGT exchanged?")
    log.warning("%s", told)


def _signature(found_by: str) -> str:
    return f"bitseam:{version('bitseam')}|{found_by}|norm:l2"
