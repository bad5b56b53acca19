"""The file of a static encoder: int8 rows, their scales and the n-grams they stand for.

A safetensors file with the tensors `rows` (buckets, d) int8, `scales` (buckets,) float16,
`class_lengths` and `class_values` (see `bitseam.lid.character_classes`), and one metadata entry
`bitseam.static` in JSON: `format`, `ngrams` (the `NgramConfig`), and a `card` for people.
"""

from __future__ import annotations

import json
import mmap
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bitseam.lid.character_classes import from_runs, to_runs
from bitseam.lid.ngrams import NgramConfig
from bitseam.schemas.errors import UserError

METADATA_KEY = "bitseam.static"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class StaticModel:
    """A quantised table: the vector of a bucket is `rows[bucket] * scales[bucket]`."""

    ngrams: NgramConfig
    classes: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]  # each fits a half-precision float
    card: dict[str, Any]  # languages, sources, licence ...: for people, no influence on vectors
    revision: str = ""  # of the file it was read from


def quantise(
    table: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return int8 rows and a scale for each, `table ~ rows * scales[:, None]`."""
    scales = (np.abs(table).max(axis=1) / 127).astype(np.float16).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)[:, None]
    return np.clip(np.rint(table / safe), -127, 127).astype(np.int8), scales


def to_bytes(model: StaticModel) -> bytes:
    """Return the model as a safetensors file; the same model gives the same bytes."""
    from safetensors.numpy import save

    lengths, values = to_runs(model.classes)
    tensors: dict[str, npt.NDArray[Any]] = {
        "rows": np.ascontiguousarray(model.rows),
        "scales": model.scales.astype(np.float16),
        "class_lengths": lengths,
        "class_values": values,
    }
    # One entry only: safetensors writes several in no fixed order.
    description = {"format": FORMAT, "ngrams": asdict(model.ngrams), "card": model.card}
    metadata = {METADATA_KEY: json.dumps(description, ensure_ascii=False, sort_keys=True)}
    return bytes(save(tensors, metadata=metadata))


def read_static_model(path: Path) -> StaticModel:
    """Map a model file into memory; processes that read the same file share its rows.

    :raises UserError: no such file, or not the model of a static encoder.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as tensors:
            description = json.loads((tensors.metadata() or {})[METADATA_KEY])
            if description["format"] != FORMAT:
                raise UserError(
                    f"{path}: a static encoder of format {description['format']}, this version "
                    f"reads format {FORMAT}: upgrade bitseam, or train the model again"
                )
            lengths = tensors.get_tensor("class_lengths")
            values = tensors.get_tensor("class_values")
            scales = tensors.get_tensor("scales").astype(np.float32)
            shape = tuple(tensors.get_slice("rows").get_shape())
            ngrams = NgramConfig(**description["ngrams"])
            classes = from_runs(lengths, values)
    except FileNotFoundError as error:
        raise UserError(f"no encoder model at {path}") from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not the model of a static encoder ({type(error).__name__}: {error}); "
            "expected a file written by benchmarks/train_static.py"
        ) from error
    rows, revision = _map_rows(path, shape)
    return StaticModel(ngrams, classes, rows, scales, description["card"], revision)


def _map_rows(path: Path, shape: tuple[int, ...]) -> tuple[npt.NDArray[np.int8], str]:
    """Return the tensor `rows` as a view into the mapped file, and the hash of the file."""
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    header_length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + header_length])
    first, _ = header["rows"]["data_offsets"]
    rows = np.frombuffer(
        content, np.int8, count=int(np.prod(shape)), offset=8 + header_length + first
    )
    return rows.reshape(shape), sha256(content).hexdigest()[:16]
