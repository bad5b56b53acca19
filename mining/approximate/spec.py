"""Which index an approximate search takes, in faiss' own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bitseam.schemas.errors import UserError

AUTO = "auto"
DEFAULT_NPROBE = 128  # as in stopes
# Vectors from which an index has so many lists; the table of stopes' utils/mining_utils.py.
_LISTS = (
    (500_000_000, 262_144),
    (100_000_000, 131_072),
    (10_000_000, 65_536),
    (4_000_000, 32_768),
    (700_000, 16_384),
    (250_000, 8_192),
    (160_000, 4_096),
    (80_000, 2_048),
    (10_000, 1_024),
)
_CODE_PARTS = 64
_FACTORY = re.compile(
    r"Flat|(?:OPQ(?P<turned>\d+)(?:_(?P<width>\d+))?,)?IVF(?P<lists>\d+),(?:Flat|PQ(?P<parts>\d+))",
    re.ASCII,
)
_CODES = 256  # of a part, each learnt from a vector of its own
_EXPECTED = "expected auto, Flat, or one such as IVF4096,Flat,nprobe=64 or OPQ64,IVF1024,PQ64"


@dataclass(frozen=True)
class IndexSpec:
    """An index and how much of it a query looks at.

    :ivar factory: what faiss' `index_factory` is given.
    :ivar lists: inverted lists; 0 for `Flat`, which looks at every vector.
    :ivar nprobe: lists looked at for each query.
    """

    factory: str
    lists: int
    nprobe: int

    def __str__(self) -> str:
        return f"{self.factory},nprobe={self.nprobe}" if self.lists else self.factory


NO_INDEX = IndexSpec("Flat", 0, 0)  # every vector is looked at, be there any


def parse_index_spec(text: str) -> IndexSpec:
    """Parse `Flat`, `IVF..,Flat`, `IVF..,PQ..` or `OPQ..,IVF..,PQ..`, with or without `nprobe=`.

    :raises UserError: it is none of these.
    """
    factory, _, nprobe = text.partition(",nprobe=")
    match = _FACTORY.fullmatch(factory)
    if match is None or (nprobe and not nprobe.isdecimal()):
        raise UserError(f"--index is {text}: {_EXPECTED}")
    lists = int(match["lists"] or 0)
    probed = int(nprobe or DEFAULT_NPROBE)
    if factory != "Flat" and min(lists, probed) < 1:
        raise UserError(f"--index is {text}: expected at least one list, and one looked at")
    return IndexSpec(factory, lists, min(probed, lists))


def index_spec(n: int, dimension: int) -> IndexSpec:
    """Return the index that `auto` stands for, of `n` vectors."""
    lists = next((lists for least, lists in _LISTS if n >= least), 0)
    if not lists:
        return NO_INDEX
    parts = _CODE_PARTS
    while dimension % parts:
        parts //= 2
    return IndexSpec(f"OPQ{parts},IVF{lists},PQ{parts}", lists, min(DEFAULT_NPROBE, lists))


def code_parts(spec: IndexSpec) -> int:
    """Return the bytes that stand for a vector in an index, or 0 if it keeps the vector."""
    match = _FACTORY.fullmatch(spec.factory)
    return int(match["parts"] or 0) if match else 0


def check_index_spec(spec: IndexSpec, n: int, dimension: int) -> None:
    """Refuse an index that `n` vectors of `dimension` cannot make.

    :raises UserError: says which number does not fit.
    """
    match = _FACTORY.fullmatch(spec.factory)
    assert match is not None  # every spec was parsed or made here
    width = int(match["width"] or dimension)
    if not 0 < width <= dimension:  # faiss writes beyond its memory
        raise UserError(
            f"--index {spec}: vectors of {dimension} dimensions cannot be turned into {width}; "
            f"expected 1 to {dimension}"
        )
    for name, group, whole in (("OPQ", "turned", width), ("PQ", "parts", width)):
        if match[group] and (int(match[group]) < 1 or whole % int(match[group])):
            raise UserError(
                f"--index {spec}: {name}{match[group]} does not divide the {whole} dimensions of "
                "these vectors; expected a divisor"
            )
    least = max(spec.lists, _CODES if match["parts"] or match["turned"] else 0)
    if n < least:
        raise UserError(
            f"--index {spec} needs at least {least:,} vectors a side, found {n:,}: choose a "
            "smaller index, or leave --index out"
        )
