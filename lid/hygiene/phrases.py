"""Phrases that web pages carry beside their text: cookie banners, rights, buttons, warnings."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from bitseam.lid.hygiene.matching import matches_among

# Words of banners, footers and notices, the page itself above all: "This article is a stub." In a
# line of one page alone they say nothing.
_OF_PAGES = (
    r"(?i)cookie|java ?script|©|copyright|newsletter|facebook|twitter|instagram|whatsapp|browser"
    r"|click here|read more|log ?in\b|sign up|webs(?:ite|äit|eite)|cliquez|klickt? "
    r"|\b(?:arti[ck]el|article|artícul|artigo|articol|artykuł|artikk|článe?k|cikk|straipsn|rakst)"
    r"|\b(?:pages?|p[aáà]gin\w*|seiten?|säiten?|side[nr]?|sidan|stron[ay]|stránk\w*|sivu\w*)\b"
    r"|стать|страниц|статт|сторінк|ページ|記事|サイト|条目|條目|页面|頁面|网站|網站|문서|페이지"
)
MAX_CHARS = 300  # a longer text is about something else, too


def holds_phrase(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Return `(n,)`: which texts are short and hold one of the phrases, whatever their case."""
    return matches_among(pl.Series(texts, dtype=pl.String), _sign(), _is_short_with_phrase)


def speaks_of_page(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Return `(n,)`: which texts that many pages repeat are of the page, not its subject."""
    found: npt.NDArray[np.bool_] = (
        pl.Series(texts, dtype=pl.String).str.contains(_OF_PAGES).fill_null(False).to_numpy()
    )
    return found


def _is_short_with_phrase(texts: pl.Series) -> pl.Series:
    plain = texts.str.to_lowercase().str.replace_all("’", "'", literal=True)
    return plain.str.contains_any(list(_phrases())) & (texts.str.len_chars() <= MAX_CHARS)


@lru_cache(maxsize=1)
def _phrases() -> tuple[str, ...]:
    lines = files(__package__).joinpath("phrases.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _sign() -> str:
    """Return an expression for the longest word of each phrase: three times as fast to look for."""
    words = {max(re.findall(r"\w+", phrase), key=len) for phrase in _phrases()}
    return f"(?i){'|'.join(sorted(words))}"
