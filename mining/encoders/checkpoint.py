"""The files of a transformer: fetched without pickles, refused where they would run code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitseam.mining.encoders.presets import Preset
from bitseam.schemas.errors import UserError

_SETTINGS = ["*.json"]
_SAFE_FILES = [*_SETTINGS, "*.safetensors", "*.txt", "*.model"]


def safe_checkpoint(preset: Preset) -> Path:
    """Return the folder of the model, downloaded from the hub unless `preset.model` is a folder.

    Only configurations, vocabularies and weights as safetensors are downloaded, no pickles and no
    code. What an earlier run has downloaded is used without a network.

    :raises UserError: no such model; no network and not downloaded before; or a model that could
        only be loaded by unpickling, or by running code it brings.
    """
    if Path(preset.model).is_dir():
        folder = Path(preset.model)
        _refuse_foreign_code(folder, preset)
    else:
        _refuse_foreign_code(_download(preset, _SETTINGS), preset)  # before gigabytes are fetched
        folder = _download(preset, _SAFE_FILES)
    _refuse_pickles(folder, preset)
    return folder


def _download(preset: Preset, patterns: list[str]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(
            snapshot_download(preset.model, revision=preset.revision, allow_patterns=patterns)
        )
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise UserError(
            f"cannot download the encoder {preset.model!r} from the Hugging Face hub: {error}. "
            "Check the name and the network, or download it elsewhere and give the folder"
        ) from error


def _refuse_pickles(folder: Path, preset: Preset) -> None:
    pickled = [
        weights.name
        for weights in folder.rglob("pytorch_model*.bin")
        if not any(weights.parent.glob("*.safetensors"))
    ]
    if pickled or not any(folder.rglob("*.safetensors")):
        raise UserError(
            f"the encoder {preset.model!r} has no weights as safetensors"
            f"{f', only pickled ones ({pickled[0]})' if pickled else ''}; pickles can run any code "
            "and are not read. Where you trust it, save it once more with "
            f"`SentenceTransformer({preset.model!r}).save_pretrained(folder)`"
        )


def _refuse_foreign_code(folder: Path, preset: Preset) -> None:
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise UserError(
            f"{preset.model!r} is not a transformer model: neither config.json nor modules.json"
        )
    if demand := _foreign_code(folder):
        raise UserError(
            f"the encoder {preset.model!r} asks to run code from its own repository ({demand}), "
            f"which bitseam never does. {preset.hint or 'Choose another encoder.'}"
        )


def _foreign_code(folder: Path) -> str:
    """Name the part of the model that only code of its own could load; empty where none is."""
    for module in _read_json(folder / "modules.json", []):
        if not module["type"].startswith("sentence_transformers."):
            return f"module {module['type']}"
    for path in sorted(folder.rglob("config.json")):
        config = _read_json(path, {})
        if "auto_map" in config and not _is_native(config.get("model_type", "")):
            return f"model type {config.get('model_type')!r}"
    return ""


def _read_json(path: Path, default: Any) -> Any:
    if not path.is_file():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}") from error


def _is_native(model_type: str) -> bool:
    from transformers import CONFIG_MAPPING

    return model_type in CONFIG_MAPPING
