"""Documents that hold next to nothing: every sentence is in a bead all the same."""

from __future__ import annotations

import pyarrow as pa
import pytest

from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.align.beads import DocumentPair, align_documents
from bitseam.pipelines.align.collection import SENTENCES


def document(texts: list[str]) -> pa.Table:
    numbers = list(range(len(texts)))
    columns = dict.fromkeys(SENTENCES.names, numbers) | {"text": texts}
    return pa.table(columns, schema=SENTENCES)


@pytest.mark.parametrize(
    ("src", "tgt", "types"),
    [
        ([], [], []),
        ([], ["Den Hond leeft."], ["0-1"]),
        (["", ""], [""], ["0-1", "1-0", "1-0"]),
        (["", ""], ["Den Hond leeft."], ["0-1", "1-0", "1-0"]),
        (["\u200b"], [" "], ["0-1", "1-0"]),
        (["12"], ["12", "..."], ["0-1", "1-1"]),
    ],
)
def test_documents_without_text_are_aligned(
    src: list[str], tgt: list[str], types: list[str]
) -> None:
    encoder = load_encoder("static")
    pairs = [DocumentPair("a", "b", document(src), document(tgt))]

    (found,) = align_documents(pairs, (encoder, encoder))

    assert sorted(found["type"].to_pylist()) == types
