"""Gives every document of a file an id of its own, in memory that does not grow with the file."""

from __future__ import annotations

import xxhash

_BITS = 1 << 28  # 32 MiB, touched only where ids fall


class DocumentIds:
    """Makes `source#id` unique within one file.

    The id comes from the data, or is the row's number where the data has none. An id met before
    gets the row's number behind it: `source#id~17`. What was met is kept in a Bloom filter
    (Bloom 1970), so that one of a million new ids may be taken for a repeated one: it is then told
    apart without need, and no two documents ever share an id.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._seen = bytearray(_BITS // 8)

    def name(self, given: object, number: int) -> str:
        """Return the document's id; `given` counts where it is a non-blank string or a number."""
        usable = isinstance(given, int | str) and not isinstance(given, bool) and str(given).strip()
        doc_id = f"{self._source}#{given if usable else number}"
        while self._is_met(doc_id):
            doc_id = f"{doc_id}~{number}"
        return doc_id

    def _is_met(self, doc_id: str) -> bool:
        digest = xxhash.xxh3_128_intdigest(doc_id.encode())
        met = True
        for shift in (0, 28, 56):
            place = (digest >> shift) % _BITS
            byte, bit = place >> 3, 1 << (place & 7)
            met = met and bool(self._seen[byte] & bit)
            self._seen[byte] |= bit
        return met
