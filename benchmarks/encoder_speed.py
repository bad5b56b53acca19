"""The static encoder's speed beside a transformer's on the same sentences, as a Markdown table.

    python benchmarks/encoder_speed.py

The transformer is a BERT of 12 layers, 768 wide, through sentence-transformers; its weights are
random, which takes as long as trained ones, and its tokenizer is trained on the very sentences,
which makes them shorter than a multilingual one would. Both have two threads and take turns, so
that what else the machine does slows both.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from corpus import base_sentences

from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from transformers import PreTrainedTokenizerFast

THREADS = 2
ROUNDS = 5
EVERY = 20  # of the base sentences: what a transformer has time for
COPIES = 64  # of them for the static encoder, which would be done before the clock has moved


def random_transformer(texts: list[str]) -> SentenceTransformer:
    """Return an untrained model of BERT's usual size with mean pooling."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel

    tokenizer = trained_tokenizer(texts)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        BertModel(BertConfig(vocab_size=len(tokenizer))).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return SentenceTransformer(folder, device="cpu")


def trained_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizerFast

    pieces = BertWordPieceTokenizer(lowercase=False)
    pieces.train_from_iterator(texts, show_progress=False)
    with tempfile.TemporaryDirectory() as folder:
        pieces.save_model(folder)
        return BertTokenizerFast(vocab=str(Path(folder, "vocab.txt")), model_max_length=512)


def sentences_a_second(encode: Callable[[list[str]], np.ndarray], texts: list[str]) -> float:
    began = time.perf_counter()
    encode(texts)
    return len(texts) / (time.perf_counter() - began)


def main() -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    from bitseam.mining.encoders.static_module import StaticModule

    torch.set_num_threads(THREADS)
    texts = base_sentences("lb") + base_sentences("de")
    sample = texts[::EVERY]
    static = StaticEncoder(BUNDLED_MODEL, threads=THREADS)
    module = SentenceTransformer(modules=[StaticModule(static)], device="cpu")
    transformer = random_transformer(texts)
    contestants: dict[str, tuple[Callable[[list[str]], np.ndarray], int]] = {
        "transformer, 12 x 768": (transformer.encode, 1),
        "static": (static.encode, COPIES),
        "static in SentenceTransformer": (
            lambda lines: module.encode(lines, batch_size=4096),
            COPIES,
        ),
    }
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for encode, _ in contestants.values():
        encode(sample[:8])  # compiled code is loaded, memory is touched
    for _ in range(ROUNDS):
        for name, (encode, copies) in contestants.items():
            speeds[name].append(sentences_a_second(encode, sample * copies))
    words = sum(len(text.split()) for text in sample) / len(sample)
    print(f"{len(sample)} sentences of {words:.0f} words, {ROUNDS} rounds, {THREADS} threads\n")
    print("| encoder | sentences/s | beside the transformer |\n|---|---|---|")
    (_, slow), *_ = speeds.items()
    for name, fast in speeds.items():
        ratios = [a / b for a, b in zip(fast, slow, strict=True)]
        print(f"| {name} | {median(fast):,.0f} | {median(ratios):,.0f} |")


if __name__ == "__main__":
    main()
