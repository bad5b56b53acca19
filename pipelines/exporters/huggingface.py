"""A Hugging Face dataset folder: the table as it is, a dataset card and the signature."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bitseam.pipelines.atomic import replace_folder, write_json
from bitseam.pipelines.exporters.card import dataset_card, signature_parts
from bitseam.pipelines.exporters.pairs import Pairs
from bitseam.schemas.errors import UserError


def export(pairs: Pairs, output: Path) -> int:
    """Write `README.md`, `signature.json` and `data/train-*.parquet`.

    `datasets.load_dataset(output)` reads the folder, and so does the Hub once it is uploaded.

    :raises UserError: `output` is a file, or a folder with something in it; or there are no pairs.
    """
    if not pairs.rows:
        raise UserError(
            f"{pairs.directory} has no pairs, and `datasets` cannot load an empty dataset: "
            "mine again with a lower --threshold, or with more input"
        )
    with _new_folder(output) as folder:
        (folder / "README.md").write_text(dataset_card(pairs), "utf-8")
        src, tgt = pairs.languages
        write_json(
            folder / "signature.json",
            {
                "signature": pairs.signature,
                "parts": signature_parts(pairs.signature),
                "src": src,
                "tgt": tgt,
                "rows": pairs.rows,
            },
        )
        data = folder / "data"
        data.mkdir()
        for number, path in enumerate(pairs.files):
            name = f"train-{number:05d}-of-{len(pairs.files):05d}.parquet"
            shutil.copyfile(path, data / name)
    return pairs.rows


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; on success it becomes `path`."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        found = "a folder with something in it" if path.is_dir() else "a file"
        raise UserError(f"--output {path} is {found}: name a new folder, or remove it first")
    temporary = path.with_name(f".{path.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)  # what a killed export left
    temporary.mkdir(parents=True)
    try:
        yield temporary
        replace_folder(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
