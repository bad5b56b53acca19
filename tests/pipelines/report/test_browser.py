"""The page in a real browser, headless Chromium.

A page beside the report holds it in a frame of a given width, opens all its details, measures it
and writes what it found into itself; `--dump-dom` prints that.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bitseam.pipelines.report.page import write_report

_MEASURE = Path(__file__).with_name("measure.html")

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def look(chromium, tmp_path_factory) -> Callable[..., Facts]:
    """Open the report of a run in a window of a width, and return what is seen."""

    def facts(run: Path, width: int, *flags: str, inject: bool = False) -> Facts:
        folder = tmp_path_factory.mktemp("browser")
        write_report(run, folder / "report.html")
        page = folder / "measure.html"
        filled = _MEASURE.read_text("utf-8").replace("WIDTH", str(width))
        page.write_text(filled.replace("INJECT", str(inject).lower()), "utf-8")
        done = subprocess.run(
            [
                chromium,
                *("--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"),
                *("--enable-logging=stderr", "--window-size=1400,1000", *flags),
                *("--dump-dom", page.as_uri()),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        found = re.search(r"<pre>(.*?)</pre>", done.stdout, re.S)
        assert found, done.stdout + done.stderr
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return {**json.loads(unescape(found[1])), "console": console}

    return facts


DARK = "--blink-settings=preferredColorScheme=0"


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_hostile_text_does_nothing_and_nothing_overflows(look, hostile_run, width) -> None:
    seen = look(hostile_run, width)
    assert seen["console"] == []
    assert seen["overflow"] == 0
    assert not seen["owned"]
    assert seen["scripts"] == seen["images"] == 0
    assert seen["title"] == "Bitext lb–de: report of a run"
    sections = ["flow", "margins", "samples", "rejects", "languages", "coverage", "made"]
    assert seen["sections"] == sections
    assert seen["charts"] == (["wide"] if width > 640 else ["narrow"])


def test_the_policy_alone_stops_a_script_that_got_in(look, hostile_run) -> None:
    seen = look(hostile_run, 400, inject=True)
    assert seen["injected"] == "blocked"
    assert "Content Security Policy" in "".join(seen["console"])


@pytest.mark.parametrize("flags", [(), (DARK,)])
def test_text_stands_out_in_light_and_dark(look, hostile_run, flags) -> None:
    seen = look(hostile_run, 1280, *flags)
    assert seen["isDark"] == bool(flags)
    assert min(seen["contrasts"].values()) >= 4.5, seen["contrasts"]
