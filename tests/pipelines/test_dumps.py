"""Dumps of wikis: their own templates, dumps of old versions of MediaWiki, odd XML."""

from __future__ import annotations

import bz2
import itertools

import fsspec
import polars as pl
import pytest

from bitseam.pipelines.readers import ReadOptions, find_inputs, read_documents, streams
from bitseam.pipelines.readers.site import Site

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="lb">
<siteinfo><base>https://lb.example.org/wiki/X</base><namespaces>
<namespace key="0" /><namespace key="1">Diskussioun</namespace>
<namespace key="2">Benotzer</namespace>
<namespace key="10">Schabloun</namespace><namespace key="14">Kategorie</namespace>
</namespaces></siteinfo>
"""


def page(title, text, namespace=0, extra=""):
    ns = "" if namespace is None else f"<ns>{namespace}</ns>"
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    number = sum(map(ord, title)) + 1000 * len(title)
    return (
        f"<page><title>{title}</title>{ns}<id>{number}</id>{extra}"
        f"<revision><text>{text}</text></revision></page>\n"
    )


def dump(*pages, head=HEAD):
    return head + "".join(pages) + "</mediawiki>"


def read(path, data, **options):
    """Return the texts and the rejects of a dump."""
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_file(str(path), **options)


def read_file(path, **options):
    (file,) = find_inputs([path])
    batches = list(read_documents(file, ReadOptions(**options)))
    texts = [text for batch in batches for text in batch.documents["text"].to_pylist()]
    return texts, [row for batch in batches for row in batch.rejects.to_pylist()]


# --- templates

ARTICLE = page("Bam", "De Bam ass {{Gréisst|12}} héich.")
TEMPLATE = page("Schabloun:Gréisst", "{{{1}}} m<noinclude>{{Dok}}</noinclude>", namespace=10)


@pytest.mark.parametrize("engine", ["fast", "thorough"])
@pytest.mark.parametrize("pages", list(itertools.permutations([ARTICLE, TEMPLATE])))
def test_templates_of_the_dump_are_shown_wherever_they_lie(tmp_path, engine, pages):
    texts, rejects = read(
        tmp_path / "a.xml.bz2", bz2.compress(dump(*pages).encode()), wikitext=engine
    )
    assert texts == ["De Bam ass 12 m héich."]
    assert [reject["reason"] for reject in rejects] == ["namespace"]


def test_a_redirected_template_is_found_under_any_name_of_the_namespace(tmp_path):
    alias = page("Schabloun:H", "#VIRUVEREDEREN [[Template:Gréisst]]", namespace=10)
    texts, _ = read(
        tmp_path / "a.xml", dump(page("Bam", "De Bam ass {{H|12}} héich."), alias, TEMPLATE)
    )
    assert texts == ["De Bam ass 12 m héich."]


def test_a_known_template_is_shown_under_the_wikis_own_name_of_it(tmp_path):
    alias = page("Schabloun:Zeilefest", "#REDIRECT [[Schabloun:Nowrap]]", namespace=10)
    texts, _ = read(
        tmp_path / "a.xml", dump(page("Bam", "De Bam ass {{zeilefest|12 m}} héich."), alias)
    )
    assert texts == ["De Bam ass 12 m héich."]


def test_a_template_that_is_not_known_leaves_a_mark(tmp_path):
    texts, _ = read(tmp_path / "a.xml", dump(ARTICLE))
    assert texts == ["De Bam ass \ufffc héich."]


def test_the_wiki_of_a_language_has_its_conventions(tmp_path):
    article = page("Mur", "Le mur mesure {{unité|12|mètres}}, {{formatnum:4500}} pierres.")
    expected = "Le mur mesure 12\u00a0mètres, 4\u00a0500 pierres."
    by_language = dump(article, head='<mediawiki xml:lang="fr"><siteinfo/>')
    by_address = dump(
        article,
        head="<mediawiki><siteinfo><base>https://fr.wikipedia.org/wiki/A</base></siteinfo>",
    )
    by_database = dump(article, head="<mediawiki><siteinfo><dbname>frwiki</dbname></siteinfo>")
    for data in (by_language, by_address, by_database):
        assert read(tmp_path / "a.xml", data)[0] == [expected]
    unknown = tmp_path / "b.xml"
    unknown.write_text(dump(article, head="<mediawiki><siteinfo/>"), "utf-8")
    (file,) = find_inputs([str(unknown)], lang_hint="fr")
    (batch,) = read_documents(file, ReadOptions())
    assert batch.documents["text"].to_pylist() == [expected]


def test_a_damaged_template_costs_no_more_than_itself(tmp_path):
    broken = TEMPLATE.replace("</text>", "").replace("Gréisst", "Kapott")
    data = dump(ARTICLE, broken, TEMPLATE)
    texts, rejects = read(tmp_path / "a.xml", data)
    assert texts == ["De Bam ass 12 m héich."]
    assert sorted(reject["reason"] for reject in rejects) == ["corrupt", "namespace"]


def test_a_dump_that_ends_early_has_the_templates_before_the_end(tmp_path):
    texts, rejects = read(tmp_path / "a.xml", dump(ARTICLE, TEMPLATE)[: -len("</mediawiki>")])
    assert texts == ["De Bam ass 12 m héich."]
    assert [(r["what"], r["reason"]) for r in rejects] == [
        ("document", "namespace"),
        ("file", "truncated"),
    ]


def test_a_remote_dump_is_read_once_without_its_templates(monkeypatch):
    opened = []
    original = streams.StoredFile
    monkeypatch.setattr(streams, "StoredFile", lambda path: opened.append(path) or original(path))
    with fsspec.open("memory://wiki/a.xml", "wb") as file:
        file.write(dump(TEMPLATE, ARTICLE).encode())
    texts, _ = read_file("memory://wiki/a.xml")
    assert texts == ["De Bam ass \ufffc héich."]
    assert len(opened) == 1


def test_templates_are_read_once_a_file_however_many_batches(tmp_path, monkeypatch):
    opened = []
    original = streams.StoredFile
    monkeypatch.setattr(streams, "StoredFile", lambda path: opened.append(path) or original(path))
    pages = [page(f"Bam {n}", "De Bam ass {{Gréisst|12}} héich.") for n in range(50)]
    texts, _ = read(tmp_path / "a.xml", dump(*pages, TEMPLATE), batch_bytes=10)
    assert texts == ["De Bam ass 12 m héich."] * 50
    assert len(opened) == 2
    read(tmp_path / "a.xml", dump(*pages, TEMPLATE), own_templates=False)
    assert len(opened) == 3


# --- old dumps


def test_namespaces_without_ns_are_known_by_the_siteinfo(tmp_path):
    pages = [
        page("Bam: Eng Geschicht", "Text.", None),
        page("Diskussioun:Bam", "x", None),
        page("Benotzer:Ee", "x", None),
        page("Schabloun:Gréisst", "{{{1}}} m", None),
        page("Talk:Bam", "x", None),
        page("User talk:Ee", "x", None),
        page("Bam", "De Bam ass {{Gréisst|12}} héich.", None),
    ]
    texts, rejects = read(tmp_path / "a.xml", dump(*pages))
    assert texts == ["Text.", "De Bam ass 12 m héich."]
    assert [(r["reason"], r["detail"].rpartition(" ")[2]) for r in rejects] == [
        ("namespace", number) for number in ("1", "2", "10", "1", "3")
    ]


@pytest.mark.parametrize(
    ("title", "namespace"),
    [
        ("Vorlage:Bam", 10),
        ("Utilisateur:Ee", 2),
        ("Обсуждение:Дом", 1),
        ("利用者‐会話:Ee", 3),
        ("Kategorie:Bam", 14),
        ("Mosel: Eine Reise", 0),
        ("3:10 to Yuma", 0),
        ("Bam", 0),
    ],
)
def test_without_siteinfo_the_names_of_all_languages_count(title, namespace):
    assert Site().namespace(title) == namespace


def test_the_names_of_a_siteinfo_are_the_only_ones_beside_the_canonical(tmp_path):
    texts, rejects = read(tmp_path / "a.xml", dump(page("Vorlage:Bam", "Text.", None)))
    assert (texts, rejects) == (["Text."], [])


@pytest.mark.parametrize(
    "text",
    [
        "#REDIRECT [[Haus]]",
        "#VIRUVEREDEREN [[Haus]]",
        "#weiterleitung[[Haus]]\n[[Kategorie:X]]",
        "#転送 [[家]]",
        "#КЕРЕК [[үй]]",
    ],
)
def test_redirects_without_an_element_are_known_by_their_first_line(tmp_path, text):
    texts, rejects = read(
        tmp_path / "a.xml", dump(page("Bam", text), page("Lëscht", "#Eent [[a]]\n#Zwee"))
    )
    assert texts == ["Eent a\nZwee"]
    assert [reject["reason"] for reject in rejects] == ["redirect"]


def test_the_redirect_element_of_old_dumps_names_no_target(tmp_path):
    _, rejects = read(
        tmp_path / "a.xml", dump(page("Bam", "#REDIRECT [[Haus]]", extra="<redirect />"))
    )
    assert rejects[0]["detail"] == "page 'Bam': redirect to 'Haus'"


# --- odd XML


@pytest.mark.parametrize(
    "opening",
    ['<page x="1">', "<page >", "<page\n>", "<page\tx='1'\ny='2'>", f'<page x="{"a" * 900}">'],
)
@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_tags_with_attributes_and_white_space_cut_pages(tmp_path, monkeypatch, opening, chunk):
    monkeypatch.setattr(streams, "RAW_BYTES", chunk)
    pages = [page(title, f"{title} Text.") for title in ("A", "B", "C")]
    pages[1] = pages[1].replace("<page>", opening).replace("</page>", "</page >")
    texts, rejects = read(tmp_path / "a.xml", dump(*pages))
    assert (texts, rejects) == (["A Text.", "B Text.", "C Text."], [])


def test_an_oversized_page_with_attributes_costs_itself_only(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "RAW_BYTES", 500)
    long = page("B", "b" * 30_000).replace("<page>", '<page id="2">')
    texts, rejects = read(
        tmp_path / "a.xml",
        dump(page("A", "Eent."), long, page("C", "Zwee.")),
        max_line_bytes=10_000,
    )
    assert texts == ["Eent.", "Zwee."]
    assert [reject["reason"] for reject in rejects] == ["line_too_long"]


def test_other_tags_that_begin_with_page_cut_nothing(tmp_path):
    odd = page("A", "Eent.").replace(
        "<revision>", "<pages>x</pages><page-count>3</page-count><revision>"
    )
    assert read(tmp_path / "a.xml", dump(odd))[0] == ["Eent."]


@pytest.mark.parametrize("node", ["<!-- x -->", "<?x y?>", "<!-- a --><!--b-->"])
def test_comments_and_instructions_of_xml_are_no_text(tmp_path, node):
    pages = (
        page("A", "Moien Welt.")
        .replace("Moien ", f"Moien {node}")
        .replace("<revision>", f"{node}<revision>")
    )
    texts, rejects = read(tmp_path / "a.xml", dump(pages, page("B", "Zwee.")))
    assert (texts, rejects) == (["Moien Welt.", "Zwee."], [])


# --- the whole command


def test_sentences_with_a_hole_are_rejects_unless_they_are_wanted(tmp_path, mine):
    lb = (
        "De Bierg ass {{Onbekannt|12}} Meter héich an d'Bréck ass al. "
        "Mir hunn haut laang op de Bus gewaart."
    )
    de = (
        "Wir haben heute lange auf den Bus gewartet. "
        "Der Berg ist {{Unbekannt|12}} Meter hoch und die Brücke ist alt."
    )
    (tmp_path / "lb.xml").write_text(dump(page("Bierg", lb)), "utf-8")
    (tmp_path / "de.xml").write_text(
        dump(page("Berg", de), head='<mediawiki xml:lang="de">'), "utf-8"
    )
    command = ("--src", "lb", "--tgt", "de", "--src-input", "lb.xml", "--tgt-input", "de.xml")
    run = mine(*command, "--output", "out", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "rejected: incomplete" in run.stdout
    rejects = pl.read_parquet(tmp_path / "out" / "rejects" / "sentences" / "*.parquet")
    holed = rejects.filter(pl.col("reason") == "incomplete")["text"].to_list()
    assert len(holed) == 2
    assert all("\ufffc" in text for text in holed)
    kept = mine(*command, "--keep-holes", "--output", "kept", cwd=tmp_path)
    assert kept.returncode == 0, kept.stderr
    sentences = pl.read_parquet(tmp_path / "kept" / "sentences" / "*.parquet")["text"].to_list()
    assert "De Bierg ass Meter héich an d'Bréck ass al." in sentences
