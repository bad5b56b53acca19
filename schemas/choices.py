"""The words a user chooses between, in one place that imports nothing heavy."""

from __future__ import annotations

from typing import Literal, get_args

TextUnit = Literal["document", "line"]
WikitextEngine = Literal["fast", "thorough"]
Margin = Literal["ratio", "distance", "absolute"]
Retrieval = Literal["max", "intersection", "forward", "backward"]

TEXT_UNITS: tuple[TextUnit, ...] = get_args(TextUnit)
WIKITEXT_ENGINES: tuple[WikitextEngine, ...] = get_args(WikitextEngine)
MARGINS: tuple[Margin, ...] = get_args(Margin)
RETRIEVALS: tuple[Retrieval, ...] = get_args(Retrieval)
