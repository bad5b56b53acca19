"""Vectors of words in their sentences, from the tokens of a transformer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bitseam.align.words.similarity import Vectors
from bitseam.lid.words import Words
from bitseam.mining.encoders.transformer import TransformerEncoder
from bitseam.schemas.errors import UserError

_BATCH = 32


class TokenEncoder:
    """The middle layers of a transformer, where words that are translations are most alike.

    SimAlign and awesome-align take layer 8 of 12; of other depths this takes two thirds, too.
    """

    def __init__(self, encoder: TransformerEncoder) -> None:
        """Share the model of an encoder.

        :raises UserError: it cannot tell where its tokens stand.
        """
        self._model = encoder.model
        if not getattr(self._model.tokenizer, "is_fast", False):
            raise UserError(
                f"encoder {encoder.name!r} does not tell where its tokens stand in a text: "
                "expected one with a fast tokenizer (tokenizer.json)"
            )

    def word_vectors(self, texts: pa.LargeStringArray, words: Words) -> Vectors:
        """Return a vector of unit norm for each of the words of `texts`: the mean of its tokens.

        A text longer than the model reads is read in overlapping parts. A word without tokens has
        a row of zeros.
        """
        first = words.bounds[0]
        count = int(words.bounds[-1] - first)
        transformer: Any = self._model[0]
        rows = np.zeros((count, transformer.auto_model.config.hidden_size), np.float32)
        lengths = np.diff(words.bounds)
        order = np.argsort(-lengths, kind="stable")  # batches of about one length
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for tokens, offsets, part in self._encode(texts.take(pa.array(batch)).to_pylist()):
                _add_tokens(rows, tokens, offsets, words, batch[part])
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / np.maximum(norms, np.finfo(np.float32).tiny)
        return Vectors(unit, np.arange(count, dtype=np.int32), words.bounds - first)

    def _encode(
        self, texts: list[str]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]]:
        """Yield `(b, t, d)` token vectors, `(b, t, 2)` where the tokens stand (0, 0 if nowhere),
        and of which text each of these parts is, `(b,)`.
        """
        import torch

        longest = self._model.max_seq_length
        tokens: dict[str, Any] = self._model.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=longest,
            stride=(longest or 0) // 4,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = tokens.pop("offset_mapping").numpy()
        parts = tokens.pop("overflow_to_sample_mapping").numpy()
        transformer: Any = self._model[0]
        for start in range(0, len(parts), _BATCH):
            some = slice(start, start + _BATCH)
            with torch.inference_mode():
                output = transformer.auto_model(
                    **{name: value[some].to(self._model.device) for name, value in tokens.items()},
                    output_hidden_states=True,
                )
            layers = output.hidden_states  # of the embeddings and of each layer
            chosen = layers[round((len(layers) - 1) * 2 / 3)]
            yield chosen.float().cpu().numpy(), offsets[some], parts[some]


def _add_tokens(
    rows: NDArray[np.float32],
    tokens: NDArray[np.float32],
    offsets: NDArray[np.int64],
    words: Words,
    texts: NDArray[np.int64],
) -> None:
    """Add each token's vector to the row of the word that its last character belongs to.

    A few calls a sentence: a thousandth of what the transformer takes for it.
    """
    for k, text in enumerate(texts):
        first, last = words.bounds[text], words.bounds[text + 1]
        if first == last:
            continue
        kept = np.flatnonzero(offsets[k, :, 1] > offsets[k, :, 0])
        at = offsets[k, kept, 1] - 1
        word = np.searchsorted(words.starts[first:last], at, side="right") - 1
        inside = (word >= 0) & (at < words.ends[first:last][word])
        np.add.at(rows, word[inside] + (first - words.bounds[0]), tokens[k, kept[inside]])
