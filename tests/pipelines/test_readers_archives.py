"""Archives: each member is a file of its own, and nothing hostile comes through."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents, streams

TEXT = "D'Fra vum Mëller huet de Wecker gestallt.\n"
DUMP = (
    "<mediawiki><page><title>Mille</title><ns>0</ns><id>7</id><revision>"
    "<text>Eng Mille mielt Käre.</text></revision></page></mediawiki>"
)


def read(path, **options):
    """Return texts by `doc_id`, rejects, and reports of all inputs by source."""
    (file,) = find_inputs([str(path)])
    batches = list(read_documents(file, ReadOptions(**options)))
    rows = [row for batch in batches for row in batch.documents.to_pylist()]
    rejects = [row for batch in batches for row in batch.rejects.to_pylist()]
    reports = {report.source: report for batch in batches for report in batch.reports}
    assert len({row["doc_id"] for row in rows}) == len(rows)
    return {row["doc_id"]: row["text"] for row in rows}, rejects, reports


def make_zip(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def make_tar(path, members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def make_7z(path, members):
    py7zr = pytest.importorskip("py7zr")
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, data in members:
            archive.writestr(data, name)
    return path


MAKERS = {
    "a.zip": make_zip,
    "a.tar": make_tar,
    "a.tar.gz": lambda path, members: make_tar(path, members, "w:gz"),
    "a.tgz": lambda path, members: make_tar(path, members, "w:gz"),
    "a.tar.xz": lambda path, members: make_tar(path, members, "w:xz"),
    "a.7z": make_7z,
}


@pytest.mark.parametrize("name", MAKERS)
def test_members_of_every_format_are_read_by_their_names(tmp_path, name):
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["Aus der Tabell."]}), table)
    members = [
        ("lb/eent.txt", TEXT.encode()),
        ("zwee.jsonl.gz", gzip.compress(b'{"text": "Aus der Zeil.", "id": 9}')),
        ("wiki.xml", DUMP.encode()),
        ("table.parquet", table.getvalue()),
        ("README.md", b"# nothing"),
        (".hidden.txt", b"nothing"),
    ]
    texts, rejects, reports = read(MAKERS[name](tmp_path / name, members))
    assert texts == {
        f"{name}!lb/eent.txt": TEXT,
        f"{name}!zwee.jsonl.gz#9": "Aus der Zeil.",
        f"{name}!wiki.xml#7": "Eng Mille mielt Käre.",
        f"{name}!table.parquet#0": "Aus der Tabell.",
    }
    assert rejects == []
    assert reports[name].notes == ("passed over: 1 .md",)
    assert reports[name].documents == 4


def test_wiki_pages_and_lines_do_not_share_a_batch(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("a.txt", "Eent\nZwee"), ("w.xml", DUMP), ("b.txt", "x")])
    (file,) = find_inputs([str(path)])
    batches = list(read_documents(file, ReadOptions(text_unit="line")))
    kinds = [(b.format, b.documents.num_rows) for b in batches if b.documents.num_rows]
    assert kinds == [("text", 2), ("mediawiki", 1), ("text", 1)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt.gz.bz2", bz2.compress(gzip.compress(TEXT.encode()))),
        ("a.txt.lzma", lzma.compress(TEXT.encode(), lzma.FORMAT_ALONE)),
        ("a.lzma", lzma.compress(TEXT.encode(), lzma.FORMAT_ALONE)),
        ("a.txt", lzma.compress(TEXT.encode(), lzma.FORMAT_ALONE)),
        ("a.txt.gz", zstandard.compress(gzip.compress(TEXT.encode()))),
    ],
)
def test_compression_in_compression_and_without_a_magic(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    texts, rejects, _ = read(tmp_path / name)
    assert (texts, rejects) == ({name: TEXT}, [])


@pytest.mark.parametrize("name", ["a.txt.gz", "a.gz", "a.tar", "a.zip"])
def test_an_archive_is_known_under_any_name(tmp_path, name):
    path = make_tar(tmp_path / "made", [("x.txt", TEXT.encode())], "w:gz")
    path.rename(tmp_path / name)
    texts, rejects, _ = read(tmp_path / name)
    assert (texts, rejects) == ({f"{name}!x.txt": TEXT}, [])


def test_archives_in_archives_are_read_to_a_bound(tmp_path):
    data = make_zip(tmp_path / "0.zip", [("x.txt", TEXT)]).read_bytes()
    for depth in range(1, 4):
        data = make_zip(tmp_path / f"{depth}.zip", [(f"{depth - 1}.zip", data)]).read_bytes()
    assert read(tmp_path / "2.zip")[0] == {"2.zip!1.zip!0.zip!x.txt": TEXT}
    texts, rejects, _ = read(tmp_path / "3.zip")
    assert texts == {}
    assert [reject["reason"] for reject in rejects] == ["bomb"]


def test_names_are_only_names(tmp_path):
    names = ["../../up.txt", "/abs.txt", "C:\\win.txt", "bell\a.txt", "twice.txt", "twice.txt"]
    with pytest.warns(UserWarning, match="Duplicate"):
        path = make_zip(tmp_path / "a.zip", [(name, TEXT) for name in names])
    texts, rejects, _ = read(path)
    assert rejects == []
    assert list(texts) == [
        "a.zip!../../up.txt",
        "a.zip!/abs.txt",
        "a.zip!C:/win.txt",
        r"a.zip!bell\x07.txt",
        "a.zip!twice.txt",
        "a.zip!twice.txt~2",
    ]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zip"]


def test_one_damaged_member_costs_itself(tmp_path):
    path = make_zip(tmp_path / "a.zip", [(f"{n}.txt", f"Saz Nummer {n}.\n") for n in range(3)])
    data = path.read_bytes().replace(b"Saz Nummer 1.", b"Saz Nummer 7.")
    path.write_bytes(data)
    texts, rejects, reports = read(path, text_unit="line")
    assert "Saz Nummer 0." in texts.values()
    assert "Saz Nummer 2." in texts.values()
    assert [(reject["source"], reject["reason"]) for reject in rejects] == [
        ("a.zip!1.txt", "corrupt")
    ]
    assert "CRC" in reports["a.zip!1.txt"].problem


def test_encrypted_and_unknown_compression_are_named(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("x.txt", TEXT), ("y.txt", TEXT), ("z.txt", TEXT)])
    data = bytearray(path.read_bytes())
    places = [data.index(b"PK\1\2")]
    places.append(data.index(b"PK\1\2", places[0] + 1))
    struct.pack_into("<H", data, places[0] + 8, 1)  # encrypted
    struct.pack_into("<H", data, places[1] + 10, 98)  # PPMd
    path.write_bytes(bytes(data))
    texts, rejects, _ = read(path)
    assert list(texts) == ["a.zip!z.txt"]
    assert "encrypted" in rejects[0]["detail"]
    assert "PPMd" in rejects[1]["detail"]


@pytest.mark.parametrize("header", [False, True])
def test_an_encrypted_7z_says_what_to_do(tmp_path, header):
    py7zr = pytest.importorskip("py7zr")
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w", password="Kaz", header_encryption=header) as a:
        a.writestr(TEXT, "x.txt")
    _, (reject,), _ = read(tmp_path / "a.7z")
    assert reject["detail"].endswith("it is encrypted: unpack it with its password")


def test_a_truncated_zip_is_called_so(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("x.txt", TEXT * 99), ("y.txt", TEXT)])
    path.write_bytes(path.read_bytes()[:-30])
    _, (reject,), _ = read(path)
    assert reject["reason"] == "truncated"
    assert "ends before its list of members" in reject["detail"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.7z"])
@pytest.mark.parametrize("share", [0.1, 0.4, 0.7])
def test_a_truncated_archive_is_reported(tmp_path, name, share):
    members = [(f"{n}.txt", f"Saz {n} {n * 7919 % 10_007}.\n".encode() * 50) for n in range(40)]
    path = MAKERS[name](tmp_path / name, members)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    texts, rejects, reports = read(path)
    whole = {f"{name}!{member}": data.decode() for member, data in members}
    assert rejects
    assert reports[name].problem or any(report.problem for report in reports.values())
    broken = [key for key, text in texts.items() if text != whole[key]]
    assert len(broken) <= 1  # the member that the end cuts


def test_a_damaged_header_is_not_the_end_of_a_tar(tmp_path):
    path = make_tar(tmp_path / "a.tar", [(f"{n}.txt", TEXT.encode()) for n in range(3)])
    data = bytearray(path.read_bytes())
    data[1024 + 148] ^= 0x08  # the checksum of the second header
    path.write_bytes(bytes(data))
    texts, rejects, _ = read(path)
    assert list(texts) == ["a.tar!0.txt"]
    assert [reject["reason"] for reject in rejects] == ["corrupt"]


def test_links_and_devices_of_a_tar_are_no_files(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    texts, rejects, _ = read(tmp_path / "a.tar")
    assert texts == {}
    assert rejects[0]["detail"].endswith("nothing in it can be read: it has no files")


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.7z"])
def test_a_bomb_in_an_archive_is_defused_in_little_memory(tmp_path, monkeypatch, name):
    monkeypatch.setattr(streams, "BOMB_BYTES", 4 << 20)
    monkeypatch.setattr(streams, "BOMB_RATIO", 100)
    members = [(f"{n}.txt", bytes(12 << 20)) for n in range(3)]
    options = {"compression": zipfile.ZIP_DEFLATED} if name == "a.zip" else {}
    path = MAKERS[name](tmp_path / name, members, **options)
    tracemalloc.start()
    texts, rejects, _ = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert texts == {}
    assert "bomb" in [reject["reason"] for reject in rejects]
    assert peak < 64 << 20


def test_a_directory_beyond_a_million_members_is_not_loaded(tmp_path):
    path = make_zip(tmp_path / "a.zip", [("x.txt", TEXT)])
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.rindex(b"PK\5\6") + 12, 1 << 31)
    path.write_bytes(bytes(data))
    texts, rejects, _ = read(path)
    assert texts == {}
    assert [reject["reason"] for reject in rejects] == ["bomb"]


def test_many_members_and_zip64(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(2000):
            with archive.open(f"{number}.txt", "w", force_zip64=True) as member:
                member.write(f"Den Eemer {number} ass voll.".encode())
    texts, rejects, reports = read(tmp_path / "a.zip")
    assert len(texts) == 2000
    assert rejects == []
    assert len(reports) == 2001


def test_a_member_without_an_ending_is_read_where_it_is_alone(tmp_path):
    assert list(read(make_zip(tmp_path / "a.zip", [("corpus", TEXT)]))[0].values()) == [TEXT]
    texts, rejects, reports = read(
        make_zip(tmp_path / "b.zip", [("corpus", TEXT), ("a.pdf", b"%PDF-1.7")])
    )
    assert texts == {}
    assert rejects[0]["detail"].endswith("found 1 without an ending, 1 .pdf")
    assert reports["b.zip"].problem


def test_7z_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "py7zr", None)
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(30))
    _, rejects, _ = read(tmp_path / "a.7z")
    assert "pip install 'bitseam[7z]'" in rejects[0]["detail"]


def test_commands_that_read_lines_refuse_an_archive(tmp_path):
    from bitseam.pipelines.lid.lines import LineBatches
    from bitseam.schemas.errors import DamagedInputError

    path = make_zip(tmp_path / "a.txt", [("x.txt", TEXT)])
    with pytest.raises(DamagedInputError, match="it is a zip archive: expected text"):
        list(LineBatches(str(path)))


def test_an_input_can_be_read_twice_where_it_can(tmp_path, monkeypatch):
    from bitseam.pipelines.readers import formats

    seen = []

    def read_twice(stream, batch, options):
        again = stream.again()
        seen.append(again and b"".join(again.chunks()) == b"".join(stream.chunks()))
        yield

    monkeypatch.setattr(formats, "reader_of", lambda name: read_twice)
    monkeypatch.setattr("bitseam.pipelines.readers.documents.reader_of", lambda name: read_twice)
    (tmp_path / "a.txt").write_text(TEXT)
    read(tmp_path / "a.txt")
    read(make_zip(tmp_path / "a.zip", [("x.txt", TEXT)]))
    read(make_tar(tmp_path / "a.tar", [("x.txt", TEXT.encode())]))
    assert seen == [True, True, None]
