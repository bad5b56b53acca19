"""The static encoder as a module of sentence-transformers, for tools that take such models.

    from sentence_transformers import SentenceTransformer
    from bitseam.mining.encoders.static_module import StaticModule

    model = SentenceTransformer(modules=[StaticModule()])
    model.save_pretrained("folder")
    model = SentenceTransformer(modules=[StaticModule.load("folder")])

`SentenceTransformer("folder")` alone is refused by sentence-transformers from version 6 on, as for
every module that is not its own. Where remote code is allowed it works too, and what runs then is
this file: a saved folder holds no code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from bitseam.mining.encoders.static import StaticEncoder
from bitseam.schemas.errors import UserError

try:
    from sentence_transformers.base.modules import InputModule
except ImportError:  # before version 6
    from sentence_transformers.models import InputModule  # type: ignore[no-redef]

_WEIGHTS = "model.safetensors"


class StaticModule(InputModule):
    """A whole model in one module: its vectors are those of `StaticEncoder.encode`, bit for bit.

    For inference: it has nothing to train. The table stays in the memory of the processor; on a
    model moved to a GPU the vectors follow.
    """

    def __init__(self, encoder: StaticEncoder | None = None) -> None:
        """Wrap `encoder`, by default the bundled one."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.encoder = encoder or StaticEncoder()
        # Holds nothing, but moves with the model: where, and in which precision, vectors are due.
        self.place = torch.nn.Parameter(torch.empty(0), requires_grad=False)

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Return the texts as they are: hashing and pooling are one compiled step."""
        return {"texts": [prompt + text for text in inputs] if prompt else list(inputs)}

    def tokenize(self, texts: Sequence[str], **_: Any) -> dict[str, Any]:
        """Do as `preprocess`, under the name it has before version 6."""
        return self.preprocess(texts)

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add `sentence_embedding`, `(n, dimension)`."""
        vectors = torch.from_numpy(self.encoder.encode(features["texts"]))
        return {**features, "sentence_embedding": vectors.to(self.place)}

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return self.encoder.dimension

    get_sentence_embedding_dimension = get_embedding_dimension  # its name before version 6

    def get_config_dict(self) -> dict[str, Any]:
        """Return what the model says of itself; it is read from the weights, not from here."""
        own = {"revision": self.encoder.revision, "dimension": self.encoder.dimension}
        return {**own, **self.encoder.model.card}

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Write the model file of `bitseam`, always safetensors, and `config.json` for people."""
        Path(output_path, _WEIGHTS).write_bytes(self.encoder.path.read_bytes())
        self.save_config(output_path)

    @classmethod
    def load(cls, model_name_or_path: str, *location: Any, **options: Any) -> StaticModule:
        """Load from a folder or from the Hugging Face hub.

        The arguments are those of sentence-transformers' own modules: `subfolder`, `token`,
        `cache_folder`, `revision`, `local_files_only`; what else it passes is for other modules.

        :raises UserError: no model of a static encoder there.
        """
        known = ("subfolder", "token", "cache_folder", "revision", "local_files_only")
        named = {name: options[name] for name in known if name in options}
        path = cls.load_file_path(model_name_or_path, _WEIGHTS, *location, **named)
        if path is None:
            raise UserError(f"no {_WEIGHTS} in {model_name_or_path!r}: expected a saved model")
        return cls(StaticEncoder(Path(path), name=model_name_or_path))
