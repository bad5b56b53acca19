"""Made-up lines that are in no language: addresses, code, tables, codes, random letters."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase, ascii_uppercase, digits

_DOMAINS = ("com", "org", "net", "lu", "de", "fr", "eu", "io", "info")
_ENDINGS = ("", ".html", ".php", ".pdf", ".jpg", ".xml", "/")
_OPERATORS = ("=", "==", "+=", "->", "::", "&&", "!=", "<", ">", "|")
_KEYWORDS = ("if", "for", "return", "def", "var", "int", "void", "import", "class", "null", "x")
_UNITS = ("%", "kg", "km", "mm", "°C", "€", "$", "MB", "px", "m²", "")


def undetermined_lines(count: int, rng: Random) -> list[str]:
    """Return `count` lines, all kinds equally often."""
    kinds = (_address, _mail, _path, _code, _markup, _table, _numbers, _codes, _letters)
    return [rng.choice(kinds)(rng) for _ in range(count)]


def _word(rng: Random, shortest: int = 2, longest: int = 9, letters: str = ascii_lowercase) -> str:
    return "".join(rng.choice(letters) for _ in range(rng.randint(shortest, longest)))


def _many(rng: Random, make: str, joiner: str, most: int = 5) -> str:
    makers = {"word": _word, "number": _number, "name": _identifier}
    return joiner.join(makers[make](rng) for _ in range(rng.randint(1, most)))


def _number(rng: Random) -> str:
    whole = rng.randint(0, 10 ** rng.randint(1, 6))
    return rng.choice((str(whole), f"{whole / 100:.2f}", f"{whole:,}")) + rng.choice(_UNITS)


def _identifier(rng: Random) -> str:
    parts = [_word(rng, 2, 7) for _ in range(rng.randint(1, 3))]
    return rng.choice(("_".join(parts), "".join(map(str.title, parts)), parts[0]))


def _address(rng: Random) -> str:
    host = f"{rng.choice(('', 'www.'))}{_word(rng, 3)}.{rng.choice(_DOMAINS)}"
    scheme = rng.choice(("https://", "http://", ""))
    return f"{scheme}{host}/{_many(rng, 'word', '/', 3)}{rng.choice(_ENDINGS)}"


def _mail(rng: Random) -> str:
    return f"{_many(rng, 'word', '.', 2)}@{_word(rng, 3)}.{rng.choice(_DOMAINS)}"


def _path(rng: Random) -> str:
    return f"{rng.choice(('/', './', 'C:'))}{_many(rng, 'name', '/', 4)}{rng.choice(_ENDINGS)}"


def _code(rng: Random) -> str:
    call = f"{_identifier(rng)}({_many(rng, 'name', ', ', 3)})"
    left = f"{rng.choice(_KEYWORDS)} {_identifier(rng)} {rng.choice(_OPERATORS)} "
    return rng.choice((call, left + call, left + _number(rng), f"{call};", f"{call} {{"))


def _markup(rng: Random) -> str:
    tag = _word(rng, 1, 5)
    return f'<{tag} {_word(rng)}="{_word(rng)}">{_number(rng)}</{tag}>'


def _table(rng: Random) -> str:
    cells = [rng.choice((_number, _identifier))(rng) for _ in range(rng.randint(2, 7))]
    return rng.choice((" | ", "\t", "; ", " ")).join(cells)


def _numbers(rng: Random) -> str:
    return _many(rng, "number", rng.choice((" ", ", ", "-", ":", "/")), 8)


def _codes(rng: Random) -> str:
    letters = ascii_uppercase + digits
    return " ".join(_word(rng, 2, 8, letters) for _ in range(rng.randint(1, 4)))


def _letters(rng: Random) -> str:
    return _many(rng, "word", " ", 7)
