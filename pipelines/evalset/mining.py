"""Builds a mining set: gold pairs hidden among sentences that have no translation in the set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from bitseam.mining.benchmark.distractors import distractors_needed
from bitseam.mining.encoders import load_encoder
from bitseam.pipelines.atomic import new_folder
from bitseam.pipelines.evalset.bitext import Bitext, read_bitext
from bitseam.pipelines.evalset.candidates import SIDES, Candidates, both_candidates
from bitseam.pipelines.evalset.card import Built, write_about
from bitseam.pipelines.evalset.distractors import (
    DistractorOptions,
    Distractors,
    DistractorSource,
    Encode,
)
from bitseam.pipelines.evalset.gold import Gold, GoldOptions, choose_gold
from bitseam.pipelines.evalset.layouts import file_codes, mining_split, write_mining_split
from bitseam.pipelines.evalset.references import named_references
from bitseam.pipelines.evaluate.files import fingerprint
from bitseam.pipelines.evaluate.vectors import encode
from bitseam.schemas.errors import UserError

_WORDS = {"src": "source", "tgt": "target"}


@dataclass(frozen=True)
class MiningSetOptions:
    """What a mining set is made of.

    :ivar monolingual: files or folders of further sentences, of the source and of the target.
    :ivar gold_share: of the sentences of either side that are of a gold pair.
    """

    gold: GoldOptions
    distractors: DistractorOptions
    monolingual: tuple[Sequence[str], Sequence[str]] = ((), ())
    gold_share: float = 0.1
    encoder: str = "static"

    def told(self) -> dict[str, object]:
        """Return what decides a set, by the names of the command line."""
        src, tgt = ([Path(path).name for path in paths] for paths in self.monolingual)
        return {
            **self.gold.told(),
            "gold-share": self.gold_share,
            "hard-share": self.distractors.hard_share,
            "edit-similarity": self.distractors.edit_similarity,
            "cosine": self.distractors.cosine,
            "encoder": self.encoder,
            "src-mono": src,
            "tgt-mono": tgt,
        }


def build_mining_set(
    path: str, output: Path, options: MiningSetOptions, against: Sequence[str], licence: str | None
) -> Built:
    """Build a mining set from the bitext at `path` and write it to the new folder `output`.

    :param against: `NAME=PATH` of data in which the gold sentences must not stand.
    :raises UserError: see `read_bitext`, `choose_gold` and `named_references`; or there are too few
        distractors, or `output` is taken.
    """
    references = named_references(against)
    with new_folder(output) as folder:
        bitext = read_bitext(path, options.gold.bitext)
        gold = choose_gold(bitext, options.gold, references, without_near_repeats=True)
        encoder = load_encoder(options.encoder)
        candidates = both_candidates(bitext, gold, options.monolingual, options.gold.seed)
        drawn = {
            side: _draw(side, its, gold, partial(encode, encoder, name=language), options)
            for side, its, language in zip(SIDES, candidates, bitext.languages, strict=True)
        }
        _check_enough(gold, drawn, options.gold_share)
        texts, counts = _write_splits(folder, bitext, gold, drawn, options.gold.seed)
        told = options.told() | {"encoder": f"{encoder.name}@{encoder.revision}"}
        read = {side: its.counts for side, its in zip(SIDES, candidates, strict=True)}
        built = Built("mining", output.resolve().name, bitext, gold, counts, told, texts, read)
        rejects = [its.rejects for side in SIDES for its in drawn[side].values()]
        write_about(folder, built, licence, [*gold.rejects, *rejects])
    return built


_Drawn = Mapping[str, Distractors]  # by split


def _draw(
    side: str, candidates: Candidates, gold: Gold, vectors: Encode, options: MiningSetOptions
) -> _Drawn:
    """Draw the distractors of one side for every split."""
    source = DistractorSource(candidates, gold.pairs[f"{side}_text"], vectors, options.distractors)
    return {
        split: source.draw(split, distractors_needed(gold.of(split).height, options.gold_share))
        for split in gold.split_names
    }


def _check_enough(gold: Gold, drawn: Mapping[str, _Drawn], share: float) -> None:
    """Refuse a set with too few distractors, naming the side and split that lacks the most."""
    worst, possible = "", share
    for side, by_split in drawn.items():
        for split, found in by_split.items():
            pairs, got = gold.of(split).height, found.sentences.height
            needed = distractors_needed(pairs, share)
            if got < needed and pairs / (pairs + got) > possible:
                possible = pairs / (pairs + got)
                worst = (
                    f"the {_WORDS[side]} side of {split} needs {needed:,} beside {pairs:,} gold "
                    f"sentences, found {got:,} (of {found.counts['candidates']:,} candidates "
                    f"{found.counts['candidates'] - got:,} are nearly gold): give more with "
                    f"--{side}-mono"
                )
    if worst:
        raise UserError(
            f"too few distractors for a gold share of {share:g}: {worst}, or fewer gold pairs with "
            f"--pairs, or --gold-share {ceil(1000 * possible) / 1000:g}"
        )


def _write_splits(
    folder: Path, bitext: Bitext, gold: Gold, drawn: Mapping[str, _Drawn], seed: int
) -> tuple[str, dict[str, dict[str, object]]]:
    """Write every split; return the fingerprint of all texts, and counts."""
    codes, texts, counts = file_codes(bitext.languages), [], {}
    for split in gold.split_names:
        src, tgt = (drawn[side][split] for side in SIDES)
        its = mining_split(gold.of(split), (src.sentences, tgt.sentences), codes, seed)
        write_mining_split(folder, "-".join(codes), split, its)
        texts += [side["text"].to_arrow() for side in its.sides]
        counts[split] = {
            "pairs": its.gold.height,
            "src": {"sentences": its.source.height, **src.counts},
            "tgt": {"sentences": its.target.height, **tgt.counts},
        }
    return fingerprint(*texts), counts
