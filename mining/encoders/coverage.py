"""Which languages an encoder was trained on, and what to say where it does not know one."""

from __future__ import annotations

from collections.abc import Sequence

from bitseam.mining.encoders.loading import STATIC
from bitseam.mining.encoders.presets import PRESETS
from bitseam.mining.encoders.protocol import Encoder
from bitseam.mining.encoders.static import BUNDLED_MODEL, StaticEncoder
from bitseam.mining.encoders.static_model import read_static_model
from bitseam.schemas.languages import parse_language

# Feng et al. 2022, Language-agnostic BERT Sentence Embedding, table 7.
_LABSE = """af am ar as az be bg bn bo bs ca ceb co cs cy da de el en eo es et eu fa fi fr fy ga gd
    gl gu ha haw he hi hmn hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lo lt lv mg mi
    mk ml mn mr ms mt my ne nl no ny or pa pl pt ro ru rw si sk sl sm sn so sq sr st su sv sw ta te
    tg th tk tl tr tt ug uk ur uz vi wo xh yi yo zh zu"""
# Conneau et al. 2020, Unsupervised Cross-lingual Representation Learning at Scale, table 6, where
# some have two scripts: the model under E5 and BGE-M3.
_XLMR = """af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha
    he hi hr hu hy id is it ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no om
    or pa pl ps pt ro ru sa sd si sk sl so sq sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh"""
# What BGE-M3 was trained on besides, by its authors: huggingface.co/BAAI/bge-m3/discussions/29
# (fastText's codes, of which als is Alemannic).
_BGE_M3 = """an arz ast av azb ba bar bcl bho bo bpy bxr cbk ce ceb ckb co cv diq dsb dty dv gn gom
    gsw gv hif hsb ht ia ie ilo io jbo krc kv kw lb lez li lmo mai mhr min mrj mt mwl myv mzn nah
    nap nds new nn oc os pam pfl pms pnb qu rm sah sc scn sco tg tk tt tyv vec vep vls vo wa war
    wuu xal xmf yo yue"""
# The model card of gte-multilingual-base.
_GTE = """af ar az be bg bn ca ceb cs cy da de el en es et eu fa fi fr gl gu he hi hr ht hu hy id is
    it ja jv ka kk km kn ko ky lo lt lv mk ml mn mr ms my ne nl no pa pl pt qu ro ru si sk sl so sq
    sr sv sw ta te th tl tr uk ur vi yo zh"""

_PRESET_LANGUAGES = {
    "labse": _LABSE,
    "luxembedder": _LABSE,
    "histlux": f"{_GTE} lb",
    "e5-small": _XLMR,
    "e5-base": _XLMR,
    "e5-large": _XLMR,
    "bge-m3": f"{_XLMR} {_BGE_M3}",
    "gte-multilingual": _GTE,
}


def unknown_languages(encoder: Encoder, languages: Sequence[str]) -> list[str]:
    """Return those of the `languages` (`ltz_Latn`) that `encoder` does not name as its own.

    None where it does not say what it knows.
    """
    known = _languages_of(encoder)
    return [code for code in languages if known and _language(code) not in known]


def coverage_warning(encoder: Encoder, languages: Sequence[str], done: str = "") -> str:
    """Return what to tell of the `languages` (`ltz_Latn`) that `encoder` does not name as its own.

    It names the encoders that know all of them. Empty where the encoder knows them, or where it
    does not say what it knows.

    :param done: what is done about it; without, the encoder is used as it is.
    """
    unknown = unknown_languages(encoder, languages)
    if not unknown:
        return ""
    wanted = {_language(code) for code in languages}
    others = [name for name in (STATIC, *PRESETS) if wanted <= _languages_named(name)]
    cure = f"take --encoder {', '.join(others)}, or train one" if others else "train one"
    return (
        f"the encoder {encoder.name} does not name {' and '.join(unknown)} among its languages: "
        f"{done or 'expect it to find names, numbers and cognates at best'}; "
        f"{cure} with `mine train static`"
    )


def _languages_of(encoder: Encoder) -> frozenset[str]:
    """The languages that the encoder names, without their scripts; empty: it names none."""
    if isinstance(encoder, StaticEncoder):
        return _parsed(encoder.model.card.get("languages", ()))
    return _parsed(_PRESET_LANGUAGES.get(encoder.name, "").split())


def _languages_named(name: str) -> frozenset[str]:
    if name == STATIC:
        return _parsed(read_static_model(BUNDLED_MODEL).card["languages"])
    return _parsed(_PRESET_LANGUAGES[name].split())


def _parsed(codes: Sequence[str]) -> frozenset[str]:
    return frozenset(_language(parse_language(code)) for code in codes)


def _language(code: str) -> str:
    return code.partition("_")[0]
