"""Mined pairs in the formats of other tools: one module a format, found by its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bitseam.schemas.errors import UserError

if TYPE_CHECKING:
    from bitseam.pipelines.exporters.pairs import Pairs

# Each is a module beside this one with a function `export(pairs, output) -> rows written`.
FORMATS = ("moses", "tsv", "tmx", "jsonl", "huggingface")


def export_pairs(directory: Path, format: str, output: Path) -> int:  # noqa: A002
    """Write the pairs mined in `directory` to `output` and return how many there are.

    `output` appears whole or not at all. A file of that name is replaced, a folder never.

    :raises UserError: the format is unknown, `directory` has no pairs, or `output` is taken.
    """
    if format not in FORMATS:
        raise UserError(f"unknown format {format!r}: expected one of {', '.join(FORMATS)}")
    from bitseam.pipelines.exporters.pairs import open_pairs

    export: Callable[[Pairs, Path], int] = import_module(f"{__name__}.{format}").export
    return export(open_pairs(directory), output)
