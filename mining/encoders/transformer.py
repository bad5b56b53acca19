"""Any sentence-transformers model: from the Hugging Face hub, or from a folder."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from bitseam.lid.ngrams import as_arrow, cut_to_bound
from bitseam.mining.encoders.checkpoint import safe_checkpoint
from bitseam.mining.encoders.presets import Preset
from bitseam.mining.encoders.protocol import Texts
from bitseam.schemas.errors import BitseamError, UserError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_MAX_TOKENS = 512  # a sentence that is longer is none; models that allow 8,192 get slow
_BATCH_ON_CPU, _BATCH_ON_GPU = 32, 256


class TransformerEncoder:
    """A transformer with its pooling; in half precision on a GPU.

    Loads safetensors only, and runs no code that comes with a model. Texts are sorted by length
    into batches; how a text is batched moves its vector by rounding errors alone.
    """

    def __init__(
        self,
        preset: Preset,
        *,
        name: str | None = None,
        device: str | None = None,
        batch_size: int | None = None,
    ) -> None:
        """Load `preset.model`, from the hub unless it is a folder.

        :raises UserError: the model is absent, has pickled weights or code of its own, or
            `device` is not there.
        """
        self.name = name or preset.model
        self._arguments = (preset, name, device, batch_size)
        self._prompt = preset.prompt
        folder = safe_checkpoint(preset)
        self._model = load_model(folder, preset, device)
        on_gpu = self._model.device.type == "cuda"
        if on_gpu:
            self._model.half()
        self._batch_size = batch_size or (_BATCH_ON_GPU if on_gpu else _BATCH_ON_CPU)
        self.revision = folder_revision(folder)
        self.dimension = self._encode_list(["."]).shape[1]

    @property
    def model(self) -> SentenceTransformer:
        """The loaded model, for those who need its tokens; in half precision on a GPU."""
        return self._model

    def encode(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return `(n, dimension)` float32 of unit norm; a blank text has a zero row.

        Of a text the first 512 tokens count.

        :raises TypeError: `texts` holds something other than strings.
        :raises BitseamError: the model gave a vector that is not finite.
        """
        array = cut_to_bound(as_arrow(texts))
        vectors = np.zeros((len(array), self.dimension), np.float32)
        filled = np.flatnonzero(
            pc.not_equal(pc.utf8_trim_whitespace(array), "").to_numpy(zero_copy_only=False)
        )
        if len(filled):
            vectors[filled] = self._encode_list(array.take(filled).to_pylist())
        return vectors

    def _encode_list(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors = self._model.encode(
            texts,
            prompt=self._prompt,
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        vectors = np.asarray(vectors, dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all():
            raise BitseamError(
                f"encoder {self.name!r} gave vectors that are not finite: its weights may exceed "
                "half precision; try the device 'cpu'"
            )
        unit: npt.NDArray[np.float32] = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        return unit

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, self._arguments


def _restore(
    preset: Preset, name: str | None, device: str | None, batch_size: int | None
) -> TransformerEncoder:
    return TransformerEncoder(preset, name=name, device=device, batch_size=batch_size)


def load_model(folder: Path, preset: Preset, device: str | None) -> SentenceTransformer:
    """Load the checked checkpoint `folder` in full precision, 512 tokens a text.

    :raises UserError: it is damaged, or `device` is not there.
    """
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(
            str(folder),
            device=device,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # a damaged model fails in the ways of four libraries
        raise UserError(
            f"cannot load the encoder {preset.model!r}"
            f"{f' on device {device!r}' if device else ''}: {error}"
        ) from error
    model.max_seq_length = min(model.max_seq_length or _MAX_TOKENS, _MAX_TOKENS)
    return model


def folder_revision(folder: Path) -> str:
    """The commit of a model from the hub, else a hash of the files that decide its vectors."""
    if folder.parent.name == "snapshots":
        return folder.name
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".json", ".txt", ".model"}:
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()[:16]
