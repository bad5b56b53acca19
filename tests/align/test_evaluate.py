from __future__ import annotations

import json
from pathlib import Path

import pytest

from bitseam.align.evaluate import Bead, alignment_error_rate, score_beads

CASES = json.loads(Path(__file__).with_name("bead_scores.json").read_text(encoding="utf-8"))


def beads(rows: list[list[list[int]]]) -> list[Bead]:
    return [(tuple(src), tuple(tgt)) for src, tgt in rows]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_scores_worked_out_by_hand(case: dict) -> None:
    score = score_beads([(beads(case["gold"]), beads(case["found"]))])

    found = [*score.strict, *score.lax]
    assert found == pytest.approx([a / b if b else 0.0 for a, b in case["scores"]])


def test_counts_add_up_over_documents() -> None:
    right = ([((0,), (0,))], [((0,), (0,))])
    wrong = ([((0,), (0,)), ((1,), (1,))], [((0, 1), (0, 1))])

    score = score_beads([right, wrong])

    assert score.strict.precision == pytest.approx(1 / 2)
    assert score.strict.recall == pytest.approx(1 / 3)
    assert score.strict.f1 == pytest.approx(0.4)
    assert score.lax.f1 == 1.0


def test_nothing_at_all_scores_zero() -> None:
    assert score_beads([]).strict.f1 == 0.0


@pytest.mark.parametrize(
    ("found", "sure", "possible", "expected"),
    [
        ({(0, 0), (1, 1)}, {(0, 0), (1, 1)}, set(), 0),
        ({(0, 0), (1, 2)}, {(0, 0)}, {(1, 2)}, 0),  # a possible link is not wrong
        (set(), {(0, 0)}, set(), 1),
        ({(0, 1)}, {(0, 0)}, set(), 1),
        ({(0, 0), (5, 5)}, {(0, 0), (1, 1)}, {(1, 2)}, 0.5),
        # Two of three are right, one of them sure; of two sure ones one is missed.
        ({(0, 0), (1, 2), (3, 3)}, {(0, 0), (1, 1)}, {(1, 2)}, 1 - 3 / 5),
        (set(), set(), {(0, 0)}, 0),
    ],
)
def test_alignment_error_rate(found, sure, possible, expected) -> None:
    assert alignment_error_rate([found], [sure], [possible]) == pytest.approx(expected)


def test_alignment_error_rate_counts_over_all_pairs_of_equal_lists() -> None:
    one, none = {(0, 0)}, set()
    assert alignment_error_rate([one, none], [one, one], [none, none]) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        alignment_error_rate([one], [], [one])
