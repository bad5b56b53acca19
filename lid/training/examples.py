"""The labelled texts of a training: what is drawn in an epoch, and what is held out."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from bitseam.lid.training.augment import augmented
from bitseam.lid.training.config import TrainConfig
from bitseam.lid.training.undetermined import undetermined_lines
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED

HOLD_OUT = 20  # every so many-th text, by its hash
MOST_HELD_OUT = 500  # of a language
LEAST_TEXTS = 20
ROOT_SIZE = 20_000  # texts of a language from which the full number is drawn


@dataclass(frozen=True)
class Examples:
    """Texts by language, and how many of each language an epoch shows."""

    languages: tuple[str, ...]
    texts: tuple[list[str], ...]
    draws: tuple[int, ...]
    held_out: list[str]
    held_out_labels: npt.NDArray[np.int32]

    @property
    def prior(self) -> npt.NDArray[np.float64]:
        """The share of each language in what the training sees, `(languages,)`."""
        return np.array(self.draws, np.float64) / sum(self.draws)

    @property
    def held_out_weights(self) -> npt.NDArray[np.float64]:
        """What each held-out text stands for: together, the prior."""
        counts = np.bincount(self.held_out_labels, minlength=len(self.languages))
        weights: npt.NDArray[np.float64] = (self.prior / np.maximum(counts, 1))[
            self.held_out_labels
        ]
        return weights

    def texts_by_language(self) -> dict[str, int]:
        """Return how many different texts of each language there are to learn from."""
        return dict(zip(self.languages, map(len, self.texts), strict=True))

    def draw(self, rng: Random) -> tuple[list[str], npt.NDArray[np.int32]]:
        """Return the texts of an epoch, changed in passing, and their labels."""
        others = [rng.choice(rng.choice(self.texts)) for _ in range(20_000)]
        drawn: list[str] = []
        for texts, count in zip(self.texts, self.draws, strict=True):
            whole, rest = divmod(count, len(texts))
            drawn += augmented(texts * whole + rng.sample(texts, rest), others, rng)
        return drawn, np.repeat(np.arange(len(self.languages)), self.draws).astype(np.int32)


def label_examples(
    texts: pa.StringArray, languages: pa.StringArray, config: TrainConfig
) -> Examples:
    """Group the texts by language, hold some out, and say how many of each an epoch draws.

    :raises UserError: fewer than two languages, or a language with fewer than `LEAST_TEXTS` texts.
    """
    frame = pl.DataFrame({"language": pl.Series(languages), "text": pl.Series(texts)})
    frame = frame.filter(pl.col("text").str.contains(r"\p{L}")).unique(maintain_order=True)
    groups = {
        str(language): group["text"].to_list()
        for (language,), group in frame.sort("language", maintain_order=True).group_by(
            "language", maintain_order=True
        )
    }
    _check(groups)
    made_up = undetermined_lines(config.draws, Random(config.seed))
    groups[UNDETERMINED] = groups.get(UNDETERMINED, []) + made_up
    names = tuple(sorted(groups))
    held, kept = [], []
    for name in names:
        out = [text for text in groups[name] if is_held_out(text)][:MOST_HELD_OUT]
        chosen = {*out}
        held.append(out)
        kept.append([text for text in groups[name] if text not in chosen])
    labels = np.repeat(np.arange(len(names)), [len(part) for part in held]).astype(np.int32)
    draws = tuple(_draws(len(part), name, config) for name, part in zip(names, kept, strict=True))
    return Examples(names, tuple(kept), draws, [text for part in held for text in part], labels)


def is_held_out(text: str) -> bool:
    """Tell whether `text` is kept from training."""
    return xxh3_64_intdigest(text.encode()) % HOLD_OUT == 0


def _draws(texts: int, language: str, config: TrainConfig) -> int:
    share = min(1.0, (texts / ROOT_SIZE) ** 0.5)
    count = max(config.least_draws, int(config.draws * share))
    return max(1, int(count * config.emphasis.get(language, 1.0)))


def _check(groups: dict[str, list[str]]) -> None:
    known = [name for name in groups if name != UNDETERMINED]
    if len(known) < 2:
        raise UserError(
            f"found texts in {len(known)} language(s): expected two or more to tell apart; "
            "add texts of another"
        )
    few = [f"{name} ({len(groups[name])})" for name in known if len(groups[name]) < LEAST_TEXTS]
    if few:
        raise UserError(
            f"too few different texts of {', '.join(few[:10])}: expected at least {LEAST_TEXTS} "
            "of a language; add some, or leave the language out"
        )
