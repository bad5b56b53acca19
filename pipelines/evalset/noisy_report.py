"""What noise was added to a set: on the terminal, as JSON, and in the set's own description."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import xxhash

from bitseam.mining.benchmark.noise import UNITS, NoiseOptions, Share
from bitseam.pipelines.atomic import read_json, write_json
from bitseam.pipelines.evalset.noisy_files import Side

log = logging.getLogger("bitseam")

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class NoisyReport:
    """What was changed: of each side its language and the share of each kind of noise."""

    noise: NoiseOptions
    languages: Mapping[Side, str]
    shares: Mapping[Side, Mapping[str, Share]]

    def lines(self) -> list[str]:
        """Return a line for each side and kind of noise."""
        rates = self.noise.rates
        return [
            f"{side} {self.languages[side]}: {kind} {share.rate:.4f} of the {UNITS[kind]}, "
            f"asked {rates[kind]:g}"
            for side, shares in self.shares.items()
            for kind, share in shares.items()
        ] or ["no noise: a copy"]

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "fraktur": self.noise.fraktur,
            "seed": self.noise.seed,
            "asked": self.noise.rates,
            "realised": {
                side: {kind: round(share.rate, 6) for kind, share in shares.items()}
                for side, shares in self.shares.items()
            },
            "languages": dict(self.languages),
        }


def describe(folder: Path, report: NoisyReport) -> None:
    """Write `noise.json`, and say in the set's own description that this is no longer it."""
    noise = report.as_json()
    write_json(folder / "noise.json", noise)
    manifest = read_json(folder / _MANIFEST)
    if isinstance(manifest, dict) and "content" in manifest:
        # By its content other tools tell a set from another one.
        ingredients = json.dumps([manifest["content"], noise], sort_keys=True)
        content = xxhash.xxh3_64_hexdigest(ingredients.encode())
        write_json(folder / _MANIFEST, {**manifest, "content": content, "noise": noise})
    card = folder / "README.md"
    if card.exists():
        text = card.read_text("utf-8")
        lines = "\n".join(f"- {line}" for line in report.lines())
        seed = f"Noise was added by `mine evalset noisy`, seed {report.noise.seed}:"
        card.write_text(f"{text.rstrip()}\n\n## Noise\n\n{seed}\n\n{lines}\n", "utf-8")


def warn(report: NoisyReport) -> None:
    """Say where chance, or texts with few places to change, kept a rate from being reached."""
    for side, shares in report.shares.items():
        for kind, share in shares.items():
            asked = report.noise.rates[kind]
            spread = 4 * (asked * (1 - asked) / max(share.of, 1)) ** 0.5
            if abs(share.rate - asked) > max(0.1 * asked, spread):
                log.warning(
                    "%s: %s is %.4f of the %s, not %g: there are too few places to change",
                    *(side, kind, share.rate, UNITS[kind], asked),
                )
