"""Building an index of vectors, and the file that workers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.approximate.spec import IndexSpec, check_index_spec, code_parts
from bitseam.mining.faiss_module import load_faiss
from bitseam.schemas.errors import UserError

Vectors = NDArray[np.float32]
Index = Any  # of faiss, which has no types

_SAMPLED_PER_LIST = 64
_CODED_SAMPLE = 1 << 16  # what codes are learnt from at most
_ROTATED_ROUNDS = 10  # faiss takes 50
_ADDED_ROWS = 1 << 16
_SEED = 1234
MOST_ON_GPU = 2048  # candidates of a query, and lists looked at, of faiss on a GPU


def sample_size(spec: IndexSpec, n: int) -> int:
    """Return how many of `n` vectors an index learns from."""
    return min(n, max(_SAMPLED_PER_LIST * spec.lists, _CODED_SAMPLE)) if spec.lists else 0


def index_bytes(spec: IndexSpec, n: int, dimension: int) -> int:
    """Return about how large an index of `n` vectors is, in memory while built and on disk."""
    parts = code_parts(spec)
    return n * ((parts or 4 * dimension) + 8) + 4 * dimension * spec.lists


def build_index(
    vectors: Vectors, spec: IndexSpec, told: Callable[[int], None] = lambda rows: None
) -> Index:
    """Return a trained index of all `vectors` `(n, d)`, of inner products.

    Learns from a seeded sample (`sample_size`): the same vectors make the same index.

    :param told: is called with the number of rows added since the last call.
    :raises UserError: the vectors cannot make such an index.
    """
    faiss = load_faiss()
    n, dimension = vectors.shape
    check_index_spec(spec, n, dimension)
    index = faiss.index_factory(dimension, spec.factory, faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        _set_up(index)
        rows = np.random.default_rng(_SEED).permutation(n)[: sample_size(spec, n)]
        index.train(np.ascontiguousarray(vectors[np.sort(rows)]))
    for start in range(0, n, _ADDED_ROWS):
        block = np.ascontiguousarray(vectors[start : start + _ADDED_ROWS])
        index.add(block)
        told(len(block))
    return index


def _set_up(index: Index) -> None:
    faiss = load_faiss()
    lists = faiss.downcast_index(faiss.extract_index_ivf(index))
    lists.cp.seed = _SEED
    lists.cp.min_points_per_centroid = 1  # small sides are for trying things out: no warning
    if hasattr(lists, "pq"):
        lists.pq.cp.min_points_per_centroid = 1
        lists.do_polysemous_training = False  # minutes, for a kind of search not used here
    if hasattr(index, "chain"):
        faiss.downcast_VectorTransform(index.chain.at(0)).niter = _ROTATED_ROUNDS


def write_index(index: Index, path: Path) -> None:
    """Write an index for `open_index`."""
    load_faiss().write_index(index, str(path))


def open_index(path: Path) -> Index:
    """Open an index that `write_index` wrote, on a GPU if there is one.

    Otherwise it is mapped: lists are read as queries ask for them. Only for files of one's own:
    faiss trusts what it reads.
    """
    faiss = load_faiss()
    if has_gpu():
        return to_gpu(faiss.read_index(str(path)))
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP)


def has_gpu() -> bool:
    """Whether faiss is built for GPUs and sees one."""
    faiss = load_faiss()
    return hasattr(faiss, "get_num_gpus") and faiss.get_num_gpus() > 0


def to_gpu(index: Index) -> Index:
    """Copy an index, not a mapped one, to the first GPU.

    :raises UserError: faiss sees none.
    """
    if not has_gpu():
        raise UserError("faiss sees no GPU: install bitseam[gpu], or search on the CPU")
    faiss = load_faiss()
    return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)


def is_on_gpu(index: Index) -> bool:
    """Whether an index, or what it wraps, is on a GPU."""
    faiss = load_faiss()
    inner = faiss.downcast_index(index.index) if hasattr(index, "chain") else index
    return type(inner).__name__.startswith("Gpu")


def set_nprobe(index: Index, nprobe: int) -> None:
    """Set how many lists a query looks at; 0, of an index without lists, changes nothing."""
    faiss = load_faiss()
    space = faiss.GpuParameterSpace() if is_on_gpu(index) else faiss.ParameterSpace()
    if nprobe:
        most = MOST_ON_GPU if is_on_gpu(index) else nprobe
        space.set_index_parameter(index, "nprobe", min(nprobe, most))


@contextmanager
def faiss_threads(threads: int | None) -> Iterator[None]:
    """Let faiss use so many threads, in the whole process, or as many as it does by itself."""
    faiss = load_faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads or before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
