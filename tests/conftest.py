"""What tests of every room share: the example corpus, the shared data, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "lb-de"

Mine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of gold data, which is not part of the repository."""
    folder = Path(os.environ.get("BITSEAM_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the shared gold data: no folder {folder} (set BITSEAM_SHARED)")
    return folder


@pytest.fixture(scope="session")
def mine() -> Mine:
    """Run the `mine` command in a process of its own."""
    command = Path(sys.executable).with_name("mine")

    def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def example_arguments() -> list[str]:
    """The arguments that mine the example corpus, but for --output."""
    return [
        *("--src", "lb", "--tgt", "de"),
        *("--input", str(EXAMPLE / "lbwiki.xml")),
        *("--input", str(EXAMPLE / "dewiki.jsonl")),
    ]
