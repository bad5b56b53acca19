"""A noisy copy of an evaluation set: the same sentences and gold, as an old newspaper has them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bitseam.mining.benchmark.noise import SPELLINGS, NoiseOptions, Share, add_noise
from bitseam.pipelines.atomic import new_folder, read_json
from bitseam.pipelines.evalset.noisy_files import (
    SetFile,
    Side,
    bucc_languages,
    copy_lines,
    copy_parquet,
    set_files,
)
from bitseam.pipelines.evalset.noisy_report import NoisyReport, describe, warn
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED, parse_language
from bitseam.schemas.named_by_language import read_language

_SIDES: tuple[Side, Side] = ("src", "tgt")
_EXPECTED = (
    "expected a set of `mine evalset`, files in BUCC layout (lb-de for lb-de.lb, lb-de.de and "
    "lb-de.gold), a folder of line-aligned files named by language, Parquet with sentence1 and "
    "sentence2, or plain text"
)


@dataclass(frozen=True)
class NoisyOptions:
    """What `mine evalset noisy` was asked for; `sides` suffer, the others are copied."""

    data: Path
    output: Path
    noise: NoiseOptions
    sides: tuple[Side, ...] = _SIDES
    src: str | None = None
    tgt: str | None = None


class _Noise:
    """The noise of one side, and how much of it there was."""

    def __init__(self, language: str, options: NoiseOptions) -> None:
        self.language, self.options = language, options
        self.shares = {kind: Share(0, 0) for kind in options.rates}

    def __call__(self, texts: pa.StringArray) -> pa.StringArray:
        noisy = add_noise(texts, self.language, self.options)
        for kind, (changed, of) in noisy.shares.items():
            before = self.shares[kind]
            self.shares[kind] = Share(before.changed + changed, before.of + of)
        return noisy.texts


def write_noisy_set(options: NoisyOptions) -> NoisyReport:
    """Write a copy of the set with noise to the new folder `options.output`.

    :raises UserError: there is no such set, its languages are not told, or older spellings are
        asked for of a language without; or the output is taken.
    """
    root, paths = _find(options.data)
    languages = _languages(options, paths)
    files = _files(options, root, paths, languages)
    noises = _noises(options, files, languages)
    with new_folder(options.output) as folder:
        for its in files:
            _copy(its, folder / its.path.relative_to(root), noises)
        told = {side: its.language for side, its in noises.items()}
        shares = {side: its.shares for side, its in noises.items()}
        report = NoisyReport(options.noise, told, shares)
        if noises:
            describe(folder, report)
    warn(report)
    return report


def _find(data: Path) -> tuple[Path, list[Path]]:
    """Return the folder of a set, and all files of it."""
    if data.is_dir():
        found = [path for path in sorted(data.rglob("*")) if path.is_file()]
        hidden = [any(part.startswith(".") for part in p.relative_to(data).parts) for p in found]
        return data, [path for path, skip in zip(found, hidden, strict=True) if not skip]
    if data.is_file() and data.suffix != ".gold":
        return data.parent, [data]
    gold = data if data.suffix == ".gold" else data.with_name(data.name + ".gold")
    codes = bucc_languages(gold)
    if not gold.is_file() or codes is None:
        raise UserError(f"{data}: no such set: {_EXPECTED}")
    paths = [gold, *(gold.with_suffix(f".{code}") for code in codes)]
    if missing := [path for path in paths if not path.is_file()]:
        raise UserError(f"{missing[0]}: no such file: {_EXPECTED}")
    return data.parent, paths


def _languages(options: NoisyOptions, paths: list[Path]) -> dict[Side, str]:
    """Return the language of each side that the user names, or else the set."""
    told = [options.src, options.tgt]
    if not any(told):
        manifest = next((read_json(its) for its in paths if its.name == "manifest.json"), None)
        golds = {codes for its in paths if its.suffix == ".gold" and (codes := bucc_languages(its))}
        if isinstance(manifest, dict) and manifest.keys() >= {"src", "tgt"}:
            told = [manifest["src"], manifest["tgt"]]
        elif len(golds) > 1:
            names = ", ".join(sorted("-".join(codes) for codes in golds))
            raise UserError(
                f"{options.data} holds sets of several languages, {names}: name one of them, such "
                f"as {options.data / names.partition(',')[0]}"
            )
        elif golds:
            told = [*golds.pop()]
        elif options.data.is_file():
            told = [read_language(options.data.name.partition(".")[0]), None]
    return {s: parse_language(t) for s, t in zip(_SIDES, told, strict=True) if t is not None}


def _files(
    options: NoisyOptions, root: Path, paths: list[Path], languages: Mapping[Side, str]
) -> list[SetFile]:
    """Return the files of the set, with what is known of the texts in them."""
    if paths == [options.data] and options.data.suffix != ".parquet":
        return [SetFile(options.data, {"": next(iter(languages), _SIDES[0])})]
    return [*set_files(root, paths, {language: side for side, language in languages.items()})]


def _noises(
    options: NoisyOptions, files: list[SetFile], languages: Mapping[Side, str]
) -> dict[Side, _Noise]:
    """Return the noise of each side that is to suffer and has texts."""
    if not options.noise.rates:
        return {}
    found = {side for its in files for side in its.columns.values()}
    sides = [side for side in options.sides if side in found]
    if not sides:
        raise UserError(
            f"{options.data}: no texts of {' or '.join(options.sides)} found: {_EXPECTED}; where "
            "files are named by language, say which is the source's, and which the target's, with "
            "--src and --tgt"
        )
    noises = {s: _Noise(languages.get(s, UNDETERMINED), options.noise) for s in sides}
    for its in noises.values():
        if options.noise.historical and its.language.partition("_")[0] not in SPELLINGS:
            raise UserError(
                f"--historical: no older spellings of {its.language} are known, only of "
                f"{', '.join(SPELLINGS)}: choose the other side with --side, or leave it out"
            )
    return noises


def _copy(its: SetFile, output: Path, noises: Mapping[Side, _Noise]) -> None:
    changes = {name: noises[side] for name, side in its.columns.items() if side in noises}
    if not changes:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(its.path, output)
    elif its.path.suffix == ".parquet":
        copy_parquet(its.path, output, changes)
    else:
        ((name, change),) = changes.items()
        copy_lines(its.path, output, change, after_tab=bool(name))
