"""The arrows of the house, and what no room below `pipelines` may touch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PURE = [
    path for room in ("schemas", "lid", "mining", "align") for path in (ROOT / room).rglob("*.py")
]


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_beam_below_pipelines(path) -> None:
    modules = {
        name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    assert not {
        name for name in modules if name.split(".")[0] in ("apache_beam", "click", "fsspec")
    }


def test_no_pickle_no_remote_code_no_shell_anywhere() -> None:
    for path in [*PURE, *(ROOT / "pipelines").rglob("*.py")]:
        text = path.read_text("utf-8")
        for banned in (
            "import pickle",
            "trust_remote_code=True",
            "shell=True",
            "os.system",
            "eval(",
            "allow_pickle=True",
        ):
            assert banned not in text, f"{path}: {banned}"
