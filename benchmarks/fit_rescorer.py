"""Fits the numbers of the re-scorer, `mining/rescorer/fitted.py`, and writes them.

    python benchmarks/fit_rescorer.py --stages DIR [--output FITTED.py]

Needs the shared data (BITSEAM_SHARED, default ../shared). Trains a static encoder without the
sentences of the fit (about 3 minutes on two cores), draws 240 mining tasks (about 3 minutes), fits
the additive models of scores alone and of scores and texts, brings their odds to the scale of
selected pairs, and describes how odds are distributed in the tasks. What stands in the folder
`--stages` already is not trained again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from additive_model import additive, choose_knots, fit_additive
from numpy.typing import NDArray
from rescorer_corpora import held_rows, pools
from rescorer_tasks import Candidates, draw_tasks
from scipy.optimize import minimize
from shared_data import SHARED, require_shared
from training_sources import shared_sources

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.mining.encoders.static import StaticEncoder
from bitseam.mining.encoders.static_model import StaticModel, to_bytes
from bitseam.mining.mixture import fitted_component
from bitseam.mining.rescorer import fitted
from bitseam.mining.rescorer.scores import SCORE_FEATURES, score_features
from bitseam.mining.rescorer.texts import TEXT_FEATURES
from bitseam.mining.retrieval import select_rows
from bitseam.mining.training import TrainingOptions
from bitseam.mining.training.held_aside import without_texts_of
from bitseam.mining.training.static_trainer import StaticTraining

SEED = 0
TASKS = 240
EPOCHS = (8, 3, 1)  # of the encoders, the best first; one training
MOST_SELECTED, MOST_OTHERS = 6000, 1500  # candidates of a task
MODULE = Path(fitted.__file__)
FEWEST = 25  # right or wrong pairs that tell how a component lies
# Tasks are small: of the spread of their shapes a part is chance. But corpora differ more in where
# their wrong pairs lie than these tasks do.
SPREAD = np.array([0.9, 0.6, 0.6, 0.6, 0.6, 0.6])

Floats = NDArray[np.float64]


class Example(NamedTuple):
    """What is learned from a task: some of its candidates, `(r, f)` features and `(r,)` truth."""

    task: Candidates
    rows: NDArray[np.int64]
    features: NDArray[np.float32]
    right: NDArray[np.bool_]


class Fitted(NamedTuple):
    """An additive model."""

    names: tuple[str, ...]
    intercept: float
    knots: list[Floats]
    values: list[Floats]

    def odds(self, features: NDArray[np.float32]) -> Floats:
        """Return the log odds `(r,)`; the features beyond those of the model do not count."""
        return self.intercept + additive(features[:, : len(self.names)], self.knots, self.values)


def encoders(folder: Path) -> list[StaticEncoder]:
    """Return encoders that have not seen the sentences of the fit, the best one first."""
    paths = [folder / f"rescorer-{epoch}.safetensors" for epoch in EPOCHS]
    if not all(path.exists() for path in paths):
        rows = without_texts_of([source.rows for source in shared_sources(SHARED)], held_rows())
        options = TrainingOptions(epochs=max(EPOCHS), column_weights={"lb": 3.0})
        classes = character_classes()
        training = StaticTraining(rows, classes, options)
        while training.epoch < options.epochs:
            training.run_epoch()
            if training.epoch in EPOCHS:
                table = NgramTable(options.ngrams, classes, *quantise(training.table))
                path = folder / f"rescorer-{training.epoch}.safetensors"
                path.write_bytes(to_bytes(StaticModel(table, {})))
    return [StaticEncoder(path) for path in paths]


def example(task: Candidates, rng: np.random.Generator) -> Example:
    """Take what margin or scores would select, and some others; nothing that cannot be judged."""
    scores = score_features(task.pairs)
    by_excess = np.argsort(-scores[:, SCORE_FEATURES.index("excess")], kind="stable")
    chosen = np.zeros(len(scores), bool)
    chosen[select_rows(task.pairs, "max")] = True
    chosen[by_excess[select_rows(task.pairs.take(by_excess), "max")]] = True
    selected, others = (rng.permutation(np.flatnonzero(its)) for its in (chosen, ~chosen))
    rows = np.sort(np.concatenate([selected[:MOST_SELECTED], others[:MOST_OTHERS]]))
    rows = rows[~task.unclear[rows]]
    features = np.concatenate([scores[rows], task.texts[rows]], axis=1)
    return Example(task, rows, features, task.right[rows])


def fit_model(examples: Sequence[Example], names: tuple[str, ...]) -> Fitted:
    """Fit log odds; in each task the right and the others count by the roots of their numbers."""
    features = np.concatenate([its.features[:, : len(names)] for its in examples])
    right = np.concatenate([its.right for its in examples])
    counts = [(its.right.sum(), (~its.right).sum()) for its in examples]
    weights = np.concatenate(
        [
            np.where(its.right, a**-0.5, b**-0.5)
            for its, (a, b) in zip(examples, counts, strict=True)
        ]
    )
    # What such weights leave of the share of right ones in the task, which odds must not learn.
    offsets = np.repeat([np.log(a / b) / 2 for a, b in counts], [a + b for a, b in counts])
    knots = [choose_knots(column, weights) for column in features.T]
    intercept, values = fit_additive(features, right, weights, offsets, knots)
    return on_selected(Fitted(names, intercept, knots, values), examples)


def selected_odds(model: Fitted, its: Example) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the log odds and the truth of the pairs that the model selects, `(p,)` each."""
    odds = model.odds(its.features)
    order = np.argsort(-odds, kind="stable")
    chosen = order[select_rows(its.task.pairs.take(its.rows[order]), "max")]
    return odds[chosen], its.right[chosen]


def on_selected(model: Fitted, examples: Iterable[Example]) -> Fitted:
    """Scale the log odds to those of selected pairs, given each task's share of right ones."""
    found = [
        its for its in (selected_odds(model, one) for one in examples) if 0 < its[1].mean() < 1
    ]
    odds, right = (np.concatenate(its) for its in zip(*found, strict=True))
    known = np.concatenate(
        [np.full(len(its), np.log(its.mean() / (1 - its.mean()))) for _, its in found]
    )
    weights = np.concatenate([np.full(len(its), len(its) ** -0.5) for _, its in found])

    def loss(line: Floats) -> float:
        total = line[0] + line[1] * odds + known
        return float(np.average(np.logaddexp(0, np.where(right, -total, total)), weights=weights))

    start, slope = minimize(loss, [0.0, 1.0], method="Nelder-Mead").x
    values = [slope * its for its in model.values]
    return model._replace(intercept=start + slope * model.intercept, values=values)


def components(models: Sequence[Fitted], examples: Sequence[Example]) -> tuple[Floats, Floats]:
    """Return mean and spread of the shapes of the wrong and the right pairs' log odds, `(6,)`."""
    shapes = []
    for model in models:
        for odds, right in (selected_odds(model, its) for its in examples):
            if min(right.sum(), (~right).sum()) >= FEWEST:
                sides = odds[~right], odds[right]
                shapes.append(np.concatenate([fitted_component(side) for side in sides]))
    return np.median(shapes, axis=0), SPREAD * np.std(shapes, axis=0)


def written(models: dict[str, Fitted], shapes: tuple[Floats, Floats]) -> str:
    """Return the module that holds the numbers; `ruff format` breaks its lines."""
    head = MODULE.read_text("utf-8").split("COMPONENTS = ")[0]
    mean, spread = (_numbers(its, ".3f") for its in shapes)
    parts = [f"COMPONENTS = Shapes({mean}, {spread})"]
    for name, model in models.items():
        rows = zip(model.names, model.knots, model.values, strict=True)
        shown = (f'"{n}": ({_numbers(k, ".4g")}, {_numbers(v, ".3f")}),' for n, k, v in rows)
        parts.append(f"{name} = Model({model.intercept:.3f}, {{{''.join(shown)}}})")
    return head + "\n\n".join(parts) + "\n"


def _numbers(values: Iterable[float], digits: str) -> str:
    return str(tuple(float(format(value, digits)) for value in values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stages", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=MODULE)
    arguments = parser.parse_args()
    require_shared()
    arguments.stages.mkdir(parents=True, exist_ok=True)
    tasks = draw_tasks(pools(), encoders(arguments.stages), TASKS, SEED)
    rng = np.random.default_rng(SEED)
    examples = [its for its in (example(task, rng) for task in tasks) if 0 < its.right.mean() < 1]
    models = {
        "SCORES_ALONE": fit_model(examples, SCORE_FEATURES),
        "SCORES_AND_TEXTS": fit_model(examples, SCORE_FEATURES + TEXT_FEATURES),
    }
    shapes = components(list(models.values()), examples)
    arguments.output.write_text(written(models, shapes), encoding="utf-8")
    print(f"{len(examples)} tasks; format {arguments.output} with ruff")


if __name__ == "__main__":
    main()
