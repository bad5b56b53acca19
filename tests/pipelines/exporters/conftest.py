"""Pairs tables made on the spot: real Parquet files, as the `pairs` stage commits them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.schemas import tables

_SIGNATURE = "bitseam:0.1.0|encoder:static@1a2b3c4d|k:4|margin:ratio|retrieval:max|threshold:1.06"


def _pairs_table(
    texts: Sequence[tuple[str, str]],
    margins: Sequence[float] | None = None,
    languages: tuple[str, str] = ("ltz_Latn", "deu_Latn"),
    metadata: Mapping[str, str] | None = None,
) -> pa.Table:
    rows = range(len(texts))
    columns = {
        "src_id": [-(2**62) + row for row in rows],
        "tgt_id": [2**62 - row for row in rows],
        "src_text": [src for src, _ in texts],
        "tgt_text": [tgt for _, tgt in texts],
        "margin": margins if margins is not None else [1.5 - row / 100 for row in rows],
        "cosine": [0.7] * len(texts),
        "src_rank": [1] * len(texts),
        "tgt_rank": [2] * len(texts),
        "src_lang": [languages[0]] * len(texts),
        "tgt_lang": [languages[1]] * len(texts),
        "src_lang_score": [0.9] * len(texts),
        "tgt_lang_score": [0.8] * len(texts),
        "src_doc": [f"lbwiki:{row} <&> \x07" for row in rows],
        "src_start": [10 * row for row in rows],
        "src_end": [10 * row + len(src) for row, (src, _) in enumerate(texts)],
        "tgt_doc": [f"dewiki:{row}" for row in rows],
        "tgt_start": [0] * len(texts),
        "tgt_end": [len(tgt) for _, tgt in texts],
        "src_count": [1] * len(texts),
        "tgt_count": [3] * len(texts),
        "alignment": ["sentences"] * len(texts),
        "precision": [0.95] * len(texts),
    }
    known = {"bitseam.table": "pairs", "bitseam.version": "1", "bitseam.signature": _SIGNATURE}
    return pa.table(columns, schema=tables.PAIRS.with_metadata({**known, **(metadata or {})}))


@pytest.fixture(scope="session")
def signature() -> str:
    """The signature that the tables carry."""
    return _SIGNATURE


@pytest.fixture(scope="session")
def pairs_table() -> Callable[..., pa.Table]:
    """A function that makes a table of given texts; the rest gets plausible values."""
    return _pairs_table


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that writes tables as the pairs of a new run and returns its folder."""

    def make(*parts: pa.Table) -> Path:
        directory = tmp_path_factory.mktemp("run")
        (directory / "pairs").mkdir()
        for number, part in enumerate(parts):
            pq.write_table(part, directory / "pairs" / f"pairs-{number:05d}.parquet")
        manifest = {"src": "ltz_Latn", "tgt": "deu_Latn"}
        (directory / "manifest.json").write_text(json.dumps(manifest))
        return directory

    return make


@pytest.fixture(scope="session")
def nasty_texts() -> list[tuple[str, str]]:
    """Texts that break naive writers."""
    found = json.loads(Path(__file__).with_name("nasty_texts.json").read_text("utf-8"))
    return [(text, f"{text} ({name})") for name, text in found.items()]


@pytest.fixture
def nasty_run(make_run: Callable[..., Path], nasty_texts: list[tuple[str, str]]) -> Path:
    """A run whose pairs, in two files, are the nasty texts."""
    table = _pairs_table(nasty_texts)
    return make_run(table.slice(0, 5), table.slice(5))
