"""From a name to an encoder."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from bitseam.mining.encoders.linear_map import is_map, read_map
from bitseam.mining.encoders.mapped import MappedEncoder
from bitseam.mining.encoders.presets import PRESETS, Preset
from bitseam.mining.encoders.protocol import Encoder
from bitseam.mining.encoders.static_model import is_static_model
from bitseam.schemas.errors import UserError

STATIC = "static"
_MODEL = "model.safetensors"

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load_encoder(
    name_or_path: str, *, device: str | None = None, batch_size: int | None = None
) -> Encoder:
    """Load an encoder: `static`, a preset, a file or folder, or a model of the Hugging Face hub.

    A file is a static encoder, or a linear map, which names the encoder it is for; a folder holds
    a static encoder, as `--bootstrap` and `mine train static` leave it, or a transformer.

    `device` (`cpu`, `cuda`, ...) and `batch_size` are for transformers; the default is a GPU where
    there is one. `static` loads neither torch nor sentence_transformers.

    :raises UserError: unknown name, or a model that cannot be loaded safely.
    """
    path = Path(name_or_path).expanduser()
    if path.is_dir() and is_static_model(path / _MODEL):
        path = path / _MODEL
    if path.suffix == ".safetensors" and is_map(path):
        base = load_encoder(read_map(path).encoder, device=device, batch_size=batch_size)
        return MappedEncoder(path, base)
    if name_or_path == STATIC or path.suffix == ".safetensors":
        from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder

        return StaticEncoder(BUNDLED_MODEL if name_or_path == STATIC else path, name=path.name)
    preset, name = find_preset(name_or_path)
    from bitseam.mining.encoders.transformer import TransformerEncoder

    return TransformerEncoder(preset, name=name, device=device, batch_size=batch_size)


def find_preset(name_or_path: str) -> tuple[Preset, str]:
    """Return how to use the transformer of this name, and its name in signatures.

    :raises UserError: unknown name.
    """
    path = Path(name_or_path).expanduser()
    if name_or_path in PRESETS:
        return PRESETS[name_or_path], name_or_path
    if name_or_path and path.is_dir():
        return Preset(str(path)), path.resolve().name  # the same wherever the folder lies
    if _HUB_ID.fullmatch(name_or_path):
        return Preset(name_or_path), name_or_path
    raise UserError(_unknown(name_or_path))


def _unknown(name: str) -> str:
    known = [STATIC, *PRESETS]
    close = get_close_matches(name.lower(), known, n=1)
    return (
        f"unknown encoder {name!r}{f', did you mean {close[0]!r}?' if close else ''}: expected "
        f"one of {', '.join(known)}; a model of the Hugging Face hub such as 'owner/model'; "
        "or the path of a folder or of a .safetensors file"
    )
