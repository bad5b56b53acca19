"""The static encoder as a model of the `mteb` package, for its evaluations.

    import mteb
    from bitseam.mining.encoders.mteb_model import MtebModel

    mteb.evaluate(MtebModel(), mteb.get_tasks(["NTREXBitextMining"]))

`pip install mteb` (version 2) brings the package; bitseam itself never needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language

if TYPE_CHECKING:
    import torch
    from mteb.models import ModelMeta

    Vectors = npt.NDArray[np.float32] | torch.Tensor

# What mteb calls the data a model may have seen; it marks results on these tasks as such.
_TASKS_OF_SOURCES = {"tatoeba": "Tatoeba", "bible": "BibleNLPBitextMining"}


class MtebModel:
    """Keeps mteb's `EncoderProtocol`; its vectors are those of `StaticEncoder.encode`."""

    def __init__(
        self,
        model_name: str = "bitseam/static",
        revision: str | None = None,
        *,
        path: str | Path = BUNDLED_MODEL,
        **_: Any,
    ) -> None:
        """Load the model file at `path`; results are filed under `model_name` (`team/model`).

        :raises UserError: no such model, or one of another revision than the one asked for.
        """
        self.encoder = StaticEncoder(Path(path), name=model_name)
        if revision not in (None, self.encoder.revision):
            raise UserError(
                f"{path} is revision {self.encoder.revision} of {model_name}, "
                f"but results for {revision} were asked for"
            )

    def encode(
        self, inputs: Iterable[Mapping[str, list[str]]], **_: Any
    ) -> npt.NDArray[np.float32]:
        """Return `(n, dimension)` vectors of the texts of all batches; there are no prompts."""
        return self.encoder.encode([text for batch in inputs for text in batch["text"]])

    def similarity(self, embeddings1: Vectors, embeddings2: Vectors) -> torch.Tensor:
        """Return the cosine of each with each, `(n, m)`."""
        from sentence_transformers.util import cos_sim

        return cos_sim(embeddings1, embeddings2)

    def similarity_pairwise(self, embeddings1: Vectors, embeddings2: Vectors) -> torch.Tensor:
        """Return the cosine of each with its counterpart, `(n,)`."""
        from sentence_transformers.util import pairwise_cos_sim

        return pairwise_cos_sim(embeddings1, embeddings2)

    @cached_property  # mteb replaces it by its own copy
    def mteb_model_meta(self) -> ModelMeta:
        """What mteb writes beside the results, and with which it can load the model again."""
        from mteb.models import ModelMeta

        encoder, card = self.encoder, self.encoder.model.card
        rows, sources = encoder.model.table.rows, card.get("sources", ())
        return ModelMeta(
            loader=MtebModel,
            loader_kwargs={} if encoder.path == BUNDLED_MODEL else {"path": str(encoder.path)},
            name=encoder.name,
            revision=encoder.revision,
            release_date=None,
            languages=[_mteb_language(tag) for tag in card.get("languages", ())],
            n_parameters=rows.size,
            n_embedding_parameters=rows.size,
            memory_usage_mb=rows.nbytes / 2**20,
            max_tokens=None,
            embed_dim=encoder.dimension,
            license="apache-2.0" if card.get("licence", "").startswith("Apache-2.0") else None,
            open_weights=True,
            public_training_code=None,
            public_training_data=None,
            framework=["NumPy", "safetensors"],
            similarity_fn_name="cosine",
            use_instructions=False,
            training_datasets={task for name, task in _TASKS_OF_SOURCES.items() if name in sources},
        )


def _mteb_language(tag: str) -> str:
    """mteb writes `ltz-Latn`, and macro-languages by their own codes."""
    return parse_language(tag).replace("_", "-")
