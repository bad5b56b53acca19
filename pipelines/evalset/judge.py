"""Sheets that people judged, read back: precision by tier and of all pairs, agreement of judges."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from bitseam.mining.benchmark.judging import cohens_kappa, stratified_share
from bitseam.mining.evaluate.statistics import Rows
from bitseam.pipelines.evalset.judged import PARTLY, RIGHT, UNSURE, Agreement, Judged, Tier
from bitseam.pipelines.evalset.sheet_pairs import SheetPairs, read_sheet_pairs
from bitseam.pipelines.evalset.sheet_rows import VERDICTS, SheetRow, read_rows, shows
from bitseam.pipelines.evaluate.files import short_names
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

_SHOWN = 3  # rows that a warning names


def judge_sheets(paths: Sequence[Path], directory: Path) -> Judged:
    """Read the verdicts on pairs of the run in `directory`; every sheet is a judge.

    Of a pair that several judged the verdict is that of most of them, and between equals the
    stricter one; "unsure" has no voice where another verdict is.

    :raises UserError: a sheet is of another run, damaged, or of two minds about a pair.
    """
    paths = list(dict.fromkeys(paths))
    sheets = [read_rows(path) for path in paths]
    pairs = read_sheet_pairs(directory, _tiers(paths, sheets))
    verdicts = [_verdicts(*its, pairs) for its in zip(paths, sheets, strict=True)]
    joined = _join(verdicts)
    tiers = _count(pairs, joined)
    counts = np.array([tier.counts for tier in tiers])
    judged, sizes = counts[:, :UNSURE].sum(axis=1), pairs.tiers.sizes
    if not judged.sum():
        raise UserError(
            f"{', '.join(map(str, paths))}: no verdict that counts: fill the column verdict with "
            f"{', '.join(VERDICTS)}; {VERDICTS[UNSURE]!r} alone tells nothing"
        )
    return Judged(
        pairs.score,
        tuple(tiers),
        tuple(_agreements(short_names(paths), verdicts)),
        stratified_share(counts[:, RIGHT], judged, sizes),
        stratified_share(counts[:, RIGHT] + counts[:, PARTLY], judged, sizes),
        _estimated(tiers),
        len(paths),
        len({row.key for rows in sheets for row in rows}) - len(joined),
        sum(len({its[row] for its in verdicts if row in its}) > 1 for row in joined),
    )


def _tiers(paths: Sequence[Path], sheets: Sequence[list[SheetRow]]) -> int:
    """Return how many tiers the sheets were made with."""
    found = {row.tiers: path for path, rows in zip(paths, sheets, strict=True) for row in rows}
    if len(found) > 1:
        (a, first), (b, second) = list(found.items())[:2]
        raise UserError(f"{first} has {a} tiers, {second} {b}: judge sheets of the same --tiers")
    return next(iter(found))


def _verdicts(path: Path, sheet: list[SheetRow], pairs: SheetPairs) -> dict[int, int]:
    """Return the verdict on each row of the pairs that a sheet has one on."""
    for its in sheet:
        if its.fingerprint != pairs.fingerprint:
            raise UserError(
                f"{path}, line {its.line}: the pair is of run {its.fingerprint}, but "
                f"{pairs.run.directory} is run {pairs.fingerprint}: name the run that the sheet "
                "was written from with --pairs"
            )
    rows = pairs.rows_of([its.key for its in sheet])
    if (rows < 0).any():
        unknown = [its.line for its, row in zip(sheet, rows, strict=True) if row < 0]
        raise UserError(
            f"{path}, line {unknown[0]}: no such pair in {pairs.run.directory} "
            f"({len(unknown)} in all): copy the names from the sheet as it was written"
        )
    edited, found, lines = [], dict[int, int](), dict[int, int]()
    for its, row, (src, tgt) in zip(sheet, rows.tolist(), pairs.texts(rows), strict=True):
        if not (shows(its.src, src) and shows(its.tgt, tgt)):
            edited.append(its.line)
        elif its.verdict:
            verdict = VERDICTS.index(its.verdict)
            if found.setdefault(row, verdict) != verdict:
                raise UserError(
                    f"{path}, lines {lines[row]} and {its.line}: two verdicts on one pair: keep one"
                )
            lines.setdefault(row, its.line)
    if edited:
        log.warning(
            "%s: pairs whose texts were edited, so that their verdicts do not count: %d (line %s); "
            "save the texts as they are, and as UTF-8",
            *(path, len(edited), ", ".join(map(str, edited[:_SHOWN]))),
        )
    return found


def _join(judges: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Return the verdict of most judges on each row, of equals the stricter one."""
    joined = {}
    for row in sorted({row for verdicts in judges for row in verdicts}):
        counts = np.bincount([its[row] for its in judges if row in its], minlength=len(VERDICTS))
        sure = counts[:UNSURE]
        joined[row] = UNSURE - 1 - int(sure[::-1].argmax()) if sure.any() else UNSURE
    return joined


def _count(pairs: SheetPairs, verdicts: Mapping[int, int]) -> list[Tier]:
    rows: Rows = np.array([*verdicts], np.int64)
    codes = pairs.tiers.tier[rows] * len(VERDICTS) + np.array([*verdicts.values()], np.int64)
    sizes = pairs.tiers.sizes
    counts = np.bincount(codes, minlength=len(sizes) * len(VERDICTS)).reshape(len(sizes), -1)
    tiers = []
    for tier, (size, its) in enumerate(zip(sizes.tolist(), counts.tolist(), strict=True)):
        estimate = np.nan if pairs.estimates is None else float(pairs.estimates[tier])
        estimated = None if np.isnan(estimate) else estimate
        right, partly, wrong, unsure = its
        counted = (right, partly, wrong, unsure)
        tiers.append(Tier(pairs.name_tier(tier), size, counted, estimated))
    return tiers


def _estimated(tiers: Sequence[Tier]) -> float | None:
    """Return the mean estimated precision of the pairs in the tiers that were judged."""
    known = [
        (its.estimated, its.pairs) for its in tiers if its.judged and its.estimated is not None
    ]
    if not known:
        return None
    return sum(share * pairs for share, pairs in known) / sum(pairs for _, pairs in known)


def _agreements(names: Sequence[str], judges: Sequence[Mapping[int, int]]) -> list[Agreement]:
    """Return the agreement of every two judges that judged the same pairs."""
    found = []
    for (a, first), (b, second) in combinations(zip(names, judges, strict=True), 2):
        if shared := sorted(first.keys() & second.keys()):
            one, two = ([its[row] for row in shared] for its in (first, second))
            same = sum(x == y for x, y in zip(one, two, strict=True))
            found.append(Agreement((a, b), len(shared), same, cohens_kappa(one, two)))
    return found
