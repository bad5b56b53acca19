"""Translation memories as parallel text: what other tools write, and what is hostile or damaged."""

from __future__ import annotations

import gzip

import pytest

from bitseam.pipelines.train.parallel_data import read_columns, read_parallel
from bitseam.schemas.errors import BitseamError, UserError


def memory(units: str, doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<tmx version="1.4"><header srclang="lb"/>'
        f"<body>{units}</body></tmx>"
    ).encode()


def unit(*variants: tuple[str, str], prop: str = "") -> str:
    inner = (f'<tuv xml:lang="{tag}">{prop}<seg>{text}</seg></tuv>' for tag, text in variants)
    return f"<tu>{''.join(inner)}</tu>"


def test_units_become_rows_and_languages_columns(tmp_path) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(
        memory(
            unit(("lb", "D'Dier &amp; d'Fënster"), ("DE-de", "Die Tür <ph>x</ph>und das Fenster"))
            + unit(("de", "Nur hier"))
            + unit(("lb", "Moies"), ("xx-yy-zz", "?"), ("de", "Morgens"), ("de", "Zweitens"))
        )
    )
    assert read_columns(str(path), ()).to_pydict() == {
        "de": ["Die Tür und das Fenster", "Nur hier", "Morgens"],
        "lb": ["D'Dier & d'Fënster", None, "Moies"],
    }
    (rows,) = read_parallel([str(path)], ("lb", "de"))
    assert rows.table.to_pydict() == {
        "lb": ["D'Dier & d'Fënster", "Moies"],
        "de": ["Die Tür und das Fenster", "Morgens"],
    }


@pytest.mark.parametrize(
    ("tags", "columns"),
    [
        (("ltz", "deu"), ["lb", "de"]),
        (("gsw", "EN-us"), ["gsw_Latn", "en"]),
        (("sr-Latn-RS", "sr-Cyrl"), ["srp_Latn", "sr"]),
        (("lb_LU", "de_DE"), ["lb", "de"]),
    ],
)
def test_languages_are_known_however_they_are_written(tmp_path, tags, columns) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(unit(*((tag, tag) for tag in tags))))
    table = read_columns(str(path), ())
    assert table.column_names == columns
    assert [*table.to_pylist()[0].values()] == [*tags]


def test_texts_in_no_known_language_are_told(tmp_path, caplog) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(unit(("lb", "a"), ("de", "b"), ("x-klingon", "c"), ("und", "d"))))
    assert read_columns(str(path), ()).column_names == ["lb", "de"]
    assert "not known, left out: 'x-klingon' 1, 'und' 1" in caplog.text


def test_a_namespace_changes_nothing(tmp_path) -> None:
    path = tmp_path / "a.tmx"
    units = memory(unit(("lb", "a<ph>1</ph>"), ("de", "b"), prop="<note>n</note>"))
    path.write_bytes(units.replace(b"<tmx ", b'<tmx xmlns="http://www.lisa.org/tmx14" '))
    assert read_columns(str(path), ()).to_pydict() == {"lb": ["a"], "de": ["b"]}


def test_documents_are_kept_where_they_are_asked_for(tmp_path) -> None:
    path = tmp_path / "a.tmx.gz"
    units = "".join(
        f"<tu>{''.join(_side(code, i) for code in ('lb', 'de'))}</tu>" for i in range(3)
    )
    path.write_bytes(gzip.compress(memory(units)))
    table = read_columns(str(path), (), ("src_doc", "tgt_doc"))
    assert table.column_names == ["lb", "de", "src_doc", "tgt_doc"]
    assert table["tgt_doc"].to_pylist() == ["de0", "de1", "de2"]
    assert read_columns(str(path), ()).column_names == ["lb", "de"]


def _side(code: str, number: int) -> str:
    prop = f'<prop type="source-document">{code}{number}</prop>'
    return f'<tuv xml:lang="{code}">{prop}<seg>{code} {number}</seg></tuv>'


def test_entities_are_not_expanded_and_files_not_opened(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    doctype = (
        f'<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "{secret}">]>'
    )
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(unit(("lb", "eent &b; &f;"), ("de", "eins")), doctype))
    assert read_columns(str(path), ())["lb"].to_pylist() == ["eent &b; &f;"]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (memory(unit(("lb", "a")))[:-30], BitseamError, "cannot be read as TMX"),
        (b"Moien\n", BitseamError, "cannot be read as TMX"),
        (memory(""), UserError, "no <tu> with a language"),
        (memory(unit(("lb", "eleng"))), UserError, "cannot tell which columns"),
    ],
)
def test_what_is_no_memory_is_told(tmp_path, data, error, message) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(data)
    with pytest.raises(error, match=message):
        read_columns(str(path), ())
