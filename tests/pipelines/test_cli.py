from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

LB_DE = ("--src", "lb", "--tgt", "de")
BOTH_CUTS = ("--precision", "0.8", "--threshold", "1")


def test_help_answers_at_once_and_imports_nothing_heavy(mine) -> None:
    assert mine("--help").returncode == 0
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        mine("--help")
        seconds.append(time.monotonic() - began)
    assert min(seconds) < 0.5
    heavy = "apache_beam torch faiss numba pyarrow polars sentence_transformers"
    check = (
        "import sys, bitseam.pipelines.cli; "
        f"print([name for name in {heavy.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version_is_printed(mine) -> None:
    done = mine("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("mine, version ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--src", "lb"), "--tgt is missing"),
        ((*LB_DE, "--output", "OUT"), "no input"),
        ((*LB_DE, "--input", "TEXT"), "--output is missing"),
        (("--src", "lb", "--tgt", "ltz", "--input", "TEXT", "--output", "OUT"), "both ltz_Latn"),
        (("--src", "xx", "--tgt", "de", "--input", "TEXT", "--output", "OUT"), "unknown language"),
        (("--src", "lb", "--tgt", "und", "--input", "TEXT", "--output", "OUT"), "no language"),
        ((*LB_DE, "--input", "no/such/file.txt", "--output", "OUT"), "no/such/file.txt"),
        ((*LB_DE, "--input", "TEXT", "--src-input", "TEXT", "--output", "OUT"), "more than once"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--k", "0"), "--k is 0"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--min-lang-score", "2"), "from 0 to 1"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--max-chars", "5"), "--max-chars is 5"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--near-duplicates", "0.6"), "0.7 to 1"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--near-duplicates", "nan"), "is nan"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--threshold", "high"), "'high'"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--threshold", "nan"), "finite"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--precision", "1"), "from 0 to below 1"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--precision", "nan"), "is nan"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", *BOTH_CUTS), "choose one of them"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--margin", "cosine"), "cosine"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--encoder", "nonesuch"), "nonesuch"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--lid-model", "no.bin"), "no.bin"),
        ((*LB_DE, "--input", "TEXT", "--output", "TEXT"), "is a file"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--", "--runner=DaskRunner"), "refused"),
        ((*LB_DE, "--input", "", "--output", "OUT"), "an input is named ''"),
        ((*LB_DE, "--input", "TEXT", "--output", "OUT", "--", "--direct_num_workers=a"), "Beam"),
        (("--src", "lb", "--tgt", "tlh", "--input", "TEXT", "--output", "OUT"), "does not know"),
        (("export", "OUT", "--format", "tsv", "--output", "x.tsv"), "OUT"),
        (("dig",), "dig"),
        (("--depth", "3"), "--depth"),
    ],
)  # fmt: skip
def test_a_users_mistake_ends_in_one_line_and_exit_code_2(mine, tmp_path, arguments, told) -> None:
    (tmp_path / "text.txt").write_text("Den Dag ass laang.\n", "utf-8")
    given = [{"TEXT": "text.txt", "OUT": "OUT"}.get(item, item) for item in arguments]
    done = mine(*given, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (
        len([line for line in done.stderr.splitlines() if line.startswith(("mine:", "Error:"))])
        == 1
    )


def test_dry_run_prints_the_plan_and_writes_nothing(mine, example_arguments, tmp_path) -> None:
    done = mine(*example_arguments, "--output", tmp_path / "out", "--dry-run")
    assert done.returncode == 0, done.stderr
    for word in ("lbwiki.xml", "dewiki.jsonl", "sentences -> embeddings", "memory", "disk"):
        assert word in done.stdout
    assert not (tmp_path / "out").exists()


def test_quiet_says_nothing(mine, example_arguments, tmp_path) -> None:
    done = mine(*example_arguments, "--output", tmp_path / "out", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_failing_disk_ends_in_one_line_and_exit_code_1(mine, example_arguments) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /proc, as Linux has")
    done = mine(*example_arguments, "--output", "/proc/nowhere")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("mine: ")
