"""Tells what inputs could not be read, and ends a run of which a whole side is missing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from bitseam.pipelines.read_inputs import ANYWHERE, FOUND
from bitseam.pipelines.readers import InputFile
from bitseam.pipelines.readers.input_report import BY_DESIGN
from bitseam.schemas.errors import BitseamError, UserError
from bitseam.schemas.languages import NO_LANGUAGE
from bitseam.schemas.reasons import Reason

log = logging.getLogger("bitseam")

_SHOWN = 10  # inputs that are named
_LANGUAGES = 3
_REASONS = 3
_FEWEST = 5  # sentences of another language that say so of a side
# Rejects that are no sentences: of files, which are told of by name, or pages left out by design.
_NO_SENTENCES = frozenset(map(str, (*BY_DESIGN, Reason.CORRUPT, Reason.TRUNCATED, Reason.BOMB)))


def tell_inputs(manifest: Mapping[str, Any]) -> None:
    """Name the inputs that were not read, those that were only partly, and those read otherwise.

    :param manifest: of the stage `sentences`.
    """
    told, counts = manifest.get("inputs", {}), manifest["counts"]
    for kind, level, what in (
        ("unread", logging.ERROR, "nothing could be read: %s"),
        ("damaged", logging.WARNING, "read up to a fault: %s"),
        ("noted", logging.INFO, "%s"),
    ):
        named = told.get(kind, [])
        for source, text in named[:_SHOWN]:
            log.log(level, f"%s: {what}", source, text)
        more = max(len(named), counts.get(f"inputs {kind}", 0)) - _SHOWN
        if more > 0:
            log.log(level, "... and %s more of this kind, see the rejects table", f"{more:,}")


def check_sides(manifest: Mapping[str, Any], languages: tuple[str, str]) -> None:
    """End the run where no sentence of a side was found: there is nothing to be mined.

    :raises BitseamError: says which side, and what was found instead.
    """
    counts = manifest["counts"]
    missing = [lang for lang in languages if not counts.get(f"sentences {lang}")]
    if missing:
        raise BitseamError(_told(missing, manifest))


def check_languages(
    manifest: Mapping[str, Any], inputs: Sequence[InputFile], languages: tuple[str, str]
) -> None:
    """Warn of a side whose inputs are mostly in another language.

    :raises UserError: it is the other side's, and hardly any is in its own: they are exchanged.
    """
    for flag, due, other in zip(("src", "tgt"), languages, reversed(languages), strict=True):
        start = f"{FOUND} {due} "
        counts = Counter(
            {
                name.removeprefix(start): count
                for name, count in manifest["counts"].items()
                if name.startswith(start) and not name.removeprefix(start).startswith(NO_LANGUAGE)
            }
        )
        total = counts.total()
        found, count = max(counts.items(), key=itemgetter(1, 0), default=(due, 0))
        if count < _FEWEST or 2 * (total - counts[due]) <= total or found == due:
            continue
        sources = [file.source for file in inputs if file.lang_hint == due]
        more = f" and {len(sources) - 1:,} more" if sources[1:] else ""
        told = (
            f"--{flag}-input: {sources[0]}{more}: {count:,} of {total:,} sentences are in "
            f"{found}, {counts[due]:,} in {due}: expected {due}"
        )
        if found == other and 4 * counts[due] <= count:
            raise UserError(f"{told}; are --src-input and --tgt-input exchanged?")
        log.warning("%s", told)


def _told(missing: Sequence[str], manifest: Mapping[str, Any]) -> str:
    counts, none = manifest["counts"], f"no sentence in {' and none in '.join(missing)}"
    unread = manifest.get("inputs", {}).get("unread", [])
    count = max(len(unread), counts.get("inputs unread", 0))  # only some of them are named
    if not counts.get("documents"):
        return f"{none}: nothing could be read from any input"
    return f"{none} was found in the inputs{_found(missing, counts)}" + (
        f"; {count:,} could not be read, see above" if unread else ""
    )


def _found(missing: Sequence[str], counts: Mapping[str, int]) -> str:
    """Say in what languages the sentences are instead, and why others were dropped."""
    languages: Counter[str] = Counter()
    for due in (*missing, ANYWHERE):
        start = f"{FOUND} {due} "
        for name, count in counts.items():
            if name.startswith(start):
                languages[name.removeprefix(start)] += count
    told = [f"{count:,} are in {name}" for name, count in languages.most_common(_LANGUAGES)]
    reasons = Counter(
        {
            reason: count
            for name, count in counts.items()
            if (reason := name.removeprefix("rejected ")) != name
            and reason != "other_language"
            and reason not in _NO_SENTENCES
        }
    )
    told += [f"{count:,} {name}" for name, count in reasons.most_common(_REASONS)]
    return f": {', '.join(told)}" if told else ""
