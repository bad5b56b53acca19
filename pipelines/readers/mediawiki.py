"""MediaWiki XML dumps (`*-pages-articles.xml`): one document an article, as plain prose.

No document type is accepted, so no entity can be declared, let alone expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lxml import etree

from bitseam.lid.wikitext import strip_markup
from bitseam.lid.wikitext.templates import Templates, redirect_target
from bitseam.pipelines.readers.batches import BatchBuilder
from bitseam.pipelines.readers.document_ids import DocumentIds
from bitseam.pipelines.readers.dump import Piece, cut_pages
from bitseam.pipelines.readers.options import ReadOptions
from bitseam.pipelines.readers.site import ARTICLE, Site, read_site
from bitseam.pipelines.readers.storage import one_line
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.readers.wiki_templates import own_templates
from bitseam.schemas.choices import WikitextEngine
from bitseam.schemas.languages import short_code
from bitseam.schemas.reasons import Reason


def read_mediawiki(
    stream: InputStream, batch: BatchBuilder, options: ReadOptions
) -> Iterator[None]:
    """Fill `batch` from a dump; yields after every page."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    pieces = cut_pages(stream, options.max_line_bytes)
    site = read_site(next(pieces), stream, batch, parser)
    own = own_templates(stream, site, parser, options)
    hint = stream.file.lang_hint
    templates = Templates(site.wiki or (short_code(hint) if hint else None), own)
    pages = _PageReader(site, templates, parser, stream.file.source, batch, options.wikitext)
    for piece in pieces:
        if not piece.is_blank:
            pages.read(piece)
            yield


class _Rejected(Exception):  # noqa: N818  (it is no error)
    """Why a page is no document."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)


class _PageReader:
    """Adds pages to a batch, as documents or as rejects."""

    def __init__(
        self,
        site: Site,
        templates: Templates,
        parser: etree.XMLParser,
        source: str,
        batch: BatchBuilder,
        engine: WikitextEngine,
    ) -> None:
        self._site, self._parser, self._batch, self._engine = site, parser, batch, engine
        self._templates = templates
        self._ids = DocumentIds(source)
        self._number = 0

    def read(self, piece: Piece) -> None:
        self._number += 1
        doc_id = None
        title = ""
        try:
            page = _parse(piece, self._parser)
            title = page.findtext("title") or ""
            doc_id = self._ids.name(page.findtext("id"), self._number)
            wikitext = _article_wikitext(page, title, self._site)
            text = strip_markup(wikitext, self._engine, self._site.hidden, self._templates, title)
            if not text:
                raise _Rejected(Reason.EMPTY, "no prose in it")
        except _Rejected as rejected:
            self._batch.add_reject(
                "document",
                rejected.reason,
                f"page {title!r}: {rejected.detail}" if title else rejected.detail,
                doc_id=doc_id,
                start=piece.start,
                end=piece.end,
                text=None if doc_id else piece.data,
            )
            return
        self._batch.add_document(
            doc_id, text, url=self._url(title), title=title or None, lang=self._site.lang
        )

    def _url(self, title: str) -> str | None:
        if not self._site.base or not title:
            return None
        path = quote(title.replace(" ", "_"), safe="/:;@$!*(),~")
        return f"{self._site.base.rpartition('/')[0]}/{path}"


def _parse(piece: Piece, parser: etree.XMLParser) -> Any:
    """Return the element of a whole page."""
    if piece.is_oversized:
        raise _Rejected(Reason.LINE_TOO_LONG, f"a page of {piece.end - piece.start} bytes")
    if b"\0" in piece.data:
        raise _Rejected(Reason.NUL_BYTE, f"NUL at byte {piece.start + piece.data.index(0)}")
    try:
        piece.data.decode()
        page = etree.fromstring(piece.data, parser)
    except UnicodeDecodeError as error:
        detail = f"0x{piece.data[error.start]:02x} at byte {piece.start + error.start}"
        raise _Rejected(Reason.INVALID_UTF8, detail) from error
    except etree.XMLSyntaxError as error:
        raise _Rejected(Reason.CORRUPT, one_line(error)) from error
    if page.tag != "page":
        raise _Rejected(Reason.CORRUPT, f"expected <page>, found <{page.tag}>")
    return page


def _article_wikitext(page: Any, title: str, site: Site) -> str:
    """Return the wikitext of the page's last revision, if the page is an article."""
    namespace = (page.findtext("ns") or "").strip() or str(site.namespace(title))
    if namespace != str(ARTICLE):
        raise _Rejected(Reason.NAMESPACE, f"namespace {namespace}")
    revisions = page.findall("revision")
    element = page.find("redirect")
    target = element.get("title") if element is not None else None
    if target is None and revisions:
        target = redirect_target(revisions[-1].findtext("text") or "")
    if element is not None or target:
        raise _Rejected(Reason.REDIRECT, f"redirect to {target!r}")
    if not revisions or (text := revisions[-1].find("text")) is None or text.get("deleted"):
        raise _Rejected(Reason.MISSING_TEXT, "no text in its last revision")
    model = revisions[-1].findtext("model") or "wikitext"
    if model != "wikitext":
        raise _Rejected(Reason.NAMESPACE, f"its content is {model}, not wikitext")
    if len(text):
        raise _Rejected(Reason.CORRUPT, f"<{text[0].tag}> inside the text")
    return text.text or ""
