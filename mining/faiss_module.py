"""The one place that imports faiss: finds out which build is installed and says the cure."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import distributions
from types import ModuleType

from bitseam.schemas.errors import UserError


@lru_cache(maxsize=1)  # asked for at every block of queries
def installed_builds() -> tuple[str, ...]:
    """Return the names of the installed faiss distributions, sorted."""
    names = {(dist.metadata["Name"] or "").lower().replace("_", "-") for dist in distributions()}
    return tuple(sorted(name for name in names if name.startswith(("faiss-cpu", "faiss-gpu"))))


def load_faiss() -> ModuleType:
    """Import faiss.

    `faiss-cpu` and `faiss-gpu` share the import name and overwrite each other's files without a
    word, so that both at once is an installation of unknown content.

    :raises UserError: no build, two builds, or a broken one is installed.
    """
    builds = installed_builds()
    cure = "pip uninstall -y faiss-cpu faiss-gpu && pip install 'bitseam[cpu]' (or 'bitseam[gpu]')"
    if len(builds) > 1:
        raise UserError(
            f"found {' and '.join(builds)}, which overwrite each other; expected one: {cure}"
        )
    try:
        return import_module("faiss")
    except ImportError as error:
        found = f"{builds[0]}, which does not load ({error})" if builds else "no faiss"
        raise UserError(f"found {found}; expected one build of it: {cure}") from error
