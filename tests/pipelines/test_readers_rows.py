"""CSV, JSON and rows of translations: quoting, places, damage, and columns by their names."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents


def read(path, data, *, lang=None, **options):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (file,) = find_inputs([str(path)], lang_hint=lang)
    batches = list(read_documents(file, ReadOptions(**options)))
    rows = [row for batch in batches for row in batch.documents.to_pylist()]
    return rows, [row for batch in batches for row in batch.rejects.to_pylist()]


def texts(rows):
    return [row["text"] for row in rows]


# --- CSV


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_quoting_line_ends_in_cells_and_separators(tmp_path, separator, ending):
    lines = [
        separator.join(("id", "text", "lang")),
        separator.join(("1", f'"Moien{separator} Mëller"', "lb")),
        separator.join(("2", f'"Eng Zeil{ending}an nach eng, ""sot"" hien"', "lb")),
        "",
        separator.join(("3", "5 Zoll", "de")),
    ]
    rows, rejects = read(tmp_path / "a.csv", ending.join(lines))
    assert texts(rows) == [
        f"Moien{separator} Mëller",
        'Eng Zeil\nan nach eng, "sot" hien',
        "5 Zoll",
    ]
    assert [row["lang_hint"] for row in rows] == ["ltz_Latn", "ltz_Latn", "deu_Latn"]
    assert rejects == []


def test_what_excel_writes_first_is_no_header(tmp_path):
    rows, rejects = read(tmp_path / "a.csv", "\ufeffsep=;\r\ntext;id\r\nMoien;4\r\n")
    assert ([row["doc_id"] for row in rows], rejects) == (["a.csv#4"], [])


def test_a_quotation_mark_that_is_never_closed_costs_its_line(tmp_path):
    lines = ["text,id", '"open,1', "sound,2", '"al ""so""",3', '"two\nlines",4', 'a "b" c,5']
    data = "\n".join(lines)
    rows, rejects = read(tmp_path / "a.csv", data)
    assert texts(rows) == ["sound", 'al "so"', "two\nlines", 'a "b" c']
    assert [(r["reason"], data[r["start"] : r["end"]]) for r in rejects] == [
        ("malformed_row", '"open,1')
    ]
    assert "not closed" in rejects[0]["detail"]


def test_text_around_a_quoted_cell_is_no_cell(tmp_path):
    rows, rejects = read(tmp_path / "a.csv", 'text,id\n"Das "gute" Brot",1\ngut,2\n')
    assert texts(rows) == ["gut"]
    assert [reject["reason"] for reject in rejects] == ["malformed_row"]


def test_a_header_without_the_text_names_what_is_there(tmp_path):
    rows, rejects = read(tmp_path / "a.csv", "nr;satz\n1;Moien\n")
    assert rows == []
    assert "no column 'text', found 'nr', 'satz'" in rejects[0]["detail"]
    assert texts(read(tmp_path / "a.csv", "nr;satz\n1;Moien\n", text_column="satz")[0]) == ["Moien"]


@pytest.mark.parametrize("lines", [3, 30_000])
def test_hostile_quotes_take_linear_time(tmp_path, lines):
    rows, rejects = read(tmp_path / "a.csv", "text,id\n" + '"x"",""y\n' * lines + "end,1\n")
    assert texts(rows) == ["end"]
    assert len(rejects) == lines


@settings(max_examples=60)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=20),
        min_size=1,
        max_size=12,
    )
)
def test_what_the_standard_library_writes_is_read_as_written(tmp_path_factory, cells):
    cells = [cell for cell in cells if cell.strip()] or ["x"]
    sink = io.StringIO()
    csv.writer(sink).writerows([["id", "text"], *enumerate(cells)])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    rows, rejects = read(path, sink.getvalue().encode())
    assert (texts(rows), rejects) == (cells, [])


# --- JSON


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_an_array_of_objects(tmp_path, name, indent):
    import gzip

    objects = [{"text": f'Saz {n}: [{{"\\' + "é" * n, "id": n, "x": {"y": [n]}} for n in range(50)]
    data = json.dumps(objects, indent=indent, ensure_ascii=False).encode()
    rows, rejects = read(tmp_path / name, gzip.compress(data) if name.endswith("gz") else data)
    assert texts(rows) == [item["text"] for item in objects]
    assert rejects == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('{"text": "een",\n "id": 1}', ["een"]),
        ('{"text": "een"}', ["een"]),
        ('{"text": "een"}\n{"text": "zwee"}\n', ["een", "zwee"]),
        ('{"version": 2,\n "data": [{"text": "een"}, {"text": "zwee"}]}', ["een", "zwee"]),
        ('\ufeff \n[{"text": "een"}]\n', ["een"]),
    ],
)
def test_other_shapes_of_json(tmp_path, data, expected):
    rows, rejects = read(tmp_path / "a.json", data)
    assert (texts(rows), rejects) == (expected, [])


def test_damage_costs_the_element_it_is_in(tmp_path):
    good = [json.dumps({"text": f"Saz {n}"}) for n in range(9)]
    elements = [*good]
    elements[2] = '{"text": "Saz 2}'  # the closing mark is missing
    elements[4] = '{"text": Saz}'
    elements[5] = '["Saz"]'
    elements[7] = '{"tekst": "Saz 7"}'
    data = "[\n  " + ",\n  ".join(elements) + "\n]\n"
    rows, rejects = read(tmp_path / "a.json", data)
    assert texts(rows) == [f"Saz {n}" for n in (0, 1, 3, 6, 8)]
    assert [reject["reason"] for reject in rejects] == [*["malformed_row"] * 3, "missing_text"]
    assert [data[r["start"] : r["end"]].strip(" ,\n") for r in rejects] == [
        elements[n] for n in (2, 4, 5, 7)
    ]
    assert "'tekst'" in rejects[-1]["detail"]
    assert "--text-column" in rejects[-1]["detail"]


@pytest.mark.parametrize(
    ("data", "reason", "found"),
    [
        ('[{"text": "a"}, {"text": "b"', "truncated", ["a"]),
        ('[{"text": "a"}] rest', "corrupt", ["a"]),
        (
            '[{"text": "a"}, {"text": "' + "x" * 300 + '"}, {"text": "b"}]',
            "line_too_long",
            ["a", "b"],
        ),
        ("[]", "empty", []),
        ('{"a":\n 1', "malformed_row", []),
    ],
)
def test_arrays_that_end_wrong(tmp_path, data, reason, found):
    rows, rejects = read(tmp_path / "a.json", data, max_line_bytes=200)
    assert texts(rows) == found
    assert reason in [reject["reason"] for reject in rejects]


def test_an_array_is_read_in_little_memory(tmp_path):
    import tracemalloc

    def peak(number):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps([{"text": "Dat ass e Saz."}] * number))
        (file,) = find_inputs([str(path)])
        tracemalloc.start()
        for _ in read_documents(file, ReadOptions(batch_bytes=50_000)):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(12_000) < 1.2 * peak(4000) + 200_000


@settings(max_examples=100)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "x", "[", '"']),
            st.recursive(
                st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
                lambda its: st.lists(its, max_size=3) | st.dictionaries(st.text(max_size=3), its),
                max_leaves=5,
            ),
        ),
        max_size=6,
    ),
    st.sampled_from([None, 0, 2]),
    st.integers(1, 50),
)
def test_any_array_is_cut_as_the_library_parses_it(tmp_path_factory, objects, indent, step):
    from bitseam.pipelines.readers import streams

    objects = [{**item, "text": f"n {n}"} for n, item in enumerate(objects)]
    path = tmp_path_factory.mktemp("json") / "a.json"
    before, streams.RAW_BYTES = streams.RAW_BYTES, step
    try:
        rows, rejects = read(path, json.dumps(objects, indent=indent))
    finally:
        streams.RAW_BYTES = before
    assert texts(rows) == [item["text"] for item in objects]
    assert [reject["reason"] for reject in rejects] == ([] if objects else ["empty"])


# --- rows of translations


def translations(rows):
    return [(row["doc_id"].partition("#")[2], row["lang_hint"], row["text"]) for row in rows]


EXPECTED = [
    ("7.lb", "ltz_Latn", "D'Mille steet."),
    ("7.de", "deu_Latn", "Die Mühle steht."),
    ("8.de", "deu_Latn", "Sie mahlt."),
]
ROWS = [
    {"id": "7", "translation": {"lb": "D'Mille steet.", "de": "Die Mühle steht."}},
    {"id": "8", "translation": {"lb": None, "de": "Sie mahlt."}},
]


@pytest.mark.parametrize("lang", [None, "lb"])
def test_translations_of_a_row_are_documents_of_their_languages(tmp_path, lang):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "made")
    files = {
        "a.jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
        "a.json": json.dumps(ROWS).encode(),
        "a.parquet": (tmp_path / "made").read_bytes(),
    }
    for name, data in files.items():
        rows, rejects = read(tmp_path / name, data, lang=lang)
        assert (translations(rows), rejects) == (EXPECTED, []), name


@pytest.mark.parametrize("header", ["lb,de", "ltz,deu", "ltz_Latn,deu_Latn"])
def test_columns_named_by_languages_are_translations(tmp_path, header):
    data = f"{header}\nD'Mille steet.,Die Mühle steht.\n"
    for name, its in (("a.csv", data), ("a.tsv", data.replace(",", "\t"))):
        rows, rejects = read(tmp_path / name, its)
        assert ([lang for _, lang, _ in translations(rows)], rejects) == (
            ["ltz_Latn", "deu_Latn"],
            [],
        )


def test_a_translation_without_text_is_named(tmp_path):
    data = '{"translation": {"en": 5, "de": "gut"}}\n{"translation": {}}\n'
    rows, rejects = read(tmp_path / "a.jsonl", data)
    assert texts(rows) == ["gut"]
    assert [reject["reason"] for reject in rejects] == ["missing_text"] * 2
