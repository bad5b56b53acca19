"""Trains the bundled static encoder and writes its model card.

    python benchmarks/train_static.py --output mining/encoders/static.safetensors

The same data, options and machine give the same bytes. About 6 minutes on two free cores, and 2 GB.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from encoder_accuracy import accuracy_table
from shared_data import SHARED, require_shared
from static_card import model_card
from training_sources import Source, training_sources

from bitseam.lid.character_classes import character_classes
from bitseam.lid.ngram_table import NgramTable, quantise
from bitseam.mining.encoders.static import StaticEncoder
from bitseam.mining.encoders.static_model import StaticModel, to_bytes
from bitseam.mining.training import TrainingOptions, train_static_table


def card_of(sources: list[Source]) -> dict[str, object]:
    """What the model file says of itself."""
    return {
        "languages": sorted({code for source in sources for code in source.languages.split()}),
        "sources": {source.rows.name: source.licence for source in sources},
        "licence": "Apache-2.0, as bitseam; see static.md for the licences of the sources",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default="mining/encoders/static.safetensors")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    require_shared()
    sources = training_sources(SHARED)
    # Luxembourgish is in few rows: draw it in most of them.
    options = TrainingOptions(
        epochs=arguments.epochs, seed=arguments.seed, column_weights={"lb": 3.0}
    )
    classes = character_classes()
    began = time.monotonic()

    def report(epoch: int, loss: float, _table: npt.NDArray[np.float32]) -> None:
        minutes = (time.monotonic() - began) / 60
        print(f"epoch {epoch + 1}/{options.epochs}: loss {loss:.3f}, {minutes:.1f} min", flush=True)

    table = train_static_table([source.rows for source in sources], classes, options, report)
    rows, scales = quantise(table)
    model = StaticModel(NgramTable(options.ngrams, classes, rows, scales), card_of(sources))
    arguments.output.write_bytes(to_bytes(model))
    encoder = StaticEncoder(arguments.output)
    card = model_card(sources, options, encoder.revision, accuracy_table(encoder))
    arguments.output.with_suffix(".md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
