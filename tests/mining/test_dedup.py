from __future__ import annotations

import polars as pl

from bitseam.mining.dedup import deduplicate

COLUMNS = ("sentence_id", "lang", "text", "key", "count")


def rows(*values: tuple[int, str, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(values, schema=COLUMNS, orient="row")


def test_a_copy_of_the_source_leaves_the_target_side() -> None:
    unique = deduplicate(
        rows(
            (1, "ltz_Latn", "Moien", 10, 1),
            (2, "deu_Latn", "Moien", 10, 1),
            (3, "deu_Latn", "Hallo", 11, 1),
        ),
        "ltz_Latn",
        "deu_Latn",
    )
    assert unique.src["sentence_id"].to_list() == [1]
    assert unique.tgt["sentence_id"].to_list() == [3]
    assert unique.dropped.rows() == [(2, "Moien", "copy_of_source", 1)]


def test_of_near_duplicates_the_most_frequent_stays_ties_to_the_lower_id() -> None:
    unique = deduplicate(
        rows(
            (5, "ltz_Latn", "Moien!", 10, 1),
            (4, "ltz_Latn", "moien", 10, 1),
            (6, "ltz_Latn", "MOIEN", 10, 2),
            (8, "deu_Latn", "Ja.", 12, 1),
            (7, "deu_Latn", "Ja!", 12, 1),
        ),
        "ltz_Latn",
        "deu_Latn",
    )
    assert unique.src["sentence_id"].to_list() == [6]
    assert unique.tgt["sentence_id"].to_list() == [7]
    assert set(unique.dropped["reason"]) == {"near_duplicate"}
    assert unique.dropped["sentence_id"].to_list() == [4, 5, 8]


def test_counts_of_one_sentence_in_several_shards_are_added() -> None:
    unique = deduplicate(
        rows((1, "ltz_Latn", "a", 10, 2), (2, "ltz_Latn", "A", 10, 3), (1, "ltz_Latn", "a", 10, 2)),
        "ltz_Latn",
        "deu_Latn",
    )
    assert unique.src["sentence_id"].to_list() == [1]


def test_nothing_in_nothing_out() -> None:
    unique = deduplicate(
        rows().cast(
            {
                "sentence_id": pl.Int64,
                "lang": pl.String,
                "text": pl.String,
                "key": pl.Int64,
                "count": pl.Int64,
            }
        ),
        "ltz_Latn",
        "deu_Latn",
    )
    assert unique.src.is_empty()
    assert unique.tgt.is_empty()
    assert unique.dropped.is_empty()
