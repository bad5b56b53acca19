"""A quantised table of n-gram rows and the file that holds it.

The static encoder and the bundled language identifier are both such a table with something beside
it. The file is a safetensors file with the tensors `rows` (buckets, d) int8, `scales` (buckets,)
float16, `class_lengths` and `class_values` (see `bitseam.lid.character_classes`) and what the model
adds, and one metadata entry in JSON, under a key that names the kind of model: `format`, `ngrams`
(the `NgramConfig`), and what the model adds.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.character_classes import from_runs, to_runs
from bitseam.lid.ngrams import NgramConfig, Texts, embed_ngrams
from bitseam.lid.revision import file_revision
from bitseam.schemas.errors import UserError

_OWN_TENSORS = ("rows", "scales", "class_lengths", "class_values")


@dataclass(frozen=True, slots=True)
class NgramTable:
    """The vector of a bucket is `rows[bucket] * scales[bucket]`."""

    ngrams: NgramConfig
    classes: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.int8]  # (buckets, d)
    scales: npt.NDArray[np.float32]  # (buckets,), each fits a half-precision float

    @property
    def dimension(self) -> int:
        """The numbers in a row."""
        return int(self.rows.shape[1])

    def embed(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return the sums of the texts' rows at unit norm, `(n, d)`; see `embed_ngrams`."""
        return embed_ngrams(texts, self.ngrams, self.classes, self.rows, self.scales)


class TableFile(NamedTuple):
    """What a model file holds beside its table."""

    table: NgramTable
    description: dict[str, Any]
    tensors: dict[str, npt.NDArray[Any]]  # those that the model adds
    revision: str  # the first 16 digits of the file's SHA-256


def quantise(
    table: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return int8 rows and a scale for each, `table ~ rows * scales[:, None]`."""
    scales = (np.abs(table).max(axis=1) / 127).astype(np.float16).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)[:, None]
    return np.clip(np.rint(table / safe), -127, 127).astype(np.int8), scales


def table_bytes(
    table: NgramTable,
    key: str,
    description: Mapping[str, Any],
    tensors: Mapping[str, npt.NDArray[Any]] | None = None,
) -> bytes:
    """Return the model as a safetensors file; the same model gives the same bytes."""
    from safetensors.numpy import save

    lengths, values = to_runs(table.classes)
    own = (table.rows, table.scales.astype(np.float16), lengths, values)
    arrays = dict(zip(_OWN_TENSORS, own, strict=True)) | dict(tensors or {})
    # One entry only: safetensors writes several in no fixed order.
    described = {**description, "ngrams": asdict(table.ngrams)}
    metadata = {key: json.dumps(described, ensure_ascii=False, sort_keys=True)}
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return bytes(save(contiguous, metadata=metadata))


def read_table(path: Path, key: str, format_: int, what: str) -> TableFile:
    """Map a model file into memory; processes that read the same file share its rows.

    `key` and `format_` say which model is expected, `what` how to name it to the user.

    :raises UserError: no such file, or not such a model.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            description = json.loads((file.metadata() or {})[key])
            if description["format"] != format_:
                raise UserError(
                    f"{path}: {what} of format {description['format']}, this version "
                    f"reads format {format_}: upgrade bitseam, or train the model again"
                )
            rows = file.get_slice("rows")
            shape = tuple(rows.get_shape())
            scales = file.get_tensor("scales").astype(np.float32)
            classes = from_runs(file.get_tensor("class_lengths"), file.get_tensor("class_values"))
            ngrams = NgramConfig(**description["ngrams"])
            if rows.get_dtype() != "I8" or len(shape) != 2 or shape[0] != ngrams.buckets:
                raise ValueError(f"rows {rows.get_dtype()} {shape} of {ngrams.buckets} buckets")
            if scales.shape != shape[:1]:
                raise ValueError(f"{scales.shape} scales of {shape} rows")
            names = [*file.keys()]
            added = {name: file.get_tensor(name) for name in names if name not in _OWN_TENSORS}
    except FileNotFoundError as error:
        raise UserError(f"no model at {path}: expected {what}") from error
    except KeyError as error:
        raise not_a_model(path, what, f"it has no entry {error}") from error
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise not_a_model(path, what, str(error)) from error
    table = NgramTable(ngrams, classes, _map_rows(path, shape), scales)
    return TableFile(table, description, added, file_revision(path))


def not_a_model(path: Path, what: str, why: str) -> UserError:
    """Return the error of a file that is not the model it should be."""
    return UserError(
        f"{path} is not {what} ({why}); expected a .safetensors file that bitseam has written"
    )


def _map_rows(path: Path, shape: tuple[int, ...]) -> npt.NDArray[np.int8]:
    """Return the tensor `rows` as a view into the mapped file."""
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    header_length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + header_length])
    first, _ = header["rows"]["data_offsets"]
    rows = np.frombuffer(
        content, np.int8, count=int(np.prod(shape)), offset=8 + header_length + first
    )
    return rows.reshape(shape)
