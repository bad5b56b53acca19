"""The main job: find the inputs, run the stages in order, report."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitseam.pipelines import bootstrap
from bitseam.pipelines.models import shared_encoder, shared_identifier
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import InputFile, distinct_sources, find_inputs
from bitseam.pipelines.readers.inputs import real_path
from bitseam.pipelines.runner import check_beam_args
from bitseam.pipelines.store import STAGES_OF, check_folder, open_store
from bitseam.pipelines.summary import Summary
from bitseam.pipelines.verdict import check_languages, check_sides, tell_inputs
from bitseam.schemas.errors import UserError

if TYPE_CHECKING:
    from bitseam.pipelines.stages.stage import Job, Stage

log = logging.getLogger("bitseam")


# Of a language that the encoder does not know: of sentences alone, and of documents, too.
_FIRST_PASS = (
    "expect it to find names, numbers and cognates at best",
    "lengths, and words found to translate each other, align the documents",
)


def gather_inputs(options: MineOptions) -> tuple[InputFile, ...]:
    """Expand the three lists of inputs; those of one side carry its language as a hint.

    :raises UserError: a pattern matches nothing, or a file is given for both sides.
    """
    scratch = options.output.parent  # workers of another machine may share it with the output
    groups = distinct_sources(
        find_inputs(options.inputs, scratch=scratch),
        find_inputs(options.src_inputs, lang_hint=options.src, scratch=scratch),
        find_inputs(options.tgt_inputs, lang_hint=options.tgt, scratch=scratch),
    )
    found = [file for group in groups for file in group]
    for path, times in Counter(real_path(file.path) for file in found).items():
        if times > 1:
            raise UserError(
                f"{path} is given more than once: name each input under one of --input, "
                "--src-input and --tgt-input"
            )
    # A run whose output lies in a folder of inputs must not read what an earlier one wrote there.
    kept = tuple(file for file in found if not _is_below(file.path, options.output))
    if not kept:
        raise UserError(f"all inputs lie in the output folder {options.output}: choose another one")
    return kept


def _is_below(path: str, folder: Path) -> bool:
    return Path(path).resolve().is_relative_to(folder)


def mine(options: MineOptions) -> Summary:
    """Run the main job, continuing what an earlier run left unless told not to.

    :raises UserError: bad inputs or output folder. :raises BitseamError: a stage failed.
    """
    inputs = prepare(options)
    # The stages import Beam and polars: not before the options are known to be good.
    from bitseam.pipelines.stages.alignments import Alignments
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
        manifests: dict[str, dict[str, Any]] = {}
        store.write_manifest(record, manifests)
        manifests[Sentences.name] = Sentences(job).run()
        store.write_manifest(record, manifests)
        tell_inputs(manifests[Sentences.name])
        check_sides(manifests[Sentences.name], (options.src, options.tgt))
        check_languages(manifests[Sentences.name], inputs, (options.src, options.tgt))
        kinds = (Embeddings, NeighbourSearch, Alignments, PairSelection)
        stages = [kind for kind in kinds if kind.name in STAGES_OF[options.scope]]
        if bootstrap.is_wanted(
            options.bootstrap, shared_encoder(options.encoder), (options.src, options.tgt)
        ):
            job = _bootstrapped(job, stages, manifests)
        for kind in stages:
            manifests[kind.name] = kind(job).run()
            store.write_manifest(record, manifests)
        return Summary(store, manifests)


def _bootstrapped(
    job: Job, stages: Sequence[type[Stage]], manifests: dict[str, dict[str, Any]]
) -> Job:
    """Return the job with an encoder adapted to a first pass of itself, if that helps."""
    from bitseam.pipelines.stages.encoder import EncoderAdaptation

    adaptation = EncoderAdaptation(job)
    if not adaptation.is_done():
        log.info("bootstrap: a first pass")
        for kind in stages:
            kind(job).run()
    manifests[adaptation.name] = adaptation.run()
    model = adaptation.model()
    if model is None:
        return job
    return replace(job, options=replace(job.options, encoder=str(model)))


def prepare(options: MineOptions) -> tuple[InputFile, ...]:
    """Check all that would stop a run later, so that it stops before it starts; return the inputs.

    :raises UserError: of Beam's arguments, the output folder, the inputs or the models.
    """
    check_beam_args(options.beam_args)
    check_folder(options.output, options.src, options.tgt)
    inputs = gather_inputs(options)
    _check_models(options)
    return inputs


def _check_models(options: MineOptions) -> None:
    """Load the models: a wrong name must not show after hours of reading."""
    from bitseam.lid.extract import find_sides
    from bitseam.mining.faiss_module import load_faiss

    find_sides(shared_identifier(options.lid_model), options.src, options.tgt)
    encoder = shared_encoder(options.encoder)
    first = _FIRST_PASS[options.scope != "sentences"]
    bootstrap.warn_of_coverage(options.bootstrap, encoder, (options.src, options.tgt), first)
    load_faiss()


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
