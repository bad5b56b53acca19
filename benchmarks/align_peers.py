"""Sentence aligners side by side on the same overlaps: ours, vecalign's and bertalign's.

Checkouts of the peers are named by VECALIGN (with its extension built in place) and BERTALIGN;
without them their rows are left out with a line.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from math import ceil
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bitseam.align.evaluate import Bead, to_beads
from bitseam.align.overlaps import Overlaps, clause_texts, overlap_texts
from bitseam.align.sentences import AlignOptions, align_sentences
from bitseam.align.word_keys import word_keys
from bitseam.mining.encoders.static import StaticEncoder

LAYERS = 7
_SMALL = AlignOptions(4)  # vecalign's default

Aligner: TypeAlias = Callable[[Overlaps, Overlaps], list[Bead]]


def embed(lines: list[str], encoder: StaticEncoder) -> Overlaps:
    """Return the overlaps of a document, as `mine align` makes them."""
    sentences = pa.array(lines, pa.large_string())
    texts = overlap_texts(sentences, LAYERS)
    shape = LAYERS, len(lines)
    lengths = pc.utf8_length(texts.fill_null("")).to_numpy().astype(np.int32)
    return Overlaps(
        encoder.encode(texts).reshape(*shape, -1),
        lengths.reshape(shape),
        encoder.encode(clause_texts(sentences)).reshape(2, len(lines), -1),
        word_keys(sentences),
    )


def aligners() -> dict[str, Aligner]:
    """Return the aligners at hand by name: peers with their defaults, and at our size of beads."""
    found: dict[str, Aligner] = {
        "bitseam": lambda src, tgt: to_beads(align_sentences(src, tgt)),
        "bitseam, beads to 4": lambda src, tgt: to_beads(align_sentences(src, tgt, _SMALL)),
    }
    for name, make in (("VECALIGN", _vecalign), ("BERTALIGN", _bertalign)):
        folder = os.environ.get(name)
        if folder is None:
            print(f"{name} names no checkout: its rows are left out", file=sys.stderr)
        else:
            found |= make(folder)
    return found


def _vecalign(folder: str) -> dict[str, Aligner]:
    sys.path.insert(0, folder)
    from vecalign import dp_utils

    def align(src: Overlaps, tgt: Overlaps, largest: int) -> list[Bead]:
        random.seed(42)
        np.random.seed(42)
        beads = dp_utils.vecalign(
            vecs0=_ending(src.vectors, largest - 1),
            vecs1=_ending(tgt.vectors, largest - 1),
            final_alignment_types=dp_utils.make_alignment_types(largest),
            del_percentile_frac=0.2,
            width_over2=ceil(largest / 2) + 5,
            max_size_full_dp=300,
            costs_sample_size=20_000,
            num_samps_for_norm=100,
        )[0]["final_alignments"]
        return [(tuple(x), tuple(y)) for x, y in beads]

    return {
        "vecalign": lambda src, tgt: align(src, tgt, 4),
        "vecalign, beads to 8": lambda src, tgt: align(src, tgt, 8),
    }


def _bertalign(folder: str) -> dict[str, Aligner]:
    sys.path.insert(0, f"{folder}/bertalign")  # the package itself loads a transformer
    import corelib

    def align(src: Overlaps, tgt: Overlaps, largest: int) -> list[Bead]:
        n, m = len(src), len(tgt)
        x, y, x_lengths, y_lengths = (
            _ending(part, largest - 1)
            for part in (src.vectors, tgt.vectors, src.lengths, tgt.lengths)
        )
        near = corelib.find_top_k_sents(x[0], y[0], k=3)
        sizes = corelib.get_alignment_types(2)
        width, path = corelib.find_first_search_path(n, m)
        steps = corelib.first_pass_align(n, m, width, path, sizes, *near)
        anchors = corelib.first_back_track(n, m, steps, path, sizes)
        sizes = corelib.get_alignment_types(largest)
        width, path = corelib.find_second_search_path(anchors, 5, n, m)
        ratio = x_lengths[0].sum() / y_lengths[0].sum()
        lengths = x_lengths, y_lengths
        steps = corelib.second_pass_align(
            x, y, *lengths, width, path, sizes, ratio, -0.1, margin=True, len_penalty=True
        )
        beads = corelib.second_back_track(n, m, steps, path, sizes)
        return [(tuple(x), tuple(y)) for x, y in beads]

    return {
        "bertalign": lambda src, tgt: align(src, tgt, 5),
        "bertalign, beads to 8": lambda src, tgt: align(src, tgt, 8),
    }


def _ending(values: NDArray[np.generic], layers: int) -> NDArray[np.generic]:
    """Return overlaps by their last sentence instead of their first, as the peers keep them."""
    n = values.shape[1]
    ending = np.zeros((layers, *values.shape[1:]), values.dtype)
    if values.ndim == 3:
        ending[:] = 1 / np.sqrt(values.shape[2])  # the peers embed a padding word
    for layer in range(min(layers, n)):
        ending[layer, layer:] = values[layer, : n - layer]
    return ending
