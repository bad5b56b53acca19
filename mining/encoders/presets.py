"""Names for transformer encoders that are known to mine well."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """A model, by folder or by its id on the Hugging Face hub, and how it wants to be used.

    `prompt` is put before every text, on both sides: the models that want one take the same for
    symmetric tasks. `revision` is a branch, tag or commit, the main branch where it is `None`.
    """

    model: str
    dimension: int | None = None  # None: known once the model is loaded
    prompt: str | None = None
    revision: str | None = None
    hint: str = ""  # what to do where the model cannot be loaded as it is


PRESETS: dict[str, Preset] = {
    "labse": Preset("sentence-transformers/LaBSE", 768),
    "luxembedder": Preset("fredxlpy/LuxEmbedder", 768),
    "histlux": Preset(
        "impresso-project/histlux-gte-multilingual-base",
        768,
        hint=(
            "Its architecture is part of transformers since `GteModel`: download the model into a "
            "folder, replace its config.json by that of alibaba-nlp-community/"
            "gte-multilingual-base, and give the folder instead of the name."
        ),
    ),
    "e5-small": Preset("intfloat/multilingual-e5-small", 384, prompt="query: "),
    "e5-base": Preset("intfloat/multilingual-e5-base", 768, prompt="query: "),
    "e5-large": Preset("intfloat/multilingual-e5-large", 1024, prompt="query: "),
    # The main branch carries pickled weights only; this one adds the same as safetensors.
    "bge-m3": Preset("BAAI/bge-m3", 1024, revision="refs/pr/38"),
    # Alibaba-NLP's own repository wants remote code; this one has the same weights and a
    # configuration that transformers reads by itself.
    "gte-multilingual": Preset(
        "alibaba-nlp-community/gte-multilingual-base",
        768,
        hint="It needs a version of transformers that has `GteModel`: upgrade transformers.",
    ),
}
