"""Runs made on the spot: real tables and manifests, with the rows that a test gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bitseam.pipelines.report.page import render
from bitseam.pipelines.report.run import open_run
from bitseam.schemas import tables

Rows = Sequence[Mapping[str, Any]]

_SCHEMAS = {
    "documents": tables.DOCUMENTS,
    "sentences": tables.SENTENCES,
    "pairs": tables.PAIRS,
    "rejects/sentences": tables.REJECTS,
    "rejects/pairs": tables.REJECTS,
    "alignments": tables.ALIGNMENTS,
}
_VOID = frozenset({"meta", "br", "wbr", "hr", "img", "input", "link"})


def _filled(schema: pa.Schema, rows: Rows) -> pa.Table:
    """Return `rows` with something in every column that must have a value."""

    def stand_in(kind: pa.DataType) -> Any:
        if pa.types.is_string(kind):
            return "x"
        return [] if pa.types.is_list(kind) else 1

    columns = {
        field.name: pa.array(
            [row.get(field.name, None if field.nullable else stand_in(field.type)) for row in rows],
            field.type,
        )
        for field in schema
    }
    return pa.table(columns, schema=schema)


def _write_run(
    folder: Path,
    rows: Mapping[str, Rows],
    stages: Mapping[str, Mapping[str, Any]],
    **manifest: Any,
) -> Path:
    """Write a run: the rows of its tables, and what the manifests of its stages say."""
    folder.mkdir()
    for name, its in rows.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        pq.write_table(_filled(_SCHEMAS[name], its), folder / name / "part-0.parquet")
    for name, record in stages.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        files = [
            {"name": path.name, "bytes": path.stat().st_size}
            for path in sorted((folder / name).glob("*.parquet"))
        ]
        told = {"counts": {}, "seconds": 1.5, "files": files, **record}
        (folder / name / ".manifest.json").write_text(json.dumps(told), "utf-8")
    run = {"bitseam": "0.1.0", "src": "ltz_Latn", "tgt": "deu_Latn", "options": {}, "inputs": []}
    run |= {"stages": {name: {"stage": name} for name in stages}, **manifest}
    (folder / "manifest.json").write_text(json.dumps(run), "utf-8")
    return folder


@pytest.fixture(scope="session")
def write_run() -> Callable[..., Path]:
    return _write_run


def _pair(number: int, src: str, tgt: str, **others: Any) -> dict[str, Any]:
    margin = 2 - number / 100
    ids = {"src_id": 10 * number, "tgt_id": 10 * number + 1}
    docs = {"src_doc": f"lb.txt#{number}", "tgt_doc": f"de.txt#{number}"}
    return {**ids, "src_text": src, "tgt_text": tgt, "margin": margin, **docs, **others}


@pytest.fixture(scope="session")
def hostile_run(write_run, tmp_path_factory) -> Path:
    """A finished run whose every text would do harm on a careless page."""
    texts = json.loads(Path(__file__).with_name("hostile.json").read_text("utf-8"))
    pairs = [
        _pair(n, text, text[::-1] or "x", src_doc=f"{text}#1", precision=0.99 - n / 50)
        for n, text in enumerate(texts)
    ]
    sentences = [
        {"sentence_id": 10 * n, "lang": "ltz_Latn", "text": text, "doc_id": f"{texts[n // 6]}#1"}
        for n, text in enumerate(texts)
    ]
    rejects = [
        {
            "what": "sentence",
            "stage": "sentences",
            "reason": reason,
            "source": text,
            "doc_id": f"{text}#2",
            "text": text,
            "detail": text,
        }
        for text in texts
        for reason in ("other_language", "menu", text)
    ]
    counts = {"sentences ltz_Latn": len(texts), "documents": 3, "rejected menu": len(texts)}
    counts |= {f"rejected {text}": 1 for text in texts}
    stages = {
        "sentences": {"counts": counts, "identifier": [texts[0], texts[1]]},
        "embeddings": {"counts": {}, "encoder": texts[0], "revision": texts[1], "dimension": 2},
        "neighbours": {"recall": {texts[0]: 0.9}},
        "pairs": {
            "counts": {"pairs": len(pairs)},
            "threshold": None,
            "precision": 0.9,
            "estimated": {"precision": 0.91, "recall": 0.8},
            "signature": texts[0],
        },
    }
    rows = {"sentences": sentences, "pairs": pairs, "rejects/sentences": rejects}
    told = {
        "options": {text: text for text in texts},
        "inputs": [{"source": f"{text}\udcff", "bytes": 1} for text in texts],
    }
    return write_run(tmp_path_factory.mktemp("hostile") / "run", rows, stages, **told)


class Page(HTMLParser):
    """What a page consists of, and whether every element that is opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="session")
def page_of() -> Callable[[Path], Page]:
    """Read the page about a run."""
    return lambda folder: Page(render(open_run(folder)))
