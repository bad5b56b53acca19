"""Words of wikitext that differ from language to language: functions, redirects, namespaces."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def table(name: str) -> list[list[str]]:
    """Return the rows of a data file of this folder, without its comments."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    lines = (line for line in text.splitlines() if line.strip("# ") and not line.startswith("# "))
    return [line.split("\t") for line in lines]


@cache
def _magic_words() -> dict[str, str]:
    """Return what each word means, by the word in lower case: `#wenn` is `#if`."""
    rows = table("magic_words.tsv")
    return {word: name for name, words in rows if name != "redirect" for word in words.split("|")}


def magic_word(word: str) -> str:
    """Return the English name of a function or a variable, in lower case."""
    word = word.casefold().replace("_", " ")
    return _magic_words().get(word, word)


@cache
def redirect_words() -> frozenset[str]:
    """Return what stands for `REDIRECT` in `#REDIRECT [[target]]`, in lower case."""
    return frozenset(
        next(words for name, words in table("magic_words.tsv") if name == "redirect").split("|")
    )


@cache
def namespaces_of_all_languages() -> dict[str, int]:
    """Return the number of a namespace by its name in any language, in lower case."""
    return {name: int(n) for n, names in table("namespaces.tsv") for name in names.split("|")}
