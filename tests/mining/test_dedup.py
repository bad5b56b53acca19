from __future__ import annotations

import polars as pl

from bitseam.mining.dedup import deduplicate, drop_near_duplicates

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


def test_what_stays_for_a_near_duplicate_stays_for_its_copies() -> None:
    unique = deduplicate(
        rows(
            (1, "ltz_Latn", "Moien Welt", 10, 3),
            (2, "ltz_Latn", "Moien, Welt", 10, 1),
            (3, "deu_Latn", "Moien Welt!", 10, 1),
            (4, "deu_Latn", "Hallo Welt", 11, 1),
            (5, "ltz_Latn", "Moien", 12, 1),
        ),
        "ltz_Latn",
        "deu_Latn",
    )
    near = pl.DataFrame({"sentence_id": [1, 4], "kept": [8, 9]})  # of other partitions
    left = drop_near_duplicates(unique, near)
    assert left.src["sentence_id"].to_list() == [5]
    assert left.tgt.is_empty()
    assert left.dropped.select("sentence_id", "reason", "kept").rows() == [
        (2, "near_duplicate", 8),
        (3, "copy_of_source", 8),
        (1, "near_duplicate", 8),
        (4, "near_duplicate", 9),
    ]


def test_without_near_duplicates_nothing_is_dropped() -> None:
    unique = deduplicate(rows((1, "ltz_Latn", "a", 1, 1)), "ltz_Latn", "deu_Latn")
    near = pl.DataFrame(schema={"sentence_id": pl.Int64, "kept": pl.Int64})
    left = drop_near_duplicates(unique, near)
    assert left.src.equals(unique.src)
    assert left.dropped.equals(unique.dropped)
