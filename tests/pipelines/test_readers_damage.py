"""What comes of damaged inputs: rejects with a reason and a place, and all text that is sound."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents, streams

COMPRESS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


def read(path, data, **options):
    """Return the texts of the documents, and the rejects."""
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (file,) = find_inputs([str(path)])
    batches = list(read_documents(file, ReadOptions(**options)))
    texts = [text for batch in batches for text in batch.documents["text"].to_pylist()]
    rejects = [row for batch in batches for row in batch.rejects.to_pylist()]
    for reject in rejects:
        assert (reject["stage"], reject["source"]) == ("read", path.name)
        assert len(reject["text"] or "") <= 500
    return texts, rejects


def reports(path):
    """Return what is told of a file."""
    (file,) = find_inputs([str(path)])
    return [report for batch in read_documents(file, ReadOptions()) for report in batch.reports]


def reasons(rejects):
    return [(reject["what"], reject["reason"]) for reject in rejects]


# --- lines


def test_a_bad_line_of_a_document_becomes_a_paragraph_break(tmp_path):
    texts, rejects = read(tmp_path / "a.txt", b"Eent\nKap\xff\xfeutt\nZwee\nN\0l\nDr\xc3\xa4i\n")
    assert texts == ["Eent\n\nZwee\n\nDräi\n"]
    assert reasons(rejects) == [("row", "invalid_utf8"), ("row", "nul_byte")]
    assert (rejects[0]["start"], rejects[0]["end"]) == (5, 13)
    assert rejects[0]["text"] == r"Kap\xff\xfeutt"
    assert rejects[0]["detail"] == "line 2: 0xff at byte 8"
    assert rejects[1]["text"] == r"N\x00l"


def test_a_line_of_100_mb_is_skipped_in_little_memory(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "virun"}\n')
        for _ in range(100):
            file.write(b"a" * 1_000_000)
        file.write(b'\n{"text": "duerno"}\n')
    (file,) = find_inputs([str(path)])
    tracemalloc.start()
    batches = list(read_documents(file, ReadOptions(max_line_bytes=1 << 20)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert batches[-1].documents["text"].to_pylist() == ["virun", "duerno"]
    (reject,) = batches[-1].rejects.to_pylist()
    assert (reject["reason"], reject["start"], reject["end"]) == ("line_too_long", 18, 100_000_018)
    assert reject["text"] == "a" * 500
    assert peak < 48 << 20


@pytest.mark.parametrize("length", [9, 10, 11])
def test_the_limit_of_a_line_is_exact(tmp_path, length):
    data = b"\n".join([b"kuerz", b"x" * length, b"kuerz", b"y" * length])
    texts, rejects = read(tmp_path / "a.txt", data, text_unit="line", max_line_bytes=10)
    assert len(texts) == (4 if length <= 10 else 2)
    assert len(texts) + len(rejects) == 4


def test_text_around_a_line_too_long_is_not_joined(tmp_path):
    texts, rejects = read(tmp_path / "a.txt", b"Eent\n" + b"x" * 20 + b"\nZwee", max_line_bytes=10)
    assert texts == ["Eent\n\nZwee"]
    assert (rejects[0]["detail"], rejects[0]["start"]) == (
        "line 2: 20 bytes, at most 10 are read",
        5,
    )


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.tsv", "a.xml"])
def test_an_empty_file_is_a_reject(tmp_path, name):
    texts, rejects = read(tmp_path / name, b"")
    assert texts == []
    assert [reject["what"] for reject in rejects] == ["file"]


# --- rows


def test_bad_json_rows_are_rejected_one_by_one(tmp_path):
    rows = [
        '{"text": "gutt"}',
        '{"text": "net zou',
        '["text"]',
        '{"txt": "x"}',
        '{"text": 5}',
        '{"text": " "}',
        r'{"text": "a\u0000b"}',
        r'{"text": "\ud800"}',
        "[" * 100_000,
        '{"text": "och gutt"}',
    ]
    texts, rejects = read(tmp_path / "a.jsonl", "\n".join(rows))
    assert texts == ["gutt", "och gutt"]
    assert [reject["reason"] for reject in rejects] == [
        *("malformed_row", "malformed_row", "missing_text", "missing_text", "empty", "nul_byte"),
        *("malformed_row", "malformed_row"),
    ]
    assert rejects[0]["detail"].startswith("line 2: ")
    assert rejects[0]["text"] == rows[1]


def test_tsv_rows_of_another_width_are_rejected(tmp_path):
    texts, rejects = read(tmp_path / "a.tsv", "id\ttext\n1\ta\n2\n3\tb\tc\n4\td\n")
    assert texts == ["a", "d"]
    assert [reject["detail"] for reject in rejects] == [
        "line 3: 1 fields, the header has 2",
        "line 4: 3 fields, the header has 2",
    ]


def test_a_tsv_file_without_header_says_what_was_found(tmp_path):
    texts, rejects = read(tmp_path / "a.tsv", "1\tMoien\n2\tÄddi\n")
    assert texts == []
    assert reasons(rejects) == [("file", "missing_text")]
    assert "no column 'text', found '1', 'Moien'" in rejects[0]["detail"]
    assert "--text-column" in rejects[0]["detail"]


# --- archives


@pytest.mark.parametrize("extension", COMPRESS)
def test_rows_before_the_end_of_a_truncated_archive_are_kept(tmp_path, extension):
    lines = [f"Saz {number} {number * 7919 % 10_007}" for number in range(200_000)]
    stored = COMPRESS[extension]("\n".join(lines).encode())
    texts, rejects = read(
        tmp_path / f"a.txt{extension}", stored[: 3 * len(stored) // 4], text_unit="line"
    )
    assert len(texts) > 10_000
    assert texts == lines[: len(texts)]
    assert reasons(rejects) == [("file", "truncated")]
    assert "byte" in rejects[0]["detail"]


@pytest.mark.parametrize("extension", COMPRESS)
def test_archives_of_several_members_with_padding_are_whole(tmp_path, extension):
    compress = COMPRESS[extension]
    stored = compress(b"eent\n") + compress(b"") + b"\0" * 8 + compress(b"zwee\n")
    texts, rejects = read(tmp_path / f"a.txt{extension}", stored, text_unit="line")
    assert (texts, rejects) == (["eent", "zwee"], [])


@pytest.mark.parametrize("extension", COMPRESS)
def test_bytes_after_an_archive_are_reported(tmp_path, extension):
    stored = COMPRESS[extension](b"gutt\nzwee") + b"rescht" * 4
    texts, rejects = read(tmp_path / f"a.txt{extension}", stored)
    assert texts == ["gutt\n"]
    assert reasons(rejects) == [("file", "corrupt")]
    assert rejects[0]["detail"].endswith("; line 2 is cut off: b'zwee'")


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("a.txt.gz", zstandard.compress(b"Moien"), "is zstd, whatever its name says"),
        ("a.txt", gzip.compress(b"Moien"), "is gzip, whatever its name says"),
        ("a.txt.gz", b"Moien, wei geet et?", "is not gzip, whatever its name says"),
    ],
)
def test_a_wrong_name_is_read_for_what_it_is_and_noted(tmp_path, name, data, note):
    path = tmp_path / name
    texts, rejects = read(path, data)
    assert (texts[0][:5], rejects) == ("Moien", [])
    (report,) = reports(path)
    assert note in report.notes[0]


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"%PDF-1.7\n1 0 obj", "PDF"), (b"PAR1\x15\x04\x15\x00", "Parquet"), (bytes(99), "other")],
)
def test_what_is_no_text_is_named(tmp_path, data, found):
    texts, rejects = read(tmp_path / "a.txt.gz", data)
    assert texts == []
    assert f"starts like {found} data" in rejects[0]["detail"]


@pytest.mark.parametrize("extension", COMPRESS)
def test_a_bomb_is_defused_in_little_memory(tmp_path, monkeypatch, extension):
    monkeypatch.setattr(streams, "BOMB_BYTES", 8 << 20)
    monkeypatch.setattr(streams, "BOMB_RATIO", 500)
    stored = COMPRESS[extension](bytes(64 << 20))
    tracemalloc.start()
    texts, rejects = read(tmp_path / f"a.txt{extension}", stored)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert texts == []
    assert reasons(rejects) == [("file", "bomb")]
    assert peak < 80 << 20


def test_repetitive_text_is_no_bomb(tmp_path):
    text = "".join(f"Dëse Saz {number} kënnt dacks vir.\n" for number in range(100)) * 200
    texts, rejects = read(tmp_path / "a.txt.zst", zstandard.compress(text.encode()))
    assert (texts, rejects) == ([text], [])


# --- Parquet


def parquet(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def test_parquet_without_a_text_column_says_what_was_found(tmp_path):
    for table in (pa.table({"sentence": ["a"]}), pa.table({"text": [1]})):
        texts, rejects = read(tmp_path / "a.parquet", parquet(table))
        assert texts == []
        assert reasons(rejects) == [("file", "missing_text")]
        assert f"found {table.schema[0].name}: {table.schema[0].type}" in rejects[0]["detail"]


def test_parquet_rows_without_sound_text_are_rejected(tmp_path):
    bad = pa.array([b"gutt", b"\xff", None, b"", b"a\0b"], pa.binary()).view(pa.string())
    texts, rejects = read(tmp_path / "a.parquet", parquet(pa.table({"text": bad})))
    assert texts == ["gutt"]
    assert [reject["reason"] for reject in rejects] == [
        *("invalid_utf8", "missing_text", "empty", "nul_byte")
    ]
    assert [reject["detail"].split(":")[0] for reject in rejects] == [
        f"row {n}" for n in range(1, 5)
    ]


def test_a_truncated_parquet_file_is_one_reject(tmp_path):
    data = parquet(pa.table({"text": ["Moien"] * 1000}))
    texts, rejects = read(tmp_path / "a.parquet", data[: len(data) // 2])
    assert texts == []
    assert reasons(rejects) == [("file", "corrupt")]


def test_parquet_damage_costs_the_row_group_it_is_in(tmp_path):
    lines = [f"Saz {number}" for number in range(4000)]
    data = bytearray(
        parquet(
            pa.table({"text": lines}), row_group_size=1000, use_dictionary=False, compression="zstd"
        )
    )
    offset = pq.read_metadata(io.BytesIO(data)).row_group(2).column(0).data_page_offset
    data[offset : offset + 200] = bytes(200)
    texts, rejects = read(tmp_path / "a.parquet", bytes(data))
    assert texts == lines[:2000] + lines[3000:]
    assert reasons(rejects) == [("file", "corrupt")]
    assert rejects[0]["detail"].startswith("rows 2000 to 2999: ")


# --- wiki dumps


def page(number, text="Text."):
    head = f"<page><title>T</title><ns>0</ns><id>{number}</id>"
    return f"{head}<revision><text>{text}</text></revision></page>"


def dump(*pages):
    return "<mediawiki>" + "\n".join(pages) + "</mediawiki>"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (page(2).replace("</text>", ""), "corrupt"),
        (page(2).replace("<page>", "<pagf>"), "corrupt"),
        (page(2).replace("</page>", "</pagf>"), "corrupt"),
        (page(2, "a <b>c</b> d"), "corrupt"),
        (page(2, "a &secret; d"), "corrupt"),
        (page(2, "a \0 d"), "nul_byte"),
        (page(2, "a \udcff d"), "invalid_utf8"),
        (page(2, "a" * 20_000), "line_too_long"),
        (page(2).replace("<text>Text.</text>", ""), "missing_text"),
    ],
)
def test_damage_costs_the_page_it_is_in(tmp_path, bad, reason):
    data = dump(page(1, "Eent"), bad, page(3, "Zwee")).encode("utf-8", "surrogateescape")
    texts, rejects = read(tmp_path / "a.xml", data, max_line_bytes=10_000)
    assert texts == ["Eent", "Zwee"]
    assert reasons(rejects) == [("document", reason)]
    assert data[rejects[0]["start"] : rejects[0]["end"]].strip() == bad.encode(
        "utf-8", "surrogateescape"
    )


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "prolog",
    [
        f'<?xml version="1.0"?>\n<!DOCTYPE mediawiki [<!ENTITY e0 "ha">{ENTITIES}]>',
        '<!DOCTYPE mediawiki [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
        '<!-- <mediawiki> --><!DOCTYPE mediawiki SYSTEM "http://example.org/x.dtd">',
    ],
)
def test_declared_entities_are_refused_before_anything_is_read(tmp_path, prolog):
    texts, rejects = read(tmp_path / "a.xml", prolog + dump(page(1, "&e9;")))
    assert texts == []
    assert reasons(rejects) == [("file", "forbidden_xml")]


def test_a_dump_that_ends_early_is_reported(tmp_path):
    texts, rejects = read(tmp_path / "a.xml", dump(page(1), page(2))[:-40])
    assert texts == ["Text."]
    assert reasons(rejects) == [("file", "truncated")]


def test_other_xml_is_no_dump(tmp_path):
    prolog = '<?xml version="1.0"?>\n<!-- made by hand -->\n'
    for data, told in (
        ("<tmx><body/></tmx>", "a translation memory"),
        (prolog + '<TEI xmlns="http://www.tei-c.org/ns/1.0"><text/></TEI>', "root element <TEI>"),
    ):
        texts, rejects = read(tmp_path / "a.xml", data)
        assert texts == []
        assert reasons(rejects) == [("file", "corrupt")]
        assert told in rejects[0]["detail"]
        assert "expected a MediaWiki dump" in rejects[0]["detail"]


def test_pages_are_read_where_the_siteinfo_is_damaged(tmp_path):
    data = dump("<siteinfo><base>x</siteinfo>", page(1))
    texts, rejects = read(tmp_path / "a.xml", data)
    assert texts == ["Text."]
    assert reasons(rejects) == [("row", "corrupt")]


def test_a_page_across_many_chunks_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "RAW_BYTES", 3)  # every tag lies across two chunks
    texts, rejects = read(tmp_path / "a.xml", dump(page(1, "Eent"), page(2, "Zwee")))
    assert (texts, rejects) == (["Eent", "Zwee"], [])
