"""The state of a training of a table after an epoch, in one file that is replaced as a whole."""

from __future__ import annotations

import json
from pathlib import Path

from bitseam.mining.training.static_trainer import StaticTraining, Table
from bitseam.pipelines.atomic import replacing
from bitseam.pipelines.train.history import History
from bitseam.pipelines.train.output import STATE
from bitseam.schemas.errors import UserError

_KEY = "bitseam.training"


def save_state(
    output: Path, signature: str, training: StaticTraining, history: History, best: Table
) -> None:
    """Replace the state in `output`."""
    from safetensors.numpy import save_file

    record = {
        "signature": signature,
        "epoch": training.epoch,
        "random_state": training.random_state,
        "best_epoch": history.best_epoch,
        "history": history.entries,
    }
    tensors = {"table": training.table, "squares": training.squares, "best": best}
    with replacing(output / STATE) as temporary:
        save_file(tensors, temporary, metadata={_KEY: json.dumps(record)})


def load_state(output: Path, signature: str, training: StaticTraining) -> tuple[History, Table]:
    """Set `training` to the state in `output`, if there is one; return its best table, too.

    :raises UserError: it is the state of another training, or damaged.
    """
    from safetensors import SafetensorError, safe_open

    path = output / STATE
    if not path.exists():
        return History(), training.table
    try:
        with safe_open(path, framework="numpy") as file:
            record = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in ("table", "squares", "best")}
    except (SafetensorError, KeyError, ValueError) as error:
        raise UserError(f"{path} is damaged ({error}): remove it to start over") from error
    if record["signature"] != signature:
        raise UserError(
            f"{output} holds an unfinished training of other data or options: repeat those, "
            "name another folder, or remove this one"
        )
    training.restore(record["epoch"], tensors["table"], tensors["squares"], record["random_state"])
    return History(record["history"], record["best_epoch"]), tensors["best"]
