"""Where documents come from: the language they were said to be in, and their host or input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bitseam.pipelines.report.run import Run

_HOST = r"^(?i:[a-z][a-z0-9+.-]*)://(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:]+)"


@dataclass(frozen=True)
class Origins:
    """What the `documents` table tells of each of n documents, in 16 bytes a document.

    :ivar keys: `(n,)` uint64, ascending hashes of the ids.
    :ivar hints: `(n,)` numbers of `hint_names`. :ivar hosts: `(n,)` numbers of `host_names`.
    """

    keys: NDArray[np.uint64]
    hints: NDArray[np.int32]
    hosts: NDArray[np.int32]
    hint_names: pl.Series
    host_names: pl.Series

    def hints_of(self, doc_ids: pl.Series) -> pl.Series:
        """Return the language each document was said to be in; null where nobody said."""
        return self._look_up(doc_ids, self.hints, self.hint_names)

    def domains_of(self, doc_ids: pl.Series) -> pl.Series:
        """Return the host of each document's address, or its input where there is no address."""
        known = self._look_up(doc_ids, self.hosts, self.host_names)
        frame = pl.DataFrame({"known": known, "doc_id": doc_ids})
        own = pl.col("doc_id").str.replace(r"^[^#]*#", "")  # an id may be an address itself
        return frame.select(pl.coalesce("known", _host(own), _input("doc_id"))).to_series()

    def _look_up(self, doc_ids: pl.Series, codes: NDArray[np.int32], names: pl.Series) -> pl.Series:
        if not len(self.keys):
            return pl.repeat(None, len(doc_ids), dtype=pl.String, eager=True)
        wanted = doc_ids.hash().to_numpy()
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        found = np.where(self.keys[place] == wanted, codes[place], 0)
        return names.gather(found)


def titles_of(run: Run, doc_ids: set[str]) -> dict[str, str]:
    """Return the titles of some documents, of those that have one in the documents table."""
    found: dict[str, str] = {}
    for frame in run.frames("documents", "doc_id", "title"):
        named = frame.filter(pl.col("doc_id").is_in(doc_ids), pl.col("title").is_not_null())
        found.update(named.iter_rows())
    return found


def inputs_of(doc_ids: pl.Series) -> pl.Series:
    """Return the input each document was read from: an id is `input#id`."""
    return pl.DataFrame({"doc_id": doc_ids}).select(_input("doc_id")).to_series()


def read_origins(run: Run) -> Origins:
    """Read the documents table without its texts; without one, nothing is known."""
    keys = [np.zeros(0, np.uint64)]
    hints, hosts = _Names(), _Names()
    for frame in run.frames("documents", "doc_id", "url", "lang_hint"):
        keys.append(frame["doc_id"].hash().to_numpy())
        hints.add(frame["lang_hint"])
        hosts.add(frame.select(_host(pl.col("url"))).to_series())
    every = np.concatenate(keys)
    order = np.argsort(every, kind="stable")
    return Origins(
        every[order], hints.codes()[order], hosts.codes()[order], hints.names(), hosts.names()
    )


class _Names:
    """Numbers names in the order of their first appearance; 0 is none."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: 0}
        self._codes = [np.zeros(0, np.int32)]

    def add(self, names: pl.Series) -> None:
        numbers = {
            name: self._numbers.setdefault(name, len(self._numbers))
            for name in names.unique(maintain_order=True)
        }
        self._codes.append(names.replace_strict(numbers, return_dtype=pl.Int32).to_numpy())

    def codes(self) -> NDArray[np.int32]:
        return np.concatenate(self._codes)

    def names(self) -> pl.Series:
        return pl.Series(list(self._numbers), dtype=pl.String)


def _host(address: pl.Expr) -> pl.Expr:
    return address.str.extract(_HOST, 1).str.to_lowercase()


def _input(doc_id: str) -> pl.Expr:
    return pl.col(doc_id).str.replace(r"(?s)#.*", "")
