"""From a name to an encoder."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from bitseam.mining.encoders.presets import PRESETS, Preset
from bitseam.mining.encoders.protocol import Encoder
from bitseam.schemas.errors import UserError

STATIC = "static"

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load_encoder(
    name_or_path: str, *, device: str | None = None, batch_size: int | None = None
) -> Encoder:
    """Load an encoder: `static`, a preset, a file or folder, or a model of the Hugging Face hub.

    `device` (`cpu`, `cuda`, ...) and `batch_size` are for transformers; the default is a GPU where
    there is one. `static` loads neither torch nor sentence_transformers.

    :raises UserError: unknown name, or a model that cannot be loaded safely.
    """
    path = Path(name_or_path).expanduser()
    if name_or_path == STATIC or path.suffix == ".safetensors":
        from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder

        return StaticEncoder(BUNDLED_MODEL if name_or_path == STATIC else path, name=path.name)
    if name_or_path in PRESETS:
        preset = PRESETS[name_or_path]
    elif name_or_path and path.is_dir():
        preset = Preset(str(path))
        name_or_path = path.resolve().name  # in signatures: the same wherever the folder lies
    elif _HUB_ID.fullmatch(name_or_path):
        preset = Preset(name_or_path)
    else:
        raise UserError(_unknown(name_or_path))
    from bitseam.mining.encoders.transformer import TransformerEncoder

    return TransformerEncoder(preset, name=name_or_path, device=device, batch_size=batch_size)


def _unknown(name: str) -> str:
    known = [STATIC, *PRESETS]
    close = get_close_matches(name.lower(), known, n=1)
    return (
        f"unknown encoder {name!r}{f', did you mean {close[0]!r}?' if close else ''}: expected "
        f"one of {', '.join(known)}; a model of the Hugging Face hub such as 'owner/model'; "
        "or the path of a folder or of a .safetensors file"
    )
