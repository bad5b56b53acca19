"""Trains the bundled static encoder in three stages and writes its model card.

    python benchmarks/train_static.py --packages DIR --stages DIR [--output MODEL.safetensors]

The first stage sees the shared data, the second goes on from its table with the packages as well
that `encoder_packages.py` names, the third from there with sentences made word for word
(`word_for_word.py`), and is the model. A stage that is in the folder `--stages` already is not
trained again. The same data, options and machine give the same bytes. About 6, 5 and 3 minutes on
two free cores, and 3 GB.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from encoder_accuracy import accuracy_table
from shared_data import SHARED, require_shared
from short_sentences import without_development_texts
from static_card import model_card
from training_sources import Source, package_sources, shared_sources, synthetic_sources

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.mining.encoders.static import StaticEncoder
from bitseam.mining.encoders.static_model import StaticModel, read_static_model, to_bytes
from bitseam.mining.training import ParallelRows, TrainingOptions
from bitseam.mining.training.static_trainer import StaticTraining

# Luxembourgish is in few rows: draw it in most of them. French with it is the hardest pair.
FIRST = TrainingOptions(epochs=12, column_weights={"lb": 3.0})
WEIGHTS = {"lb": 6.0, "fr": 3.0, "de": 2.0, "en": 2.0}
SECOND = TrainingOptions(epochs=6, learning_rate=0.03, column_weights=WEIGHTS)
THIRD = TrainingOptions(epochs=3, learning_rate=0.03, column_weights=WEIGHTS)


def card_of(sources: list[Source]) -> dict[str, object]:
    """What the model file says of itself."""
    return {
        "languages": sorted({code for source in sources for code in source.languages.split()}),
        "sources": {source.rows.name: source.licence for source in sources},
        "licence": "Apache-2.0, as bitseam; see static.md for the licences of the sources",
    }


def trained(
    path: Path, sources: list[Source], options: TrainingOptions, start: NgramTable | None
) -> NgramTable:
    """Return the table of a stage: from `path`, or trained from `start` and saved there."""
    if not path.exists():
        table = train([source.rows for source in sources], options, start)
        path.write_bytes(to_bytes(StaticModel(table, card_of(sources))))
    return read_static_model(path).table


def train(
    sources: list[ParallelRows], options: TrainingOptions, start: NgramTable | None
) -> NgramTable:
    """Train from random rows, or go on from those of `start`."""
    classes = character_classes()
    training = StaticTraining(sources, classes, options, None if start is None else floats(start))
    began = time.monotonic()
    while training.epoch < options.epochs:
        loss = training.run_epoch()
        minutes = (time.monotonic() - began) / 60
        print(
            f"epoch {training.epoch}/{options.epochs}: loss {loss:.3f}, {minutes:.1f} min",
            flush=True,
        )
    return NgramTable(options.ngrams, classes, *quantise(training.table))


def half_without(lang: str, sources: list[Source]) -> list[Source]:
    """Show half as often the sources that have nothing in `lang`."""
    return [
        source
        if lang in source.languages.split()
        else replace(source, rows=replace(source.rows, repeat=source.rows.repeat / 2))
        for source in sources
    ]


def floats(table: NgramTable) -> npt.NDArray[np.float32]:
    """Return the rows as they were before they were quantised, but for rounding."""
    return table.rows * table.scales[:, None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--stages", type=Path, required=True)
    parser.add_argument("--output", type=Path, default="mining/encoders/static.safetensors")
    arguments = parser.parse_args()
    require_shared()
    arguments.stages.mkdir(parents=True, exist_ok=True)
    shared = shared_sources(SHARED)
    sources = shared + without_development_texts(package_sources(arguments.packages))
    first = trained(arguments.stages / "first.safetensors", shared, FIRST, None)
    second_stage = arguments.stages / "second.safetensors"
    second = trained(second_stage, sources, SECOND, first)
    made = synthetic_sources(SHARED, sources, StaticEncoder(second_stage))
    sources = half_without("lb", sources + without_development_texts(made))
    third = trained(arguments.stages / "third.safetensors", sources, THIRD, second)
    arguments.output.write_bytes(to_bytes(StaticModel(third, card_of(sources))))
    encoder = StaticEncoder(arguments.output)
    stages = (FIRST, SECOND, THIRD)
    card = model_card(sources, stages, encoder.revision, accuracy_table(encoder))
    arguments.output.with_suffix(".md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
