"""Gives every document of a file an id of its own, in memory that does not grow with the file."""

from __future__ import annotations

import mmap

import xxhash

_BITS = 1 << 28  # 32 MiB, of which the system gives only the pages where ids fall
_HASHES = 3


class DocumentIds:
    """Makes `source#id` unique within one file.

    The id comes from the data, or is the row's number where the data has none. An id met before
    gets the row's number behind it: `source#id~17`. What was met is kept in a Bloom filter
    (Bloom 1970), so that one of a million new ids may be taken for a repeated one: it is then told
    apart without need, and no two documents ever share an id.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._met = mmap.mmap(-1, _BITS // 8)

    def name(self, given: object, number: int) -> str:
        """Return the document's id; `given` counts where it is a whole number or has letters."""
        if type(given) is not int and not (isinstance(given, str) and given.strip()):
            given = number
        doc_id = f"{self._source}#{given}"
        while self._is_met(doc_id):
            doc_id = f"{doc_id}~{number}"
        return doc_id

    def _is_met(self, doc_id: str) -> bool:
        """Whether this id may have been asked for before; from now on it has."""
        digest = xxhash.xxh3_64_intdigest(doc_id.encode())
        step = digest >> 32  # two hashes make any number of them (Kirsch & Mitzenmacher 2006)
        is_met = True
        for _ in range(_HASHES):
            place, bit = (digest >> 3) % (_BITS // 8), 1 << (digest & 7)
            byte = self._met[place]
            if not byte & bit:
                is_met = False
                self._met[place] = byte | bit
            digest += step
        return is_met
