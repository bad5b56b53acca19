"""Models load once per worker process, whatever the number of tasks and threads in it."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bitseam.lid.identifiers import Identifier
    from bitseam.mining.encoders import Encoder

_LOCK = threading.Lock()  # lru_cache alone would let two threads load the same model


def shared_encoder(name: str) -> Encoder:
    """Return this process' encoder of that name or path."""
    with _LOCK:
        return _encoder(name)


def shared_identifier(name: str) -> Identifier:
    """Return this process' language identifier of that name or path."""
    with _LOCK:
        return _identifier(name)


@lru_cache(maxsize=1)
def _encoder(name: str) -> Encoder:
    from bitseam.mining.encoders import load_encoder

    return load_encoder(name)


@lru_cache(maxsize=1)
def _identifier(name: str) -> Identifier:
    from bitseam.lid.identifiers import load_identifier

    return load_identifier(name)
