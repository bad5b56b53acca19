"""Compares figures of `bitseam.mining.evaluate` with public implementations on the same vectors.

    LASER=... MEXA=... MTEB_PYTHON=... python benchmarks/evaluate_parity.py [--encoder static]

LASER and MEXA are checkouts of facebookresearch/LASER (source/xsim.py, tasks/bucc/bucc.py) and
cisnlp/MEXA; MTEB_PYTHON is a Python that has the package mteb 2 (default: this one). What is absent
is passed over with a line. Prints a Markdown table, and exits with 1 where a figure differs by more
than 1e-6 and than ties explain: of two sentences with one vector the peers find the one that stands
first, where ours counts what is expected of chance. Made-up vectors always; those of an encoder
where the shared data is there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import click
import numpy as np
import numpy.typing as npt
from shared_data import SHARED, development_sets, read_tsv

from bitseam.mining.encoders import load_encoder
from bitseam.mining.evaluate.hard_negatives import hard_negatives
from bitseam.mining.evaluate.judged import best_threshold, f1, judge_pairs, precision, recall
from bitseam.mining.evaluate.ranks import gold_ranks
from bitseam.mining.evaluate.retrieval import mexa, nearest_f1, precision_at
from bitseam.mining.evaluate.statistics import score
from bitseam.mining.evaluate.xsim import Xsim, errors_by_kind, xsim
from bitseam.mining.knn import nearest_neighbours
from bitseam.mining.retrieval import candidate_pairs, select_pairs
from bitseam.pipelines.evaluate.mining_sets import MiningSet, read_mining_sets
from bitseam.schemas.choices import MARGINS

Vectors = npt.NDArray[np.float32]

TOLERANCE = 1e-6
MTEB_CHILD = Path(__file__).with_name("evaluate_parity_mteb.py")


class Pair(NamedTuple):
    """Row-aligned unit vectors of texts and their translations."""

    name: str
    source: Vectors
    target: Vectors
    texts: list[str]  # of the target


class Row(NamedTuple):
    """A figure of both, and the share of sentences whose best candidates are tied."""

    data: str
    figure: str
    theirs: float
    ours: float
    ties: float = 0.0


def made_up(rows: int = 1000, dimension: int = 64) -> Pair:
    """Vectors near their translations', with a mean of their own that makes hubs."""
    chance = np.random.default_rng(0)
    source = chance.normal(size=(rows, dimension)) + 0.5
    target = source + 1.4 * chance.normal(size=source.shape)
    unit = [(its / np.linalg.norm(its, axis=1, keepdims=True)) for its in (source, target)]
    texts = [str(i) for i in range(rows)]
    return Pair("made up", *(its.astype(np.float32) for its in unit), texts)


def shared_pairs(encoder: str) -> Iterator[Pair]:
    """Development sets without repeated texts, and Tatoeba, which has them."""
    model = load_encoder(encoder)
    sets = development_sets()
    tatoeba = read_tsv(SHARED / "tatoeba_laser" / "tatoeba_laser.tsv.gz").to_pylist()
    for lang in ("deu", "fra", "swe"):
        rows = [row for row in tatoeba if row["lang"] == lang]
        sets[f"tatoeba {lang}-eng"] = [r["sentence"] for r in rows], [r["eng"] for r in rows]
    for name in ("ntrex lb-de", "ntrex lb-en", "flores200 lb-de", *list(sets)[-3:]):
        source, target = sets[name]
        yield Pair(name, model.encode(source), model.encode(target), list(target))


# ------------------------------------------------------------------------------------ the peers


def laser_xsim(laser: Path, pair: Pair) -> Iterator[Row]:
    module = load_module(laser / "source" / "xsim.py")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "texts")
        file.write_text("".join(f"{text}\n" for text in pair.texts), "utf-8")
        for margin in MARGINS:
            for name, texts in (("texts", pair.texts), ("rows", None)):
                error, of, _ = module.xSIM(
                    pair.source.copy(),
                    pair.target.copy(),
                    margin=margin,
                    eval_text=str(file) if texts else None,
                )
                ours = xsim(pair.source, pair.target, margin=margin, texts=texts)
                figure = f"xSIM {margin}, by {name}"
                yield Row(pair.name, figure, error / of, score(ours.error), ties_of(ours))


def laser_xsim_plus(laser: Path, encoder: str) -> Iterator[Row]:
    """xSIM++ over this project's hard negatives, its errors by kind."""
    module, model = load_module(laser / "source" / "xsim.py"), load_encoder(encoder)
    for data in ("ntrex lb-en", "flores200 lb-en"):
        source, target = development_sets()[data]
        made = hard_negatives(target, "eng_Latn")
        texts = [*target, *made.texts]
        x, y = model.encode(source), model.encode(texts)
        ours = xsim(x, y, texts=texts)
        with tempfile.TemporaryDirectory() as name:
            file, kinds = Path(name, "texts"), Path(name, "kinds.json")
            file.write_text("".join(f"{text}\n" for text in texts), "utf-8")
            known = zip(made.texts, made.kinds, made.origin.tolist(), strict=True)
            described = {text: {"src": target[i], "errtype": kind} for text, kind, i in known}
            kinds.write_text(json.dumps(described), "utf-8")
            error, of, by_kind = module.xSIM(x, y, eval_text=str(file), augmented_json=str(kinds))
        yield Row(data, "xSIM++", error / of, score(ours.error), ties_of(ours))
        for kind, share in errors_by_kind(ours, made).items():
            theirs = by_kind.get("Misaligned" if kind == "other" else kind, 0) / of
            yield Row(data, f"xSIM++ {kind}", theirs, score(share), ties_of(ours))


def ties_of(found: Xsim) -> float:
    return float(np.mean((found.right > 0) & (found.right < 1)))


def mexa_score(checkout: Path, pair: Pair) -> Iterator[Row]:
    module = load_module(checkout / "compute_mexa.py")
    cosines = pair.source.astype(np.float64) @ pair.target.astype(np.float64).T
    forward, backward = gold_ranks(pair.source, pair.target), gold_ranks(pair.target, pair.source)
    yield Row(pair.name, "MEXA", module.mexa(cosines), score(mexa(forward, backward)))


def mteb_scores(python: str, pairs: list[Pair]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for i, pair in enumerate(pairs):
            np.savez(Path(folder, f"{i}.npz"), source=pair.source, target=pair.target)
            command = [python, str(MTEB_CHILD), str(Path(folder, f"{i}.npz"))]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            theirs = json.loads(done.stdout.splitlines()[-1])
            ranks = gold_ranks(pair.source, pair.target)
            yield Row(pair.name, "accuracy", theirs["accuracy"], score(precision_at(ranks, 1)))
            yield Row(pair.name, "F1 of MTEB", theirs["f1"], score(nearest_f1(ranks)))


def laser_bucc(laser: Path, its: MiningSet, encoder: str) -> Iterator[Row]:
    """Mine without a threshold, and let both choose and judge; P, R and F1 to all their digits."""
    model = load_encoder(encoder)
    x, y = (model.encode(texts) for texts in its.texts)
    candidates = candidate_pairs(nearest_neighbours(x, y, 4), nearest_neighbours(y, x, 4), "ratio")
    found = select_pairs(candidates, "max")
    judged = judge_pairs(found.src, found.tgt, found.margin, its.gold, len(x))
    threshold = best_threshold(judged)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for lang, texts in zip(("src", "tgt"), its.texts, strict=True):
            (folder / f"texts.{lang}").write_text("\n".join(texts.to_pylist()) + "\n", "utf-8")
            (folder / f"ids.{lang}").write_text("".join(f"{i}\n" for i in range(len(texts))))
        gold = {f"{i}\t{j}" for i, j in zip(*its.gold, strict=True)}
        (folder / "gold").write_text("".join(f"{its}\n" for its in sorted(gold)))
        src, tgt = (t.take(rows) for t, rows in zip(its.texts, (found.src, found.tgt), strict=True))
        mined = zip(found.margin.tolist(), src.to_pylist(), tgt.to_pylist(), strict=True)
        (folder / "mined").write_text("".join(f"{m!r}\t{s}\t{t}\n" for m, s, t in mined), "utf-8")
        command = [sys.executable, str(laser / "tasks" / "bucc" / "bucc.py")]
        command += ["--src-lang", "src", "--trg-lang", "tgt", "--bucc-texts", str(folder / "texts")]
        command += ["--bucc-ids", str(folder / "ids"), "--candidates", str(folder / "mined")]
        command += ["--gold", str(folder / "gold"), "--output", str(folder / "out")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        kept = (folder / "out").read_text().splitlines()
    right = len(gold & set(kept))
    theirs = (right / len(kept), right / len(gold), 2 * right / (len(kept) + len(gold)))
    figures = (("precision", precision), ("recall", recall), ("F1", f1))
    for (name, metric), value in zip(figures, theirs, strict=True):
        yield Row(its.name, f"BUCC {name}", value, score(metric(judged, threshold)))
    said = float(done.stdout.partition("threshold=")[2].partition(":")[0])
    yield Row(its.name, "BUCC threshold", said, round(threshold, 6))


def load_module(path: Path) -> ModuleType:
    """Import a file of a peer's checkout."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path}: no such file; expected a checkout of the peer's repository")
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()):
        spec.loader.exec_module(module)
    return module


def has_mteb(python: str) -> bool:
    if not shutil.which(python):
        return False
    return not subprocess.run([python, "-c", "import mteb"], capture_output=True).returncode


@click.command()
@click.option("--encoder", default="static", show_default=True)
def main(encoder: str) -> None:
    pairs = [made_up(), *(shared_pairs(encoder) if SHARED.is_dir() else ())]
    rows: list[Row] = []
    if "LASER" in os.environ:
        laser = Path(os.environ["LASER"])
        rows += [row for pair in pairs for row in laser_xsim(laser, pair)]
        rows += laser_xsim_plus(laser, encoder) if SHARED.is_dir() else ()
        for its in read_mining_sets([str(SHARED / "mining_dev")]) if SHARED.is_dir() else ():
            rows += laser_bucc(laser, its, encoder)
    if "MEXA" in os.environ:
        rows += [row for pair in pairs for row in mexa_score(Path(os.environ["MEXA"]), pair)]
    python = os.environ.get("MTEB_PYTHON", sys.executable)
    if has_mteb(python):
        rows += mteb_scores(python, pairs)
    for name in ("LASER", "MEXA"):
        if name not in os.environ:
            click.echo(f"passed over: {name} (the variable names no checkout)", err=True)
    if not has_mteb(python):
        click.echo(f"passed over: mteb ({python} does not have it)", err=True)
    click.echo("| data | figure | theirs | ours | ties |\n|---|---|---|---|---|")
    for row in rows:
        click.echo("| {} | {} | {:.6f} | {:.6f} | {:.6f} |".format(*row))
    if any(abs(row.ours - row.theirs) > TOLERANCE + row.ties for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
