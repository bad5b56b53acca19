"""`mine` says before it starts that the encoder does not know a language."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("src", "warned"), [("cy", True), ("lb", False)])
def test_a_language_that_the_encoder_does_not_know_is_warned_of(mine, tmp_path, src, warned):
    (tmp_path / "text.txt").write_text("Bore da, sut wyt ti heddiw?\n", "utf-8")
    options = ("--src", src, "--tgt", "de", "--dry-run", "--output", tmp_path / "out")
    done = mine(*options, "--input", tmp_path / "text.txt")
    assert done.returncode == 0, done.stderr
    assert ("static does not name cym_Latn" in done.stderr) is warned
    assert ("labse" in done.stderr) is warned
