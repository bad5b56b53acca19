"""The Arrow tables that flow between stages, and the version each file carries.

Every table is written as Parquet with zstd. `bitseam.table` and `bitseam.version` stand in the
file's metadata; `pairs` also carries the signature of its scores.
"""

from __future__ import annotations

import pyarrow as pa

VERSION = 1
EXCERPT = 500  # characters of a rejected text that are kept


def _table(name: str, *fields: pa.Field) -> pa.Schema:
    return pa.schema(fields, metadata={"bitseam.table": name, "bitseam.version": str(VERSION)})


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


DOCUMENTS = _table(
    "documents",
    _required("doc_id", pa.string()),
    pa.field("url", pa.string()),
    pa.field("title", pa.string()),
    pa.field("lang_hint", pa.string()),  # ltz_Latn
    _required("text", pa.string()),
)

# One row an occurrence: `text` is the cleaned `document.text[start:end]`.
SENTENCES = _table(
    "sentences",
    _required("sentence_id", pa.int64()),  # see bitseam.lid.identity
    _required("lang", pa.string()),
    _required("lang_score", pa.float32()),
    _required("text", pa.string()),
    _required("doc_id", pa.string()),
    _required("position", pa.int32()),  # ordinal in the document
    _required("start", pa.int32()),  # characters (code points) into the document's text
    _required("end", pa.int32()),
)

NEIGHBOURS = _table(
    "neighbours",
    _required("sentence_id", pa.int64()),
    _required("neighbour_ids", pa.list_(pa.int64())),
    _required("cosines", pa.list_(pa.float32())),
)

# The column names are a contract: users load this table.
PAIRS = _table(
    "pairs",
    _required("src_id", pa.int64()),
    _required("tgt_id", pa.int64()),
    _required("src_text", pa.string()),
    _required("tgt_text", pa.string()),
    _required("margin", pa.float32()),
    _required("cosine", pa.float32()),
    _required(
        "src_rank", pa.int16()
    ),  # 1 = the target is the source's nearest; 0 = not among its k
    _required("tgt_rank", pa.int16()),
    _required("src_lang", pa.string()),
    _required("tgt_lang", pa.string()),
    _required("src_lang_score", pa.float32()),
    _required("tgt_lang_score", pa.float32()),
    _required("src_doc", pa.string()),
    _required("src_start", pa.int32()),
    _required("src_end", pa.int32()),
    _required("tgt_doc", pa.string()),
    _required("tgt_start", pa.int32()),
    _required("tgt_end", pa.int32()),
    _required("src_count", pa.int32()),  # occurrences in the corpus
    _required("tgt_count", pa.int32()),
    # How it was found: "sentences" among all sentences, "documents" in aligned documents, "both".
    # Null where nothing says so, in tables of earlier runs.
    pa.field("alignment", pa.string()),
    # The estimated probability that it is a translation.
    pa.field("precision", pa.float32()),
)

# One row a bead of two documents, in order; an empty list is a side that has nothing.
ALIGNMENTS = _table(
    "alignments",
    _required("src_doc", pa.string()),
    _required("tgt_doc", pa.string()),
    _required("type", pa.string()),  # sentences on either side: 1-1, 1-2, 0-1
    _required("src_positions", pa.list_(pa.int32())),  # ordinals in the document
    _required("tgt_positions", pa.list_(pa.int32())),
    _required("src_ids", pa.list_(pa.int64())),
    _required("tgt_ids", pa.list_(pa.int64())),
    pa.field("src_start", pa.int32()),  # of the first sentence, as in `sentences`
    pa.field("src_end", pa.int32()),  # of the last
    pa.field("tgt_start", pa.int32()),
    pa.field("tgt_end", pa.int32()),
    pa.field("src_text", pa.string()),  # the sentences joined by a space
    pa.field("tgt_text", pa.string()),
    _required("cost", pa.float32()),
    pa.field("cosine", pa.float32()),  # null where a side has nothing
    pa.field("margin", pa.float32()),  # as of `pairs`, null where no corpus stands behind it
    pa.field("log_odds", pa.float32()),  # of a translation, see bitseam.mining.rescorer; the same
    pa.field("doc_score", pa.float32()),  # of the documents, null where they were given as a pair
    _required("evidence", pa.list_(pa.string())),  # for the documents, beside what they say
)

REJECTS = _table(
    "rejects",
    _required("what", pa.string()),  # file, row, document, sentence, pair
    _required("stage", pa.string()),
    _required("reason", pa.string()),  # bitseam.schemas.reasons.Reason
    _required("source", pa.string()),  # where it came from: an input's name, or a stage
    pa.field("doc_id", pa.string()),
    pa.field("start", pa.int64()),  # characters into the document, or bytes into the input
    pa.field("end", pa.int64()),
    pa.field("text", pa.string()),  # at most EXCERPT characters of it
    pa.field("detail", pa.string()),
)

# What `mine evaluate` measures: a row is one metric of one system on one set.
FIGURES = _table(
    "figures",
    _required("set", pa.string()),
    _required("system", pa.string()),
    _required("metric", pa.string()),
    _required("direction", pa.string()),  # lb-de, or empty
    _required("units", pa.int64()),  # that the bootstrap draws: sentences, or groups of them
    _required("value", pa.float64()),
    _required("low", pa.float64()),
    _required("high", pa.float64()),
    pa.field("against", pa.string()),  # the system that it is compared with
    pa.field("difference", pa.float64()),
    pa.field("p_value", pa.float64()),
    _required("signature", pa.string()),
)

# Precision and recall of the pairs at or above each margin.
CURVES = _table(
    "curves",
    _required("set", pa.string()),
    _required("system", pa.string()),
    _required("threshold", pa.float64()),
    _required("precision", pa.float64()),
    _required("recall", pa.float64()),
)

# Pairs by bands of margin, `low` <= margin < `high`.
BANDS = _table(
    "bands",
    _required("set", pa.string()),
    _required("system", pa.string()),
    _required("low", pa.float64()),
    _required("high", pa.float64()),
    _required("pairs", pa.int64()),
    _required("right", pa.int64()),
    _required("precision", pa.float64()),
    _required("precision_low", pa.float64()),  # Wilson, 95 %
    _required("precision_high", pa.float64()),
)


# A side of a mining set that `mine evalset` builds.
EVALSET_SENTENCES = _table(
    "evalset_sentences",
    _required("id", pa.string()),  # as in the files of the BUCC layout: lb-000000001
    _required("text", pa.string()),
    _required("origin", pa.string()),  # gold, document (of a document with gold) or elsewhere
    pa.field("doc_id", pa.string()),
)

# Pairs of an evaluation set; the texts are named as mteb wants them.
EVALSET_PAIRS = _table(
    "evalset_pairs",
    _required("sentence1", pa.string()),
    _required("sentence2", pa.string()),
    pa.field("src_id", pa.string()),  # of a mining set
    pa.field("tgt_id", pa.string()),
    pa.field("src_doc", pa.string()),
    pa.field("tgt_doc", pa.string()),
    pa.field("precision", pa.float32()),  # as of `pairs`, where the bitext tells
    pa.field("margin", pa.float32()),
)


def embeddings_schema(dimension: int, encoder: str, revision: str) -> pa.Schema:
    """The `embeddings` table of one encoder: one row a unique sentence, unit-norm vectors."""
    return _table(
        "embeddings",
        _required("sentence_id", pa.int64()),
        _required("vector", pa.list_(pa.float32(), dimension)),
    ).with_metadata(
        {
            "bitseam.table": "embeddings",
            "bitseam.version": str(VERSION),
            "bitseam.encoder": encoder,
            "bitseam.revision": revision,
            "bitseam.dimension": str(dimension),
        }
    )
