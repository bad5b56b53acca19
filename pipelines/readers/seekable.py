"""An input that can be read from any place: as it is stored, or from a copy."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import Any

from bitseam.pipelines.readers.storage import StoredFile, one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import BitseamError


def seekable(stream: InputStream, resources: ExitStack) -> Any:
    """Return a file with the decompressed bytes of `stream` that can be read from any place.

    What is compressed, or a member of an archive, is copied into a temporary file.

    :raises DamagedInputError: see `InputStream.chunks`. :raises BitseamError: the disk is full.
    """
    stream.head()  # looks at the first bytes
    if stream.is_plain and isinstance(stream.stored, StoredFile):
        stream.stored.seek(0)
        return stream.stored
    try:
        spooled = resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        for chunk in stream.chunks():
            spooled.write(chunk)
    except OSError as error:
        raise BitseamError(
            f"{stream.file.path}: cannot be decompressed into a temporary file in "
            f"{tempfile.gettempdir()}: {one_line(error)}"
        ) from error
    spooled.seek(0)
    return spooled
