"""Both wikitext engines on the parser tests of MediaWiki: words and marks as its own HTML has them.

    PARSOID=path/to/mediawiki-services-parsoid python benchmarks/wikitext_parser_tests.py

A test agrees where the text of its HTML and the text of its wikitext have the same words and marks,
without tables, pictures, references and struck text. Many of those that disagree should: MediaWiki
shows markup that is broken as it stands (`[[[Page]]]`), and lets lines of a block run on.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from bitseam.lid.wikitext import strip_markup
from bitseam.schemas.choices import WIKITEXT_ENGINES

FILES = (
    *("quotes", "comments", "definitionLists", "headings", "pWrapping", "preTags", "preprocessor"),
    *("tables", "wikiLinks", "extLinks", "sanitizer", "regressions"),
)
UNSEEN = (
    "//figure|//table|//style|//script|//pre|//rt|//rp|//s|//del|//strike|//link|//meta"
    "|//*[contains(@class, 'reference') or contains(@class, 'mw-editsection')]"
    "|//*[contains(@class, 'thumb') or contains(@typeof, 'mw:File')]"
)
OTHER_OUTPUT = re.compile("pst|msg|cat|ill|preload|title")  # options of tests that make no page
WORD = re.compile(r"\w+|[^\w\s]")


def read_tests(path: Path) -> Iterator[tuple[str, str]]:
    """Yield wikitext and HTML of the tests of a file."""
    for block in re.split(r"^!! ?test\s*\n", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        _, *parts = re.split(r"^!! ?([^\n+]*)[^\n]*\n", block, flags=re.MULTILINE)
        sections = dict(zip(parts[-2::-2], parts[-1::-2], strict=True))  # the first of a name stays
        page = sections.get("html/parsoid") or sections.get("html") or sections.get("html/php")
        if "wikitext" in sections and page and not OTHER_OUTPUT.search(sections.get("options", "")):
            yield sections["wikitext"].rstrip("\n"), page


def shown(page: str) -> str | None:
    """Return the text of HTML, or None where lxml reads none."""
    try:
        tree = html.fromstring(f"<div>{page}</div>")
    except etree.ParserError:
        return None
    for element in tree.xpath(UNSEEN):
        element.drop_tree()
    return str(tree.text_content())


def main() -> None:
    """Print how many tests of each file agree."""
    if "PARSOID" not in os.environ:
        sys.exit("PARSOID names no checkout of mediawiki-services-parsoid")
    folder = Path(os.environ["PARSOID"]) / "tests" / "parser"
    print("| file | tests | " + " | ".join(WIKITEXT_ENGINES) + " |\n| --- | --: | --: | --: |")
    sums = [0] * (1 + len(WIKITEXT_ENGINES))
    for name in FILES:
        texts = [(text, shown(page)) for text, page in read_tests(folder / f"{name}.txt")]
        tests = [(text, WORD.findall(page)) for text, page in texts if page is not None]
        agreed = [
            sum(WORD.findall(strip_markup(text, engine)) == page for text, page in tests)
            for engine in WIKITEXT_ENGINES
        ]
        sums = [a + b for a, b in zip(sums, [len(tests), *agreed], strict=True)]
        print(f"| {name} | {len(tests)} | {' | '.join(map(str, agreed))} |")
    print(f"| **all** | {' | '.join(map(str, sums))} |")


if __name__ == "__main__":
    main()
