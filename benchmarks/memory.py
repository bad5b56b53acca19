"""Peak memory and disk of `mine` and the time of its search, beside what `--dry-run` predicted.

    python benchmarks/memory.py --sentences 1000000 --dimensions 32

Mines made-up lines (benchmarks/corpus.py), `--sentences` a side; `--dimensions` cuts the bundled
encoder's vectors, so that a large run takes less time. Peak memory is the largest process'.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import click
from corpus import write_lines

from bitseam.mining.encoders.static import BUNDLED_MODEL
from bitseam.mining.encoders.static_model import read_static_model, to_bytes

_UNITS = {"bytes": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "s": 1, "min": 60, "h": 3600}


def predicted(text: str, what: str) -> float:
    """Return a figure of the plan in bytes or seconds."""
    found = re.search(rf"expected {what}: ([\d.,]+) (\w+)", text)
    if found is None:
        raise SystemExit(f"the plan names no {what}:\n{text}")
    return float(found[1].replace(",", "")) * _UNITS[found[2]]


def folder_size(folder: Path) -> int:
    """Return the bytes of all files that are there at this moment."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def measured(command: list[str], output: Path) -> tuple[float, float]:
    """Run `mine`; return the peaks of its largest process and of its output folder, in bytes."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(1):
            peak[0] = max(peak[0], folder_size(output))

    watcher = threading.Thread(target=watch)
    watcher.start()
    subprocess.run(command, check=True, stdout=sys.stderr)
    done.set()
    watcher.join()
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, peak[0]


@click.command()
@click.option("--sentences", default=1_000_000, help="Lines a side.")
@click.option("--dimensions", default=256)
def main(sentences: int, dimensions: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = read_static_model(BUNDLED_MODEL)
        narrow = replace(model.table, rows=model.table.rows[:, :dimensions])
        encoder = folder / "static.safetensors"
        encoder.write_bytes(to_bytes(model._replace(table=narrow)))
        command = [str(Path(sys.executable).with_name("mine")), "--src", "lb", "--tgt", "de"]
        for side, lang in (("src", "lb"), ("tgt", "de")):
            path = write_lines(folder / f"{lang}.txt", lang, sentences)
            command += [f"--{side}-input", str(path)]
        output = folder / "out"
        command += ["--text-unit", "line", "--encoder", str(encoder), "--output", str(output)]
        command += ["--engine", "exact"]
        plan = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=True)
        click.echo(plan.stdout, err=True)
        memory, disk = measured(command, output)
        click.echo("| sentences a side | dimensions | what | predicted | measured | ratio |")
        click.echo("|---|---|---|---|---|---|")
        stages = json.loads((output / "manifest.json").read_text("utf-8"))["stages"]
        seconds = stages["neighbours"]["search_seconds"]
        for what, found, unit, size in (
            ("memory", memory, "MB", 1e6),
            ("disk", disk, "MB", 1e6),
            ("search time", seconds, "s", 1),
        ):
            told = predicted(plan.stdout, what)
            click.echo(
                f"| {sentences:,} | {dimensions} | {what} | {told / size:,.0f} {unit} "
                f"| {found / size:,.0f} {unit} | {found / told:.2f} |"
            )


if __name__ == "__main__":
    main()
