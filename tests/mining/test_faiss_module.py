from __future__ import annotations

import pytest

from bitseam.mining import faiss_module
from bitseam.schemas.errors import UserError


def test_the_installed_build_is_found_and_loads() -> None:
    assert len(faiss_module.installed_builds()) == 1
    assert hasattr(faiss_module.load_faiss(), "knn")


@pytest.mark.parametrize(
    ("builds", "told"),
    [
        (["faiss-cpu", "faiss-gpu"], "found faiss-cpu and faiss-gpu, which overwrite each other"),
        ([], "found no faiss"),
        (["faiss-cpu"], "found faiss-cpu, which does not load"),
    ],
)
def test_a_wrong_installation_ends_in_its_cure(monkeypatch, builds, told) -> None:
    def fail(_name: str) -> None:
        raise ImportError("no module")

    monkeypatch.setattr(faiss_module, "installed_builds", lambda: builds)
    monkeypatch.setattr(faiss_module, "import_module", fail)
    with pytest.raises(UserError, match=told) as error:
        faiss_module.load_faiss()
    assert "pip uninstall -y faiss-cpu faiss-gpu && pip install 'bitseam[cpu]'" in str(error.value)
