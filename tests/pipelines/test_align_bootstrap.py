"""`mine align` of a language that the encoder does not know: a second pass of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from bitseam.align.evaluate import score_beads
from bitseam.lid.revision import file_revision
from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.align.commands import align as command
from bitseam.schemas.errors import UserError

DE_CY = ("--src", "de", "--tgt", "cy")


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def texts(ciphered, tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("texts")
    return write(folder / "a.txt", ciphered.src), write(folder / "b.txt", ciphered.tgt)


@pytest.fixture
def align(caplog, capfd) -> Callable[..., str]:
    """Run the command in this process; return what it told."""
    caplog.set_level(logging.INFO, "bitseam")

    def run(*arguments: object, languages: tuple[str, ...] = DE_CY) -> str:
        caplog.clear()
        command.main([*map(str, arguments), *languages, "--sentences"], standalone_mode=False)
        return caplog.text

    return run


def f1(gold, output: Path) -> float:
    rows = pl.read_parquet(output).select("src_positions", "tgt_positions").rows()
    return score_beads([(gold, [(tuple(src), tuple(tgt)) for src, tgt in rows])]).strict.f1


def signature(output: Path) -> str:
    return pq.read_schema(output).metadata[b"bitseam.signature"].decode()


def test_the_surest_beads_adapt_an_encoder_that_is_kept(align, texts, ciphered, tmp_path) -> None:
    outputs = {name: tmp_path / f"{name}.parquet" for name in ("off", "auto", "again", "next")}
    told = align(*texts, "--bootstrap", "off", "--output", outputs["off"])
    assert "does not name cym_Latn" in told
    assert "bootstrap:" not in told
    told = align(*texts, "--output", outputs["auto"])
    assert "an encoder is adapted to the surest pairs" in told
    assert "it is used" in told

    model = tmp_path / "auto.parquet.encoder" / "model.safetensors"
    assert f"encoder:model.safetensors@{file_revision(model)}|adapted:static@" in signature(
        outputs["auto"]
    )
    assert "encoder:none|words:own" in signature(outputs["off"])
    assert f1(ciphered.gold, outputs["auto"]) >= f1(ciphered.gold, outputs["off"]) > 0.9
    assert pl.read_parquet(outputs["off"])["cosine"].is_null().all()
    assert not (tmp_path / "off.parquet.encoder").exists()

    align(*texts, "--output", outputs["again"])
    for name in ("", ".encoder/model.safetensors", ".encoder/README.md", ".encoder/pairs.parquet"):
        first, second = (Path(f"{outputs[run]}{name}").read_bytes() for run in ("auto", "again"))
        assert first == second, name

    told = align(*texts, "--encoder", model, "--output", outputs["next"])
    assert "does not name" not in told
    assert "bootstrap:" not in told
    assert f1(ciphered.gold, outputs["next"]) >= f1(ciphered.gold, outputs["off"])
    folder = load_encoder(str(model.parent))
    assert folder.revision == file_revision(model)


def test_an_encoder_of_an_earlier_run_does_not_stay_beside_other_beads(align, texts, tmp_path):
    output = tmp_path / "x.tsv"
    folder = tmp_path / "x.tsv.encoder"
    align(*texts, "--output", output)
    assert folder.is_dir()
    align(*texts, "--output", output, "--encoder", folder / "model.safetensors")
    assert folder.is_dir()  # it is in use
    align(*texts, "--output", output, "--bootstrap", "off")
    assert not folder.exists()
    folder.mkdir()
    (folder / "notes.txt").write_text("not ours")
    align(*texts, "--output", output, "--bootstrap", "off")
    assert (folder / "notes.txt").exists()


def test_nothing_is_left_behind_of_standard_output(
    align, texts, tmp_path, monkeypatch, capfd
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "it is used" in align(*texts)
    assert capfd.readouterr().out.startswith("[0]:[0]:")
    assert not list(tmp_path.iterdir())


def test_of_few_beads_nothing_is_learnt(align, ciphered, tmp_path) -> None:
    ours = write(tmp_path / "a.txt", ciphered.src[:20])
    theirs = write(tmp_path / "b.txt", ciphered.tgt[:18])
    output = tmp_path / "out.parquet"
    assert "50 or more" in align(ours, theirs, "--output", output)
    assert f1([b for b in ciphered.gold if max((*b[0], *b[1])) < 18], output) > 0.8
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "b.txt", "out.parquet"}


def test_what_is_no_translation_does_not_change_the_encoder(align, ciphered, tmp_path) -> None:
    ours = write(tmp_path / "a.txt", ciphered.src)
    theirs = write(tmp_path / "b.txt", [*reversed(ciphered.tgt)])
    told = align(ours, theirs, "--output", tmp_path / "out.parquet")
    assert "is not used" in told
    assert not (tmp_path / "out.parquet.encoder").exists()


def test_what_lies_in_the_encoders_place_is_not_replaced(align, texts, tmp_path) -> None:
    output = tmp_path / "out.parquet"
    mine = write(tmp_path / "out.parquet.encoder", ["mine"])
    with pytest.raises(UserError, match=r"--bootstrap off"):
        align(*texts, "--output", output)
    assert mine.read_text() == "mine\n"
    align(*texts, "--output", output, "--bootstrap", "off")
    assert output.exists()


def test_documents_of_two_folders(align, ciphered, tmp_path) -> None:
    size = 40
    for name, side in (("ours", 0), ("theirs", 1)):
        (tmp_path / name).mkdir()
        for i in range(5):
            beads = ciphered.gold[i * size : (i + 1) * size]
            lines = [ciphered[side][place] for bead in beads for place in bead[side]]
            write(tmp_path / name / f"{i}.txt", lines)
    output = tmp_path / "out.parquet"
    align(tmp_path / "ours", tmp_path / "theirs", "--output", output)
    found = pl.read_parquet(output).select("src_doc", "tgt_doc").unique().sort("src_doc")
    assert found.rows() == [(f"ours/{i}.txt", f"theirs/{i}.txt") for i in range(5)]


def test_an_encoder_that_knows_a_language_unnamed_is_used(align, ciphered, tmp_path) -> None:
    """Cimbrian, as if it were nearly German: nothing is left to learn."""
    near = [text.replace("ei", "ai").replace("ß", "ss") for text in ciphered.src]
    ours, theirs = write(tmp_path / "a.txt", ciphered.src), write(tmp_path / "b.txt", near)
    output = tmp_path / "out.parquet"
    told = align(ours, theirs, "--output", output, languages=("--src", "de", "--tgt", "cim"))
    assert "is not used" in told
    assert "encoder:static@" in signature(output)
    gold = [((i,), (i,)) for i in range(len(near))]
    assert f1(gold, output) > 0.98
