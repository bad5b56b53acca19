"""Trains the bundled language identifier and writes its model card.

    PYTHONHASHSEED=0 python benchmarks/train_lid.py --packages DIR [--output MODEL.safetensors]

Reads the shared data and the packages that `lid_sources.py` names. The same data, options,
machine and hash seed (Faker's names hang on it) give the same bytes. Some ten minutes and 3 GB.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pyarrow as pa
from lid_card import model_card
from lid_sources import labelled_texts, lid_sources
from shared_data import require_shared

from bitseam.lid.identifiers.linear import BUNDLED_MODEL, LinearIdentifier
from bitseam.lid.identifiers.linear_model import write_model
from bitseam.lid.training import TrainConfig, train_identifier

# Languages that are written far more than their share of messages and dictionaries says.
_WIDELY_WRITTEN = (
    *("arb_Arab", "ben_Beng", "bul_Cyrl", "cat_Latn", "ces_Latn", "cmn_Hans", "cmn_Hant"),
    *("dan_Latn", "deu_Latn", "ell_Grek", "eng_Latn", "fin_Latn", "fra_Latn", "heb_Hebr"),
    *("hin_Deva", "hrv_Latn", "hun_Latn", "ind_Latn", "ita_Latn", "jpn_Jpan", "kor_Kore"),
    *("nob_Latn", "pes_Arab", "pol_Latn", "por_Latn", "ron_Latn", "rus_Cyrl", "spa_Latn"),
    *("srp_Cyrl", "swe_Latn", "swh_Latn", "tam_Taml", "tha_Thai", "tur_Latn", "ukr_Cyrl"),
    *("urd_Arab", "vie_Latn"),
)
EMPHASIS = dict.fromkeys(_WIDELY_WRITTEN, 2.0) | {
    "ltz_Latn": 3.0,
    "deu_Latn": 2.5,
    "eng_Latn": 2.5,
    "fra_Latn": 2.5,
    "nld_Latn": 3.0,  # its texts are not conversations, as those of its neighbours are
    "lim_Latn": 3.0,
    "nds_Latn": 0.6,  # half of it is Low Saxon of the Netherlands, near to Dutch
    "cmn_Hans": 2.5,
    "cmn_Hant": 2.5,
    # Written as Mandarin is, but for some words, and seldom.
    **dict.fromkeys(("gan_Hans", "gan_Hant", "hsn_Hans", "wuu_Hans", "wuu_Hant"), 0.4),
    "und_Zyyy": 1.0,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=BUNDLED_MODEL)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    require_shared()
    sources = lid_sources(arguments.packages)
    texts, labels = labelled_texts(sources)
    config = TrainConfig(epochs=arguments.epochs, emphasis=EMPHASIS)
    began = time.monotonic()

    def report(epoch: int, loss: float) -> None:
        minutes = (time.monotonic() - began) / 60
        print(f"epoch {epoch + 1}/{config.epochs}: loss {loss:.3f}, {minutes:.1f} min", flush=True)

    model = train_identifier(
        pa.array(texts, pa.large_string()), pa.array(labels, pa.large_string()), config, report
    )
    card = {
        "sources": {source.name: source.licence for source in sources},
        "licence": "Apache-2.0, as bitseam; see bitseam.md for the licences of the sources",
    }
    write_model(model._replace(card=card), arguments.output)
    identifier = LinearIdentifier(path=arguments.output)
    text = model_card(sources, identifier, config)
    arguments.output.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
