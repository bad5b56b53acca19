"""A Hugging Face dataset folder: the table as it is, a dataset card and the signature."""

from __future__ import annotations

import shutil
from pathlib import Path

from bitseam.pipelines.atomic import new_folder, write_json
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
    with new_folder(output) as folder:
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
