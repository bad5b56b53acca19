"""Full stops that sentencex gets wrong: ends that it takes for none, and the other way round.

Only what sentencex gets wrong; `tests/lid/segment_cases.json` holds cases of it.
"""

from __future__ import annotations

import re
from itertools import pairwise

# Language -> abbreviations that are always followed by what they belong to.
_NEVER_FINAL = {
    "ltz": "bzw Dr Dir geb gest Hl Ing Joerh Mme M Nr Prof resp St Tél vgl",
    "deu": "bzw Dr Frl geb gest Hl Hrsg Ing Nr Prof resp St vgl",
    "fra": "M MM Mme Mlle Mgr St Ste art cf janv févr juil sept oct nov déc vol éd",
    "nld": "bijv blz dhr Dhr dr drs geb ing mevr Mevr mr nr prof resp St",
    "hin": "डॉ प्रो पं",
    "arb": "د أ",
}

# Words at the end of many a sentence that sentencex takes for abbreviations: it reads Luxembourgish
# by the rules of German, where "Ass." is an assessor and "Al." short for "alii".
_FINAL = {"ltz": "al ass no op"}

# Words that make a number before them an ordinal, not the end of a sentence. One list for both
# languages: their texts quote each other, and a short one may be taken for the other.
_GERMANIC = (
    "Januar Jänner Februar Mäerz März Abrëll April Mee Mai Juni Juli August September Oktober "
    "November Dezember Joerhonnert Jahrhundert Joerdausend Jahrtausend Weltkrich Weltkrieg Etapp "
    "Etappe Plaz Platz Editioun Auflage Arrondissement Bezirk"
)
_AFTER_ORDINAL = {"ltz": _GERMANIC, "deu": _GERMANIC}


def _alternatives(words: str) -> str:
    return "|".join(map(re.escape, words.split()))


_ABBREVIATION_END = {
    language: re.compile(rf"(?:^|[\s(\[\"'„«’])(?:{_alternatives(words)})\.\s+$")
    for language, words in _NEVER_FINAL.items()
}
_ORDINAL_END = re.compile(r"(?:^|[\s(])(?:\d{1,2}|[IVX]{1,5})\.\s+$")
_ORDINAL_OF = {
    language: re.compile(rf"(?:{_alternatives(words)})\b")
    for language, words in _AFTER_ORDINAL.items()
}


_FINAL_END = {
    language: re.compile(rf"(?:^|\s)(?:{_alternatives(words)})\.\s+(?=[\"'„“«(]?[A-ZÀ-ÖØ-Þ])")
    for language, words in _FINAL.items()
}


def split_at_final_words(pieces: list[str], language: str) -> list[str]:
    """Split where a word that is no abbreviation ends a sentence; the parts are the pieces."""
    final = _FINAL_END.get(language[:3])
    if final is None:
        return pieces
    parts = []
    for piece in pieces:
        ends = [match.end() for match in final.finditer(piece)]
        parts += [piece[start:end] for start, end in pairwise([0, *ends, len(piece)])]
    return parts


def is_continued(sentence: str, after: str, language: str) -> bool:
    """Tell whether `sentence`, with its white space, goes on in `after`."""
    code = language[:3]
    tail = sentence[-16:]
    abbreviation = _ABBREVIATION_END.get(code)
    if abbreviation and abbreviation.search(tail):
        return True
    ordinal = _ORDINAL_OF.get(code)
    return bool(ordinal and _ORDINAL_END.search(tail) and ordinal.match(after))
