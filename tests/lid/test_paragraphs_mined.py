"""Wrapped text as it is mined: the same sentences and ids as without wrapping, raw offsets."""

from __future__ import annotations

import pyarrow as pa

from bitseam.lid.extract import ExtractOptions, extract_sentences
from bitseam.lid.identifiers import load_identifier
from bitseam.schemas.tables import DOCUMENTS

OPTIONS = ExtractOptions(src="ltz_Latn", tgt="deu_Latn")
FIRST = (
    "Der alte Fährmann band sein Boot an einem kalten Morgen vom Landungssteg los und sah über den "
    "Fluss, wo der Nebel so dicht war, dass man den Kirchturm nicht erkennen konnte."
)
SECOND = "Er hatte das vierzig Jahre lang getan, und niemand im Dorf kannte einen anderen Fährmann."
WRAPPED = """\
> Der alte Fährmann band sein Boot an einem kalten Morgen vom Landungssteg los
> und sah über den Fluss, wo der Nebel so dicht war, dass man den Kirch-
> turm nicht erkennen konnte. Er hatte das vierzig Jahre lang getan, und niemand
> im Dorf kannte einen anderen Fährmann.

Der Kirchturm war hoch.
"""


def extracted(text: str, options: ExtractOptions = OPTIONS) -> pa.RecordBatch:
    row = {"doc_id": "a.txt", "url": None, "title": None, "lang_hint": "deu_Latn", "text": text}
    batch = pa.RecordBatch.from_pylist([row], schema=DOCUMENTS)
    return extract_sentences(batch, load_identifier(), options).sentences


def test_wrapping_changes_no_sentence_id() -> None:
    plain = extracted(f"{FIRST} {SECOND}\n\nDer Kirchturm war hoch.")
    wrapped = extracted(WRAPPED)
    assert wrapped["text"].to_pylist() == [FIRST, SECOND, "Der Kirchturm war hoch."]
    assert wrapped["sentence_id"].equals(plain["sentence_id"])


def test_offsets_are_those_of_the_raw_text() -> None:
    rows = extracted(WRAPPED)
    raw = [WRAPPED[row["start"] : row["end"]] for row in rows.to_pylist()]
    assert raw[0].startswith("> Der alte") and "Kirch-\n> turm" in raw[0]
    assert raw[1].startswith("Er hatte") and raw[1].endswith("anderen Fährmann.")


def test_a_line_of_text_is_left_as_it_is() -> None:
    line = "> Er hatte das vierzig Jahre lang getan, und niemand kannte einen anderen."
    options = ExtractOptions(src="ltz_Latn", tgt="deu_Latn", text_unit="line")
    assert extracted(line, options)["text"].to_pylist() == [line]
