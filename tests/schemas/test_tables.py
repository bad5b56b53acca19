from __future__ import annotations

import pyarrow as pa
import pytest

from bitseam.schemas import tables

PAIRS = (
    "src_id tgt_id src_text tgt_text margin cosine src_rank tgt_rank src_lang tgt_lang "
    "src_lang_score tgt_lang_score src_doc src_start src_end tgt_doc tgt_start tgt_end "
    "src_count tgt_count alignment precision"
)


def test_the_columns_of_pairs_are_a_contract() -> None:
    assert PAIRS.split() == tables.PAIRS.names


@pytest.mark.parametrize(
    "name",
    [
        *("documents", "sentences", "neighbours", "pairs", "alignments", "rejects"),
        *("figures", "curves", "bands"),
    ],
)
def test_every_table_names_itself_and_its_version(name) -> None:
    schema = getattr(tables, name.upper())
    assert schema.metadata == {b"bitseam.table": name.encode(), b"bitseam.version": b"1"}


def test_embeddings_name_their_encoder() -> None:
    schema = tables.embeddings_schema(8, "static", "abc")
    assert schema.field("vector").type == pa.list_(pa.float32(), 8)
    assert schema.metadata[b"bitseam.table"] == b"embeddings"
    assert schema.metadata[b"bitseam.revision"] == b"abc"
