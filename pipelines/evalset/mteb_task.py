"""A set built by `mine evalset` as a task of the `mteb` package.

    import mteb
    from bitseam.mining.encoders.mteb_model import MtebModel
    from bitseam.pipelines.evalset.mteb_task import mteb_task

    mteb.evaluate(MtebModel(), mteb_task("lb-de-set/"), cache=None)

`pip install mteb` (version 2) brings the package. Nothing is downloaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from bitseam.pipelines.atomic import read_json
from bitseam.schemas.errors import UserError


def mteb_task(folder: str | Path) -> Any:
    """Return the set in `folder` as an `AbsTaskBitextMining` of its splits.

    Of a mining set mteb measures, as in its own BUCC, whether each gold source is nearest to its
    translation among all targets: the distractors of the target side count, margins do not.

    :raises UserError: `folder` holds no set.
    """
    from mteb.abstasks.task_metadata import TaskMetadata
    from mteb.abstasks.text.bitext_mining import AbsTaskBitextMining

    folder = Path(folder).expanduser().absolute()
    manifest = read_json(folder / "manifest.json")
    if not isinstance(manifest, dict) or "content" not in manifest:
        raise UserError(f"{folder} holds no evaluation set: expected an --output of `mine evalset`")
    is_mining = manifest["kind"] == "mining"

    class Task(AbsTaskBitextMining):
        metadata = TaskMetadata(
            name=f"{manifest['name']}-{manifest['pair']}",
            description=f"{manifest['kind']} set built from {manifest['bitext']}",
            dataset={"path": str(folder), "revision": manifest["content"]},
            type="BitextMining",
            eval_splits=[*manifest["splits"]],
            eval_langs={
                manifest["pair"]: [manifest[side].replace("_", "-") for side in ("src", "tgt")]
            },
            main_score="f1",
        )

        def dataset_transform(self, num_proc: int | None = None, **_: Any) -> None:
            if is_mining:
                loaded = cast(Any, self).dataset
                self.dataset = {
                    pair: {split: _gold_among_all(rows[0]) for split, rows in splits.items()}
                    for pair, splits in loaded.items()
                }

    return Task()


def _gold_among_all(row: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the sources of gold, all targets, and the row of each one's translation, from 0."""
    return {
        "sentence1": [row["sentence1"][source - 1] for source, _ in row["gold"]],
        "sentence2": row["sentence2"],
        "gold": [(source - 1, target - 1) for source, target in row["gold"]],
    }
