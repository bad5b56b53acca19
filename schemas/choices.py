"""The words a user chooses between, in one place that imports nothing heavy."""

from __future__ import annotations

from typing import Literal, get_args

TextUnit = Literal["document", "line"]
WikitextEngine = Literal["fast", "thorough"]
Margin = Literal["ratio", "distance", "absolute"]
Score = Literal["margin", "precision"]
Scope = Literal["sentences", "documents", "both"]
Retrieval = Literal["max", "intersection", "forward", "backward"]
Symmetrisation = Literal["intersection", "grow-diag-final-and", "union"]
WordMethod = Literal["statistical", "argmax", "itermax", "softmax"]
Engine = Literal["auto", "exact", "faiss"]
Allocation = Literal["equal", "neyman"]
Bootstrap = Literal["auto", "on", "off"]

TEXT_UNITS: tuple[TextUnit, ...] = get_args(TextUnit)
WIKITEXT_ENGINES: tuple[WikitextEngine, ...] = get_args(WikitextEngine)
MARGINS: tuple[Margin, ...] = get_args(Margin)
SCORES: tuple[Score, ...] = get_args(Score)
SCOPES: tuple[Scope, ...] = get_args(Scope)
RETRIEVALS: tuple[Retrieval, ...] = get_args(Retrieval)
SYMMETRISATIONS: tuple[Symmetrisation, ...] = get_args(Symmetrisation)
WORD_METHODS: tuple[WordMethod, ...] = get_args(WordMethod)
ENGINES: tuple[Engine, ...] = get_args(Engine)
ALLOCATIONS: tuple[Allocation, ...] = get_args(Allocation)
BOOTSTRAPS: tuple[Bootstrap, ...] = get_args(Bootstrap)
