"""The main job: find the inputs, run the stages in order, report."""

from __future__ import annotations

import logging
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import InputFile, distinct_sources, find_inputs
from bitseam.pipelines.report import Report
from bitseam.pipelines.runner import check_beam_args
from bitseam.pipelines.store import open_store
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")


def gather_inputs(options: MineOptions) -> tuple[InputFile, ...]:
    """Expand the three lists of inputs; those of one side carry its language as a hint.

    :raises UserError: a pattern matches nothing, or a file is given for both sides.
    """
    groups = distinct_sources(
        find_inputs(options.inputs),
        find_inputs(options.src_inputs, lang_hint=options.src),
        find_inputs(options.tgt_inputs, lang_hint=options.tgt),
    )
    found = [file for group in groups for file in group]
    paths = [file.path for file in found]
    for path in paths:
        if paths.count(path) > 1:
            raise UserError(
                f"{path} is given more than once: name each input under one of --input, "
                "--src-input and --tgt-input"
            )
    return tuple(found)


def mine(options: MineOptions) -> Report:
    """Run the main job, continuing what an earlier run left unless told not to.

    :raises UserError: bad inputs or output folder. :raises BitseamError: a stage failed.
    """
    # The stages import Beam, polars and the models: not before the options are known to be good.
    check_beam_args(options.beam_args)
    inputs = gather_inputs(options)
    from bitseam.pipelines.stages.embeddings import Embeddings
    from bitseam.pipelines.stages.neighbours import NeighbourSearch
    from bitseam.pipelines.stages.pairs import PairSelection
    from bitseam.pipelines.stages.sentences import Sentences
    from bitseam.pipelines.stages.stage import Job

    with open_store(options.output, options.src, options.tgt) as store:
        if not options.resume:
            store.clear()
        job = Job(options, inputs, store)
        record = run_record(options, inputs)
        store.write_manifest(record)
        manifests: dict[str, dict[str, Any]] = {}
        for stage in (Sentences(job), Embeddings(job), NeighbourSearch(job), PairSelection(job)):
            manifests[stage.name] = stage.run()
            store.write_manifest(record)
        return Report(store.root, manifests)


def run_record(options: MineOptions, inputs: tuple[InputFile, ...]) -> dict[str, Any]:
    """Return what the run's manifest says beside the stages: no paths of this machine, no times."""
    told = asdict(options)
    for name in ("output", "inputs", "src_inputs", "tgt_inputs", "workers", "resume", "beam_args"):
        del told[name]
    return {
        "bitseam": version("bitseam"),
        "src": options.src,
        "tgt": options.tgt,
        "options": told,
        "inputs": [{"source": file.source, "bytes": file.size} for file in inputs],
    }
