"""What a fastText model file says about itself: its labels and their counts.

fasttext-predict does not tell a model's labels or how often each was seen in training, and
fastText's loader reports a damaged file as "please download the updated model". The layout is
that of its `FastText::saveModel`, `Args::save` and `Dictionary::save`, versions 11 and 12.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from bitseam.lid.identifiers.presets import PRESETS
from bitseam.schemas.errors import UserError

MAGIC = 793712314
SUPERVISED = 3  # fastText's model_name::sup; the others are word vectors, without labels
_HEAD = struct.Struct("<2i12id3i2q")  # magic, version; 12 options and t; dictionary sizes
_MODEL_FIELD, _WORDS_FIELD, _LABELS_FIELD = 9, 16, 17
_ENTRY_TAIL = struct.Struct("<qb")  # after a dictionary entry's NUL: its count and its type
_LABEL = 1


def read_labels(path: Path) -> dict[str, int]:
    """Return the labels of the fastText model at `path` and how often training saw each.

    :raises UserError: there is no such file, or it is no complete supervised fastText model.
    """
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return _labels(content, path)
    except FileNotFoundError:
        raise UserError(
            f"--lid-model {path}: no such file; give the path of a model (.safetensors, .bin, "
            f".ftz), lid176, the name of one to download ({', '.join(PRESETS)}), or leave it out "
            "for the built-in one"
        ) from None
    except (OSError, ValueError, struct.error) as error:  # a folder, an empty file, a short one
        raise _no_model(path, str(error)) from None


def _labels(content: mmap.mmap, path: Path) -> dict[str, int]:
    head = _HEAD.unpack_from(content, 0)
    if head[0] != MAGIC or head[1] not in (11, 12):
        raise _no_model(path, "it does not begin like one")
    if head[_MODEL_FIELD] != SUPERVISED:
        raise _no_model(path, "it holds word vectors, not a classifier")
    labels = {}
    position = _HEAD.size
    for _ in range(head[_WORDS_FIELD] + head[_LABELS_FIELD]):
        end = content.find(b"\0", position)
        if end < 0 or end + _ENTRY_TAIL.size >= len(content):
            raise _no_model(path, "it ends inside its dictionary: a partial download?")
        count, kind = _ENTRY_TAIL.unpack_from(content, end + 1)
        if kind == _LABEL:
            labels[content[position:end].decode("utf-8", "replace")] = count
        position = end + 1 + _ENTRY_TAIL.size
    if not labels:
        raise _no_model(path, "it has no labels")
    return labels


def _no_model(path: Path, why: str) -> UserError:
    return UserError(
        f"--lid-model {path}: expected a fastText language identification model (.bin, .ftz), but "
        f"{why}; download it again, or leave out --lid-model for the built-in one"
    )
