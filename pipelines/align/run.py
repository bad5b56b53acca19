"""`mine align`: from two paths to a written alignment."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.mining.encoders import in_language
from bitseam.mining.encoders.coverage import coverage_warning
from bitseam.pipelines.align.beads import align_documents
from bitseam.pipelines.align.collection import read_collection
from bitseam.pipelines.align.formats import WRITERS, Written
from bitseam.pipelines.align.pairing import pair_documents
from bitseam.pipelines.exporters.sinks import open_sink, refuse_folder
from bitseam.pipelines.models import shared_encoder, shared_identifier
from bitseam.pipelines.readers import distinct_sources, find_inputs
from bitseam.pipelines.readers.inputs import COMPRESSIONS, InputFile
from bitseam.pipelines.readers.storage import is_remote
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED, parse_language

if TYPE_CHECKING:
    from bitseam.lid.identifiers import Identifier
    from bitseam.mining.encoders import Encoder

log = logging.getLogger("bitseam")

_SAMPLE = 200  # sentences of a side whose language is looked at
_FEWEST = 5  # of which so many must be in another one to say so


def align_paths(
    paths: tuple[str, str],
    languages: tuple[str, str],
    *,
    in_lines: bool,
    format_: str,
    output: Path | None,
    encoder_name: str,
    identifier_name: str,
) -> None:
    """Align the documents at two paths and write the beads to `output`, or to standard output.

    :raises UserError: of the languages, the paths, the models or what the files hold.
    """
    _check_output(output, format_)
    src, tgt = _parse_languages(languages)
    encoder = shared_encoder(encoder_name)
    if warning := coverage_warning(encoder, (src, tgt)):
        log.warning("%s", warning)
    encoders = in_language(encoder, src), in_language(encoder, tgt)
    identifier = shared_identifier(identifier_name)
    files = distinct_sources(
        find_inputs([paths[0]], lang_hint=src), find_inputs([paths[1]], lang_hint=tgt)
    )
    _refuse_same_files(paths, files, output)
    sides = [
        read_collection(path, its, language, identifier, in_lines=in_lines)
        for path, its, language in zip(paths, files, (src, tgt), strict=True)
    ]
    for path, side, other in zip(paths, sides, (tgt, src), strict=True):
        _check_language(path, side.sentences["text"], (side.language, other), identifier)
    about = Written((src, tgt), _signature(encoder), max(map(len, sides)) > 1)
    with _sink(output) as file:
        pairs = pair_documents(sides[0], sides[1], encoders)
        WRITERS[format_](align_documents(pairs, encoders), file, about)


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
    told = (
        f"{path} is in {identifier.languages[found]}, as {counts[found]} of {len(rows)} sentences "
        f"say: expected {languages[0]}"
    )
    if found == other:
        raise UserError(f"{told}; are SRC and TGT exchanged?")
    log.warning("%s", told)


def _signature(encoder: Encoder) -> str:
    return f"bitseam:{version('bitseam')}|encoder:{encoder.name}@{encoder.revision}|norm:l2"


@contextmanager
def _sink(output: Path | None) -> Iterator[IO[bytes]]:
    """Open the output; a reader of standard output that stops, as `head` does, ends it quietly."""
    if output is not None:
        with open_sink(output) as file:
            yield file
        return
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
