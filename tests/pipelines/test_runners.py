"""Which Beam runners run a stage, and that other engines give the same bytes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bitseam.pipelines.runner import check_beam_args, pipeline_options
from bitseam.schemas.errors import UserError


@pytest.mark.parametrize(
    "argument", ["--direct_running_mode=multi_threading", "--runner=DaskRunner"]
)
def test_runners_that_lose_data_are_refused(argument) -> None:
    with pytest.raises(UserError, match="refused"):
        check_beam_args([argument])


def test_the_default_runner_is_named() -> None:
    assert pipeline_options(1, ()) == ["--runner=FnApiRunner"]
    assert "--direct_running_mode=multi_processing" in pipeline_options(3, ())


def test_what_the_user_gives_beam_goes_through_unchanged() -> None:
    given = ("--runner=FlinkRunner", "--flink_master=localhost:8081")
    assert pipeline_options(4, given) == list(given)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(port: int, *command: str) -> Iterator[None]:
    """Run a server of Beam's until the block ends; wait until its port answers."""
    # A worker pool starts bare `python`: this environment's must come first.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            pytest.fail(f"{command[0]} does not answer on port {port}")
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["LOOPBACK", "EXTERNAL"])
def test_the_portable_runner_gives_the_same_bytes(
    environment, mine, example_arguments, tmp_path
) -> None:
    jobs, pool = free_port(), free_port()
    job_service = "apache_beam.runners.portability.local_job_service_main"
    worker_pool = "apache_beam.runners.worker.worker_pool_main"
    beam_args = [
        "--runner=PortableRunner",
        f"--job_endpoint=localhost:{jobs}",
        f"--environment_type={environment}",
        *([f"--environment_config=localhost:{pool}"] if environment == "EXTERNAL" else []),
    ]
    with (
        serving(jobs, job_service, "--port", str(jobs)),
        serving(pool, worker_pool, f"--service_port={pool}"),
    ):
        done = mine(*example_arguments, "--output", tmp_path / "portable", "--", *beam_args)
    assert done.returncode == 0, done.stderr
    assert mine(*example_arguments, "--output", tmp_path / "default").returncode == 0
    portable, default = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "pairs").glob("*.parquet")}
        for name in ("portable", "default")
    )
    assert portable == default
    assert default
