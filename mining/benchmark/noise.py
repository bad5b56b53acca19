"""Noise in texts, at set rates: older spellings, lost case, lost diacritics, misread characters.

How robust an encoder or a miner is shows on a set whose texts look as those of old newspapers do.
A text gets the same noise wherever it stands: all chance comes from the seed and the text itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.code_points import code_points, lowered
from bitseam.lid.hashing import MURMUR_MIX
from bitseam.lid.identity import sentence_ids
from bitseam.mining.benchmark.noise_rules import GROWTH, Points, Rules, alphabet, read_rules

# What a rate is a share of, for each kind of noise; in the order in which a text suffers them.
UNITS = {
    "historical": "words with an older spelling",
    "case": "words with a capital",
    "diacritics": "letters with a diacritic",
    "ocr": "characters",
}

# The languages, ISO 639-3, of which older spellings are known.
SPELLINGS = ("deu", "eng", "fra", "ltz")

_BATCH = 1 << 13  # texts at a time: the working memory is some 20 bytes a character


@dataclass(frozen=True)
class NoiseOptions:
    """How much of each kind of noise: rates from 0 to 1, shares of `UNITS`.

    :ivar fraktur: whether misread characters are those of blackletter type, too.
    :raises ValueError: a rate is out of range.
    """

    historical: float = 0.0
    case: float = 0.0
    diacritics: float = 0.0
    ocr: float = 0.0
    fraktur: bool = False
    seed: int = 1
    rates: dict[str, float] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        rates = {kind: float(getattr(self, kind)) for kind in UNITS}
        for kind, rate in rates.items():
            if not 0 <= rate <= 1:
                raise ValueError(f"{kind} is {rate}: expected a rate from 0 to 1")
        object.__setattr__(self, "rates", {kind: rate for kind, rate in rates.items() if rate})


class Share(NamedTuple):
    """How many of the units of one kind of noise were changed."""

    changed: int
    of: int

    @property
    def rate(self) -> float:
        return self.changed / self.of if self.of else 0.0


class NoisyTexts(NamedTuple):
    """Texts with noise, and the share that was changed for each kind of noise asked for."""

    texts: pa.StringArray
    shares: dict[str, Share]


def add_noise(texts: pa.StringArray, language: str, options: NoiseOptions) -> NoisyTexts:
    """Return `texts`, `(n,)`, with noise; a null stays one, and a text never becomes blank.

    Older spellings, case and diacritics are each lost with the probability of their rate; misread
    are as many characters of each text as its rate says. What is changed at one rate is changed at
    a higher one, if no other kind of noise came before it.

    :param language: as `ltz_Latn`; older spellings are known of `SPELLINGS`.
    :raises ValueError: older spellings are asked for of a language without.
    """
    totals = {kind: np.zeros(2, np.int64) for kind in options.rates}
    parts = [texts[:0].cast(pa.string())]
    for start in range(0, len(texts), _BATCH):
        part = texts[start : start + _BATCH].cast(pa.string())
        if options.rates:
            noisy, shares = _add_noise(part.fill_null(""), language, options)
            part = pc.if_else(part.is_valid(), noisy, None)
            for kind, share in shares.items():
                totals[kind] += share
        parts.append(part)
    shares = {kind: Share(int(its[0]), int(its[1])) for kind, its in totals.items()}
    return NoisyTexts(pa.concat_arrays(parts), shares)


def _add_noise(
    texts: pa.StringArray, language: str, options: NoiseOptions
) -> tuple[pa.StringArray, dict[str, Share]]:
    ids, shares = sentence_ids("", texts).view(np.uint64), {}
    for number, kind in enumerate(UNITS):
        if kind in options.rates:
            stream = np.array([options.seed * len(UNITS) + number]).view(np.uint64)
            states = _mixed(ids ^ _mixed(stream))
            texts, shares[kind] = _change(kind, texts, states, language, options)
    return texts, shares


def _change(
    kind: str,
    texts: pa.StringArray,
    states: npt.NDArray[np.uint64],
    language: str,
    options: NoiseOptions,
) -> tuple[pa.StringArray, Share]:
    """Return `texts` with one kind of noise, and what was changed."""
    from bitseam.mining.benchmark import noise_kernels

    points, bounds = code_points(texts)
    rate, (kinds, upper, plain) = options.rates[kind], alphabet()
    out, ends = np.empty(GROWTH * len(points), np.uint32), np.empty(len(texts), np.int64)
    at = bounds, states, rate
    if kind == "ocr":
        rules = _misreadings(options.fraktur)
        share = noise_kernels.garble(points, *at, rules, kinds, out, ends)
    elif kind == "diacritics":
        share = noise_kernels.lose_diacritics(points, *at, kinds, plain, out, ends)
    elif kind == "case":
        folded = lowered(texts).points
        share = noise_kernels.lose_case(points, folded, *at, kinds, out, ends)
    else:
        folded, rules = lowered(texts).points, _spellings(language)
        share = noise_kernels.respell(points, folded, *at, rules, kinds, upper, out, ends)
    return _as_texts(out, ends), Share(*share)


@lru_cache(maxsize=2)
def _misreadings(fraktur: bool) -> Rules:
    return read_rules("ocr", *(("all", "fraktur") if fraktur else ("all",)))


@lru_cache(maxsize=len(SPELLINGS))
def _spellings(language: str) -> Rules:
    code = language.partition("_")[0]
    if code not in SPELLINGS:
        known = ", ".join(SPELLINGS)
        raise ValueError(f"no older spellings of {language} are known: expected one of {known}")
    return read_rules(code)


def _as_texts(points: Points, ends: npt.NDArray[np.int64]) -> pa.StringArray:
    """Return the texts whose code points end at `ends`, `(n,)`."""
    if not len(ends):
        return pa.array([], pa.string())
    points = points[: ends[-1]]
    widths = 1 + sum((points >= limit).astype(np.int8) for limit in (0x80, 0x800, 0x10000))
    bounds = np.concatenate([[0], np.cumsum(widths, dtype=np.int64)])[np.append(0, ends)]
    data = points.tobytes().decode("utf-32-le").encode()
    buffers = [None, pa.py_buffer(bounds.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(ends), buffers)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of each number: the first half of MurmurHash3's finaliser."""
    mixed = numbers ^ (numbers >> np.uint64(33))
    mixed *= MURMUR_MIX
    mixed ^= mixed >> np.uint64(33)
    return mixed
