"""Every text of the data that a set is checked against is read, whatever form they have."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.pipelines.evalset.references import named_references, reference_texts
from bitseam.pipelines.train.parallel_data import read_columns
from bitseam.schemas.errors import BitseamError, UserError


def texts_of(path: Path) -> list[str]:
    return [text for batch in reference_texts(path) for text in batch.to_pylist()]


def test_lines_are_cleaned_and_parted_at_tabs(tmp_path) -> None:
    path = tmp_path / "bucc.de.gz"
    path.write_bytes(gzip.compress("de-1\tE  Haus\n\n\tZwee\u00ad Haiser\r\n".encode()))
    assert texts_of(path) == ["de-1", "E Haus", "Zwee Haiser"]


def test_strings_of_json_are_found_at_any_depth(tmp_path, caplog) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"translation": {"lb": "Moien", "de": "Hallo"}, "n": 3}, ["Äddi", [None, "Tschüss"]]]
    path.write_text("\n".join([*map(json.dumps, rows), "{broken"]) + "\n", "utf-8")
    assert sorted(texts_of(path)) == ["Hallo", "Moien", "Tschüss", "Äddi"]
    assert "lines that are no JSON, left out: 1" in caplog.text


def test_strings_of_parquet_are_found_at_any_depth(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    columns = {
        "id": [1, 2],
        "plain": pa.array(["eent", None]).dictionary_encode(),
        "translation": [{"lb": "zwee", "de": "zwei"}, None],
        "sentence1": [["dräi", "véier"], []],
        "deep": pa.array([[{"x": "fënnef"}], None]),
        "large": pa.array(["sechs", ""], pa.large_string()),
        "view": pa.array(["siwen", None], pa.string_view()),
        "fixed": pa.array([["aacht"], [None]], pa.list_(pa.string(), 1)),
        "map": pa.array([[("néng", "zéng")], None], pa.map_(pa.string(), pa.string())),
    }
    pq.write_table(pa.table(columns), path)
    expected = "eent zwee zwei dräi véier fënnef sechs siwen aacht néng zéng"
    assert texts_of(path) == expected.split()


def test_what_is_no_text_at_all_is_told(tmp_path) -> None:
    bounds = pa.array([0, 2], pa.int32()).buffers()[1]
    column = pa.StringArray.from_buffers(1, bounds, pa.py_buffer(b"\xff\xfe"))
    pq.write_table(pa.table({"lb": column, "de": column}), tmp_path / "a.parquet")
    with pytest.raises(BitseamError, match=r"cannot be read as Parquet: .*Invalid UTF8"):
        texts_of(tmp_path / "a.parquet")
    with pytest.raises(BitseamError, match=r"cannot be read as Parquet: .*Invalid UTF8"):
        read_columns(str(tmp_path / "a.parquet"), ())


def test_segments_of_a_memory_are_found(tmp_path) -> None:
    path = tmp_path / "a.tmx"
    texts = (("lb", "Jo"), ("de", "Ja"), ("de", "Jawohl"), ("x-klingon", "HIja"))
    sides = "".join(f'<tuv xml:lang="{tag}"><seg>{text}</seg></tuv>' for tag, text in texts)
    path.write_text(f"<tmx><body><tu>{sides}</tu></body></tmx>", "utf-8")
    assert texts_of(path) == ["Jo", "Ja", "Jawohl", "HIja"]


def test_a_path_may_have_an_equals_sign(tmp_path, monkeypatch) -> None:
    path = tmp_path / "lang=de" / "a.txt"
    path.parent.mkdir()
    path.write_text("Ja")
    assert named_references([str(path)]) == {"a.txt": [path]}
    assert named_references([f"train={path}"]) == {"train": [path]}


def test_what_would_not_be_read_right_is_refused_or_told(tmp_path, caplog) -> None:
    for name in ("a.csv", "b.json.gz", "de.xml", "manifest.json", "train.txt"):
        (tmp_path / name).write_text("x")
    for name in ("a.csv", "b.json.gz"):
        with pytest.raises(UserError, match=r"\.(csv|json) is not read: expected text, TSV"):
            named_references([str(tmp_path / name)])
    assert named_references([f"all={tmp_path}"]) == {"all": [tmp_path / "train.txt"]}
    assert "not read, and so not checked for leaks: a.csv, b.json.gz, de.xml\n" in caplog.text


def test_a_common_name_stands_for_archives_and_longer_codes(tmp_path) -> None:
    for name in ("dev.ltz.gz", "dev.deu", "dev.lb", "dev.log", "dev.set"):
        (tmp_path / name).write_bytes(b"")
    (paths,) = named_references([str(tmp_path / "dev")]).values()
    assert [path.name for path in paths] == ["dev.deu", "dev.lb", "dev.ltz.gz"]


def test_folders_and_common_names_stand_for_their_files(tmp_path) -> None:
    names = ("ltz_Latn.devtest", "de-en.training.de", "a.tsv", "notes.pdf", ".hidden.tsv")
    for name in (*names, "rejects.parquet", "README.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.jsonl.gz").write_bytes(b"")
    found = named_references([f"all={tmp_path}", str(tmp_path / "de-en.training")])
    assert [path.name for path in found["all"]] == [
        "a.tsv",
        "b.jsonl.gz",
        "de-en.training.de",
        "ltz_Latn.devtest",
    ]
    assert found["de-en.training"] == [tmp_path / "de-en.training.de"]


def test_of_a_mined_folder_only_the_pairs_count(tmp_path) -> None:
    for table in ("pairs", "sentences", "rejects"):
        (tmp_path / table).mkdir()
        pq.write_table(pa.table({"text": [table]}), tmp_path / table / "0.parquet")
    (paths,) = named_references([str(tmp_path)]).values()
    assert [texts_of(path) for path in paths] == [["pairs"]]


def test_mistakes_are_told(tmp_path) -> None:
    with pytest.raises(UserError, match="no such file, or no data below it"):
        named_references([f"x={tmp_path}"])
    with pytest.raises(UserError, match="--against x=: no path in it"):
        named_references(["x="])
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(UserError, match="a second 'x'"):
        named_references([f"x={tmp_path / 'a.txt'}"] * 2)
    (tmp_path / "a.parquet").write_bytes(b"no Parquet")
    with pytest.raises(BitseamError, match="cannot be read as Parquet"):
        texts_of(tmp_path / "a.parquet")
