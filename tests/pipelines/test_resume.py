"""A run that is killed at any point and started again gives the bytes of a run that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 6
SEED = 20


def pairs_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "pairs").glob("*.parquet"))}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_runs_continue_to_the_same_bytes(mine, example_arguments, tmp_path, workers) -> None:
    # Not timed: what numba compiles in the first run of all would make every kill come too late.
    mine(*example_arguments, "--output", tmp_path / "warm", "--workers", workers)
    began = time.monotonic()
    reference = mine(*example_arguments, "--output", tmp_path / "whole", "--workers", workers)
    seconds = time.monotonic() - began
    assert reference.returncode == 0, reference.stderr
    expected = pairs_of(tmp_path / "whole")

    chance = random.Random(SEED + workers)
    command = [str(Path(sys.executable).with_name("mine")), *example_arguments]
    killed = 0
    for number in range(KILLS):
        folder = tmp_path / f"killed-{number}"
        # Two kills into the same folder: the second one meets work in progress.
        for _ in range(2):
            process = subprocess.Popen(
                [*command, "--output", folder, "--workers", str(workers)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(chance.uniform(0.2, 0.95) * seconds)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
            process.wait()
        done = mine(*example_arguments, "--output", folder, "--workers", workers)
        assert done.returncode == 0, done.stderr
        assert pairs_of(folder) == expected
    assert killed >= KILLS // 2
