"""The folder of one training: what it is going to be, and whether it is there already."""

from __future__ import annotations

import logging
from pathlib import Path

from bitseam.pipelines.atomic import read_json, replacing, write_json
from bitseam.pipelines.train.history import History
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

RECORD = "training.json"  # the last file of a finished training
STATE = ".state.safetensors"


def is_finished(output: Path, signature: str) -> bool:
    """Whether `output` holds the model of exactly this training.

    :raises UserError: it is no folder, or holds anything else than this training.
    """
    if output.exists() and not output.is_dir():
        raise UserError(f"--output {output} is a file: expected the name of a folder")
    record = read_json(output / RECORD)
    if isinstance(record, dict):
        if record.get("signature") != signature:
            raise UserError(
                f"--output {output} holds a model of other data or options: name another folder"
            )
        log.info("%s: trained already, with these data and options", output)
        return True
    found = sorted(path.name for path in output.iterdir()) if output.is_dir() else []
    if others := [name for name in found if name != STATE and not name.endswith(".part")]:
        raise UserError(f"--output {output} holds {others[0]} and no training: name a new folder")
    return False


def finish(output: Path, signature: str, card: str, history: History) -> None:
    """Write the card and the record of a training whose model is in place; remove its state."""
    with replacing(output / "README.md") as temporary:
        temporary.write_text(card, "utf-8")
    facts = {"best_epoch": history.best_epoch, "epochs": history.entries}
    write_json(output / RECORD, {**facts, "signature": signature})
    (output / STATE).unlink(missing_ok=True)
    if history.best_epoch == 0:
        log.warning("no epoch did better than the model trained on: it is kept as it was")
    log.info("%s: the model of epoch %d", output, history.best_epoch)
