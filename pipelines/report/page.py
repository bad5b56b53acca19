"""The page: what was read off a run, in a template that escapes whatever it is given."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.report import shown
from bitseam.pipelines.report.alignments import KINDS, beads_by_type, pairs_by_kind
from bitseam.pipelines.report.confusion import By, Confusion, confusion
from bitseam.pipelines.report.coverage import LEAST_SENTENCES, Coverage, read_coverage
from bitseam.pipelines.report.flow import flow, stage_rows
from bitseam.pipelines.report.flow_picture import flow_picture
from bitseam.pipelines.report.origins import read_origins, titles_of
from bitseam.pipelines.report.pictures import coverage_picture, margins_picture, precision_picture
from bitseam.pipelines.report.rejects import Rejects, read_rejects
from bitseam.pipelines.report.run import Run, open_run
from bitseam.pipelines.report.samples import read_samples
from bitseam.pipelines.report.scores import LEFT_OUT, histogram, read_scores
from bitseam.pipelines.units import readable_size
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import bcp47_codes

MOST_INPUTS = 20  # that are named

_TEMPLATES = Path(__file__).with_name("templates")


def write_report(directory: Path, output: Path) -> Run:
    """Write the report about the run in `directory`, and return the run.

    :raises UserError: there is no run, or `output` is a folder.
    :raises BitseamError: a table cannot be read.
    """
    if output.is_dir():
        raise UserError(f"--output {output} is a folder: expected the name of an HTML file")
    run = open_run(directory)
    page = render(run)
    with replacing(output) as temporary:
        temporary.write_text(page, "utf-8")
    return run


def render(run: Run) -> str:
    """Return the page about a run: the same bytes for the same tables and manifests."""
    style = (_TEMPLATES / "style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template("page.html.jinja")
    return template.render(style=Markup(style), style_hash=digest, **_contents(run))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown.shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=shown.number, share=shown.share, seconds=shown.seconds, size=readable_size
    )
    return environment


def _contents(run: Run) -> dict[str, Any]:
    """Return everything the template shows."""
    scores = read_scores(run)
    bars = histogram(scores)
    origins = read_origins(run)
    rejects = read_rejects(run, origins)
    coverage = read_coverage(run, origins)
    pairs = run.stages.get("pairs", {})
    return {
        "run": run,
        "codes": bcp47_codes(*run.languages),
        "pairs": pairs,
        "stages": stage_rows(run, rejects),
        "flow": Markup(flow_picture(flow(run, rejects, coverage))),
        "rejects": rejects,
        "left_out": LEFT_OUT,
        "confusions": _confusions(run, coverage, rejects),
        "scores": scores,
        "histogram": bars,
        "margins_picture": Markup(margins_picture(bars, pairs.get("threshold"))) if bars else "",
        "precision_picture": Markup(precision_picture(bars)) if scores.has_precision else "",
        "levels": read_samples(run, scores),
        "coverage": coverage,
        "titles": titles_of(run, {*coverage.best["doc_id"], *coverage.worst["doc_id"]}),
        "coverage_picture": Markup(coverage_picture(coverage.steps.tolist())),
        "least_sentences": LEAST_SENTENCES,
        "most_inputs": MOST_INPUTS,
        "kinds": KINDS,
        "pairs_by_kind": pairs_by_kind(run),
        "beads_by_type": beads_by_type(run),
    }


def _confusions(run: Run, coverage: Coverage, rejects: Rejects) -> list[Confusion]:
    """Return a table by hint, where there were hints, and one by input."""
    kinds: list[By] = ["hint", "input"] if coverage.found["hint"].count() else ["input"]
    return [confusion(kind, run.languages, coverage.found, rejects.found) for kind in kinds]
