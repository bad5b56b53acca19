r"""Labelled lines: sentences whose language is known, to train and to evaluate identifiers.

Three forms: `lang\ttext` with any language code, fastText's `__label__lang text`, and files such
as FLORES' that are named by their language (`ltz_Latn.txt`, `ltz_Latn.devtest`), a sentence a line.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.pipelines.lid.lines import LineBatches
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language
from bitseam.schemas.reasons import Reason

log = logging.getLogger("bitseam")

_NAMED_BY_LANGUAGE = re.compile(r"([a-z]{3}_[A-Z][a-z]{3}(?:_[a-z]{4}[0-9]{4})?)(?:\..*)?")
_LABELLED = r"(?s)^(?:__label__(?P<label>\S+)[ \t]|(?P<code>[^\t]*)\t)(?P<text>.*)$"


class Labelled(NamedTuple):
    """A batch of sentences and their languages."""

    texts: pa.StringArray  # (n,)
    languages: pa.StringArray  # (n,) ltz_Latn, `UNDETERMINED` for what is no language


def read_labelled(paths: Sequence[str]) -> Iterator[Labelled]:
    """Yield the labelled lines of files and folders; lines left out are logged by reason.

    A folder stands for the files below it, by name; hidden ones are passed over.

    :raises UserError: there is no such file, or no labelled line in any of them.
    """
    found = False
    for path in _files(paths):
        lines = LineBatches(path)
        left_out = _LeftOut(lines.source)
        named = _NAMED_BY_LANGUAGE.fullmatch(Path(path).name)
        for texts in lines:
            codes = pa.repeat(named[1], len(texts)) if named else None
            batch = _label(texts, codes, left_out)
            found = found or len(batch.texts) > 0
            yield batch
        lines.warn()
        left_out.warn()
    if not found:
        raise UserError(
            f"no labelled line in {', '.join(paths)}: expected a language code, a tab and a text "
            "in each line, '__label__' and a code before the text, or files named like ltz_Latn.txt"
        )


class _LeftOut:
    """Counts the lines of one file that cannot be used."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines = 0  # read so far
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def count(self, reasons: pa.StringArray, codes: pa.StringArray) -> None:
        """Count a batch: `reasons` says why a line is left out, null where it is not."""
        for reason in pc.unique(reasons.drop_null()).to_pylist():
            rows = np.flatnonzero(pc.equal(reasons, reason).fill_null(False))
            self._counts[reason] = self._counts.get(reason, 0) + len(rows)
            example = codes[int(rows[0])].as_py()
            shown = f" {example[:20]!r}" if example else ""
            self._first.setdefault(reason, f"line {self._lines + int(rows[0]) + 1}{shown}")
        self._lines += len(reasons)

    def warn(self) -> None:
        for reason, count in self._counts.items():
            what = f"{reason}: lines left out: {count} (the first is {self._first[reason]})"
            log.warning("%s: %s", self._source, what)


def _label(texts: pa.StringArray, codes: pa.StringArray | None, left_out: _LeftOut) -> Labelled:
    if codes is None:
        codes, texts = _split(texts)
    languages = _parse_codes(codes)
    reasons = pc.case_when(
        pc.make_struct(
            codes.is_null(),
            languages.is_null(),
            pc.equal(pc.utf8_trim_whitespace(texts), "").fill_null(False),
        ),
        Reason.MALFORMED_ROW.value,
        Reason.UNKNOWN_LANGUAGE.value,
        Reason.EMPTY.value,
    )
    left_out.count(reasons, codes)
    kept = reasons.is_null()
    return Labelled(texts.filter(kept), languages.filter(kept))


def _split(lines: pa.StringArray) -> tuple[pa.StringArray, pa.StringArray]:
    """Return the code and the text of each line, null where it has none."""
    parts = pc.extract_regex(lines, _LABELLED)
    label, code, texts = (pc.struct_field(parts, i) for i in range(3))
    return pc.if_else(pc.equal(label, ""), code, label), texts


def _parse_codes(codes: pa.StringArray) -> pa.StringArray:
    """Return each code as `ltz_Latn`, null where it is none."""
    encoded = codes.dictionary_encode()
    languages = [_language_or_none(code) for code in encoded.dictionary.to_pylist()]
    return pa.array(languages, pa.string()).take(encoded.indices)


def _language_or_none(code: str) -> str | None:
    try:
        return parse_language(code.strip())
    except UserError:
        return None


def _files(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        folder = Path(path)
        if not folder.is_dir():
            yield path
            continue
        for file in sorted(folder.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
            if not hidden and file.is_file():
                yield str(file)
