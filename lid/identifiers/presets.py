"""Names for large fastText models (1-2 GB), downloaded from the Hugging Face hub on first use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bitseam.schemas.errors import UserError


@dataclass(frozen=True, slots=True)
class Preset:
    """A fastText model file in a repository on the Hugging Face hub."""

    repository: str
    file: str


PRESETS: dict[str, Preset] = {
    # Kargaran et al. 2023, https://aclanthology.org/2023.findings-emnlp.410; Apache-2.0
    "glotlid": Preset("cis-lmu/glotlid", "model_v3.bin"),
    # Burchell et al. 2023, https://aclanthology.org/2023.acl-short.75; GPL-3.0
    "openlid": Preset("laurievb/OpenLID-v2", "model.bin"),
    "openlid-v1": Preset("laurievb/OpenLID", "model.bin"),
    # NLLB Team 2022, https://arxiv.org/abs/2207.04672; CC-BY-NC-4.0, not for commercial use
    "nllb": Preset("facebook/fasttext-language-identification", "model.bin"),
}


def preset_file(name: str) -> Path:
    """Return the model file of a preset; what was downloaded before is used without a network.

    :raises UserError: it cannot be downloaded.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    preset = PRESETS[name]
    try:
        return Path(hf_hub_download(preset.repository, preset.file))
    except (HfHubHTTPError, OSError) as error:
        address = f"https://huggingface.co/{preset.repository}"
        why = str(error).rstrip(".")
        raise UserError(
            f"cannot download --lid-model {name} ({preset.file} of {address}): {why}. "
            "Check the network, or download it elsewhere and give the path of the file"
        ) from error
