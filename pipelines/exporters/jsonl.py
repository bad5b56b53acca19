"""JSON lines: an object a pair with every column of the table, in its order."""

from __future__ import annotations

from pathlib import Path

from bitseam.pipelines.exporters.pairs import Pairs
from bitseam.pipelines.exporters.sinks import open_sink


def export(pairs: Pairs, output: Path) -> int:
    """Write one object a line; floats in the fewest digits that give the same float32."""
    with open_sink(output) as file:
        for frame in pairs.frames():
            file.write(frame.write_ndjson().encode())
    return pairs.rows
