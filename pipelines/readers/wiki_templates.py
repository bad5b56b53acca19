"""The template pages of a dump, read before its articles: these show what templates say.

Templates lie among the articles in the order of their numbers, so a pass of its own collects them.
It parses nothing but them, and holds a bounded amount of them in memory.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from bitseam.lid.wikitext.templates import OwnTemplates
from bitseam.pipelines.readers.dump import Piece, cut_pages
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.site import TEMPLATE, Site
from bitseam.pipelines.readers.streams import InputStream
from bitseam.schemas.errors import DamagedInputError

_NAMESPACE = re.compile(rb"<ns>\s*(-?\d+)\s*</ns>")
_TITLE = re.compile(rb"<title>([^<:]{1,200}):")
_NEAR = 4000  # bytes of a page in which its title and its namespace stand


def own_templates(
    read: InputStream, site: Site, parser: etree.XMLParser, options: ReadOptions
) -> OwnTemplates:
    """Return the templates of a dump that is being read; none of one that cannot be read twice."""
    found = OwnTemplates(site.template_names)
    # A dump behind a URL, in a pipe or in an archive is read once.
    if not options.own_templates or read.is_member or not Path(read.file.path).is_file():
        return found
    with InputStream(read.file) as stream:
        try:
            for piece in cut_pages(stream, options.max_line_bytes):
                if _is_template(piece, site):
                    _add(piece, found, parser)
        except DamagedInputError:
            pass  # the pass over the articles says so
    return found


def _is_template(piece: Piece, site: Site) -> bool:
    head = piece.data[:_NEAR]
    if number := _NAMESPACE.search(head):
        return int(number[1]) == TEMPLATE
    title = _TITLE.search(head)
    return title is not None and site.namespace(f"{title[1].decode(errors='replace')}:") == TEMPLATE


def _add(piece: Piece, found: OwnTemplates, parser: etree.XMLParser) -> None:
    if piece.is_oversized:
        found.left_out += 1
        return
    try:
        page = etree.fromstring(piece.data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    title = page.findtext("title")
    texts = page.findall("revision/text")
    if title and texts and texts[-1].text:
        found.add(title, texts[-1].text)
