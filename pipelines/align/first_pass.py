"""Documents of a pair of languages that no encoder knows: aligned by lengths and by words.

Three passes over the same documents: lengths, and words that both sides have as they are written;
then with the words that the pass before showed to translate each other, twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.align.alignment import Alignment
from bitseam.align.lexicon_keys import Lexicon, learn_lexicon, with_lexicon
from bitseam.align.overlaps import Overlaps, overlap_lengths
from bitseam.align.sentences import AlignOptions, align_sentences
from bitseam.align.word_keys import word_keys
from bitseam.pipelines.align.beads import DocumentPair, to_rows

BY_WORDS = AlignOptions(by_words=True)
_EMPTY = pa.schema({"src": pa.string(), "tgt": pa.string()}).empty_table()


@dataclass(frozen=True)
class FirstPass:
    """Pairs of documents, their alignments, and the words found to translate each other."""

    pairs: Sequence[DocumentPair]
    alignments: Sequence[Alignment]
    lexicon: Lexicon

    def align_again(self, pair: DocumentPair, src: Overlaps, tgt: Overlaps) -> Alignment:
        """Align one of the pairs with vectors, and with what these passes found."""
        near = self.alignments[self._numbers[pair.src_doc, pair.tgt_doc]]
        ours, theirs = (
            replace(
                side, words=with_lexicon(word_keys(texts, every=True), texts, self.lexicon, name)
            )
            for side, name, texts in (
                (src, "src", pair.src["text"]),
                (tgt, "tgt", pair.tgt["text"]),
            )
        )
        return align_sentences(ours, theirs, BY_WORDS, near=near)

    def rows(self) -> Iterator[pa.Table]:
        """Yield the beads of each pair, as `ALIGNMENTS`."""
        for pair, alignment in zip(self.pairs, self.alignments, strict=True):
            yield to_rows(pair, alignment)

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], int]:
        return {(pair.src_doc, pair.tgt_doc): i for i, pair in enumerate(self.pairs)}


def align_by_words(pairs: Sequence[DocumentPair]) -> FirstPass:
    """Align pairs of documents without an encoder."""
    found = [align_sentences(*_overlaps(pair, None), BY_WORDS) for pair in pairs]
    lexicon = learn_lexicon(*bead_texts(pairs, found).columns)
    found = [align_sentences(*_overlaps(pair, lexicon), BY_WORDS) for pair in pairs]
    lexicon = learn_lexicon(*bead_texts(pairs, found).columns)
    found = [
        align_sentences(*_overlaps(pair, lexicon), BY_WORDS, near=before)
        for pair, before in zip(pairs, found, strict=True)
    ]
    return FirstPass(pairs, found, lexicon)


def _overlaps(pair: DocumentPair, lexicon: Lexicon | None) -> tuple[Overlaps, Overlaps]:
    sides = []
    for name, sentences in (("src", pair.src["text"]), ("tgt", pair.tgt["text"])):
        words = word_keys(sentences, every=True)
        if lexicon is not None:
            words = with_lexicon(words, sentences, lexicon, name)
        lengths = overlap_lengths(sentences, BY_WORDS.largest - 1)
        sides.append(Overlaps.without_vectors(lengths, words))
    return sides[0], sides[1]


def bead_texts(pairs: Sequence[DocumentPair], alignments: Sequence[Alignment]) -> pa.Table:
    """Return the texts of the beads of two sides, columns src and tgt, in order."""
    rows = [_EMPTY, *(_texts(*its) for its in zip(pairs, alignments, strict=True))]
    return pa.concat_tables(rows).combine_chunks()


def _texts(pair: DocumentPair, alignment: Alignment) -> pa.Table:
    rows = to_rows(pair, alignment).take(pa.array(_two_sided(alignment)))
    return pa.table([rows["src_text"], rows["tgt_text"]], schema=_EMPTY.schema)


def _two_sided(alignment: Alignment) -> NDArray[np.int64]:
    return np.flatnonzero((np.diff(alignment.src) > 0) & (np.diff(alignment.tgt) > 0))
