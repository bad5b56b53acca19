"""What the head of a MediaWiki dump says of all its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from bitseam.lid.wikitext import hidden_namespaces
from bitseam.lid.wikitext.templates.words import namespaces_of_all_languages
from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.dump import END, Piece
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.reasons import Reason

ARTICLE, TEMPLATE = 0, 10  # numbers of namespaces

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HIDDEN = (6, 14, -2)  # File, Category, Media
# Every wiki understands these names, whatever its own are.
_CANONICAL = {
    "media": -2,
    "special": -1,
    "talk": 1,
    "image": 6,
    "image talk": 7,
    **{
        f"{name}{talk}": number + bool(talk)
        for number, name in (
            (2, "user"),
            (4, "project"),
            (6, "file"),
            (8, "mediawiki"),
            (10, "template"),
            (12, "help"),
            (14, "category"),
            (828, "module"),
        )
        for talk in ("", " talk")
    },
}
_HOST = re.compile(r"https?://([a-z]{2,3}|simple|[a-z]{2,3}-[a-z-]{2,12})\.(?:m\.)?wik")
_DATABASE = re.compile(r"([a-z]{2,3}|simple|[a-z]{2,3}_[a-z_]{2,12})wik")


class Site(NamedTuple):
    """What the head of a dump says about all its pages."""

    base: str | None = None  # address of the main page
    lang: str | None = None
    wiki: str | None = None  # its language, as in the address of a Wikipedia: `fr`
    hidden: frozenset[str] = hidden_namespaces()
    namespaces: Mapping[str, int] = {}  # by their names in lower case; without the main one

    def namespace(self, title: str) -> int:
        """Return the number of a title's namespace: old dumps name it nowhere else."""
        prefix, colon, _ = title.partition(":")
        if not colon:
            return ARTICLE
        name = " ".join(prefix.replace("_", " ").split()).casefold()
        # Where the dump does not say how it names them, any language's names count.
        known = self.namespaces or namespaces_of_all_languages()
        return known.get(name, _CANONICAL.get(name, ARTICLE))

    @property
    def template_names(self) -> frozenset[str]:
        """What the wiki calls the namespace of its templates, in lower case."""
        return frozenset(name for name, n in self.namespaces.items() if n == TEMPLATE)


def read_site(
    head: Piece, stream: InputStream, batch: BatchBuilder, parser: etree.XMLParser
) -> Site:
    """Read the head of a dump; where its siteinfo is damaged, reject that and go on without.

    :raises DamagedInputError: a document type is declared, or this is no dump.
    """
    if b"<!DOCTYPE" in head.data or b"<!ENTITY" in head.data:
        raise stream.damage(Reason.FORBIDDEN_XML, "document types and entities are not read")
    if b"<mediawiki" not in head.data:
        found = f"expected a MediaWiki dump, it starts with {head.data[:40]!r}"
        raise stream.damage(Reason.CORRUPT, found)
    try:
        root = etree.fromstring(head.data.rstrip().removesuffix(END) + END, parser)
    except etree.XMLSyntaxError as error:
        batch.add_reject(
            "row",
            Reason.CORRUPT,
            f"siteinfo: {one_line(error)}",
            start=head.start,
            end=head.end,
            text=head.data,
        )
        return Site()
    names = {
        " ".join(name.text.replace("_", " ").split()).casefold(): int(name.get("key"))
        for name in root.iterfind("{*}siteinfo/{*}namespaces/{*}namespace")
        if name.text and re.fullmatch(r"-?\d{1,4}", name.get("key", ""))
    }
    base = root.findtext("{*}siteinfo/{*}base")
    lang = root.get(_XML_LANG)
    wiki = _wiki_language(lang, base, root.findtext("{*}siteinfo/{*}dbname"))
    hidden = hidden_namespaces(name for name, number in names.items() if number in _HIDDEN)
    return Site(base, lang, wiki, hidden, names)


def _wiki_language(lang: str | None, base: str | None, database: str | None) -> str | None:
    """Return the language whose conventions a wiki has: what the dump says, or its address."""
    for pattern, text in ((_HOST, base), (_DATABASE, database)):
        if not lang and text and (found := pattern.match(text)):
            return found[1].replace("_", "-")
    return lang.partition("-")[0].lower() if lang else None
