"""Reads any input as batches of documents and rejects."""

from __future__ import annotations

from collections.abc import Iterator

from bitseam.pipelines.readers.batches import BatchBuilder, ReadBatch
from bitseam.pipelines.readers.content import archive_of, format_of, xml_root
from bitseam.pipelines.readers.formats import ARCHIVES, EXPECTED, reader_of
from bitseam.pipelines.readers.input_file import InputFile
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import DamagedInputError
from bitseam.schemas.reasons import Reason

ANY = "any"  # the format of a member of an archive that only its content tells


def read_documents(file: InputFile, options: ReadOptions) -> Iterator[ReadBatch]:
    """Yield the documents of `file` in batches, in the file's order, with what was rejected.

    Damaged data never raises: what stands before the damage is kept, and the damage is one reject.
    Memory does not grow with the file. An input in which nothing was found is itself a reject.

    :raises BitseamError: the file cannot be opened or its storage fails.
    """
    batch = BatchBuilder(options.batch_bytes)
    with InputStream(file) as stream:
        for _ in read_stream(stream, batch, options):
            if batch.is_full:
                yield batch.take(stream.stored.bytes_read)
        yield batch.take(stream.stored.bytes_read)


def read_stream(
    stream: InputStream, batch: BatchBuilder, options: ReadOptions, depth: int = 0
) -> Iterator[None]:
    """Fill `batch` from one input, a file or a member of an archive; yields now and then.

    :param depth: of archives that it lies in.
    """
    damage: DamagedInputError | None = None
    format_ = stream.file.format
    try:
        format_ = _format(stream, options)
    except DamagedInputError as error:
        damage = error
    batch.begin(stream.file, format_)
    yield
    try:
        if damage is not None:
            raise damage
        if format_ in ARCHIVES:
            from bitseam.pipelines.readers.members import read_archive

            yield from read_archive(stream, format_, batch, options, depth)
        else:
            yield from reader_of(format_)(stream, batch, options)
    except DamagedInputError as error:
        detail = f"{error.position}: {error.detail}"
        batch.add_reject("file", Reason(error.reason), detail, start=stream.position)
    if batch.is_untouched:
        batch.add_reject("file", Reason.EMPTY, "no text in it", start=0, end=stream.position)
    batch.end(stream.told_encoding, stream.guess, stream.notes)
    yield


def _format(stream: InputStream, options: ReadOptions) -> str:
    """Return what to read the stream as: what its name says, unless its content is plainly other.

    :raises DamagedInputError: it is nothing that is read.
    """
    format_, head = stream.file.format, stream.head()
    archive = archive_of(head)
    if archive and archive != format_:
        stream.notes.append(f"is a {archive} archive, whatever its name says")
        return archive
    if format_ == ANY:
        found = format_of(head, options.text_column)
        if found is None:
            detail = f"it is nothing that is read, it starts with {head[:40]!r}: {EXPECTED}"
            raise stream.damage(Reason.CORRUPT, detail)
        return found
    if format_ == "mediawiki":
        _check_root(stream, head)
    return format_


def _check_root(stream: InputStream, head: bytes) -> None:
    """Say what an XML file is that is no dump.

    :raises DamagedInputError: it is another kind of XML.
    """
    root = xml_root(head.replace(b"\0", b""))
    if root is None or root == "mediawiki":
        return
    expected = "expected a MediaWiki dump, <mediawiki>"
    if root == "tmx":
        told = "a translation memory, which is aligned already"
        expected += "; mine train and mine evaluate read it under a name in .tmx"
    else:
        told = f"XML with the root element <{root}>"
        expected += ": extract its text first, as .txt or .jsonl"
    raise stream.damage(Reason.CORRUPT, f"it is {told}: {expected}")
