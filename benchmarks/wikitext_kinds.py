"""The wikis and the kinds of difficult markup of `wikitext.py`: wikitext, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Wiki(NamedTuple):
    """A wiki's code, its names of namespaces, and five sentences of three parts each.

    Each part can stand between two elements: subject, verb with more, end.
    """

    code: str
    file: str
    category: str
    media: str
    space: str  # between words
    stop: str
    sentences: tuple[tuple[str, str, str], ...]

    def say(self, number: int) -> str:
        return self.space.join(self.sentences[number]) + self.stop

    def with_(self, number: int, element: str, place: int = 1) -> str:
        """Return a sentence with `element` before its part `place`."""
        parts = [*self.sentences[number][:place], element, *self.sentences[number][place:]]
        return self.space.join(part for part in parts if part) + self.stop


class Page(NamedTuple):
    """Wikitext, and the text that readers see."""

    wikitext: str
    text: str


WIKIS = (
    Wiki(
        "lb",
        "Fichier",
        "Kategorie",
        "Media",
        " ",
        ".",
        (
            ("Den ale Mëller", "huet am Duerf", "e klengt Haus gebaut"),
            ("Déi grouss Bréck", "féiert säit laangem", "iwwer de breede Floss"),
            ("Am Wanter", "schléift de Bësch", "ënner décke Schnéi"),
            ("Meng Schwëster", "kaaft all Samschdeg", "frësch Äppel um Maart"),
            ("D'Kanner", "spillen nomëttes", "laanscht déi al Mauer"),
        ),
    ),
    Wiki(
        "de",
        "Datei",
        "Kategorie",
        "Medium",
        " ",
        ".",
        (
            ("Der alte Müller", "hat im Dorf", "ein kleines Haus gebaut"),
            ("Die große Brücke", "führt seit langem", "über den breiten Fluss"),
            ("Im Winter", "schläft der Wald", "unter dickem Schnee"),
            ("Meine Schwester", "kauft jeden Samstag", "frische Äpfel auf dem Markt"),
            ("Die Kinder", "spielen nachmittags", "an der hohen Mauer"),
        ),
    ),
    Wiki(
        "fr",
        "Fichier",
        "Catégorie",
        "Média",
        " ",
        ".",
        (
            ("Le vieux meunier", "a construit au village", "une petite maison"),
            ("Le grand pont", "mène depuis longtemps", "vers la rive opposée"),
            ("En hiver", "la forêt dort", "sous une neige épaisse"),
            ("Ma sœur", "achète chaque samedi", "des pommes fraîches"),
            ("Les enfants", "jouent souvent", "contre le haut mur"),
        ),
    ),
    Wiki(
        "en",
        "File",
        "Category",
        "Media",
        " ",
        ".",
        (
            ("The old miller", "has built in our village", "a small stone house"),
            ("That long bridge", "leads since ages", "over some broad river"),
            ("During winter", "every forest sleeps", "under deep snow"),
            ("My sister", "buys each Saturday", "fresh apples at market"),
            ("Those children", "often play", "beside this high wall"),
        ),
    ),
    Wiki(
        "ru",
        "Файл",
        "Категория",
        "Медиа",
        " ",
        ".",
        (
            ("Старый мельник", "построил в деревне", "маленький дом"),
            ("Большой мост", "давно ведёт", "через широкую реку"),
            ("Зимой", "лес спит", "под глубоким снегом"),
            ("Моя сестра", "каждую субботу покупает", "свежие яблоки"),
            ("Эти дети", "часто играют", "у высокой стены"),
        ),
    ),
    Wiki(
        "el",
        "Αρχείο",
        "Κατηγορία",
        "Μέσο",
        " ",
        ".",
        (
            ("Ο γέρος μυλωνάς", "έχτισε στο χωριό", "ένα μικρό σπίτι"),
            ("Η μεγάλη γέφυρα", "οδηγεί από παλιά", "πάνω από το ποτάμι"),
            ("Τον χειμώνα", "κοιμάται το δάσος", "κάτω από χιόνι"),
            ("Η αδελφή μου", "αγοράζει κάθε Σάββατο", "φρέσκα μήλα"),
            ("Τα παιδιά", "παίζουν συχνά", "δίπλα στον τοίχο"),
        ),
    ),
    Wiki(
        "ja",
        "ファイル",
        "カテゴリ",
        "メディア",
        "",
        "。",
        (
            ("年老いた粉屋は", "村の中に", "小さな家を建てた"),
            ("大きな橋は", "昔から川を", "越えている"),
            ("冬になると", "森は雪の下で", "静かに眠る"),
            ("私の妹は", "毎週土曜日に", "新しい林檎を買う"),
            ("子供たちは", "午後によく", "壁のそばで遊ぶ"),
        ),
    ),
    Wiki(
        "zh",
        "文件",
        "分类",
        "媒体",
        "",
        "。",
        (
            ("老磨坊主", "在村里", "盖了一座小房子"),
            ("这座大桥", "很久以来", "通往河的对岸"),
            ("到了冬天", "树林总是", "在厚雪下面沉睡"),
            ("我的妹妹", "每个星期六", "都买新鲜苹果"),
            ("那些孩子", "下午经常", "靠着高墙玩耍"),
        ),
    ),
)


def _inline(element: str, shown: str = "", place: int = 1) -> Callable[[Wiki], Page]:
    """Return a kind: an element in the second of three paragraphs."""

    def make(wiki: Wiki) -> Page:
        return _page(wiki, wiki.with_(1, element, place), wiki.with_(1, shown, place))

    return make


def _variant(element: str, shown: str = "") -> Callable[[Wiki], Page]:
    """Return a kind: a rule for variants, in wikis whose letters are no Chinese but simplified."""
    make = _inline(element, shown)
    return lambda wiki: _inline("")(wiki) if wiki.code == "ja" else make(wiki)


def _between(element: str) -> Callable[[Wiki], Page]:
    """Return a kind: a block between two halves of a sentence, each on a line."""

    def make(wiki: Wiki) -> Page:
        first, *rest = wiki.sentences[1]
        filled = element.format(wiki=wiki, caption=wiki.say(4))
        lower = wiki.space.join(rest) + wiki.stop
        return _page(wiki, f"{first}\n{filled}\n{lower}", f"{first}\n\n{lower}")

    return make


def _lines(wikitext: str, text: str = "") -> Callable[[Wiki], Page]:
    """Return a kind: lines of their own, in which {0} to {4} are sentences."""

    def make(wiki: Wiki) -> Page:
        fill = {"wiki": wiki}
        sentences = [wiki.say(number) for number in range(5)]
        return _page(wiki, wikitext.format(*sentences, **fill), text.format(*sentences, **fill))

    return make


def _page(wiki: Wiki, wikitext: str, text: str) -> Page:
    """Return a page that begins and ends with a sentence that nothing should touch."""
    first, last = wiki.say(0), wiki.say(2)
    return Page(f"{first}\n\n{wikitext}\n\n{last}", f"{first}\n\n{text}\n\n{last}")


def _all(wiki: Wiki) -> Page:
    """Return a page with every other kind, which are never to reach into each other."""
    pages = [make(wiki) for kind, make in KINDS.items() if make is not _all]
    return Page(*("\n\n".join(texts) for texts in zip(*pages, strict=True)))


_H = "\ufffc"
KINDS: dict[str, Callable[[Wiki], Page]] = {
    "comment in nowiki": _inline("<code><nowiki><!--</nowiki></code>", "<!--"),
    "comment in code": _inline("<code><!--</code>", "<!--"),
    "comment in source": _lines(
        '{1}\n<syntaxhighlight lang="xml">\n<!-- x\n</syntaxhighlight>', "{1}"
    ),
    "comment in pre": _lines("{1}\n<PRE>\n<!-- x\n</PRE>", "{1}"),
    "comment unclosed": _lines("{1} <!-- xx yy", "{1}"),
    "comment unclosed, then closed": _lines("{1} <!-- xx\n\n{3} <!-- yy --> {4}", "{1}\n\n{3} {4}"),
    "nowiki": _inline("<nowiki>[[a]] ''b''</nowiki>", "[[a]] ''b''"),
    "nowiki unclosed": _inline("<nowiki>"),
    "reference unclosed": _lines("{1}<ref name=x>\n\n{3}<ref>xx</ref>", "{1}\n\n{3}"),
    "reference between sentences": _lines("{1}<ref>xx</ref> {3}<ref name=y />", "{1} {3}"),
    "formula": _inline("<math>x^2</math>", _H),
    "formula unclosed": _lines("{1} <math>\n\nX <math>x</math> {3}", f"{{1}}\n\nX {_H} {{3}}"),
    "gallery in a sentence": _inline("<gallery>\nA.jpg|xx\n</gallery>", _H),
    "superscript": _inline("10<sup>30</sup> km<sup>2</sup>", "10³⁰ km²"),
    "superscript, not in Unicode": _inline("10<sup>0,5</sup>", "10^(0,5)"),
    "ordinal": _inline("1<sup>er</sup>", "1er"),
    "subscript": _inline("H<sub>2</sub>O", "H₂O"),
    "readings": _inline("<ruby>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>", "字"),
    "struck text": _inline("<s>xx</s>"),
    "hidden text": _inline('<span style="display:none">007</span>'),
    "variant": _variant("-{zh-hans:国;zh-hant:國}-", "国"),
    "variant, hidden rule": _variant("-{H|zh-cn:xx;zh-tw:yy}-"),
    "variant, title": _variant("-{T|zh-cn:xx;zh-tw:yy}-"),
    "variant, raw": _variant("-{R|xx}-", "xx"),
    "variants nested": _variant("-{zh-hans:甲-{乙}-;zh-hant:丙}-", "甲乙"),
    "empty brackets": _inline("( , ) (; x) « » ()", "(x)"),
    "doubled commas": _inline("x, , y", "x, y"),
    "table": _lines('{1}\n{{| class="a"\n! xx !! yy\n|-\n| zz\n|}}\n{3}', "{1}\n\n{3}"),
    "table unclosed": _lines(
        '{1}\n{{| class="a"\n! xx !! yy\n! zz\n|-\n| zz\n\n== a ==\n{3}', "{1}\n\na\n\n{3}"
    ),
    "rows alone": _lines("{1}\n|-\n! xx\n| yy\n|}}\n{3}", "{1}\n\n{3}"),
    "web link with brackets": _inline("[http://example.org aa [sic] bb]", "aa [sic] bb"),
    "address with brackets": _inline("[http://example.org/a[1] aa]", "aa"),
    "web link in double brackets": _inline("[[http://example.org aa bb]]", "aa bb"),
    "web link unclosed": _inline("[http://example.org"),
    "picture": _lines("[[{wiki.file}:A.jpg|thumb|{4}]]\n{1}", "{1}"),
    "picture with links": _lines("[[{wiki.file}:A.jpg|thumb|[[a|{4}]] [x] [[b]]]]\n{1}", "{1}"),
    "picture with brackets at the end": _lines("[[{wiki.file}:A.jpg|thumb|{4} [x]]]\n{1}", "{1}"),
    "picture unclosed": _lines("[[{wiki.file}:A.jpg|thumb|{4}\n{1}", "{1}"),
    "picture closed once": _lines("[[{wiki.file}:A.jpg|thumb|{4}]\n{1}", "{1}"),
    "category": _lines("{1}\n[[{wiki.category}:xx]]", "{1}"),
    "link closed once": _inline("[[aa]", "aa"),
    "link unclosed": _lines("[[xx|{1}", "{1}"),
    "pipe trick": _inline("[[aa (xx)|]]", "aa"),
    "section link": _inline("[[#aa]]", "aa"),
    "apostrophe lost in bold": _inline("d'''Artagnan'''", "d'Artagnan"),
    "apostrophe and italics": _inline("l''''Aurore''", "l'Aurore"),
    "magic words": _lines("__NOTOC__\n{1} ~~~~", "{1}"),
    "entities": _inline("a&amp;nbsp;b&#39;c", "a\xa0b'c"),
    "definition": _lines(";aa: {1}\n; bb : {3}", "aa\n{1}\nbb\n{3}"),
    "list": _lines("* {1}\n*# {3}\n: {4}", "{1}\n{3}\n{4}"),
    "heading unclosed": _lines("== aa\n{1}", "aa\n\n{1}"),
    "template between lines": _between("{{{{Infobox\n| a = xx\n}}}}"),
    "table between lines": _between("{{|\n| xx\n|}}"),
    "picture between lines": _between("[[{wiki.file}:A.jpg|thumb|{caption}]]"),
    "gallery between lines": _between("<gallery>\nA.jpg|xx\n</gallery>"),
    "comment between lines": _between("<!-- xx -->"),
    "template unclosed": _lines("{1} X {{{{xx|yy\n\n{3}", f"{{1}} X {_H}\n\n{{3}}"),
    "all of these on one page": _all,
}
