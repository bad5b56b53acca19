"""What names, addresses and titles say about which documents belong together.

Each kind gives every document a key, or none. A key that one document of each side has, and no
other, makes them a candidate pair, with that evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

import numpy as np
import polars as pl
from langcodes import Language
from numpy.typing import NDArray

from bitseam.schemas.languages import short_code

EVIDENCE = ("name", "url", "title")  # bit i of a pair's evidence
_ANY_LANGUAGE = "*"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://(www\.)?")
_ROW = re.compile(r"#[0-9]+(~[0-9]+)?$")  # of a table: equal numbers are chance
_WORDS = re.compile(r"([^\W_]+)")


def place_keys(places: Sequence[str | None], languages: tuple[str, str]) -> list[str | None]:
    """Return file names, document ids or addresses without the codes of the two languages.

    `news/lb/12.html` and `news/de/12.html`, `lb.example.org/12?lang=lb` and
    `de.example.org/12?lang=de`, `talk.lb.txt` and `talk.de.txt` have the same key. What is nothing
    but the number of a row has none.
    """
    codes = frozenset(code for language in languages for code in _codes(language))
    return [None if place is None or _ROW.search(place) else _key(place, codes) for place in places]


def title_keys(titles: Sequence[str | None]) -> list[str | None]:
    """Return titles as their letters and digits in lower case: names look alike in many languages.

    Of fewer than four characters there is no key.
    """
    folded = ["".join(_WORDS.findall((title or "").lower())) for title in titles]
    return [key if len(key) >= 4 else None for key in folded]


def shared_keys(
    src: Sequence[str | None], tgt: Sequence[str | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of source and target documents that alone share a key, `(p,)` each."""
    single = [
        pl.DataFrame({"key": pl.Series(keys, dtype=pl.String)})
        .with_row_index(name)
        .filter(pl.col("key").is_not_null() & pl.col("key").is_unique())
        for name, keys in (("src", src), ("tgt", tgt))
    ]
    pairs = single[0].join(single[1], on="key", maintain_order="left")
    return (
        pairs["src"].cast(pl.Int64).to_numpy(),
        pairs["tgt"].cast(pl.Int64).to_numpy(),
    )


def evidence_names(bits: int) -> list[str]:
    """Return the kinds of evidence in a pair's bits."""
    return [kind for i, kind in enumerate(EVIDENCE) if bits >> i & 1]


def _key(place: str, codes: frozenset[str]) -> str:
    plain = _SCHEME.sub("", unquote(place).lower()).rstrip("/")
    words = _WORDS.split(plain)
    return "".join(_ANY_LANGUAGE if word in codes else word for word in words)


def _codes(language: str) -> set[str]:
    """Return what stands for a language in names: `lb`, `ltz`; `de`, `deu`, `ger`."""
    code = language.partition("_")[0]
    return {code, short_code(language), Language.get(code).to_alpha3(variant="B")}
