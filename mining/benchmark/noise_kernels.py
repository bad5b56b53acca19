"""Compiled passes that make noise: code points in, code points out, counts of what was changed.

Every decision is a number drawn from the text's own state and the place in the text (SplitMix64,
Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195): it depends on no other text. A place that is
changed at one rate is changed at every higher one.
"""

from __future__ import annotations

from math import log

import numpy as np
from numba import njit

from bitseam.mining.benchmark.noise_rules import (
    AFTER_CONSONANT,
    AFTER_VOWEL,
    ANY_LETTER,
    ANYWHERE,
    BEFORE_CONSONANT,
    BEFORE_VOWEL,
    BLANK,
    CAPITAL,
    END,
    FIRSTS,
    HYPHENATION,
    IN_WORD,
    INSIDE,
    LOWER,
    NOT_END,
    NOT_START,
    START,
    UPPER,
    VOWEL,
)

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3, _SHIFT_4 = (np.uint64(bits) for bits in (30, 27, 31, 11))
_UNIT = 2.0**-53
_NOTHING = np.uint32(0x10FFFF)  # where no character stands: no rule names it, and it is no letter
_SHARP_S = np.uint32(0xDF)  # has no capital: old print has SS in words of capitals, too
_AFTER = AFTER_VOWEL | AFTER_CONSONANT | NOT_START | INSIDE | HYPHENATION
_BEFORE = BEFORE_VOWEL | BEFORE_CONSONANT | NOT_END | INSIDE | HYPHENATION


# Each pass takes `points` and `bounds` as `lid.code_points` has them, writes `out`, and to `ends`
# where each text ends in it, and returns (changed, could be changed).
@njit(nogil=True, cache=True)
def respell(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, folded, bounds, states, rate, rules, kinds, upper, out, ends
):
    """Give words their older spelling: all rules that hold in a word, or none."""
    changed, able, o = 0, 0, 0
    for t in range(len(states)):
        i, high = bounds[t], bounds[t + 1]
        while i < high:
            end = _word_end(points, i, high, kinds)
            if end == i:
                out[o] = points[i]
                o, i = o + 1, i + 1
                continue
            after, differs = _respell_word(points, folded, i, end, rules, kinds, upper, out, o)
            if differs:
                able += 1
                if _chance(states[t], i - bounds[t]) < rate:
                    changed += 1
                else:
                    differs = False
            if not differs:
                after = o + end - i
                out[o:after] = points[i:end]
            o, i = after, end
        ends[t] = o
    return changed, able


@njit(nogil=True, cache=True)
def lose_case(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, folded, bounds, states, rate, kinds, out, ends
):
    """Write words that have a capital in small letters."""
    changed, able = 0, 0
    for t in range(len(states)):
        i, high = bounds[t], bounds[t + 1]
        while i < high:
            end = max(_word_end(points, i, high, kinds), i + 1)
            out[i:end] = points[i:end]
            for j in range(i, end):
                if kinds[points[j]] & UPPER:
                    able += 1
                    if _chance(states[t], i - bounds[t]) < rate:
                        changed += 1
                        out[i:end] = folded[i:end]
                    break
            i = end
        ends[t] = high
    return changed, able


@njit(nogil=True, cache=True)
def lose_diacritics(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, bounds, states, rate, kinds, plain, out, ends
):
    """Write letters without their diacritics; one that stands alone stays."""
    changed, able, o = 0, 0, 0
    for t in range(len(states)):
        before = 0
        for i in range(bounds[t], bounds[t + 1]):
            point = points[i]
            alone = plain[point] == 0 and not before & IN_WORD
            before = kinds[point]
            if plain[point] != point and not alone:
                able += 1
                if _chance(states[t], i - bounds[t]) < rate:
                    changed += 1
                    point = plain[point]
                    if point == 0:  # it was a diacritic itself
                        continue
            out[o] = point
            o += 1
        ends[t] = o
    return changed, able


@njit(nogil=True, cache=True)
def garble(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, bounds, states, rate, rules, kinds, out, ends
):
    """Read characters for others, until `rate` of each text's are edited.

    Each place and rule has a clock that rings after a time drawn from an exponential distribution
    with the rule's weight for its rate; they are applied in the order in which they ring. So the
    share is that of every text, and what is likely comes first.
    """
    changed, o, longest = 0, 0, 0
    for t in range(len(states)):
        longest = max(longest, bounds[t + 1] - bounds[t])
    clocks, picks = np.empty(longest, np.float64), np.empty(longest, np.int32)
    for t in range(len(states)):
        low, high, start = bounds[t], bounds[t + 1], o
        budget = int(rate * (high - low) + _chance(states[t], 0))
        spent = 0
        if budget:
            _wind(points, low, high, states[t], rules, kinds, clocks, picks)
            spent = _pick(budget, high - low, states[t], rules, clocks, picks)
            o = _read(points, low, high, rules, picks, out, start)
            if _is_blank(out, start, o, kinds):  # a text stays one
                spent = 0
        if not spent:
            o = start + high - low
            out[start:o] = points[low:high]
        changed += spent
        ends[t] = o
    return changed, len(points)


@njit(nogil=True, cache=True)
def _chance(state, draw):  # type: ignore[no-untyped-def]  # pragma: no cover
    z = state + np.uint64(draw + 1) * _STEP
    z = (z ^ (z >> _SHIFT_1)) * _MIX_1
    z = (z ^ (z >> _SHIFT_2)) * _MIX_2
    z ^= z >> _SHIFT_3
    return (np.float64(z >> _SHIFT_4) + 0.5) * _UNIT


@njit(nogil=True, cache=True)
def _word_end(points, at, high, kinds):  # type: ignore[no-untyped-def]  # pragma: no cover
    while at < high and kinds[points[at]] & IN_WORD:
        at += 1
    return at


@njit(nogil=True, cache=True)
def _respell_word(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, folded, begin, end, rules, kinds, upper, out, o
):
    """Write the word `points[begin:end]` in its older spelling; return where it ends, and if it
    differs.
    """
    _, text_at, became, became_at, _, _, _, _, cost = rules
    differs, i = False, begin
    while i < end:
        rule = _longest(folded, begin, end, i, kinds[points[begin]], rules, kinds)
        capital = kinds[points[i]] & UPPER
        beside = i + 1 if i + 1 < end else max(i - 1, begin)
        all_capital = capital and beside != i and kinds[points[beside]] & UPPER
        if rule < 0 or (
            all_capital and (became[became_at[rule] : became_at[rule + 1]] == _SHARP_S).any()
        ):
            out[o] = points[i]
            o, i = o + 1, i + 1
            continue
        for b in range(became_at[rule], became_at[rule + 1]):
            raised = all_capital or (capital and b == became_at[rule])
            out[o] = upper[became[b]] if raised else became[b]
            o += 1
        differs |= cost[rule] > 0
        i += text_at[rule + 1] - text_at[rule]
    return o, differs


@njit(nogil=True, cache=True)
def _longest(folded, begin, end, at, head, rules, kinds):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return the rule of the longest text at a place of the word `folded[begin:end]`, or -1.

    :param head: the kind of the word's first letter as it is written.
    """
    text, text_at, _, _, first, places, not_after, _, _ = rules
    if folded[at] >= FIRSTS:
        return -1
    for r in range(first[folded[at]], first[folded[at] + 1]):
        start, size = text_at[r], text_at[r + 1] - text_at[r]
        if at + size > end or not _stands(folded, at, text, start, size):
            continue
        previous = folded[at - 1] if at > begin else _NOTHING
        after = kinds[folded[at + size]] if at + size < end else 0
        if previous != not_after[r] and _allowed(places[r], kinds[previous], after, head, False):
            return r
    return -1


@njit(nogil=True, cache=True)
def _wind(  # type: ignore[no-untyped-def]  # pragma: no cover
    points, low, high, state, rules, kinds, clocks, picks
):
    """Set for each place of a text when its first rule rings, and which it is; -1 for none."""
    text, text_at, _, _, first, places, not_after, weight, _ = rules
    many, head = len(weight) + 1, 0
    for i in range(low, high):
        here = kinds[points[i]]
        previous = points[i - 1] if i > low else _NOTHING
        before = kinds[previous]
        if not before & IN_WORD:
            head = here
        divides = _divides(points, low, high, i, kinds)
        total, pick = 0.0, -1
        for group in (points[i], np.uint32(ANYWHERE), np.uint32(ANY_LETTER)):
            if group >= FIRSTS or (group == ANY_LETTER and not here & IN_WORD):
                continue
            for r in range(first[group], first[group + 1]):
                start, size = text_at[r], text_at[r + 1] - text_at[r]
                # Of the first character is known that it is there.
                if (
                    i + size > high
                    or previous == not_after[r]
                    or not _stands(points, i + 1, text, start + 1, size - 1)
                ):
                    continue
                after = kinds[points[i + size]] if i + size < high else 0
                if _allowed(places[r], before, after, head, divides):
                    total += weight[r]
                    if _chance(state, (i - low + 1) * many + r) * total < weight[r]:
                        pick = r
        picks[i - low] = pick
        ring = _chance(state, (i - low + 2) * many - 1)
        clocks[i - low] = -log(ring) / total if pick >= 0 else np.inf


@njit(nogil=True, cache=True)
def _stands(points, at, text, start, size):  # type: ignore[no-untyped-def]  # pragma: no cover
    same = True
    for j in range(size):
        same &= points[at + j] == text[start + j]
    return same


@njit(nogil=True, cache=True)
def _pick(budget, size, state, rules, clocks, picks):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Keep the rules that ring first and do not overlap, for `budget` edits in the mean; -1 else.

    A rule of more edits than are left is the last, or not used, as chance will have it.
    """
    text_at, cost = rules[1], rules[8]
    free, spent = np.ones(size, np.bool_), 0
    kept = np.zeros(size, np.bool_)
    for i in np.argsort(clocks[:size]):
        left = budget - spent
        if picks[i] < 0 or left <= 0:
            break
        rule = picks[i]
        span = max(text_at[rule + 1] - text_at[rule], 1)
        if not free[i : i + span].all():
            continue
        if cost[rule] > left and _chance(state, -2 - i) * cost[rule] >= left:
            break
        free[i : i + span] = False
        kept[i] = True
        spent += cost[rule]
    for i in range(size):
        if not kept[i]:
            picks[i] = -1
    return spent


@njit(nogil=True, cache=True)
def _read(points, low, high, rules, picks, out, o):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write a text with the picked rules applied; return where it ends."""
    text_at, became, became_at = rules[1], rules[2], rules[3]
    i = low
    while i < high:
        rule = picks[i - low]
        if rule >= 0:
            for b in range(became_at[rule], became_at[rule + 1]):
                out[o] = became[b]
                o += 1
        if rule >= 0 and text_at[rule + 1] > text_at[rule]:
            i += text_at[rule + 1] - text_at[rule]
        else:
            out[o] = points[i]
            o, i = o + 1, i + 1
    return o


@njit(nogil=True, cache=True)
def _is_blank(out, start, end, kinds):  # type: ignore[no-untyped-def]  # pragma: no cover
    blank = True
    for i in range(start, end):
        blank &= kinds[out[i]] & BLANK != 0
    return blank


@njit(nogil=True, cache=True)
def _allowed(where, before, after, head, divides):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether the kinds of the characters before and after are as the bits of a rule ask.

    :param head: the kind of the first letter of the word. :param divides: see `_divides`.
    """
    return not where or not (
        (where & (START | _AFTER) and (before & IN_WORD != 0) != (where & _AFTER != 0))
        or (where & (END | _BEFORE) and (after & IN_WORD != 0) != (where & _BEFORE != 0))
        or (where & AFTER_VOWEL and not before & VOWEL)
        or (where & AFTER_CONSONANT and before & VOWEL)
        or (where & BEFORE_VOWEL and not after & VOWEL)
        or (where & BEFORE_CONSONANT and after & VOWEL)
        or (where & LOWER and head & UPPER)
        or (where & CAPITAL and not head & UPPER)
        or (where & HYPHENATION and not divides)
    )


@njit(nogil=True, cache=True)
def _divides(points, low, high, at, kinds):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether a line may end before a place: two letters, then a consonant and a vowel."""
    return (
        at - 2 >= low
        and at + 1 < high
        and kinds[points[at - 2]] & IN_WORD != 0
        and kinds[points[at]] & VOWEL == 0
        and kinds[points[at + 1]] & VOWEL != 0
    )
