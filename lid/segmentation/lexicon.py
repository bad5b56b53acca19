"""Words that tell whether a full stop ends a sentence: one text file for each language.

A file `abbreviations/ltz.txt` has sections, each a heading in square brackets and words parted by
white space, as they are written; a word in lower case holds with a capital, too. A line that begins
with `#` is a comment. An abbreviation is written without its last full stop (`z.B`, `a.m`). The
sections:

- `[never final]`: abbreviations that what they belong to follows, such as titles: `Dr`, `bzw`;
- `[before number]`: the same, where a number or an initial follows: `Nr`, `Art`;
- `[may end]`: abbreviations that end a sentence where a `[starters]` word follows: `Inc`, `v.Chr`;
- `[final]`: what ends a sentence where a capital follows: `etc`, and words that sentencex takes for
  an abbreviation, such as Luxembourgish `ass`;
- `[starters]`: words that have a capital only where they begin a sentence: `The`, `Duerno`;
- `[determiners]`: words after which a number with a full stop is an ordinal: `den`, `am`;
- `[after ordinal]`: words before which it is one: `Mäerz`, `Joerhonnert`;
- `[never last]`: words behind which a sentence goes on whatever the mark, as Tibetan `དང`;
- `[after quotation]`: in a script without spaces, letters that go on after a quotation: `と`.

Only what sentencex gets wrong need stand there. To add a language, add a file. The words of
`latin.txt`, `cyrillic.txt` and `indic.txt`, that many languages have in common, hold in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bitseam.lid.code_points import code_points
from bitseam.lid.segmentation.places import hash_words

FOLDER = Path(__file__).with_name("abbreviations")
SHARED = (FOLDER / "latin.txt", FOLDER / "cyrillic.txt", FOLDER / "indic.txt")

SECTIONS = (
    *("never final", "before number", "may end", "final"),
    *("starters", "determiners", "after ordinal", "after quotation", "never last"),
)
(
    NEVER_FINAL,
    BEFORE_NUMBER,
    MAY_END,
    FINAL,
    STARTER,
    DETERMINER,
    AFTER_ORDINAL,
    AFTER_QUOTATION,
    NEVER_LAST,
) = (1 << bit for bit in range(len(SECTIONS)))

# Languages without a file of their own, and whose rules they follow.
_NEIGHBOURS = {
    **dict.fromkeys(("bar", "gsw", "ksh", "nds", "pfl"), "deu"),
    **dict.fromkeys(("afr", "fry", "lim", "zea"), "nld"),
    **dict.fromkeys(("nno", "nor"), "nob"),
    **dict.fromkeys(("ast", "glg"), "spa"),
    "oci": "fra",
    **dict.fromkeys(("bos", "cnr", "hbs"), "hrv"),
    **dict.fromkeys(("zsm", "msa"), "ind"),
    "bel": "rus",
}


class Lexicon(NamedTuple):
    """The n words of all languages: a word's hash begins with the seed of its language."""

    hashes: npt.NDArray[np.uint64]  # (n,), rising
    bits: npt.NDArray[np.uint64]  # (n,), of the sections that the word stands in

    def sections_of(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Return the bits of the words with these hashes, 0 for a word in no section."""
        found = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[found] == hashes, self.bits[found], np.uint64(0))


@lru_cache(maxsize=512)
def seed_of(language: str) -> int:
    """Return where the hashes of the words of `ltz_Latn` begin: two languages share no word."""
    return int.from_bytes(_file_code(language).encode()[:8], "little")


def has_file(language: str) -> bool:
    """Tell whether a file says something of the words of `ltz_Latn`."""
    return (FOLDER / f"{_file_code(language)}.txt").is_file()


def _file_code(language: str) -> str:
    code = language.partition("_")[0]
    return _NEIGHBOURS.get(code, code)


@lru_cache(maxsize=256)
def read_lexicon(languages: frozenset[str]) -> Lexicon:
    """Read what the files say of words in these languages, each `ltz_Latn`."""
    hashes, bits = [], []
    for code in sorted({"", *map(_file_code, languages)}):  # never none at all
        words = _read_file(code)
        seeds = np.full(len(words), seed_of(code), np.uint64)
        hashes.append(hash_words(code_points(pa.array([*words], pa.string())), seeds))
        bits.append(np.array([*words.values()], np.uint64))
    order = np.argsort(np.concatenate(hashes))
    return Lexicon(np.concatenate(hashes)[order], np.concatenate(bits)[order])


@lru_cache(maxsize=512)
def _read_file(code: str) -> dict[str, int]:
    """Return the words of a language, each with its sections: those of its file and shared ones."""
    words: dict[str, int] = {}
    own = FOLDER / f"{code}.txt"
    for path in (*((own,) if own.is_file() else ()), *SHARED):
        for section, word in _words(path):
            for form in (word, word[0].upper() + word[1:]):
                words[form] = words.get(form, 0) | 1 << SECTIONS.index(section)
    return words


def _words(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the section and the word, for every word of a file."""
    section = ""
    for line in path.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"\[(.+)\]", line.strip()):
            section = heading[1]
            if section not in SECTIONS:
                raise ValueError(f"{path.name}: no section [{section}]; they are {SECTIONS}")
        elif not line.startswith("#"):
            yield from ((section, word) for word in line.split())
