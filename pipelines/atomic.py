"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bitseam.schemas.errors import UserError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes the place of `path`.

    The name carries the process id: two workers that write the same file never share a temporary.
    """
    _refuse_standard_output(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON, keys sorted, by replacement."""
    with replacing(path) as temporary:
        temporary.write_text(
            json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8"
        )


def read_json(path: Path) -> Any:
    """Return what `write_json` wrote; None where there is no such file, or it is no JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def replace_folder(new: Path, old: Path) -> None:
    """Let folder `new`, or nothing where there is none, take the place of `old`.

    Killed in between, `old` is missing, never mixed.
    """
    trash = old.with_name(f".{old.name}.old")
    shutil.rmtree(trash, ignore_errors=True)
    if old.is_symlink():
        old.unlink()
    elif old.exists():
        old.rename(trash)
    if new.exists():
        old.parent.mkdir(parents=True, exist_ok=True)
        new.rename(old)
    shutil.rmtree(trash, ignore_errors=True)


def _refuse_standard_output(path: Path) -> None:
    """Where text could go there, its writer has seen to it: see `exporters.sinks`."""
    if path == Path("-"):
        raise UserError("--output -: this is not written to standard output: expected a name")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; on success it becomes `path`.

    :raises UserError: `path` is a file, or a folder with something in it.
    """
    _refuse_standard_output(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        found = "a folder with something in it" if path.is_dir() else "a file"
        raise UserError(f"--output {path} is {found}: name a new folder, or remove it first")
    path = path.resolve()  # `.` has no name
    temporary = path.with_name(f".{path.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)  # what a killed run left
    temporary.mkdir(parents=True)
    try:
        yield temporary
        replace_folder(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
