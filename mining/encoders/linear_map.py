"""A linear map from the vectors of one language to those of another, and the file that holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bitseam.lid.revision import file_revision
from bitseam.schemas.errors import UserError

METADATA_KEY = "bitseam.map"
FORMAT = 1

_TENSORS = ("matrix", "src_mean", "tgt_mean")

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LinearMap:
    """Takes source vectors `x` to `(x - src_mean) @ matrix`, target vectors `y` to `y - tgt_mean`.

    Without mean-centring both means are zero: target vectors stay as they are.
    """

    matrix: Matrix  # (d, d), orthogonal
    src_mean: Matrix  # (d,)
    tgt_mean: Matrix  # (d,)

    def of_source(self, vectors: Matrix) -> Matrix:
        """Return source vectors `(n, d)` mapped, at unit norm; a zero row stays zero."""
        centred: Matrix = vectors - self.src_mean
        return _unit(centred @ self.matrix, vectors)

    def of_target(self, vectors: Matrix) -> Matrix:
        """Return target vectors `(n, d)` centred, at unit norm; a zero row stays zero."""
        return _unit(vectors - self.tgt_mean, vectors)


class MapFile(NamedTuple):
    """A map, and which encoder and languages (`ltz_Latn`) it is for."""

    map: LinearMap
    encoder: str  # as `load_encoder` takes it; that of a file or folder is absolute
    encoder_revision: str
    src: str
    tgt: str
    revision: str = ""  # of the file it was read from


def map_bytes(file: MapFile) -> bytes:
    """Return the map as a safetensors file; the same map gives the same bytes."""
    from safetensors.numpy import save

    described = {name: getattr(file, name) for name in _DESCRIBED} | {"format": FORMAT}
    metadata = {METADATA_KEY: json.dumps(described, ensure_ascii=False, sort_keys=True)}
    arrays = {name: np.ascontiguousarray(getattr(file.map, name)) for name in _TENSORS}
    return bytes(save(arrays, metadata=metadata))


_DESCRIBED = ("encoder", "encoder_revision", "src", "tgt")


def is_map(path: Path) -> bool:
    """Whether the file is a linear map, by its header."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return METADATA_KEY in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def read_map(path: Path) -> MapFile:
    """Read what `map_bytes` wrote.

    :raises UserError: no such file, or no linear map of this version.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            described = json.loads((file.metadata() or {})[METADATA_KEY])
            if described.pop("format") != FORMAT:
                raise UserError(f"{path}: a linear map of another version: upgrade bitseam")
            tensors = [file.get_tensor(name).astype(np.float32) for name in _TENSORS]
        matrix, *means = tensors
        if {mean.shape for mean in means} != {matrix.shape[:1]} or matrix.ndim != 2:
            raise ValueError(f"a matrix of {matrix.shape} and means of {means[0].shape}")
        return MapFile(LinearMap(*tensors), **described, revision=file_revision(path))
    except FileNotFoundError as error:
        raise UserError(f"no linear map at {path}: make one with `mine train map`") from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is no linear map ({error}): make one with `mine train map`"
        ) from error


def _unit(mapped: Matrix, vectors: Matrix) -> Matrix:
    filled = vectors.any(axis=1, keepdims=True)
    norms = np.linalg.norm(mapped, axis=1, keepdims=True)
    unit: Matrix = np.where(filled, mapped / np.where(norms > 0, norms, 1), 0).astype(np.float32)
    return unit
