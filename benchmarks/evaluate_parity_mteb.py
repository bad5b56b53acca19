"""Prints what mteb makes of vectors, as JSON; run by evaluate_parity.py, in a Python with mteb 2.

python benchmarks/evaluate_parity_mteb.py VECTORS.npz    (source and target, row-aligned)
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch
from datasets import Dataset
from mteb.abstasks.text.bitext_mining import AbsTaskBitextMining, BitextMiningEvaluator
from mteb.mocks.mock_tasks import MockBitextMiningTask
from mteb.timing import TimingStack


class Vectors:
    """A model whose texts are rows of a file: `source 3`."""

    def __init__(self, path: str) -> None:
        with np.load(path) as file:
            self.sides = {name: file[name] for name in ("source", "target")}

    def encode(self, inputs, **_: object) -> np.ndarray:
        named = [text.split() for batch in inputs for text in batch["text"]]
        return np.stack([self.sides[side][int(row)] for side, row in named])

    def similarity(self, first: np.ndarray, second: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(first) @ torch.from_numpy(second).T


def main() -> None:
    model = Vectors(sys.argv[1])
    rows = range(len(model.sides["source"]))
    columns = ("sentence1", "source"), ("sentence2", "target")
    data = Dataset.from_dict({name: [f"{side} {i}" for i in rows] for name, side in columns})
    evaluator = BitextMiningEvaluator(
        data,
        task_metadata=MockBitextMiningTask.metadata,
        hf_split="test",
        hf_subset="default",
        pair_columns=[("sentence1", "sentence2")],
        timer=TimingStack(),
    )
    nearest = evaluator(model, encode_kwargs={"batch_size": 256})["sentence1-sentence2"]
    gold = [(i, i) for i in rows]
    print(json.dumps(AbsTaskBitextMining._compute_metrics(None, nearest, gold)))


if __name__ == "__main__":
    main()
