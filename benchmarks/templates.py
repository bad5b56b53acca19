"""What becomes of sentences with templates, and what it costs.

    python benchmarks/templates.py

Sentences: `template_sentences.tsv`, made up as articles of some Wikipedias write them. A sentence
is whole if a reader of the wiki sees the same, white space aside; it has a hole if U+FFFC says
that something is missing; else it is wrong. Before: templates cut out, as up to version 0.1.

Speed: a dump of made-up articles, of which every other sentence has a template of the dump's own.
The pass over the dump for its templates is timed apart.
"""

from __future__ import annotations

import bz2
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lxml import etree

from bitseam.lid.wikitext import strip_markup
from bitseam.lid.wikitext.holes import HOLE
from bitseam.lid.wikitext.templates import Templates
from bitseam.lid.wikitext.templates.braces import outer_spans
from bitseam.pipelines.readers import InputFile, ReadOptions, find_inputs, read_documents
from bitseam.pipelines.readers.site import Site
from bitseam.pipelines.readers.streams import InputStream
from bitseam.pipelines.readers.wiki_templates import own_templates

SENTENCES = Path(__file__).with_name("template_sentences.tsv")
WORDS = (
    "de",
    "Bam",
    "d'Haus",
    "um",
    "Bierg",
    "al",
    "Bréck",
    "mécht",
    "haut",
    "nees",
    "mat",
    "Kanner",
)
OWN = """<page><title>Schabloun:Leit</title><ns>10</ns><id>1</id><revision><text>
{{#if:{{{1|}}}|{{formatnum:{{{1}}}}} {{#ifeq:{{{1}}}|1|Persoun|Leit}}|keng}}
</text></revision></page>"""


def cut_out(wikitext: str) -> str:
    """Return wikitext without its templates."""
    for span in reversed(outer_spans(wikitext)):
        wikitext = wikitext[: span.start] + wikitext[span.end :]
    return wikitext


def judge(text: str, expected: str) -> str:
    """Return whether a sentence is `whole`, has a `hole`, or is `wrong`."""
    if text.split() == expected.split():
        return "whole"
    return "hole" if HOLE in text else "wrong"


def measure_sentences() -> None:
    before: dict[str, Counter[str]] = {}
    after: dict[str, Counter[str]] = {}
    wrong = []
    for line in SENTENCES.read_text("utf-8").splitlines():
        if line.startswith("# "):
            continue
        wiki, wikitext, expected = line.split("\t")
        shown = strip_markup(wikitext, templates=Templates(wiki), title="Titel")
        verdict = judge(shown, expected)
        after.setdefault(wiki, Counter())[verdict] += 1
        before.setdefault(wiki, Counter())[judge(strip_markup(cut_out(wikitext)), expected)] += 1
        if verdict != "whole":
            wrong.append(f"{wiki} {verdict}: {shown}")
    print("| wiki | sentences | before: whole | wrong | now: whole | hole | wrong |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for wiki, now in [*after.items(), ("all", sum(after.values(), Counter()))]:
        then = before.get(wiki) or sum(before.values(), Counter())
        print(
            f"| {wiki} | {now.total()} | {then['whole']} | {then['wrong']} "
            f"| {now['whole']} | {now['hole']} | {now['wrong']} |"
        )
    print("", *wrong, "", sep="\n")


def write_dump(articles: int) -> bytes:
    rng = random.Random(3)
    pages = []
    for number in range(articles):
        sentences = []
        for _ in range(40):
            words = rng.choices(WORDS, k=14)
            if rng.random() < 0.5:
                words[5] = f"{{{{Leit|{rng.randrange(9000)}}}}}"
            sentences.append(" ".join(words).capitalize() + ".")
        text = " ".join(sentences)
        pages.append(
            f"<page><title>A {number}</title><ns>0</ns><id>{number + 9}</id>"
            f"<revision><text>{text}</text></revision></page>"
        )
    pages.insert(articles // 2, OWN)
    return ('<mediawiki xml:lang="lb"><siteinfo/>' + "\n".join(pages) + "</mediawiki>").encode()


def best(run: Callable[[], object], repeats: int = 3) -> float:
    """Return the least CPU seconds of a few runs."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


def read(file: InputFile, *, own: bool) -> None:
    options = ReadOptions(own_templates=own)
    batches = [batch.documents["text"].to_pylist() for batch in read_documents(file, options)]
    assert any(HOLE in text for texts in batches for text in texts) != own


def collect(file: InputFile) -> None:
    parser = etree.XMLParser(resolve_entities=False)
    with InputStream(file) as stream:
        assert own_templates(stream, Site(), parser, ReadOptions()).bodies


def measure_speed(folder: Path) -> None:
    data = write_dump(600)
    print("| dump | reading, MB/s | without own templates | pass for templates, MB/s | its share |")
    print("| --- | --: | --: | --: | --: |")
    for name, stored in (("a.xml", data), ("a.xml.bz2", bz2.compress(data))):
        path = folder / name
        path.write_bytes(stored)
        (file,) = find_inputs([str(path)])
        whole = best(partial(read, file, own=True))
        without = best(partial(read, file, own=False))
        collecting = best(partial(collect, file))
        speeds = [len(data) / seconds / 1e6 for seconds in (whole, without, collecting)]
        print(
            f"| {name} | {speeds[0]:.0f} | {speeds[1]:.0f} | {speeds[2]:.0f} "
            f"| {collecting / whole:.0%} |"
        )


def main() -> None:
    """Print both tables."""
    measure_sentences()
    with tempfile.TemporaryDirectory() as folder:
        measure_speed(Path(folder))


if __name__ == "__main__":
    main()
