"""The sheet in a real browser, headless Chromium: judged, kept, saved, and read back."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bitseam.pipelines.evalset.sheet import as_page
from bitseam.pipelines.evalset.sheet_rows import read_rows, shows

HOSTILE = "</article><script>document.title = 'owned'</script>\"' onerror=alert(1) \\t"
PAIRS = [(f"Saz Nummer {i}.", f"Satz Nummer {i}.") for i in range(11)] + [(HOSTILE, HOSTILE)]
ROWS = [f"p3-0123abcd-{i:016x}" for i in range(len(PAIRS))]


class Browser:
    """A headless Chromium that is told what to do through a pipe (DevTools protocol)."""

    def __init__(self, program: str, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        become = (  # with the pipes as 3 and 4, which the protocol asks for
            "import fcntl, os, sys\n"
            "high = [fcntl.fcntl(int(its), fcntl.F_DUPFD, 10) for its in sys.argv[1:3]]\n"
            "os.dup2(high[0], 3), os.dup2(high[1], 4)\n"
            "os.execv(sys.argv[3], sys.argv[3:])"
        )
        flags = [
            "--headless",
            "--no-sandbox",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", become, str(theirs_in), str(theirs_out), program, *flags],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number, self._waiting, self.said = 0, b"", list[dict[str, Any]]()
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable", page=True)

    def send(self, method: str, *, page: bool = False, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; what the page says meanwhile is kept in `said`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if page:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.said.append(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._waiting:
            assert select.select([self._in], [], [], 60)[0], "the browser says nothing"
            data = os.read(self._in, 1 << 16)
            assert data, "the browser has gone"
            self._waiting += data
        message, self._waiting = self._waiting.split(b"\0", 1)
        return json.loads(message)

    def open(self, path: Path) -> None:
        self.send("Page.navigate", page=True, url=path.as_uri())
        self.wait("document.readyState == 'complete' && location.protocol == 'file:'")

    def begin_anew(self) -> None:
        """Let the page begin anew from what is kept.

        It is not loaded again: a headless browser, told so within milliseconds, now and then starts
        with an empty storage.
        """
        self.ask("pairs.forEach((its) => show(its, '')); judge.value = shownJudge = ''; mark(0)")
        self.ask("shownJudge = judge.value = recall('judge'); restore()")

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        found = self.send("Runtime.evaluate", page=True, expression=expression, returnByValue=True)
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        until = time.monotonic() + 20
        while not self.ask(expression):
            assert time.monotonic() < until, expression
            time.sleep(0.02)

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", page=True, type=kind, key=key)

    def complaints(self) -> list[str]:
        """Return what the browser logged of errors and refused policies."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown")
        return [json.dumps(its["params"]) for its in self.said if its.get("method") in kinds]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory) -> Iterator[Browser]:
    browser = Browser(chromium, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.html"
    path.write_text(as_page(tmp_path.name, ROWS, PAIRS, ("lb", "de")), "utf-8")
    return path


VERDICTS = "[...document.querySelectorAll('article')].map((its) => its.dataset.verdict || '')"
CURRENT = "[...document.querySelectorAll('article')].findIndex((its) => its.ariaCurrent)"


def test_pairs_are_judged_by_key_and_kept(browser, page) -> None:
    browser.open(page)
    assert browser.ask("document.title") == "12 pairs to judge"
    assert browser.ask("document.querySelectorAll('script').length") == 1
    for key in ("1", "2", "3", "4", "x"):
        browser.press(key)
    expected = ["right", "partly", "wrong", "unsure"]
    assert browser.ask(VERDICTS)[:5] == [*expected, ""]
    assert browser.ask(CURRENT) == 4
    assert browser.ask("document.getElementById('done').value") == "4 of 12"
    browser.press("ArrowUp")
    browser.press("0")
    assert browser.ask(VERDICTS)[:4] == [*expected[:3], ""]
    browser.press("4")
    browser.ask("document.querySelectorAll('article')[9].querySelector('[value=wrong]').click()")
    assert browser.ask(VERDICTS)[9] == "wrong"
    browser.begin_anew()
    assert browser.ask(VERDICTS) == [*expected, "", "", "", "", "", "wrong", "", ""]
    assert browser.ask(CURRENT) == 4
    assert browser.complaints() == []


def test_each_judge_has_verdicts_of_their_own(browser, page) -> None:
    def judge(name: str) -> None:
        browser.ask(f"judge.value = '{name}'; judge.dispatchEvent(new Event('change'))")

    browser.open(page)
    judge("anna")
    browser.press("1")
    judge("ben")
    assert set(browser.ask(VERDICTS)) == {""}
    browser.press("3")
    judge("anna")
    assert browser.ask(VERDICTS)[0] == "right"
    browser.begin_anew()
    assert browser.ask("judge.value") == "anna"
    browser.ask("judge.focus()")
    browser.press("3")  # a figure in a name is no verdict
    assert browser.ask(VERDICTS)[:2] == ["right", ""]


def test_who_gives_a_name_late_keeps_the_verdicts(browser, page) -> None:
    def judge(name: str) -> None:
        browser.ask(f"judge.value = '{name}'; judge.dispatchEvent(new Event('change'))")

    browser.open(page)
    browser.press("1")
    browser.press("3")
    judge("eva")
    assert browser.ask(VERDICTS)[:3] == ["right", "wrong", ""]
    browser.begin_anew()
    assert browser.ask(VERDICTS)[:3] == ["right", "wrong", ""]
    judge("")
    assert set(browser.ask(VERDICTS)) == {""}


def test_where_nothing_can_be_kept_nothing_is_lost_either(browser, page) -> None:
    browser.open(page)
    browser.ask("Storage.prototype.setItem = () => { throw new Error('refused'); }")
    browser.press("2")
    browser.ask("judge.value = 'eva'; judge.dispatchEvent(new Event('change'))")
    assert browser.ask(VERDICTS)[:2] == ["partly", ""]
    assert browser.ask("document.getElementById('unkept').hidden") is False


def test_a_page_that_is_open_twice_loses_no_verdict(browser, page) -> None:
    browser.open(page)
    others = "JSON.stringify({[pairs[5].dataset.row.split('\\t')[0]]: 'unsure'})"
    browser.ask(f"localStorage.setItem(document.body.dataset.sheet + ' verdicts of ', {others})")
    browser.press("1")
    browser.begin_anew()
    assert browser.ask(VERDICTS)[:6] == ["right", "", "", "", "", "unsure"]


def test_the_focus_follows_the_current_pair(browser, page) -> None:
    browser.open(page)
    assert browser.ask("document.activeElement == document.body && scrollY == 0")
    browser.ask("pairs[0].querySelector('button').click()")
    assert browser.ask("document.activeElement.ariaLabel") == "pair 2"
    browser.press("ArrowDown")
    assert browser.ask("document.activeElement.ariaLabel") == "pair 3"
    unnamed = "[...document.querySelectorAll('article, progress')].filter((its) => !its.ariaLabel)"
    assert browser.ask(f"{unnamed}.length") == 0


def test_what_is_saved_is_a_sheet(browser, page, tmp_path) -> None:
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.open(page)
    for _ in range(11):
        browser.press("1")
    browser.press("2")
    browser.ask("judge.value = 'Éva M/../x'; document.getElementById('save').click()")
    saved = tmp_path / f"judged-{tmp_path.name}-Éva-M-x.tsv"
    until = time.monotonic() + 20
    while not saved.exists():
        assert time.monotonic() < until, [*tmp_path.iterdir()]
        time.sleep(0.05)
    rows = read_rows(saved)
    assert [row.verdict for row in rows] == ["right"] * 11 + ["partly"]
    assert [row.key for row in rows] == [*range(len(PAIRS))]
    for row, (src, tgt) in zip(rows, PAIRS, strict=True):
        assert shows(row.src, src)
        assert shows(row.tgt, tgt)


def test_hostile_texts_are_shown_and_do_nothing(browser, page) -> None:
    browser.open(page)
    shown = "[...document.querySelectorAll('article:last-of-type p')].map((its) => its.textContent)"
    assert browser.ask(shown) == [HOSTILE, HOSTILE]
    assert browser.ask("document.title") == "12 pairs to judge"
    # Even what stands in the page by mistake is not run.
    page.write_text(
        page.read_text("utf-8").replace(
            "</main>", "<script>document.title = 'owned'</script></main>"
        )
    )
    browser.open(page)
    assert browser.ask("document.title") == "12 pairs to judge"
    assert any("Content Security Policy" in its for its in browser.complaints())
