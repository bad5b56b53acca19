"""The Hugging Face folder: card, signature, the table as it is, loadable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from bitseam.pipelines.exporters import export_pairs
from bitseam.pipelines.exporters.card import COLUMN_NOTES, signature_parts, size_category
from bitseam.schemas import tables
from bitseam.schemas.errors import UserError

MakeRun = Callable[..., Path]
MakeTable = Callable[..., pa.Table]


@pytest.fixture
def folder(nasty_run: Path, tmp_path: Path) -> Path:
    export_pairs(nasty_run, "huggingface", tmp_path / "lb-de")
    return tmp_path / "lb-de"


def test_the_table_is_copied_as_it_is(folder: Path, nasty_run: Path) -> None:
    files = sorted((folder / "data").iterdir())
    assert [path.name for path in files] == [
        "train-00000-of-00002.parquet",
        "train-00001-of-00002.parquet",
    ]
    originals = sorted((nasty_run / "pairs").iterdir())
    assert [path.read_bytes() for path in files] == [path.read_bytes() for path in originals]


def test_the_signature_is_a_file(folder: Path, signature: str) -> None:
    found = json.loads((folder / "signature.json").read_text("utf-8"))
    assert found["signature"] == signature
    assert found["parts"]["encoder"] == "static@1a2b3c4d"
    assert (found["src"], found["tgt"], found["rows"]) == ("ltz_Latn", "deu_Latn", 18)


def test_a_value_may_have_a_colon() -> None:
    assert signature_parts("encoder:file:x@1|k:4") == {"encoder": "file:x@1", "k": "4"}


def test_the_front_matter_is_what_the_hub_reads(folder: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the dataset card's front matter")
    _, front, _ = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    found = yaml.safe_load(front)
    assert found["language"] == ["lb", "de"]
    assert found["task_categories"] == ["translation"]
    assert found["size_categories"] == ["n<1K"]
    assert found["license"] == "unknown"
    assert found["pretty_name"] == "Mined bitext ltz_Latn-deu_Latn"
    (config,) = found["configs"]
    assert config["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]


def test_the_card_tells_signature_counts_and_every_column(
    folder: Path, signature: str, nasty_texts: list[tuple[str, str]]
) -> None:
    card = (folder / "README.md").read_text("utf-8")
    assert "$" not in card
    assert f"```\n{signature}\n```" in card
    assert "| `k` | `4` |" in card
    assert "| pairs | 18 |" in card
    assert f"| characters, source | {sum(len(src) for src, _ in nasty_texts):,} |" in card
    assert "| margin | 1.3300 to 1.5000 |" in card
    for name in tables.PAIRS.names:
        assert f"| `{name}` | {tables.PAIRS.field(name).type} | {COLUMN_NOTES[name]} |" in card


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (2_500_000, "1M<n<10M"),
        (10**9, "n>1B"),
    ],
)
def test_size_categories_are_the_hubs(rows: int, name: str) -> None:
    assert size_category(rows) == name


def test_a_folder_with_something_in_it_is_left_alone(nasty_run: Path, folder: Path) -> None:
    (folder / "README.md").write_text("edited by hand")
    with pytest.raises(UserError, match="a folder with something in it: name a new folder"):
        export_pairs(nasty_run, "huggingface", folder)
    assert (folder / "README.md").read_text() == "edited by hand"
    with pytest.raises(UserError, match="is a file"):
        export_pairs(nasty_run, "huggingface", folder / "README.md")


def test_an_empty_folder_is_filled(nasty_run: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    assert export_pairs(nasty_run, "huggingface", tmp_path / "made") == 18
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_dataset_without_rows_is_refused(
    make_run: MakeRun, pairs_table: MakeTable, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="cannot load an empty dataset"):
        export_pairs(make_run(pairs_table([])), "huggingface", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_datasets_loads_the_folder(folder: Path, nasty_run: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip(
        "datasets", reason="the `datasets` package is not installed: pip install datasets"
    )
    loaded = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.column_names == tables.PAIRS.names
    originals = pl.read_parquet(nasty_run / "pairs" / "*.parquet")
    assert pl.DataFrame(loaded.data.table).equals(originals)
