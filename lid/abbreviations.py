"""Full stops that end no sentence, where sentencex takes them for an end.

Each entry mends a failure that was seen; `tests/lid/segment_cases.json` holds the cases.
"""

from __future__ import annotations

import re

_MONTHS = {
    "ltz": "Januar Februar Mäerz Abrëll Mee Juni Juli August September Oktober November Dezember",
    "deu": "Januar Jänner Februar März April Mai Juni Juli August September Oktober November "
    "Dezember",
}

# Language -> abbreviations that are always followed by what they belong to.
_NEVER_FINAL = {
    "ltz": "bzw Dr Dir geb gest Hl Ing Joerh Mme M Nr Prof resp St Tél vgl",
    "deu": "bzw Dr Frl geb gest Hl Hrsg Ing Nr Prof resp St vgl",
    "fra": "M MM Mme Mlle Mgr St Ste art cf janv févr juil sept oct nov déc vol éd",
    "nld": "bijv blz dhr dr drs geb ing mevr mr nr prof resp St",
    "hin": "डॉ प्रो पं",
    "arb": "د أ",
}

# Language -> words that make a number before them an ordinal, not the end of a sentence.
_AFTER_ORDINAL = {
    "ltz": f"{_MONTHS['ltz']} Joerhonnert Joerdausend Weltkrich Etapp Plaz Editioun Arrondissement",
    "deu": f"{_MONTHS['deu']} Jahrhundert Jahrtausend Weltkrieg Etappe Platz Auflage Bezirk",
}


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


def is_continued(sentence: str, after: str, language: str) -> bool:
    """Tell whether `sentence`, with its white space, goes on in `after` in spite of its full stop."""
    code = language[:3]
    tail = sentence[-16:]
    abbreviation = _ABBREVIATION_END.get(code)
    if abbreviation and abbreviation.search(tail):
        return True
    ordinal = _ORDINAL_OF.get(code)
    return bool(ordinal and _ORDINAL_END.search(tail) and ordinal.match(after))
