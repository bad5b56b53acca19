"""The wheel puts one name into site-packages, and works outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_holds_only_bitseam_and_runs_outside_the_checkout(tmp_path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    wheel = next(tmp_path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"bitseam"}
    for needed in (
        "py.typed",
        "mining/encoders/static.safetensors",
        "pipelines/stages/pairs.py",
        "pipelines/report/templates/page.html.jinja",
        "pipelines/evalset/card.md",
        "mining/benchmark/noise_ocr.txt",
    ):
        assert any(name.endswith(needed) for name in names), needed

    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", site, wheel],
        check=True,
    )
    code = (
        "from bitseam.pipelines import cli; "
        f"assert cli.__file__.startswith({str(site)!r}), cli.__file__; "
        "import sys; sys.argv = ['mine', '--help']; cli.main()"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,  # not the checkout, which an interpreter would find first
        env={**os.environ, "PYTHONPATH": str(site)},  # before an editable install of the checkout
        check=False,
    )
    assert "Mine bitext" in shown.stdout, shown.stderr
