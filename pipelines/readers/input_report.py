"""What became of one input: what a user is told, and what the manifest keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bitseam.pipelines.readers.input_file import InputFile
from bitseam.schemas.reasons import Reason

BY_DESIGN = frozenset((Reason.REDIRECT, Reason.NAMESPACE))


CUT_OFF = "cut off in mid-character"
_OTHER = " is no "  # the encoding that a byte does not belong to
_UNDECODED = Reason.INVALID_UTF8


class InputReport(NamedTuple):
    """What became of a file, or of a member of an archive.

    :ivar encoding: empty for UTF-8; else what it was, and how that is known.
    :ivar problem: why nothing, or not all, of it could be read; None where all is well.
    """

    source: str
    format: str
    documents: int
    rejected: int  # damage, not what is left out by design
    encoding: str
    notes: tuple[str, ...]
    problem: str | None


@dataclass
class Tally:
    """Counts what comes out of one input."""

    file: InputFile
    format: str
    documents: int = 0
    is_archive: bool = False
    guess: str | None = None  # of an encoding that is not sure
    _reasons: Counter[Reason] = field(default_factory=Counter)
    _damage: str | None = None
    _first: str | None = None

    @property
    def is_untouched(self) -> bool:
        return not self.documents and not self._reasons and not self.is_archive

    def reject(self, what: str, reason: Reason, detail: str) -> None:
        """Count one reject; what befell the whole file is what its report tells."""
        self._reasons[reason] += 1
        if what == "file" and self._damage is None:
            self._damage = detail
        if self._first is None and reason not in BY_DESIGN:
            self._first = detail

    def add_member(self, member: Tally) -> None:
        """Count what a member of this archive gave."""
        self.documents += member.documents
        self.is_archive = True

    def report(self, encoding: str, notes: Sequence[str]) -> InputReport:
        rejected = sum(n for reason, n in self._reasons.items() if reason not in BY_DESIGN)
        return InputReport(
            self.file.source,
            self.format,
            self.documents,
            rejected,
            encoding,
            tuple(notes),
            self._problem(rejected),
        )

    def _problem(self, rejected: int) -> str | None:
        if self._damage is not None:
            return self._damage
        if self.documents or self.is_archive:
            return None
        if not rejected:
            return "nothing but pages that are no articles" if self._reasons else "no text in it"
        reason, count = self._reasons.most_common(1)[0]
        told = f"all {rejected:,} rows are rejected, {count:,} of them as {reason}: {self._first}"
        return told + (cure_of(self._first or "", self.guess) if reason == _UNDECODED else "")


def cure_of(detail: str, guess: str | None) -> str:
    """Say after a reject's detail what to do; nothing where the encoding is known, or text lost."""
    is_known = CUT_OFF in detail or _OTHER in detail
    return "" if is_known else f"; {encoding_cure(guess)}"


def encoding_cure(guess: str | None) -> str:
    """Say what to do about a text whose encoding is not sure."""
    if guess is None:
        return "convert it with `iconv -f ITS-ENCODING -t UTF-8`"
    return f"if it is {guess}, convert it with `iconv -f {guess} -t UTF-8`"
