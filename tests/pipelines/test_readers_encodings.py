"""Text in other encodings: decoded where it is sure, else rejected line by line."""

from __future__ import annotations

import codecs
import json
import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents
from bitseam.pipelines.readers.codec_names import known_codec
from bitseam.pipelines.readers.encodings import DAMAGE, Encoding, find_encoding

GERMAN = [
    "Der Müller öffnet früh am Morgen die große Tür der Mühle.",
    "Über den Flüssen hängt um fünf Uhr noch der kühle Nebel.",
    "Die Bäckerin prüft, ob das Mehl für die süßen Brötchen genügt.",
    "Später führt ein schmaler Weg zurück über die Brücke ins Dörfchen.",
]
RUSSIAN = [
    "Мельник рано утром открывает тяжёлую дверь старой мельницы.",
    "Над рекой до пяти часов висит холодный белый туман.",
    "Пекарь проверяет, хватит ли муки на сладкие булочки.",
]
CHINESE = ["磨坊主一大早就打开了老磨坊沉重的大门。", "河面上直到五点还笼罩着寒冷的白雾。"]
TURKISH = [
    "Değirmenci sabah erkenden eski değirmenin ağır kapısını açıyor.",
    "Irmağın üstünde saat beşe kadar soğuk ve beyaz bir sis asılı kalıyor.",
    "Fırıncı, tatlı çörekler için yeterince un olup olmadığına bakıyor.",
]
POLISH = [
    "Młynarz wcześnie rano otwiera ciężkie drzwi starego młyna.",
    "Nad rzeką do piątej wisi jeszcze zimna, biała mgła.",
    "Piekarz sprawdza, czy wystarczy mąki na słodkie bułeczki.",
]
CASES = [
    *[(e, GERMAN) for e in ("cp1252", "latin-1", "utf-16-le", "utf-16-be", "utf-32-le")],
    *[(e, RUSSIAN) for e in ("cp1251", "koi8-r", "iso8859-5", "utf-16-le")],
    *[(e, CHINESE) for e in ("gbk", "gb18030", "utf-16-le", "utf-16-be")],
    *[(e, TURKISH) for e in ("iso8859-9", "cp1254")],
    *[(e, POLISH) for e in ("iso8859-2", "cp1250")],
]


def read(path, data, *, lang=None, text_unit="line", **options):
    path.write_bytes(data)
    (file,) = find_inputs([str(path)], lang_hint=lang)
    batches = list(read_documents(file, ReadOptions(text_unit=text_unit, **options)))
    texts = [text for batch in batches for text in batch.documents["text"].to_pylist()]
    rejects = [row for batch in batches for row in batch.rejects.to_pylist()]
    (report,) = (report for batch in batches for report in batch.reports)
    return texts, rejects, report


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("encoding", "lines"), CASES)
def test_what_nothing_declares_is_detected_and_told(tmp_path, encoding, lines, ending):
    data = (ending.join(lines) + ending).encode(encoding)
    texts, rejects, report = read(tmp_path / "a.txt", data)
    assert (texts, rejects) == (lines, [])
    assert report.encoding.endswith("as detected")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.tsv", "a.csv", "a.json"])
def test_a_byte_order_mark_decides_for_every_format(tmp_path, name, encoding):
    body = {
        "a.txt": "Äddi\r\nmuar",
        "a.jsonl": '{"text": "Äddi"}\n{"text": "muar"}',
        "a.tsv": "text\tid\nÄddi\t1\nmuar\t2",
        "a.csv": 'id,text\n1,"Äddi"\n2,muar\n',
        "a.json": '[{"text": "Äddi"},\n {"text": "muar"}]',
    }[name]
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    texts, rejects, report = read(tmp_path / name, (mark + body).encode(encoding))
    assert (texts, rejects) == (["Äddi", "muar"], [])
    assert report.encoding == ("" if "8" in encoding else report.encoding)
    assert ("byte order mark" in report.encoding) == ("8" not in encoding)


DUMP = (
    '<?xml version="1.0" encoding="{}"?>\n<mediawiki><page><title>Ёж</title><ns>0</ns><id>1</id>'
    "<revision><text>Ёжик в тумане.</text></revision></page></mediawiki>"
)


@pytest.mark.parametrize("encoding", ["windows-1251", "KOI8-R", "UTF-16", "utf-8"])
def test_an_xml_declaration_decides(tmp_path, encoding):
    path = tmp_path / "a.xml"
    texts, rejects, report = read(path, DUMP.format(encoding).encode(encoding))
    assert (texts, rejects) == (["Ёжик в тумане."], [])
    assert bool(report.encoding) == (encoding != "utf-8")


def test_a_meta_element_decides_for_a_page_saved_as_text(tmp_path):
    page = '<html><head><meta charset="windows-1251"></head>\nЁж.\n'
    texts, rejects, report = read(tmp_path / "a.txt", page.encode("cp1251"))
    assert (texts[1], rejects) == ("Ёж.", [])
    assert report.encoding == "windows-1251 as its <meta> says"


def test_a_declaration_that_cannot_be_true_is_not_followed(tmp_path):
    page = '<meta charset="windows-1251">\n' + "\n".join(GERMAN)
    texts, rejects, report = read(tmp_path / "a.txt", page.encode())
    assert (texts[1:], rejects, report.encoding) == (GERMAN, [], "")
    page = '<meta charset="euc-jp">\n' + "\n".join(RUSSIAN)
    texts, rejects, report = read(tmp_path / "a.txt", page.encode("koi8-r"))
    assert (texts[1:], rejects, report.encoding) == (RUSSIAN, [], "KOI8-R as detected")


def test_a_file_of_utf8_with_some_other_lines_stays_utf8(tmp_path):
    lines = [line.encode("latin-1" if n % 3 == 0 else "utf-8") for n, line in enumerate(GERMAN * 3)]
    texts, rejects, report = read(tmp_path / "a.txt", b"\n".join(lines))
    assert texts == [line for n, line in enumerate(GERMAN * 3) if n % 3]
    assert [reject["reason"] for reject in rejects] == ["invalid_utf8"] * 4
    assert report.encoding == ""


def test_what_is_not_sure_is_rejected_with_a_guess_and_a_cure(tmp_path):
    data = "M\u00fcller\nGr\u00fc\u00dfe\n".encode("latin-1")
    texts, rejects, report = read(tmp_path / "a.txt", data)
    assert texts == []
    assert [reject["reason"] for reject in rejects] == ["invalid_utf8"] * 2
    assert "iconv -f" in report.problem
    assert "-t UTF-8" in report.problem


@pytest.mark.parametrize(
    "data",
    [
        "Der Bäcker prüft die Tür".encode() + "ü".encode()[:1],
        b"Ein Wort: " + "„".encode()[:2],
        "Der Müller öffnet früh die große Tür der Mühle am Fluss".encode("utf-16")[:-1],
        codecs.BOM_UTF32_LE + "Grün".encode("utf-32-le")[:-2],
    ],
)
@pytest.mark.parametrize("text_unit", ["line", "document"])
def test_a_text_cut_within_its_only_line_says_so(tmp_path, data, text_unit):
    texts, (reject, *_), report = read(tmp_path / "a.txt", data, text_unit=text_unit)
    assert texts == []
    assert "cut off in mid-character" in reject["detail"]
    assert "cut off in mid-character" in report.problem
    assert "iconv" not in report.problem


def test_the_last_letter_of_another_encoding_is_not_taken_for_a_cut(tmp_path):
    _, _, report = read(tmp_path / "a.txt", "Ein Caf\u00e9".encode("latin-1"))
    assert "iconv" in report.problem


@pytest.mark.parametrize(
    ("lang", "text", "codec"),
    [
        ("fr", "Ça y est", "cp850"),
        ("de", "Öl", "mac_roman"),
        ("lb", "Ä", "cp437"),
        (None, "Ærø", "cp865"),
    ],
)
def test_a_guess_is_one_that_iconv_knows_and_in_the_script_that_is_due(tmp_path, lang, text, codec):
    _, _, report = read(tmp_path / "a.txt", text.encode(codec), lang=lang)
    (name,) = set(re.findall(r"iconv -f (\S+)", report.problem))
    assert name == "ITS-ENCODING" or known_codec(name)
    other = ("KOI8-R", "windows-1251", "windows-1253", "windows-1255", "windows-1256", "CP866")
    assert lang is None or name not in other


def test_no_cure_is_told_where_the_encoding_is_known(tmp_path):
    data = codecs.BOM_UTF16_LE + b"\x00\xd8" + "Ein Wort".encode("utf-16-le")
    _, rejects, report = read(tmp_path / "a.txt", data, lang="de")
    assert "is no UTF-16-LE" in rejects[0]["detail"]
    assert "iconv" not in report.problem


def test_the_language_that_is_due_makes_a_few_letters_enough(tmp_path):
    data = ("\n".join(GERMAN[:1]) + "\n").encode("latin-1")
    assert read(tmp_path / "a.txt", data, lang="de")[0] == GERMAN[:1]


@pytest.mark.parametrize(
    ("encoding", "lines", "bad"),
    [
        ("cp1252", GERMAN, b"\x81"),
        ("gbk", CHINESE * 3, b"\xff"),
        ("iso8859-2", POLISH, b"\x85\x90"),
    ],
)
def test_damage_costs_its_line_and_its_place_is_of_the_input(tmp_path, encoding, lines, bad):
    rows = [line.encode(encoding) for line in lines * 40]
    place = len(rows) - 2
    rows[place] = rows[place][:8] + bad + rows[place][8:]
    data = b"\n".join(rows) + b"\n"
    texts, rejects, report = read(tmp_path / "a.txt", data)
    (reject,) = rejects
    assert texts == [line for n, line in enumerate(lines * 40) if n != place]
    assert data[reject["start"] : reject["end"]] == rows[place]
    assert f"0x{bad[-1]:02x}" in reject["detail"]
    assert f"\\x{bad[-1]:02x}" in reject["text"]
    assert report.rejected == 1


def test_a_lone_surrogate_costs_its_line(tmp_path):
    rows = [line.encode("utf-16-le") for line in GERMAN]
    rows[2] += b"\x00\xd8"
    newline = "\n".encode("utf-16-le")
    data = codecs.BOM_UTF16_LE + newline.join(rows)
    texts, (reject,), _ = read(tmp_path / "a.txt", data)
    assert texts == GERMAN[:2] + GERMAN[3:]
    assert data[reject["start"] : reject["end"]] == rows[2]


def test_a_text_cut_within_a_character(tmp_path):
    data = "\n".join(CHINESE * 4).encode("gbk")[:-1]
    texts, rejects, _ = read(tmp_path / "a.txt", data)
    assert texts == (CHINESE * 4)[:-1]
    assert [reject["reason"] for reject in rejects] == ["invalid_utf8"]


def test_what_tells_may_come_after_a_megabyte_of_ascii(tmp_path):
    ascii_lines = ["The miller opens the heavy door of the mill."] * 50_000
    data = "\n".join([*ascii_lines, *RUSSIAN]).encode("cp1251")
    texts, rejects, report = read(tmp_path / "a.txt", data)
    assert (len(texts), texts[-3:], rejects) == (50_003, RUSSIAN, [])
    assert report.encoding == "windows-1251 as detected"


@pytest.mark.parametrize("lang", ["de", None])
@pytest.mark.parametrize("ascii_lines", [0, 1_500, 30_000])
def test_of_encodings_that_read_a_sample_alike_the_usual_one_is_taken(tmp_path, lang, ascii_lines):
    plain = ["Der Wagen steht vor dem Haus und wartet."] * ascii_lines
    after = ["Wir warten noch auf die Antwort."] * 30_000  # beyond what is looked at
    late = ["Zum Déjeuner gibt es Crème brûlée à la maison.", "„So – sagt’s Œuvre“ für 5 €"]
    lines = [*plain, *GERMAN, *after, *late]
    texts, rejects, report = read(tmp_path / "a.txt", "\n".join(lines).encode("cp1252"), lang=lang)
    assert (texts == lines, rejects) == (True, [])
    assert report.encoding == "windows-1252 as detected"


@pytest.mark.parametrize(
    ("lang", "codec", "first", "late"),
    [
        ("lt", "cp1257", "Ką tik lijo, ir šaltis nebegrįžta į mūsų namelį.", "Žaidžia – „taip“."),
        ("hu", "cp1250", "A molnár fiú még később kelt, és átment a hídon.", "Őrült „tűz” ég"),
        ("ru", "koi8-r", "Мельник открывает дверь старой мельницы.", "Ёж и ёлка"),
    ],
)
def test_each_language_has_its_usual_encoding(tmp_path, lang, codec, first, late):
    lines = [first] * 20 + [first.replace(" ", "  ")] * 3000 + [late]
    texts, _, _ = read(tmp_path / "a.txt", "\n".join(lines).encode(codec), lang=lang)
    assert texts[-1] == late


def test_memory_does_not_grow_with_a_decoded_file(tmp_path):
    def peak(times):
        path = tmp_path / f"{times}.txt"
        path.write_bytes(("\n".join(RUSSIAN) + "\n").encode("cp1251") * times)
        (file,) = find_inputs([str(path)])
        tracemalloc.start()
        for _ in read_documents(file, ReadOptions(text_unit="line", batch_bytes=50_000)):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)  # what is loaded once
    assert peak(20_000) < 1.2 * peak(5000) + 200_000


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \n\r\n\t\n", b"\0\0\0\n"])
def test_files_with_nothing_in_them_say_so(tmp_path, data):
    texts, rejects, report = read(tmp_path / "a.txt", data)
    assert texts == []
    assert rejects
    assert report.problem


def test_japanese_that_switches_by_escape_sequences(tmp_path):
    lines = ["粉屋は朝早く重い扉を開けます。", "Windmill 2"]
    texts, rejects, report = read(tmp_path / "a.txt", "\n".join(lines).encode("iso2022_jp"))
    assert (texts, rejects) == (lines, [])
    assert "escape" in report.encoding


def test_keys_of_json_in_another_encoding(tmp_path):
    rows = [
        json.dumps({"text": line, "id": n}, ensure_ascii=False) for n, line in enumerate(RUSSIAN)
    ]
    texts, rejects, _ = read(tmp_path / "a.jsonl", "\n".join(rows).encode("cp1251"))
    assert (texts, rejects) == (RUSSIAN, [])


@settings(max_examples=150)
@given(
    st.binary(max_size=300),
    st.sampled_from(["cp1251", "gb18030", "cp932", "utf-16-le", "utf-32-be", "iso8859-2"]),
    st.integers(1, 40),
)
def test_sizes_of_pieces_add_up_to_the_input(data, codec, step):
    decoder = codecs.getincrementaldecoder(codec)(DAMAGE)
    pieces = [data[i : i + step] for i in range(0, len(data), step)]
    texts = [*map(decoder.decode, pieces), decoder.decode(b"", final=True)]
    encoding = Encoding(codec, "as a test says")
    sizes = [encoding.size(text.encode("utf-8", "surrogatepass")) for text in texts]
    assert sum(sizes) == len(data)


@settings(max_examples=100)
@given(st.text(max_size=200), st.integers(1, 9))
def test_utf8_passes_unchanged_whatever_its_chunks(text, step):
    data = text.encode()
    choice = find_encoding((data[i : i + step] for i in range(0, len(data), step)), None)
    passed = b"".join(choice.chunks)
    if choice.encoding.is_utf8:
        assert passed == data.removeprefix(codecs.BOM_UTF8)
    else:  # a byte order mark, a declaration or NULs in a pattern
        assert "\0" in text or "\x1b" in text


@pytest.mark.parametrize(
    "data", [b"first\n3\0", b"a line\0 with a NUL\nand another" * 9, b"\0\1\2" * 9]
)
def test_text_with_nuls_is_not_taken_for_utf16(tmp_path, data):
    _, rejects, report = read(tmp_path / "a.txt", data)
    assert report.encoding == ""
    assert {reject["reason"] for reject in rejects} == {"nul_byte"}


def test_lines_of_utf8_in_another_encoding_are_rejected_not_garbled(tmp_path):
    rows = [line.encode("cp1251") for line in RUSSIAN * 400]
    rows[700:700] = [RUSSIAN[0].encode()]
    data = b"\r\n".join(rows)
    texts, (reject,), report = read(tmp_path / "a.txt", data)
    assert texts == RUSSIAN * 400
    assert data[reject["start"] : reject["end"]] == rows[700]
    assert report.encoding == "windows-1251 as detected"
