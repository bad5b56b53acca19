"""Exact nearest neighbours by cosine, the same for any number of blocks, threads or workers.

`mutual_neighbours` searches in both directions at once. In `nearest_neighbours` faiss proposes a
few more candidates than asked for; their cosines are then computed once more in one fixed order of
summation and ranked by (cosine, id). So neither a BLAS library's blocking nor faiss' order of equal
scores decides a rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bitseam.mining.faiss_module import load_faiss
from bitseam.schemas.errors import BitseamError

if TYPE_CHECKING:
    from bitseam.mining.search.mutual import MutualNeighbours

Vectors = NDArray[np.float32]

_SPARE = 8  # candidates beyond k: equal scores around the k-th are ranked by id among them
_NOISE = np.float64(4e-6)  # float32 GEMM against float64 sums of unit vectors, d up to 4,096
_RERANK_ROWS = 4096
_PRODUCT_ROWS = 1 << 13  # 8,192 x 256 floats: 8 MB
_BRUTE_CELLS = 1 << 22  # similarities at a time in the fallback: 32 MB


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of a database, best first, equal cosines by lower row.

    :ivar rows: `(n, k')` int64 rows of the database, k' = min(k, m): never -1.
    :ivar cosines: `(n, k')` float32.
    """

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]


def mutual_neighbours(
    x: NDArray[np.float32] | NDArray[np.float16],
    y: NDArray[np.float32] | NDArray[np.float16],
    k: int,
    *,
    threads: int | None = None,
    device: Literal["cpu", "cuda"] = "cpu",
) -> MutualNeighbours:
    """Find the `k` nearest rows of `y` for each row of `x`, and of `x` for each row of `y`.

    Nearest by inner product, which for unit rows is the cosine. The answer is exact, and the same
    bytes for any number of threads, any CPU and device: a product is summed in float64 in a fixed
    order and rounded to float32; equal ones are ranked by lower row. The log says, at debug level,
    which precision and which kernel proposed the candidates.

    :param x: `(n, d)` float32 or float16, perhaps memory-mapped and larger than the memory.
    :param y: `(m, d)`.
    :param k: 1 to 1024.
    :param threads: of this search; as many as torch would use unless given.
    :return: rows of `y` `(n, min(k, m))` int64, best first, and their cosines, float32; rows of
        `x` `(m, min(k, n))` and their cosines. A side of fewer than k rows makes the lists
        narrower; there is never a -1.
    :raises ValueError: shapes or types do not fit, or a value is NaN or infinite.
    :raises UserError: there is no such device.
    """
    if device != "cpu":
        from bitseam.mining.search.cuda.mutual import mutual_neighbours_cuda

        return mutual_neighbours_cuda(x, y, k, threads=threads, device=device)
    from bitseam.mining.search import mutual

    return mutual.mutual_neighbours(x, y, k, threads=threads)


def nearest_neighbours(queries: Vectors, database: Vectors, k: int) -> Neighbours:
    """Find the `k` rows of `database` `(m, d)` nearest to each row of `queries` `(n, d)`.

    Both hold unit-norm rows and may be memory-mapped. With m < k the lists have m entries.

    :raises BitseamError: the dimensions differ, or a query is not finite.
    """
    if queries.shape[1] != database.shape[1]:
        raise BitseamError(
            f"queries have {queries.shape[1]} dimensions, the database {database.shape[1]}: "
            "expected vectors of one encoder"
        )
    if not np.isfinite(queries).all():
        raise BitseamError("found NaN or infinite values among the query vectors: encode them anew")
    n, m = len(queries), len(database)
    width = min(k, m)
    rows = np.empty((n, width), np.int64)
    cosines = np.empty((n, width), np.float32)
    if n == 0 or width == 0:
        return Neighbours(rows, cosines)
    for at in range(0, n, _RERANK_ROWS):
        block = np.ascontiguousarray(queries[at : at + _RERANK_ROWS])
        proposed = _propose(block, database, min(k + _SPARE, m))
        part = slice(at, at + len(block))
        rows[part], cosines[part] = _rank(block, database, proposed, width)
    return Neighbours(rows, cosines)


def _propose(queries: Vectors, database: Vectors, width: int) -> NDArray[np.int64]:
    faiss = load_faiss()
    if hasattr(faiss, "get_num_gpus") and faiss.get_num_gpus() > 0 and width <= 2048:
        resources = faiss.StandardGpuResources()
        _, rows = faiss.knn_gpu(
            resources, queries, database, width, metric=faiss.METRIC_INNER_PRODUCT
        )
    else:
        _, rows = faiss.knn(queries, database, width, metric=faiss.METRIC_INNER_PRODUCT)
    if rows.min() < 0:
        raise BitseamError("found NaN or infinite values among the vectors: encode them anew")
    return np.asarray(rows, np.int64)


def _rank(
    queries: Vectors, database: Vectors, proposed: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rank proposed rows `(n, w)` by (cosine, row); search a row anew where a tie may run on."""
    exact = _cosines(queries, database, proposed)
    order = np.lexsort((proposed, -exact), axis=1)
    rows = np.take_along_axis(proposed, order, 1)
    exact = np.take_along_axis(exact, order, 1)
    if proposed.shape[1] < len(database):
        # An unproposed row may be as near as the k-th only if the worst proposal is.
        ambiguous = np.flatnonzero(exact[:, -1] + _NOISE >= exact[:, width - 1])
        if len(ambiguous):
            found = _brute_force(queries[ambiguous], database, width)
            rows[ambiguous, :width], exact[ambiguous, :width] = found
    return rows[:, :width], exact[:, :width].astype(np.float32)


def _cosines(queries: Vectors, database: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cosines `(n, w)` rounded to float32 precision, the order of summation fixed."""
    sums = np.empty(rows.size, np.float64)
    query, row = np.repeat(np.arange(len(rows)), rows.shape[1]), rows.ravel()
    for at in range(0, rows.size, _PRODUCT_ROWS):
        part = slice(at, at + _PRODUCT_ROWS)
        products = queries[query[part]] * database[row[part]]
        sums[part] = products.sum(axis=1, dtype=np.float64)
    return sums.astype(np.float32).astype(np.float64).reshape(rows.shape)


def _brute_force(
    queries: Vectors, database: Vectors, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every cosine of a few rows, for texts with more twins than there are spare candidates."""
    rows = np.empty((len(queries), width), np.int64)
    cosines = np.empty((len(queries), width), np.float64)
    step = max(1, _BRUTE_CELLS // len(database))
    for at in range(0, len(queries), step):
        block = queries[at : at + step]
        near = block @ database.T
        kth = -np.partition(-near, width - 1, axis=1)[:, width - 1]
        for i, query in enumerate(block):
            candidates = np.flatnonzero(near[i] >= kth[i] - _NOISE)
            exact = _cosines(query[None], database, candidates[None])[0]
            best = np.lexsort((candidates, -exact))[:width]
            rows[at + i], cosines[at + i] = candidates[best], exact[best]
    return rows, cosines
