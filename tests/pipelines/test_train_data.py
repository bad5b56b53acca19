"""What `mine train` takes for parallel text, in every format, and what it says of the rest."""

from __future__ import annotations

import csv
import gzip
import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.pipelines.train.parallel_data import read_parallel
from bitseam.schemas.errors import BitseamError, UserError

ROWS = {"lb": ["Moien", "Äddi", "Merci"], "de": ["Hallo", "Tschüss", "Danke"]}
MINED = {
    "margin": [1.2, 1.1, 1.0],
    "src_text": ROWS["lb"],
    "tgt_text": ROWS["de"],
    "src_lang": ["ltz_Latn"] * 3,
    "tgt_lang": ["deu_Latn"] * 3,
    "src_doc": ["a", "b", "c"],
}


def read(path: Path, *columns: str) -> dict[str, list[str | None]]:
    (rows,) = read_parallel([str(path)], columns)
    return rows.table.to_pydict()


def lines(*rows: tuple[object, ...]) -> str:
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)


TSV = lines(*zip(*ROWS.values(), strict=True))
MARGINS = lines(*zip((1.2, 1.1, "9e-1"), *ROWS.values(), strict=True))


@pytest.mark.parametrize(
    ("name", "content", "columns", "names"),
    [
        ("a.tsv", "lb\tde\n" + TSV, "", "lb de"),
        ("headerless.tsv", TSV, "", "1 2"),
        ("mined.tsv", MARGINS, "", "2 3"),
        ("named.tsv", "x\ty\n" + TSV, "x,y", "x y"),
        ("crlf.tsv", ("lb\tde\n" + TSV).replace("\n", "\r\n"), "", "lb de"),
        ("order.tsv", "de\tid\tlb\n" + lines(*zip(ROWS["de"], "123", ROWS["lb"], strict=True)),
         "lb,de", "lb de"),
        ("id.tsv", "id\tlb\tde\n" + lines(*zip("abc", *ROWS.values(), strict=True)), "", "lb de"),
    ],
)  # fmt: skip
def test_tsv_with_and_without_a_header(tmp_path, name, content, columns, names):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    chosen = tuple(filter(None, columns.split(",")))
    assert read(path, *chosen) == dict(zip(names.split(), ROWS.values(), strict=True))


def test_parquet_of_any_columns_and_of_mined_pairs(tmp_path):
    for i, columns in enumerate((ROWS, {**ROWS, "n": [1, 2, 3]}, MINED)):
        pq.write_table(pa.table(columns), tmp_path / f"{i}.parquet")
        assert read(tmp_path / f"{i}.parquet") == ROWS


def test_mined_pairs_of_several_languages_are_named_by_side(tmp_path):
    mixed = {**MINED, "src_lang": ["ltz_Latn", "deu_Latn", "ltz_Latn"]}
    pq.write_table(pa.table(mixed), tmp_path / "m.parquet")
    assert list(read(tmp_path / "m.parquet")) == ["src_text", "tgt_text"]


def test_json_lines_compressed(tmp_path, caplog):
    objects = [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
    text = "\n".join(map(json.dumps, objects)) + "\n{oh\n[1]\n"
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    with caplog.at_level(logging.WARNING, "bitseam"):
        assert read(tmp_path / "a.jsonl.gz") == ROWS
    assert "no JSON objects, read as empty: 2" in caplog.text


def test_moses_by_its_common_name_or_one_of_its_files(tmp_path):
    for name, texts in ROWS.items():
        (tmp_path / f"corpus.{name}").write_text("\n".join(texts) + "\n", "utf-8")
    content = gzip.compress(b"Bonjour\n\nMerci\n")
    (tmp_path / "corpus.fr.gz").write_bytes(content)
    (tmp_path / "corpus.md").write_text("no language\n", "utf-8")
    expected = {"de": ROWS["de"], "fr": ["Bonjour", None, "Merci"], "lb": ROWS["lb"]}
    assert read(tmp_path / "corpus") == expected
    assert read(tmp_path / "corpus.lb") == expected


def test_rows_with_less_than_two_texts_are_left_out_and_counted(tmp_path, caplog):
    path = tmp_path / "a.tsv"
    path.write_text("lb\tde\tfr\na\tb\t\n \tc\t\nd\te\nf\t\tg\n", "utf-8")
    with caplog.at_level(logging.WARNING, "bitseam"):
        assert read(path) == {"lb": ["a", "f"], "de": ["b", None], "fr": [None, "g"]}
    assert "rows that have not 3 columns, read as empty: 1" in caplog.text
    assert "rows with less than two texts, left out: 2" in caplog.text


def test_a_folder_of_parquet_files_is_one_source(tmp_path):
    table = pa.table(ROWS)
    (tmp_path / "data").mkdir()
    for i in range(3):
        pq.write_table(table.slice(i, 1), tmp_path / "data" / f"train-{i}.parquet")
    assert read(tmp_path) == ROWS


@pytest.mark.parametrize(
    ("name", "content", "columns", "told"),
    [
        ("no", None, (), "no parallel text at"),
        ("a.docx", "a,b\n", (), "unknown extension '.docx'"),
        ("a.tsv", "a\tb\tc\n", (), "cannot tell which columns"),
        ("a.tsv", "lb\tde\na\tb\n", ("lb", "nl"), "no column of text named 'nl'"),
        ("a.tsv", "lb\tde\na\tb\n", ("lb",), "expected two or more"),
        ("a.tsv", "lb\tde\na\t\n", (), "no row with two texts"),
        ("a.tsv", "", (), "cannot tell which columns|is empty"),
        ("a.jsonl", "{}\n", (), "cannot tell which columns"),
        ("a.lb", "Moien\n", (), "no parallel text at"),
    ],
)
def test_what_is_no_parallel_text_is_named(tmp_path, name, content, columns, told):
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(UserError, match=told):
        read(tmp_path / name, *columns)


def test_files_of_different_lengths_are_not_aligned(tmp_path):
    (tmp_path / "c.lb").write_text("a\nb\n", "utf-8")
    (tmp_path / "c.de").write_text("a\n", "utf-8")
    with pytest.raises(UserError, match=r"same number of lines: found .*c\.de 1, .*c\.lb 2"):
        read(tmp_path / "c")


def test_damaged_parquet_is_named(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(BitseamError, match="cannot be read as Parquet"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("ltz\tdeu", "ltz deu"),
        ("LTZ\tDEU", "LTZ DEU"),
        ("Luxembourgish\tGerman", "Luxembourgish German"),
        ("ltz_Latn\tde-LU", "ltz_Latn de-LU"),
        ("sum\tset", "1 2"),  # codes of languages, but words
    ],
)
def test_tsv_with_a_header_of_longer_names(tmp_path, header, names):
    path = tmp_path / "a.tsv"
    path.write_text(f"{header}\n{TSV}", "utf-8")
    table = read(path)
    assert list(table) == names.split()
    assert [len(column) for column in table.values()] == [3 + (names == "1 2")] * 2


def test_two_words_of_three_letters_above_words_are_no_header(tmp_path):
    (tmp_path / "a.tsv").write_text("est\tist\nnous\twir\npour\tfür\n", "utf-8")
    assert read(tmp_path / "a.tsv") == {"1": ["est", "nous", "pour"], "2": ["ist", "wir", "für"]}


def test_a_row_with_a_cell_too_few_does_not_hide_the_header(tmp_path):
    (tmp_path / "a.tsv").write_text("ltz\tdeu\nMoien.\n" + TSV, "utf-8")
    assert list(read(tmp_path / "a.tsv")) == ["ltz", "deu"]


def test_numbers_beside_codes_of_three_letters(tmp_path):
    rows = zip(*ROWS.values(), "123", strict=True)
    (tmp_path / "a.tsv").write_text("ltz\tdeu\tplace\n" + lines(*rows), "utf-8")
    assert read(tmp_path / "a.tsv") == dict(zip(("ltz", "deu"), ROWS.values(), strict=True))


def test_columns_are_chosen_by_any_code_of_their_language(tmp_path):
    rows = zip(*ROWS.values(), ROWS["de"], strict=True)
    (tmp_path / "a.tsv").write_text("ltz\tdeu\tremarks\n" + lines(*rows), "utf-8")
    expected = {"deu": ROWS["de"], "ltz": ROWS["lb"]}
    assert read(tmp_path / "a.tsv", "de", "ltz_Latn") == expected
    table = pa.table({"ltz": ROWS["lb"], "deu": ROWS["de"], "remarks": ROWS["de"]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", "de", "lb") == expected
    with pytest.raises(UserError, match="cannot tell which columns"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize("given", ["corpus", "corpus.ltz", "corpus.deu"])
def test_files_that_end_in_codes_of_three_letters(tmp_path, given):
    for code, texts in zip(("ltz", "deu"), ROWS.values(), strict=True):
        (tmp_path / f"corpus.{code}").write_text("\n".join(texts) + "\n", "utf-8")
    for other in ("txt", "doc", "vocabulary"):
        (tmp_path / f"corpus.{other}").write_text("no language\n", "utf-8")
    assert read(tmp_path / given) == {"deu": ROWS["de"], "ltz": ROWS["lb"]}


def test_files_named_by_a_pair_of_languages(tmp_path):
    for code, texts in ROWS.items():
        (tmp_path / f"news.de-lb.{code}").write_text("\n".join(texts) + "\n", "utf-8")
    assert read(tmp_path / "news.de-lb.lb") == {"de": ROWS["de"], "lb": ROWS["lb"]}


# --- Hugging Face's rows, CSV and JSON

PAIRS = [
    {"lb": "D'Schleis ass zou.", "de": "Die Schleuse ist zu."},
    {"lb": "De Schiffer waart.", "de": "Der Schiffer wartet."},
    {"lb": 'Hien drénkt "Kaffi",\nwéi all Dag.', "de": "Er trinkt Kaffee; wie immer."},
]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "b.json", "a.parquet", "a.csv", "b.csv"])
def test_rows_of_translations_in_every_format(tmp_path, name):
    rows = [{"id": n, "translation": pair} for n, pair in enumerate(PAIRS)]
    path = tmp_path / name
    if name == "a.jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    elif name == "a.json":
        path.write_text(json.dumps(rows, indent=1), "utf-8")
    elif name == "b.json":
        path.write_text(json.dumps({"data": rows}), "utf-8")
    elif name == "a.parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";" if name == "b.csv" else ",")
            writer.writerows([["lb", "de"], *([pair["lb"], pair["de"]] for pair in PAIRS)])
    (source,) = read_parallel([str(path)], ())
    assert sorted(source.table.column_names) == ["de", "lb"]
    assert source.table.select(["lb", "de"]).to_pylist() == PAIRS


def test_a_bad_row_of_csv_is_counted_and_empty(tmp_path, caplog):
    (tmp_path / "a.csv").write_text('lb,de\neent,eins\n"zou,\nzwee,zwei\n', "utf-8")
    (source,) = read_parallel([str(tmp_path / "a.csv")], ())
    assert source.table.to_pylist() == [{"lb": "eent", "de": "eins"}, {"lb": "zwee", "de": "zwei"}]
    assert "left out: 1" in caplog.text


def test_parallel_text_in_another_encoding_is_decoded_or_refused(tmp_path, caplog):
    russian = ["Мельник рано утром открывает тяжёлую дверь.", "Над рекой висит холодный туман."]
    lines = [f"The miller opens the door {n}.\t{russian[n % 2]}" for n in range(20)]
    (tmp_path / "a.tsv").write_bytes("\n".join(["en\tru", *lines]).encode("cp1251"))
    (source,) = read_parallel([str(tmp_path / "a.tsv")], ())
    assert source.table["ru"].to_pylist()[:2] == russian
    assert "read as windows-1251 as detected" in caplog.text
    (tmp_path / "b.tsv").write_bytes(b"\n".join([b"en\tde", *[b"a\t\xfc"] * 9]))
    with pytest.raises(BitseamError, match=r"9 of 10 lines are no UTF-8.*iconv"):
        read_parallel([str(tmp_path / "b.tsv")], ())
