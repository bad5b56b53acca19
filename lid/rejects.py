"""What the extraction of sentences throws away, as rows of the `rejects` table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bitseam.lid.divide import Segments
from bitseam.schemas.reasons import Reason
from bitseam.schemas.tables import EXCERPT, REJECTS


def part_repeats(
    documents: pa.RecordBatch, originals: pa.StringArray | None
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Part the documents that repeat another one from the rest.

    :param originals: of each document, the `doc_id` of the one it repeats, or null.
    :returns: the rest, and the rejects.
    """
    if originals is None:
        originals = pa.nulls(documents.num_rows, pa.string())
    repeats = documents.filter(pc.is_valid(originals))
    n = repeats.num_rows
    rejects = _rejects(
        what=pa.repeat("document", n),
        reason=pa.repeat(Reason.NEAR_DUPLICATE_DOCUMENT.value, n),
        doc_id=repeats["doc_id"],
        start=pa.array(np.zeros(n, np.int64)),
        end=pc.utf8_length(repeats["text"]).cast(pa.int64()),
        text=pc.utf8_slice_codeunits(repeats["text"], 0, EXCERPT),
        detail=originals.drop_null(),
    )
    return documents.filter(pc.is_null(originals)), rejects


def segment_rejects(
    documents: pa.RecordBatch,
    segments: Segments,
    reasons: pa.StringArray,
    details: pa.StringArray,
) -> pa.RecordBatch:
    """Return the segments with a reason, then the documents in which there was none to segment."""
    rows = pa.array(np.flatnonzero(reasons.is_valid().to_numpy(zero_copy_only=False)))
    empty = pa.array(np.setdiff1d(np.arange(len(documents)), segments.document))
    document = pa.array(segments.document).take(rows)
    none = pa.nulls(len(empty), pa.string())
    zeros = pa.array(np.zeros(len(empty), np.int64))
    excerpts = pc.utf8_slice_codeunits(segments.texts.take(rows), 0, EXCERPT)
    return _rejects(
        what=pa.array(["sentence"] * len(rows) + ["document"] * len(empty), pa.string()),
        reason=pa.concat_arrays([reasons.take(rows), pa.repeat(Reason.EMPTY.value, len(empty))]),
        doc_id=documents["doc_id"].take(pa.concat_arrays([document, empty])),
        start=pa.concat_arrays([pa.array(segments.start).take(rows), zeros]),
        end=pa.concat_arrays([pa.array(segments.end).take(rows), zeros]),
        text=pa.concat_arrays([excerpts, none]),
        detail=pa.concat_arrays([details.take(rows), none]),
    )


def _rejects(**columns: pa.Array) -> pa.RecordBatch:
    n = len(columns["doc_id"])
    columns["stage"] = pa.repeat("sentences", n)
    # A doc_id is `source#id`.
    columns["source"] = pc.replace_substring_regex(columns["doc_id"], "(?s)#.*", "")
    return pa.RecordBatch.from_arrays([columns[name] for name in REJECTS.names], schema=REJECTS)
