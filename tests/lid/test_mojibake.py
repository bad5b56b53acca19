"""Text that is right as it stands is left alone, unless its document is broken beyond doubt."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from bitseam.lid.clean import clean
from bitseam.lid.extract import ExtractOptions, extract_sentences
from bitseam.lid.hygiene.mojibake import repair
from bitseam.lid.identifiers import load_identifier
from bitseam.schemas.tables import DOCUMENTS

RIGHT = [
    "D'Zell huet e Volume vun 240 Å³, d'Uewerfläch 190 Å².",
    "Eng Schrauf mat Ø½ Zoll an eng mat Ø¾″ leien do.",
    "Den Duerchmiesser ass Ø±0,2 mm, 3×½ Zoll.",
    "A MENSAGEM «ATÉ AMANHÃ» CHEGOU TARDE",
    "ELE GRITOU “AMANHÃ” E FOI EMBORA",
    "CHEGAMOS AMANHÃ… OU DEPOIS",
    "IRMÃ—IRMÃO, NOSSA IRMÃ² E A OUTRA IRMÃ®",
    "A IRMÃ DO VIZINHO",
    "NON NE POTEVA PIÙ” E SE NE ANDÒ",
    "LA GIOVENTÙ… LA VIRTÙ» LA TRIBÙ³",
    "DET STÅR PÅ» SKILTET, SPRING I Å…",
    "ÞAÐ” ER KOMIÐ… BARÐ»",
    "HYVÄ” SANOI HÄN, TÄMÄ…",
    "PÂNĂ… CASĂ» FĂRĂ®",
    "CĂŞTIGUL LUI",
    "ГАЗЕТА «НАРОД» И СССР®",
    "Bogstavet “Å” og la letra «Ñ»",
    "LÃ VÃ… VIỆT",
    "ELE FALOU “AMANHÃ,” E FOI",
    "Er schrieb „Ä“ und „Å“, nicht „Ö“.",
    "D’ÉTÉ À «ÉCRANNEÛ, IL DIT « ÊTRE ’ÈN —ÉTÉ»",
    "Mir waren net déi éischt¹, sot de Café”², an d’Komissioun³.",
    "UNIVERSITÉ† AN ECOLE, FOLGEN É³, «Ђ»",
    "Es kostet 5 €, sagte René…” und l’idée»¹ blieb.",
    "Haben Sie “déjà…” gesagt, so sagte sie på…”",
]
BROKEN = [
    ("De MÃ¤erz ass do.", "De Mäerz ass do."),
    ("MÃ„NNER UND FRAUEN", "MÄNNER UND FRAUEN"),
    ("Ã‰TÉ ET HIVER", "ÉTÉ ET HIVER"),
    ("DER FÃœHRERSCHEIN", "DER FÜHRERSCHEIN"),
    ("Ãœber dem Tal", "Über dem Tal"),
    ("Il mare Ã¨ blu.", "Il mare è blu."),
    ("Weiderliesen Â»", "Weiderliesen »"),
    ("5Â°C um Moien", "5°C um Moien"),
    ("Das kostet 20 â‚¬.", "Das kostet 20 €."),
    ("Î±-Strahlung", "α-Strahlung"),
    ("On nâ€™a pas", "On n’a pas"),
    ("PrzyszÅ‚a Å¼ona.", "Przyszła żona."),
    ("Ø§Ù„Ø³Ù„Ø§Ù…", "السلام"),
    ("Ã la mer", "à la mer"),
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_stays(text: str) -> None:
    assert repair(pa.array([text])).to_pylist() == [text]


@pytest.mark.parametrize(("raw", "expected"), BROKEN)
def test_what_is_broken_beyond_doubt_is_repaired(raw: str, expected: str) -> None:
    assert repair(pa.array([raw])).to_pylist() == [expected]


def test_the_rest_of_the_document_is_evidence() -> None:
    texts = pa.array(["AMANHÃ” TEM SOL", "A canção Ã© nova.", "AMANHÃ” TEM SOL", "GRÃ–SSE"])
    documents = np.array([7, 7, 3, 7])
    found = clean(texts, documents)
    # Two in doubt, one beyond: not enough.
    assert found.texts.to_pylist()[0] == "AMANHÃ” TEM SOL"
    more = pa.array(["Er hÃ¶rt zu.", "GRÃ–SSE", "AMANHÃ” TEM SOL"])
    assert clean(more, np.array([1, 1, 2])).texts.to_pylist() == [
        "Er hört zu.",
        "GRÖSSE",
        "AMANHÃ” TEM SOL",
    ]
    # Of another table than what is in doubt.
    other = pa.array(["РџСЂРёРІРµС‚, РјРёСЂ", "812 Å³"])
    assert clean(other, np.array([1, 1])).texts.to_pylist() == ["Привет, мир", "812 Å³"]


def test_sentences_of_one_document_are_evidence_for_each_other() -> None:
    right = "D'Këscht huet e Volume vun 812 Å³ bei normaler Temperatur."
    broken = "Mir sinn haut de Moien mat dem ZÃ¼ch an d'Stad gefuer."
    rows = [{"doc_id": f"a#{i}", "text": text} for i, text in enumerate((right, broken))]
    batch = pa.RecordBatch.from_pylist(rows, DOCUMENTS)
    options = ExtractOptions(src="ltz_Latn", tgt="deu_Latn")
    found = extract_sentences(batch, load_identifier(), options).sentences["text"].to_pylist()
    assert found == [right, broken.replace("Ã¼", "ü")]


def test_references_are_resolved_where_doubt_keeps_the_rest() -> None:
    assert repair(pa.array(["812 Å³ &amp; 900 Å³"])).to_pylist() == ["812 Å³ & 900 Å³"]


def test_no_right_text_of_the_shared_sets_is_changed(shared_data) -> None:
    paths = [*(shared_data / "ntrex_dev").glob("[a-z]*.txt")]
    assert paths
    for path in paths:
        texts = pa.array(path.read_text("utf-8").splitlines())
        assert repair(texts).to_pylist() == texts.to_pylist(), path.name
