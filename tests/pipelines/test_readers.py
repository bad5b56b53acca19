"""What comes out of sound inputs, in every format and compression."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents
from bitseam.schemas.errors import UserError
from bitseam.schemas.tables import DOCUMENTS, REJECTS

COMPRESS = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


def read(path, data=None, *, lang_hint=None, **options):
    """Return the documents and the rejects of one file as lists of rows."""
    if data is not None:
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (file,) = find_inputs([str(path)], lang_hint=lang_hint)
    batches = list(read_documents(file, ReadOptions(**options)))
    for batch in batches:
        assert (batch.documents.schema, batch.rejects.schema) == (DOCUMENTS, REJECTS)
    assert [b.bytes_read for b in batches] == sorted(b.bytes_read for b in batches)
    return (
        [row for batch in batches for row in batch.documents.to_pylist()],
        [row for batch in batches for row in batch.rejects.to_pylist()],
    )


def texts(documents):
    return [document["text"] for document in documents]


def ids(documents):
    return [document["doc_id"] for document in documents]


# --- plain text


@pytest.mark.parametrize("extension", COMPRESS)
def test_a_text_file_is_one_document(tmp_path, extension):
    data = COMPRESS[extension]("Moien.\r\n\nWéi geet et?\n".encode())
    documents, rejects = read(tmp_path / f"a.txt{extension}", data, lang_hint="lb")
    assert documents == [
        {
            "doc_id": f"a.txt{extension}",
            "url": None,
            "title": None,
            "lang_hint": "ltz_Latn",
            "text": "Moien.\n\nWéi geet et?\n",
        }
    ]
    assert rejects == []


def test_each_line_is_a_document_and_only_line_feeds_end_one(tmp_path):
    data = "\ufeffEent\r\n\n  \nZwee\u2028nach\x0bzwee\x85ëmmer\rzwee\nDräi"
    documents, rejects = read(tmp_path / "a.txt", data, text_unit="line")
    assert texts(documents) == ["Eent", "Zwee\u2028nach\x0bzwee\x85ëmmer\rzwee", "Dräi"]
    assert ids(documents) == ["a.txt#1", "a.txt#4", "a.txt#5"]
    assert rejects == []


def test_a_long_text_is_cut_between_paragraphs(tmp_path):
    paragraphs = [f"Abschnitt {number}. " + "Wort " * 2000 for number in range(60)]
    text = "\n\n".join(paragraphs)
    documents, rejects = read(tmp_path / "a.txt", text, max_document_bytes=200_000)
    assert len(documents) > 2
    assert "".join(texts(documents)) == text
    assert all(part.startswith("Abschnitt") for part in texts(documents))
    assert ids(documents) == [f"a.txt#{part}" for part in range(1, len(documents) + 1)]
    assert rejects == []


# --- rows


def test_json_lines_fields(tmp_path):
    rows = [
        {"text": "Moien", "id": "x", "url": "https://e.org", "title": "T", "lang": "lb"},
        {"text": "Hallo", "id": 7, "url": 3, "title": None, "lang": "no such code"},
        {"text": "Salut", "extra": [1]},
    ]
    data = "\n".join(map(json.dumps, rows)) + "\n\n"
    documents, rejects = read(tmp_path / "a.jsonl", data)
    assert documents[0] == {
        "doc_id": "a.jsonl#x",
        "url": "https://e.org",
        "title": "T",
        "lang_hint": "ltz_Latn",
        "text": "Moien",
    }
    assert ids(documents) == ["a.jsonl#x", "a.jsonl#7", "a.jsonl#3"]
    assert [document["lang_hint"] for document in documents] == ["ltz_Latn", None, None]
    assert documents[1]["url"] is None
    assert rejects == []


@pytest.mark.parametrize("tag", ["und", "mul", "", "x" * 999, "no code", "\\u0000"])
def test_a_hint_that_names_no_language_is_left_out(tmp_path, tag):
    documents, rejects = read(tmp_path / "a.jsonl", f'{{"text": "a", "lang": "{tag}"}}')
    assert (documents[0]["lang_hint"], rejects) == (None, [])


def test_the_language_of_the_file_wins(tmp_path):
    documents, _ = read(tmp_path / "a.jsonl", '{"text": "a", "lang": "de"}', lang_hint="lb")
    assert documents[0]["lang_hint"] == "ltz_Latn"


def test_columns_can_have_other_names(tmp_path):
    columns = {"text_column": "Satz", "id_column": "Nr"}
    for name, data in (("a.tsv", "Nr\tSatz\n9\tMoien"), ("a.jsonl", '{"Nr": 9, "Satz": "Moien"}')):
        documents, _ = read(tmp_path / name, data, **columns)
        assert (ids(documents), texts(documents)) == ([f"{name}#9"], ["Moien"])


def test_repeated_ids_are_told_apart_by_the_row(tmp_path):
    rows = ['{"text": "a", "id": 1}', '{"text": "b", "id": "1"}', '{"text": "c", "id": "1~2"}']
    documents, _ = read(tmp_path / "a.jsonl", "\n".join(rows))
    assert ids(documents) == ["a.jsonl#1", "a.jsonl#1~2", "a.jsonl#1~2~3"]


def test_tsv_has_no_quoting(tmp_path):
    data = 'id\ttext\tlang\r\n1\tSi sot: "Moien\tlb\r\n\r\n2\t"a ""b"" c"\t\n'
    documents, rejects = read(tmp_path / "a.tsv", data)
    assert texts(documents) == ['Si sot: "Moien', '"a ""b"" c"']
    assert [document["lang_hint"] for document in documents] == ["ltz_Latn", None]
    assert rejects == []


@pytest.mark.parametrize("extension", COMPRESS)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary("int32", "string")])
def test_parquet_of_any_string_type(tmp_path, extension, kind):
    values = pa.array(["Moien", "Äddi"]).cast(kind)
    table = pa.table({"other": [[1], []], "text": values, "id": [5, None], "lang": ["lb", None]})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    data = COMPRESS[extension](sink.getvalue().to_pybytes())
    name = f"a.parquet{extension}"
    documents, rejects = read(tmp_path / name, data)
    assert texts(documents) == ["Moien", "Äddi"]
    assert ids(documents) == [f"{name}#5", f"{name}#1"]  # the row's number from 0
    assert rejects == []


# --- wiki dumps

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="lb">
<siteinfo><base>https://lb.wikipedia.org/wiki/Haapts%C3%A4it</base>
<namespaces><namespace key="6">Gemools</namespace><namespace key="0" /></namespaces></siteinfo>
"""


def page(title, number, text, *, namespace=0, extra="", model="wikitext"):
    return (
        f"<page><title>{title}</title><ns>{namespace}</ns><id>{number}</id>{extra}"
        f"<revision><id>1</id><model>{model}</model><text>{text}</text></revision></page>\n"
    )


@pytest.mark.parametrize("engine", ["fast", "thorough"])
@pytest.mark.parametrize("extension", COMPRESS)
def test_articles_of_a_dump_become_prose(tmp_path, extension, engine):
    wikitext = "[[Gemools:X.jpg|thumb]]'''Schengen''' ass &lt;b&gt;kleng&lt;/b&gt;.&lt;ref/&gt;"
    dump = HEAD + page("Bréck &amp; Wee", 12, wikitext) + "</mediawiki>\n"
    name = f"lbwiki.xml{extension}"
    documents, rejects = read(tmp_path / name, COMPRESS[extension](dump.encode()), wikitext=engine)
    assert documents == [
        {
            "doc_id": f"{name}#12",
            "url": "https://lb.wikipedia.org/wiki/Br%C3%A9ck_%26_Wee",
            "title": "Bréck & Wee",
            "lang_hint": "ltz_Latn",
            "text": "Schengen ass kleng.",
        }
    ]
    assert rejects == []


def test_pages_that_are_no_articles_are_counted(tmp_path):
    dump = (
        HEAD
        + page("A", 1, "x", extra='<redirect title="B" />')
        + page("Schabloun:B", 2, "x", namespace=10)
        + page("C", 3, "{}", model="json")
        + page("D", 4, "{{E}}")
        + page("E", 5, "Text.")
        + "</mediawiki>"
    )
    documents, rejects = read(tmp_path / "a.xml", dump)
    assert texts(documents) == ["Text."]
    assert [(reject["reason"], reject["doc_id"]) for reject in rejects] == [
        ("redirect", "a.xml#1"),
        ("namespace", "a.xml#2"),
        ("namespace", "a.xml#3"),
        ("empty", "a.xml#4"),
    ]


def test_the_last_revision_of_a_history_counts(tmp_path):
    two = page("A", 1, "al").replace("</page>", "<revision><text>nei</text></revision></page>")
    documents, _ = read(tmp_path / "a.xml", HEAD + two + "</mediawiki>")
    assert texts(documents) == ["nei"]


# --- streaming


def test_batches_are_bounded_and_in_order(tmp_path):
    path = tmp_path / "a.txt.gz"
    lines = [f"Saz Nummer {number} an dësem Fichier." for number in range(30_000)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    (file,) = find_inputs([str(path)])
    options = ReadOptions(text_unit="line", batch_bytes=100_000)
    batches = [batch.documents["text"].to_pylist() for batch in read_documents(file, options)]
    assert [text for batch in batches for text in batch] == lines
    assert max(sum(map(len, batch)) for batch in batches) < 200_000


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl.gz", "a.xml.bz2"])
def test_memory_does_not_grow_with_the_file(tmp_path, name):
    def peak(rows):
        row = {
            "txt": "Dat ass e ganz normale Saz.\n" * 10,
            "jsonl": '{"text": "Dat ass e ganz normale Saz, mat e puer Wierder."}\n' * 5,
            "xml": page("A", 1, "Dat ass e ganz normale Saz.\n" * 5),
        }[name.split(".")[1]]
        head, tail = (HEAD, "</mediawiki>") if "xml" in name else ("", "")
        extension = f".{name.split('.')[2]}" if name.count(".") == 2 else ""
        path = tmp_path / f"{rows}{name}"
        path.write_bytes(COMPRESS[extension]((head + row * rows + tail).encode()))
        (file,) = find_inputs([str(path)])
        tracemalloc.start()
        options = ReadOptions(text_unit="line", batch_bytes=50_000)
        for _ in read_documents(file, options):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(8_000) < 1.2 * peak(2_000) + 200_000


@pytest.mark.parametrize(
    "options", [{"text_unit": "page"}, {"wikitext": "slow"}, {"batch_bytes": 0}]
)
def test_options_are_validated(options):
    with pytest.raises(UserError, match="expected"):
        ReadOptions(**options)
