from __future__ import annotations

import gzip
from pathlib import Path

import fsspec
import pytest

from bitseam.pipelines.readers import (
    ReadOptions,
    distinct_sources,
    find_inputs,
    read_documents,
)
from bitseam.schemas.errors import BitseamError, UserError


def write(path, text="Moien.\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "format_", "compression"),
    [
        ("a.txt", "text", None),
        ("a.jsonl.zst", "jsonl", "zstd"),
        ("a.ndjson.gz", "jsonl", "gzip"),
        ("a.tsv.xz", "tsv", "xz"),
        ("a.parquet", "parquet", None),
        ("lbwiki-pages-articles.XML.BZ2", "mediawiki", "bzip2"),
    ],
)
def test_the_name_says_format_and_compression(tmp_path, name, format_, compression):
    (file,) = find_inputs([write(tmp_path / name)], lang_hint="lb")
    assert (file.format, file.compression, file.source) == (format_, compression, name)
    assert (file.lang_hint, file.size) == ("ltz_Latn", 7)


def test_a_folder_stands_for_its_known_and_visible_files(tmp_path):
    for name in ("b.txt", "deep/a.jsonl", "README", ".hidden/x.txt", "deep/.y.txt", "z.md"):
        write(tmp_path / name)
    assert [file.source for file in find_inputs([str(tmp_path)])] == ["b.txt", "a.jsonl"]


def test_globs_files_and_folders_overlap_without_duplicates(tmp_path):
    path = write(tmp_path / "a.txt")
    write(tmp_path / "deep" / "b.txt")
    found = find_inputs([path, str(tmp_path / "*.txt"), str(tmp_path / "**/*.txt"), str(tmp_path)])
    assert [file.source for file in found] == ["a.txt", "b.txt"]


def test_a_file_with_brackets_in_its_name_is_no_glob(tmp_path):
    (file,) = find_inputs([write(tmp_path / "a[1].txt")])
    assert file.source == "a[1].txt"


def test_equal_names_are_told_apart_by_the_shortest_end_of_the_path(tmp_path):
    for root in ("one", "two"):
        for name in ("lb/x.txt", "de/x.txt", "de/y.txt"):
            write(tmp_path / root / name)
    sources = [
        [file.source for file in find_inputs([str(tmp_path / root)])] for root in ("one", "two")
    ]
    assert sources[0] == ["de/x.txt", "y.txt", "lb/x.txt"]
    assert sources[0] == sources[1]  # wherever the folder lies


def test_sources_are_unique_over_several_lists(tmp_path):
    src = find_inputs([write(tmp_path / "lb" / "x.txt")], lang_hint="lb")
    tgt = find_inputs([write(tmp_path / "de" / "x.txt")], lang_hint="de")
    (src,), (tgt,), none = distinct_sources(src, tgt, [])
    assert (src.source, tgt.source, none) == ("lb/x.txt", "de/x.txt", [])
    assert (src.lang_hint, tgt.lang_hint) == ("ltz_Latn", "deu_Latn")


@pytest.mark.parametrize("pattern", ["nothing.txt", "*.txt"])
def test_a_pattern_that_matches_nothing_is_the_users_mistake(tmp_path, pattern):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="no input matches"):
        find_inputs([str(tmp_path / pattern)])


def test_an_unknown_extension_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(UserError, match=r"'\.docx': expected \.txt .*\.zst"):
        find_inputs([write(tmp_path / "a.docx")])


def test_urls_globs_and_folders_of_remote_storage_are_found_and_read():
    memory = fsspec.filesystem("memory")
    memory.pipe("/box/a.txt", b"Moien.")
    memory.pipe("/box/deep/b.jsonl", b'{"text": "Bonjour."}')
    memory.pipe("/box/c.docx", b"")
    for patterns in (["memory://box"], ["memory://box/a.txt", "memory://box/*/*.jsonl"]):
        files = find_inputs(patterns)
        assert [(file.source, file.size) for file in files] == [("a.txt", 6), ("b.jsonl", 20)]
        texts = [
            batch.documents["text"].to_pylist()
            for file in files
            for batch in read_documents(file, ReadOptions())
        ]
        assert texts == [["Moien."], ["Bonjour."]]


def test_the_query_of_an_address_is_no_part_of_its_name(monkeypatch):
    import fsspec.implementations.memory as memory

    monkeypatch.setattr(memory.MemoryFileSystem, "find", lambda *_, **__: {"/a": {"type": "file"}})
    monkeypatch.setattr(
        memory.MemoryFileSystem, "unstrip_protocol", lambda *_: "https://example.org/a.txt.gz?dl=1"
    )
    (file,) = find_inputs(["memory://a"])
    assert (file.format, file.compression, file.size) == ("text", "gzip", None)


def test_an_unknown_scheme_is_the_users_mistake():
    with pytest.raises(UserError, match=r"nosuch://a\.txt: cannot be opened"):
        find_inputs(["nosuch://a.txt"])


def test_a_file_that_vanished_is_one_line(tmp_path):
    (file,) = find_inputs([write(tmp_path / "a.txt")])
    (tmp_path / "a.txt").unlink()
    with pytest.raises(BitseamError, match=r"a\.txt: cannot be opened") as error:
        list(read_documents(file, ReadOptions()))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["a.txt", "a.parquet"])
def test_storage_that_fails_midway_is_one_line(tmp_path, monkeypatch, name):
    from bitseam.pipelines.readers import storage

    class Failing:
        served = False

        def read(self, size):
            if self.served:
                raise ConnectionError("lost\nthe line")
            self.served = True
            return b"PAR1" if name == "a.parquet" else b"Moien"

        def seek(self, offset, whence=0):
            return 1000

        def tell(self):
            return 1000

        def close(self):
            pass

        closed = False

    (file,) = find_inputs([write(tmp_path / name)])
    monkeypatch.setattr(storage.StoredFile, "_open", lambda self: Failing())
    with pytest.raises(BitseamError, match=r"reading failed after \d bytes: lost the line"):
        list(read_documents(file, ReadOptions()))


@pytest.mark.parametrize(
    ("name", "known"), [("c.lb", True), ("c.de.gz", True), ("c.hau", True), ("c.doc", False)]
)
def test_a_language_code_as_extension_is_plain_text(tmp_path: Path, name: str, known: bool) -> None:
    (tmp_path / name).write_bytes(b"")
    if known:
        assert [file.format for file in find_inputs([str(tmp_path / name)])] == ["text"]
    else:
        with pytest.raises(UserError, match="unknown extension"):
            find_inputs([str(tmp_path / name)])


def test_the_parts_of_a_large_dump_are_dumps(tmp_path: Path) -> None:
    (tmp_path / "dewiki-latest-pages-articles1.xml-p1p297012.bz2").write_bytes(b"")
    (found,) = find_inputs([str(tmp_path)])
    assert (found.format, found.compression) == ("mediawiki", "bzip2")


# --- one file by several names, and what is no file


def test_a_file_reached_by_several_names_is_read_once(tmp_path):
    path = write(tmp_path / "in" / "a.txt")
    (tmp_path / "in" / "b.txt").symlink_to(path)
    (tmp_path / "linked").symlink_to(tmp_path / "in")
    patterns = [str(tmp_path / "linked" / "*.txt"), path, str(tmp_path / "in"), str(tmp_path)]
    assert len(find_inputs(patterns)) == 1


def test_loops_of_links_end(tmp_path):
    write(tmp_path / "in" / "deep" / "a.txt")
    for name in ("loop", "other"):
        (tmp_path / "in" / "deep" / name).symlink_to(tmp_path / "in")
    (tmp_path / "far").mkdir()
    write(tmp_path / "far" / "b.txt")
    (tmp_path / "in" / "far").symlink_to(tmp_path / "far")
    found = find_inputs([str(tmp_path / "in")])
    assert [file.source for file in found] == ["a.txt", "b.txt"]  # a linked folder is followed
    for pattern in ("in/**/*.txt", "in/**", "**/a.txt"):
        assert "a.txt" in [file.source for file in find_inputs([str(tmp_path / pattern)])]


def test_a_folder_named_like_a_file_is_a_folder(tmp_path):
    write(tmp_path / "x.txt" / "a.txt")
    for pattern in (tmp_path / "x.txt", tmp_path / "*.txt", tmp_path):
        assert [file.source for file in find_inputs([str(pattern)])] == ["a.txt"]


def test_hidden_files_of_a_glob_are_passed_over_unless_asked_for(tmp_path):
    write(tmp_path / ".a.txt")
    write(tmp_path / "b.txt")
    assert [file.source for file in find_inputs([str(tmp_path / "*.txt")])] == ["b.txt"]
    assert [file.source for file in find_inputs([str(tmp_path / ".*.txt")])] == [".a.txt"]


def test_a_link_to_nothing_and_a_device_are_named(tmp_path):
    (tmp_path / "a.txt").symlink_to("nowhere")
    with pytest.raises(UserError, match="is a link to nowhere, which is not there"):
        find_inputs([str(tmp_path / "a.txt")])
    with pytest.raises(UserError, match="no regular file"):
        find_inputs(["/dev/null"])


def test_a_file_that_may_not_be_read_is_the_users_mistake(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(UserError, match="may not be read"):
        find_inputs([path])
    with pytest.raises(UserError, match="nothing in it can be read"):
        find_inputs([str(tmp_path)])


# --- names that tell nothing


@pytest.mark.parametrize("name", ["corpus", "part-00000", "corpus.devtest", "corpus.gz"])
@pytest.mark.parametrize(
    ("content", "format_", "text"),
    [
        ("Moien.\n", "text", "Moien."),
        ('{"text": "Moien."}\n{"text": "a"}\n', "jsonl", "Moien."),
        ('[\n{"text": "Moien."}]', "json", "Moien."),
        ("id\ttext\n1\tMoien.\n", "tsv", "Moien."),
        ("id,text\n1,Moien.\n", "csv", "Moien."),
        ("id;text\n1;Moien.\n", "csv", "Moien."),
        (
            "<mediawiki><page><title>T</title><id>1</id><revision><text>Moien.</text></revision>"
            "</page></mediawiki>",
            "mediawiki",
            "Moien.",
        ),
        ("Moien.\n".encode("utf-16"), "text", "Moien."),
    ],
)
def test_content_tells_the_format_where_a_name_does_not(tmp_path, name, content, format_, text):
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    (file,) = find_inputs([str(tmp_path / name)])
    assert file.format == format_
    options = ReadOptions(text_unit="line")
    texts = [
        text
        for batch in read_documents(file, options)
        for text in batch.documents["text"].to_pylist()
    ]
    assert texts[0] == text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"<!DOCTYPE html>\n<html><body>a</body></html>", "nothing that is read"),
        (b"<?xml version='1.0'?><TEI/>", "nothing that is read"),
        (bytes(range(256)), "nothing that is read"),
    ],
)
def test_content_that_is_no_text_is_refused(tmp_path, data, told):
    (tmp_path / "corpus").write_bytes(data)
    with pytest.raises(UserError, match=told):
        find_inputs([str(tmp_path / "corpus")])


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *[("c.lb", True), ("dev.hau", True), ("c.ltz_Latn", True), ("c.zh-Hant", True)],
        *[("c.doc", False), ("c.log", False), ("c.bak", False), ("c.xyz1", False)],
    ],
)
def test_a_folder_takes_files_named_by_languages(tmp_path, name, known):
    write(tmp_path / name)
    write(tmp_path / "a.txt")
    assert (name in [file.source for file in find_inputs([str(tmp_path)])]) is known


def test_an_empty_folder_is_called_a_folder(tmp_path):
    (tmp_path / "dir.txt").mkdir()
    with pytest.raises(UserError, match=r"dir\.txt is a folder without files that are read"):
        find_inputs([str(tmp_path / "dir.txt")])
