"""Translation memories as parallel text: what other tools write, and what is hostile or damaged."""

from __future__ import annotations

import gzip

import pytest

from bitseam.pipelines.train.parallel_data import read_columns, read_parallel
from bitseam.pipelines.train.tmx_units import Cutter
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


GOOD = unit(("lb", "D'Schleis ass zou."), ("de", "Die Schleuse ist zu."))
BROKEN = {
    "a reference to a control character": ("Säit&#x1F;eent", "invalid xmlChar value 31"),
    "a control character": ("Säit\x01eent", "invalid Char value 1"),
    "a lone surrogate as a reference": ("Säit &#xD83D; eent", "invalid xmlChar value 55357"),
    "a bare ampersand": ("Kaffi & Kuch", "xmlParseEntityRef"),
    "a bare less-than": ("eent < zwee", "invalid element name"),
    "a comment without an end": ("eent <!-- zwee", "Comment not terminated"),
    "a tag that is not closed": ("<hi>eent", "tag mismatch"),
}


@pytest.mark.parametrize("text, told", BROKEN.values(), ids=BROKEN)
def test_one_damaged_unit_costs_that_unit(tmp_path, caplog, text, told) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(f"{GOOD}\n{unit(('lb', text), ('de', 'eins'))}\n{GOOD}"))
    table = read_columns(str(path), ())
    assert table.to_pydict() == {
        "lb": ["D'Schleis ass zou."] * 2,
        "de": ["Die Schleuse ist zu."] * 2,
    }
    assert "damaged units, left out: 1 (line 2: " in caplog.text
    assert told in caplog.text


def test_bytes_that_are_no_text_cost_their_unit(tmp_path, caplog) -> None:
    path = tmp_path / "a.tmx"
    bad = unit(("lb", "Bréck"), ("de", "Brücke")).encode("latin-1")
    path.write_bytes(memory(f"{GOOD}\nHERE\n{GOOD}").replace(b"HERE", bad))
    assert read_columns(str(path), ()).num_rows == 2
    assert "line 2: bytes that are no text" in caplog.text


def test_a_unit_without_an_end_costs_that_unit(tmp_path, caplog) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(f'{GOOD}<tu><tuv xml:lang="lb"><seg>eent\n{GOOD}'))
    assert read_columns(str(path), ()).num_rows == 2
    assert "damaged units, left out: 1" in caplog.text


def test_what_is_commented_out_is_not_read(tmp_path) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(f"{GOOD}<!-- {GOOD} {GOOD} --><!-- <tu> -->{GOOD}"))
    assert read_columns(str(path), ()).num_rows == 2


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("utf-16", "utf-16-be"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("UTF-16", "utf-8"),  # converted, with the old declaration
        ("UTF-8", "utf-8-sig"),
    ],
)
def test_every_declared_encoding_is_read(tmp_path, declared, encoding) -> None:
    path = tmp_path / "a.tmx"
    units = unit(("lb", "Déi nei Bréck"), ("de", "Die neue Brücke")) * 900
    text = memory(units, '<!DOCTYPE tmx SYSTEM "tmx14.dtd">').decode()
    path.write_bytes(text.replace("UTF-8", declared, 1).encode(encoding))
    table = read_columns(str(path), ())
    assert set(table["lb"].to_pylist()) == {"Déi nei Bréck"}
    assert table.num_rows == 900


def test_tmx_1_1_and_texts_twice_or_missing(tmp_path, caplog) -> None:
    path = tmp_path / "a.tmx"
    old = '<tu><tuv lang="LB"><seg>Eent</seg></tuv><tuv lang="DE-DE"><seg>Eins</seg></tuv></tu>'
    twice = unit(("lb", "Zwee"), ("de", "Zwei"), ("de", "Zwo"))
    path.write_bytes(memory(old + twice + unit(("lb", "Dräi"))))
    assert read_columns(str(path), ()).to_pydict() == {
        "lb": ["Eent", "Zwee", "Dräi"],
        "de": ["Eins", "Zwei", None],
    }
    assert "further texts in a language that the unit has, left out: 1" in caplog.text
    assert "units with a text in one language alone: 1" in caplog.text


@pytest.mark.parametrize(
    "tags", [("Luxembourgish", "German"), ("Lëtzebuergesch", "Deutsch"), ("LTZ", "ger")]
)
def test_languages_are_known_by_their_names(tmp_path, tags) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(unit(*((tag, "x") for tag in tags))))
    assert read_columns(str(path), ()).column_names == ["lb", "de"]


def test_unknown_languages_are_named_in_the_error_and_cut(tmp_path) -> None:
    path = tmp_path / "a.tmx"
    path.write_bytes(memory(unit(("Fantasy", "a"), ("q" * 100_000, "b"))))
    with pytest.raises(UserError, match="left out: 'Fantasy' 1, 'qqq") as raised:
        read_columns(str(path), ())
    assert len(str(raised.value)) < 400


def test_codes_of_formatting_go_and_words_stay_apart(tmp_path) -> None:
    path = tmp_path / "a.tmx"
    marked = (
        '<bpt i="1">&lt;b&gt;</bpt>Owes<ept i="1">&lt;/b&gt;</ept> <hi type="it">geet</hi>'
        '<ph type="lb"/>d\'Liicht<it pos="begin">&lt;br/&gt;</it>un<ut>{1}</ut>.'
    )
    path.write_bytes(memory(unit(("lb", marked), ("de", "x"))))
    assert read_columns(str(path), ())["lb"].to_pylist() == ["Owes geet d'Liicht un."]


def test_a_memory_in_pieces_is_the_memory(tmp_path) -> None:
    text = memory(f"<!-- {GOOD} -->" + f"\n{GOOD}\n" * 3).decode()
    whole = _cut([text])
    assert [line for _, line in whole] == [2, 4, 6]
    assert _cut(list(text)) == whole
    assert _cut([text[i : i + 7] for i in range(0, len(text), 7)]) == whole


def _cut(pieces: list[str]) -> list[tuple[str, int]]:
    cutter = Cutter()
    found = [unit for piece in pieces for unit in cutter.cut(piece)]
    cutter.close()
    return found
