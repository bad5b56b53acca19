"""The output folder of a run: committed stages with their manifests, work in progress, one lock.

    DIR/manifest.json        the run: options, signature, every stage's manifest
    DIR/<stage>/*.parquet    a committed stage; `.manifest.json` beside the files
    DIR/rejects/<stage>/     what that stage threw away, unless rejects are only counted
    DIR/.work/<stage>-<key>/ a stage in progress (see bitseam.pipelines.work)

A stage is committed by renaming its folder. It is up to date when its key (inputs, options, code
version and the content of the stage before it) is the one that is asked for.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from bitseam.pipelines.atomic import read_json, replace_folder, write_json
from bitseam.pipelines.parquet import count_rows
from bitseam.pipelines.work import Work
from bitseam.schemas.choices import Scope
from bitseam.schemas.errors import BitseamError, UserError

STAGES_OF: dict[Scope, tuple[str, ...]] = {
    "sentences": ("sentences", "embeddings", "neighbours", "pairs"),
    "documents": ("sentences", "embeddings", "alignments", "pairs"),
    "both": ("sentences", "embeddings", "neighbours", "alignments", "pairs"),
}
STAGES = STAGES_OF["both"]
_MANIFEST = ".manifest.json"  # hidden: tools load a folder of Parquet as it is
_LOCK = ".bitseam.lock"


def stage_key(ingredients: Mapping[str, Any]) -> str:
    """Hash what a stage's output depends on: JSON values only."""
    return xxhash.xxh3_128_hexdigest(json.dumps(ingredients, sort_keys=True).encode())


@dataclass(frozen=True)
class Store:
    """An output folder. Open it with `open_store`, which takes the lock."""

    root: Path

    def committed(self, stage: str) -> dict[str, Any] | None:
        """Return the manifest of a committed stage whose files are all there, else None."""
        manifest: dict[str, Any] | None = read_json(self.root / stage / _MANIFEST)
        if not isinstance(manifest, dict) or "files" not in manifest:
            return None
        sizes = {item["name"]: item["bytes"] for item in manifest["files"]}
        found = {path.name: path.stat().st_size for path in self.files(stage)}
        return manifest if found == sizes else None

    def is_marked(self, stage: str) -> bool:
        """Whether the stage's folder has a manifest, be it true or not."""
        return (self.root / stage / _MANIFEST).exists()

    def files(self, stage: str) -> list[Path]:
        """Return a committed stage's Parquet files in order."""
        return sorted((self.root / stage).glob("*.parquet"))

    def work(self, stage: str, key: str, keep_rejects: bool = True) -> Work:
        """Return the folder of a stage in progress; what other keys left there is removed."""
        folder = self.root / ".work" / f"{stage}-{key}"
        for stale in folder.parent.glob(f"{stage}-*"):
            if stale != folder:
                shutil.rmtree(stale)
        folder.mkdir(parents=True, exist_ok=True)
        return Work(folder, keep_rejects)

    def commit(self, stage: str, key: str, work: Work, record: Mapping[str, Any]) -> dict[str, Any]:
        """Move a finished stage into place and return its manifest.

        Killed between any two lines, the stage is missing, or whole with its own rejects.

        :raises BitseamError: the tasks left no file here.
        """
        folder = work.path(stage)
        if not any(folder.glob("*.parquet")):
            raise BitseamError(
                f"stage {stage} ended, but its files are not in {folder}: "
                "expected workers that see the output folder; choose one that all of them share"
            )
        for part in work.folder.rglob(".*.part"):  # of a killed run
            part.unlink()
        # From here on neither the old stage nor these tasks count as done.
        (self.root / stage / _MANIFEST).unlink(missing_ok=True)
        work.forget()
        if stage == "sentences":
            replace_folder(work.path("documents"), self.root / "documents")
        replace_folder(work.path("rejects"), self.root / "rejects" / stage)
        files = [_describe(path) for path in sorted(folder.glob("*.parquet"))]
        content = stage_key({"files": files})
        manifest = {"stage": stage, "key": key, "content": content, "files": files, **record}
        write_json(folder / _MANIFEST, manifest)
        replace_folder(folder, self.root / stage)
        shutil.rmtree(work.folder)
        return manifest

    def write_manifest(self, record: Mapping[str, Any], finished: Iterable[str]) -> None:
        """Write `DIR/manifest.json`: the run and the stages it has finished so far."""
        stages = {stage: self.committed(stage) for stage in finished}
        write_json(self.root / "manifest.json", {**record, "stages": stages})

    def clear(self) -> None:
        """Remove every stage and all work in progress (`--no-resume`)."""
        for name in (*STAGES, "encoder", "documents", "rejects", ".work"):
            shutil.rmtree(self.root / name, ignore_errors=True)


def _describe(path: Path) -> dict[str, Any]:
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            digest.update(chunk)
    return {
        "name": path.name,
        "rows": count_rows(path),
        "bytes": path.stat().st_size,
        "xxh3": digest.hexdigest(),
    }


@contextmanager
def open_store(root: Path, src: str, tgt: str) -> Iterator[Store]:
    """Open (or make) an output folder for one language pair and hold its lock.

    :raises UserError: the folder is not Bitseam's, belongs to another pair, or is in use.
    """
    check_folder(root, src, tgt)
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                f"{root} is in use by another run: wait for it, or choose another --output"
            ) from error
        yield Store(root)


def is_in_use(root: Path) -> bool:
    """Whether a run holds the lock of the folder at this moment."""
    try:
        with (root / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def check_folder(root: Path, src: str, tgt: str) -> None:
    """Refuse a folder that holds something else than a run of this language pair.

    :raises UserError: says what was found there.
    """
    if root.exists() and not root.is_dir():
        raise UserError(f"--output {root} is a file: expected a folder")
    if not root.exists() or all(path.name == _LOCK for path in root.iterdir()):
        return
    manifest = read_json(root / "manifest.json")
    if not isinstance(manifest, dict) or not {"bitseam", "src", "tgt"} <= manifest.keys():
        raise UserError(
            f"--output {root} is not empty and holds no run of Bitseam: choose an empty folder"
        )
    if (manifest["src"], manifest["tgt"]) != (src, tgt):
        raise UserError(
            f"--output {root} holds a run of {manifest['src']}-{manifest['tgt']}, not {src}-{tgt}: "
            "choose another folder"
        )
