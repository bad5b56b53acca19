"""What became of the inputs of a run: kept in the manifest, and told on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bitseam.pipelines.atomic import read_json, write_json
from bitseam.pipelines.readers.input_report import InputReport
from bitseam.schemas.reasons import Reason

_KEPT = 100  # inputs that are named, of each kind
FOUND = (
    "found"  # counts: `found ltz_Latn deu_Latn`, sentences in German where Luxembourgish was due
)
ANYWHERE = "any"  # no language was due


class ReadInputs:
    """Counts what was read, and names the inputs that the user should know of."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._told: dict[str, list[list[str]]] = {"unread": [], "damaged": [], "noted": []}

    def add(self, reports: Iterable[InputReport]) -> None:
        """Take in what became of some inputs."""
        for report in reports:
            self.counts["inputs"] += 1
            if report.problem is not None:
                kind = "damaged" if report.documents else "unread"
                self.counts[f"inputs {kind}"] += 1
                self._tell(kind, report.source, report.problem)
            if report.encoding:
                self.counts[f"inputs in {report.encoding.split()[0]}"] += 1
                self._tell("noted", report.source, f"read as {report.encoding}")
            for note in report.notes:
                self._tell("noted", report.source, note)

    def _tell(self, kind: str, source: str, told: str) -> None:
        if len(self._told[kind]) < _KEPT:
            self._told[kind].append([source, told])

    def write(self, path: Path) -> None:
        """Leave what one task has read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, self._told)

    @classmethod
    def gather(cls, paths: Iterable[Path]) -> ReadInputs:
        """Return what all tasks left, in their order."""
        found = cls()
        for path in paths:
            for kind, told in (read_json(path) or {}).items():
                for source, text in told:
                    found._tell(kind, source, text)
        return found

    def record(self) -> Mapping[str, Any]:
        """Return what the manifest keeps: lists of sources with what is to be told of each."""
        return self._told


def found_languages(
    documents: pa.RecordBatch, sentences: pa.RecordBatch, rejects: pa.RecordBatch
) -> Counter[str]:
    """Count sentences by their language and the one that was due: see `FOUND`.

    Of documents in any language only those in neither of the two.
    """
    other = rejects.filter(pc.equal(rejects["reason"], Reason.OTHER_LANGUAGE.value))
    found = pc.replace_substring_regex(other["detail"], " .*", "")
    counts = _by_due(documents, other["doc_id"], found)
    kept = _by_due(documents, sentences["doc_id"], sentences["lang"])
    anywhere = f"{FOUND} {ANYWHERE} "
    return counts + Counter({n: c for n, c in kept.items() if not n.startswith(anywhere)})


def _by_due(documents: pa.RecordBatch, doc_ids: pa.Array, languages: pa.Array) -> Counter[str]:
    rows = pc.index_in(doc_ids, documents["doc_id"])
    due = pc.fill_null(documents["lang_hint"].take(rows), ANYWHERE)
    names = pc.binary_join_element_wise(FOUND, due, pc.cast(languages, due.type), " ")
    return Counter({row["values"]: row["counts"] for row in names.value_counts().to_pylist()})
