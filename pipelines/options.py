"""The options of the main job: immutable, validated once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bitseam.mining.approximate.spec import AUTO, parse_index_spec
from bitseam.schemas.choices import (
    Bootstrap,
    Engine,
    Margin,
    Retrieval,
    Scope,
    TextUnit,
    WikitextEngine,
)
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED, parse_language

if TYPE_CHECKING:
    from bitseam.lid.extract import ExtractOptions
    from bitseam.pipelines.readers import ReadOptions

PRECISION = 0.9
# Of near-duplicate sentences. Below it those of one pattern are alike, whatever they say.
LEAST_SIMILARITY = 0.7


@dataclass(frozen=True)
class MineOptions:
    """What `mine` was asked to do. Languages are given as any code and kept as `ltz_Latn`.

    :raises UserError: a value is out of range, or source and target are the same language.
    """

    src: str
    tgt: str
    output: Path
    inputs: tuple[str, ...] = ()
    src_inputs: tuple[str, ...] = ()
    tgt_inputs: tuple[str, ...] = ()
    scope: Scope = "sentences"
    text_unit: TextUnit = "document"
    text_column: str = "text"
    wikitext: WikitextEngine = "fast"
    lid_model: str = "bitseam"
    encoder: str = "static"
    bootstrap: Bootstrap = "auto"
    k: int = 4
    engine: Engine = "auto"
    index: str | None = None  # None: every product is looked at
    margin: Margin = "ratio"
    retrieval: Retrieval = "max"
    precision: float | None = None  # of all kept pairs together, estimated; by default PRECISION
    threshold: float | None = None  # lowest margin, instead of a precision
    rescore: bool = True
    min_chars: int = 10
    max_chars: int = 500
    min_lang_score: float = 0.5
    workers: int = 1
    resume: bool = True
    keep_documents: bool = False
    keep_rejects: bool = True
    keep_holes: bool = False
    hygiene: bool = True
    near_duplicates: float | None = None  # None: they are not looked for
    beam_args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "src", parse_language(self.src))
        object.__setattr__(self, "tgt", parse_language(self.tgt))
        # Workers may run in another folder.
        object.__setattr__(self, "output", self.output.expanduser().resolve())
        for flag, language in (("--src", self.src), ("--tgt", self.tgt)):
            if language == UNDETERMINED:
                raise UserError(f"{flag} names no language: expected one such as lb or ltz_Latn")
        if self.src == self.tgt:
            raise UserError(
                f"--src and --tgt are both {self.src}: mining needs two different languages"
            )
        if not (self.inputs or self.src_inputs or self.tgt_inputs):
            raise UserError("no input: name at least one file, folder or glob with --input")
        if self.scope != "sentences":
            if self.text_unit == "line":
                raise UserError(
                    f"--scope {self.scope} aligns whole documents: leave out --text-unit line"
                )
            object.__setattr__(self, "keep_documents", True)  # their addresses are evidence
        _check("--k", self.k, 1 <= self.k <= 1024, "a whole number from 1 to 1024")
        if self.index is not None:
            _check_index(self.index, self.engine, self.scope)
        _check("--min-chars", self.min_chars, self.min_chars >= 1, "1 or more")
        _check(
            "--max-chars", self.max_chars, self.max_chars >= self.min_chars, "at least --min-chars"
        )
        _check(
            "--min-lang-score", self.min_lang_score, 0 <= self.min_lang_score <= 1, "from 0 to 1"
        )
        _check("--workers", self.workers, 1 <= self.workers <= 1024, "from 1 to 1024")
        if self.near_duplicates is not None:
            similar = LEAST_SIMILARITY <= self.near_duplicates <= 1
            expected = f"a Jaccard similarity from {LEAST_SIMILARITY} to 1"
            _check("--near-duplicates", self.near_duplicates, similar, expected)
        self._check_cut()

    def _check_cut(self) -> None:
        """See that exactly one of precision and threshold says which pairs are kept."""
        precision, threshold = self.precision, self.threshold
        if precision is not None and threshold is not None:
            raise UserError(
                f"--precision {precision} and --threshold {threshold} both say which pairs are "
                "kept: choose one of them"
            )
        if threshold is not None:
            _check("--threshold", threshold, math.isfinite(threshold), "a finite number")
            return
        precision = PRECISION if precision is None else precision
        _check("--precision", precision, 0 <= precision < 1, "from 0 to below 1")
        object.__setattr__(self, "precision", precision)

    def read_options(self) -> ReadOptions:
        """Return what the readers need to know."""
        from bitseam.pipelines.readers import ReadOptions

        return ReadOptions(
            text_unit=self.text_unit, wikitext=self.wikitext, text_column=self.text_column
        )

    def extract_options(self, text_unit: TextUnit) -> ExtractOptions:
        """Return what the extraction of sentences needs to know."""
        from bitseam.lid.extract import ExtractOptions

        return ExtractOptions(
            src=self.src,
            tgt=self.tgt,
            min_chars=self.min_chars,
            max_chars=self.max_chars,
            min_lang_score=self.min_lang_score,
            text_unit=text_unit,
            hygiene=self.hygiene,
            keep_holes=self.keep_holes,
        )


def _check(flag: str, value: object, holds: bool, expected: str) -> None:
    if not holds:
        raise UserError(f"{flag} is {value}: expected {expected}")


def _check_index(index: str, engine: Engine, scope: Scope) -> None:
    if index != AUTO:
        parse_index_spec(index)
    if scope == "documents":
        raise UserError(
            f"--index {index} is of no use here: --scope documents searches no sentences; "
            "leave it out"
        )
    if engine == "exact":
        raise UserError(
            f"--index {index} asks for approximate search, --engine exact for none: "
            "choose one of them"
        )
