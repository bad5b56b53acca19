"""Beam's runners: which one runs a stage, which are refused and why, how failures surface."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

from bitseam.pipelines.work import Work
from bitseam.schemas.errors import BitseamError, UserError

if TYPE_CHECKING:
    import apache_beam as beam

_REFUSED = {
    "multi_threading": "it lost elements without an error when tried: use multi_processing",
    "DaskRunner": "it loses branches and writes empty files: use FnApiRunner, Flink or Dataflow",
}


def check_beam_args(beam_args: Sequence[str]) -> None:
    """Refuse the runners that were seen to lose data, and values that Beam cannot parse.

    :raises UserError: names the argument and what is expected.
    """
    for argument in beam_args:
        for name, why in _REFUSED.items():
            if name in argument:
                raise UserError(f"{argument} is refused: {why}")
    if beam_args:
        _parse(beam_args)


def _parse(beam_args: Sequence[str]) -> None:
    from apache_beam.options.pipeline_options import PipelineOptions

    try:
        with redirect_stderr(io.StringIO()) as told:
            PipelineOptions(list(beam_args)).get_all_options()
    except SystemExit as error:  # argparse's way
        raise UserError(f"Beam: {told.getvalue().strip().splitlines()[-1]}") from error


def pipeline_options(workers: int, beam_args: Sequence[str]) -> list[str]:
    """Return Beam's arguments for a stage; what the user gave after `--` comes last and wins.

    `FnApiRunner` is named: `DirectRunner` first tries to download another engine, then changes
    silently. One worker runs in this process; several are processes of their own.
    """
    named = any(arg == "--runner" or arg.startswith("--runner=") for arg in beam_args)
    ours = [] if named else ["--runner=FnApiRunner"]
    if workers > 1 and not named:
        ours += ["--direct_running_mode=multi_processing", f"--direct_num_workers={workers}"]
    return [*ours, *beam_args]


def run_pipeline(
    build: Callable[[beam.Pipeline], object], work: Work, workers: int, beam_args: Sequence[str]
) -> None:
    """Build a pipeline and run it to its end.

    :raises BitseamError: the pipeline failed; the message is the task's own where it left one.
    """
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    if workers > 1:
        _share_cores(workers)
    options = PipelineOptions(pipeline_options(workers, beam_args))
    try:
        pipeline = beam.Pipeline(options=options)
        build(pipeline)
        state = pipeline.run().wait_until_finish()
    except Exception as error:
        raise failure(work, error) from error
    if state not in (None, "DONE"):
        raise failure(work, RuntimeError(f"the runner ended in state {state}"))


def failure(work: Work, error: Exception) -> BitseamError:
    """Turn what a runner raised into one line: a task's own message, else Beam's last line."""
    left = work.take_error()
    if left is not None:
        kind = UserError if left["exit_code"] == UserError.exit_code else BitseamError
        return kind(left["message"])
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return BitseamError(f"Beam: {lines[-1] if lines else type(error).__name__}")


def _share_cores(workers: int) -> None:
    """Worker processes inherit these; else the libraries in each would take every core."""
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, threads)
