"""Which version of a model a file holds."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_revision(path: Path) -> str:
    """Return the first 16 digits of the file's SHA-256, the hash that Hugging Face shows for it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
