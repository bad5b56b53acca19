"""Arithmetic of `#expr`: a small parser, bounded in every way, that never calls `eval`.

The operators and their precedence are those of MediaWiki's ParserFunctions (ExprParser.php).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

MAX_LENGTH = 500  # characters of an expression
MAX_DECIMALS = 20
MAX_VALUE = 1e15  # beyond it no double is exact

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([a-z]+)|(<>|!=|<=|>=|[-+*/^()<>=]))"
)

_BINARY: dict[str, tuple[int, Callable[[float, float], float]]] = {
    "^": (8, math.pow),
    "*": (7, operator.mul),
    "/": (7, operator.truediv),
    "div": (7, operator.truediv),
    "mod": (7, lambda a, b: math.fmod(int(a), int(b))),
    "fmod": (7, math.fmod),
    "+": (6, operator.add),
    "-": (6, operator.sub),
    "round": (5, lambda a, b: round_half_up(a, int(b))),
    "=": (4, lambda a, b: float(a == b)),
    "<>": (4, lambda a, b: float(a != b)),
    "!=": (4, lambda a, b: float(a != b)),
    "<": (4, lambda a, b: float(a < b)),
    ">": (4, lambda a, b: float(a > b)),
    "<=": (4, lambda a, b: float(a <= b)),
    ">=": (4, lambda a, b: float(a >= b)),
    "and": (3, lambda a, b: float(bool(a) and bool(b))),
    "or": (2, lambda a, b: float(bool(a) or bool(b))),
}
_UNARY: dict[str, Callable[[float], float]] = {
    "-": operator.neg,
    "+": operator.pos,
    "not": lambda a: float(not a),
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "trunc": math.trunc,
    "sqrt": math.sqrt,
}
_UNARY_BINDS = 9


def round_half_up(value: float, decimals: int) -> float:
    """Round what is written as 1.005 to 1.01, and half away from zero, as PHP does.

    :raises ValueError: more decimals than a double has.
    """
    if abs(decimals) > MAX_DECIMALS:
        raise ValueError(decimals)
    unit = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(value)).quantize(unit, ROUND_HALF_UP, Context(prec=60)))


def evaluate(expression: str) -> float | None:
    """Return the value of an expression, or None where it has none that is sure."""
    if len(expression) > MAX_LENGTH:
        return None
    try:
        tokens = _tokens(expression)
        value, at = _parse(tokens, 0, 0)
        if at != len(tokens) or not abs(value) < MAX_VALUE:
            return None
    except (ValueError, ArithmeticError, IndexError, RecursionError):
        return None
    return value


def shown(value: float) -> str:
    """Write a value as `#expr` does: no point in whole numbers."""
    return str(int(value)) if value == int(value) else repr(round(value, 12))


def _tokens(expression: str) -> list[str | float]:
    tokens: list[str | float] = []
    text = expression.replace("−", "-").lower().rstrip()
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise ValueError(text)
        tokens.append(float(token[1]) if token[1] else token[2] or token[3])
        at = token.end()
    return tokens


def _parse(tokens: list[str | float], at: int, least: int) -> tuple[float, int]:
    """Parse from `at` on the operators that bind at least so strongly; return value and place."""
    value, at = _operand(tokens, at)
    while at < len(tokens):
        binds, apply = _BINARY.get(str(tokens[at]), (-1, operator.add))
        if binds <= least:
            break
        right, at = _parse(tokens, at + 1, binds)
        value = float(apply(value, right))
        if not math.isfinite(value):
            raise ValueError(value)
    return value, at


def _operand(tokens: list[str | float], at: int) -> tuple[float, int]:
    token = tokens[at]
    if isinstance(token, float):
        return token, at + 1
    if token == "pi":
        return math.pi, at + 1
    if token == "(":
        value, at = _parse(tokens, at + 1, 0)
        if tokens[at] != ")":
            raise ValueError(token)
        return value, at + 1
    if token not in _UNARY:
        raise ValueError(token)
    value, at = _parse(tokens, at + 1, _UNARY_BINDS)
    return float(_UNARY[token](value)), at
