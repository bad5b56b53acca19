"""`--dry-run`: what a run would read, do, need and write, from a sample of each input."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from bitseam.pipelines.bootstrap import MOST_PAIRS, is_wanted, training_seconds
from bitseam.pipelines.forecast import SearchForecast
from bitseam.pipelines.job import prepare
from bitseam.pipelines.models import shared_encoder, shared_identifier
from bitseam.pipelines.options import MineOptions
from bitseam.pipelines.readers import InputFile, read_documents
from bitseam.pipelines.readers.input_file import text_unit
from bitseam.pipelines.store import STAGES_OF
from bitseam.pipelines.units import readable_size, readable_time

SAMPLE_BYTES = 8 << 20  # of text, from the start of an input
SAMPLED_INPUTS = 16  # the largest ones; the others are taken to be like them

# Fitted to runs of up to a million sentences a side (benchmarks/memory.py), bytes. Where most
# sentences find a pair, each pair takes 2 KB more; how many will is not known before.
BASE = 590 << 20  # Python, Beam, Arrow, polars, numba and torch, loaded and at work
PER_CANDIDATE = 280  # sorting, joining and scoring the neighbours of both directions
DISK_PER_SENTENCE = 150  # sentences, rejects, neighbours and scratch, compressed, beside vectors

_TWICE = (
    "bootstrap: all stages after sentences twice, and between them a training of at most "
    f"{readable_time(training_seconds(MOST_PAIRS))}"
)


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    :ivar sentences: expected sentences of either side, as if none stood twice.
    :ivar search: what finding the neighbours will take; None of a scope that needs none.
    :ivar memory: expected peak of the largest process, mapped vectors included; bytes.
    :ivar disk: expected size of the output folder at its largest; bytes.
    :ivar near_duplicates: the similarity of those that are looked for, if they are.
    :ivar bootstrap: whether a first pass is to adapt the encoder.
    """

    inputs: tuple[InputFile, ...]
    stages: tuple[str, ...]
    sentences: dict[str, int]
    encoder: str
    search: SearchForecast | None
    memory: int
    disk: int
    near_duplicates: float | None
    bootstrap: bool

    def lines(self) -> list[str]:
        """Return the plan as lines of plain text."""
        files = [
            f"  {file.source}: {file.format}"
            f"{' ' + file.compression if file.compression else ''}, {_size(file)}"
            for file in self.inputs
        ]
        return [
            f"inputs: {len(files)}",
            *files,
            f"stages: {' -> '.join(self.stages)}",
            *([_TWICE] if self.bootstrap else []),
            *(f"expected sentences {lang}: {n:,}" for lang, n in self.sentences.items()),
            *(
                [f"near-duplicate sentences: from a similarity of {self.near_duplicates} one stays"]
                if self.near_duplicates is not None
                else []
            ),
            f"encoder: {self.encoder}",
            *self._search_lines(),
            f"expected memory: {readable_size(self.memory)} "
            "(largest process, mapped files included)",
            f"expected disk: {readable_size(self.disk)}",
        ]

    def _search_lines(self) -> list[str]:
        if self.search is None:
            return []
        time = self.search.seconds
        told = [] if time is None else [f"expected search time: {readable_time(time)}"]
        return [f"search: {self.search.how}", *told]


def plan(options: MineOptions) -> Plan:
    """Sample the inputs and predict the run.

    :raises UserError: for whatever would stop the run before it starts.
    """
    inputs = prepare(options)
    encoder = shared_encoder(options.encoder)
    expected = _expected_sentences(inputs, options)
    vectors = sum(expected.values()) * encoder.dimension * 4
    search = _search(expected, encoder.dimension, options)
    search_memory, search_disk = (search.memory, search.disk) if search else (0, 0)
    candidates = sum(expected.values()) * options.k * PER_CANDIDATE
    near_memory, near_disk = _near_duplicates(expected, options.near_duplicates)
    return Plan(
        inputs,
        STAGES_OF[options.scope],
        expected,
        f"{encoder.name}, {encoder.dimension} dimensions",
        search,
        BASE + max(vectors + search_memory, candidates, near_memory),
        2 * vectors + search_disk + sum(expected.values()) * DISK_PER_SENTENCE + near_disk,
        options.near_duplicates,
        is_wanted(options.bootstrap, encoder, (options.src, options.tgt)),
    )


def _search(
    expected: dict[str, int], dimension: int, options: MineOptions
) -> SearchForecast | None:
    if "neighbours" not in STAGES_OF[options.scope]:
        return None
    from bitseam.pipelines.stages.engine import SearchTask
    from bitseam.pipelines.stages.neighbours import choose_engine

    rows = {"src": expected[options.src], "tgt": expected[options.tgt]}
    task = SearchTask(options.k, dimension, rows, options.workers)
    return choose_engine(task, options.engine, options.index).forecast()


def _near_duplicates(expected: dict[str, int], similarity: float | None) -> tuple[int, int]:
    """Return the memory and the disk that the search for near-duplicates needs, in bytes."""
    if similarity is None:
        return 0, 0
    from bitseam.lid.hygiene.near_sentences import bands_for
    from bitseam.pipelines.stages.near_duplicates import DISK, MEMORY

    bands = bands_for(similarity)
    return (
        max(expected.values()) * (MEMORY[0] + MEMORY[1] * bands),  # a side at a time
        sum(expected.values()) * (DISK[0] + DISK[1] * bands),
    )


def _expected_sentences(inputs: tuple[InputFile, ...], options: MineOptions) -> dict[str, int]:
    sampled = sorted(inputs, key=lambda file: -(file.size or 0))[:SAMPLED_INPUTS]
    found: Counter[str] = Counter()
    read = 0
    for file in sampled:
        counts, share = _sample(file, options)
        for lang, n in counts.items():
            found[lang] += round(n / share)
        read += file.size or 0
    rest = sum(file.size or 0 for file in inputs) / max(1, read)
    return {lang: round(found[lang] * max(1.0, rest)) for lang in (options.src, options.tgt)}


def _sample(file: InputFile, options: MineOptions) -> tuple[Counter[str], float]:
    """Extract the sentences of an input's start; return their languages and the share read."""
    from bitseam.lid.extract import extract_sentences

    identifier = shared_identifier(options.lid_model)
    counts: Counter[str] = Counter()
    text = 0
    # A sample of the start, of a long document, too.
    reading = replace(options.read_options(), own_templates=False, max_document_bytes=SAMPLE_BYTES)
    for batch in read_documents(file, reading):
        chosen = options.extract_options(text_unit(batch.format, options.text_unit))
        extracted = extract_sentences(batch.documents, identifier, chosen)
        counts.update(extracted.sentences["lang"].to_pylist())
        text += batch.documents.nbytes
        if text >= SAMPLE_BYTES:
            return counts, min(1.0, batch.bytes_read / file.size) if file.size else 1.0
    return counts, 1.0


def _size(file: InputFile) -> str:
    return "size unknown" if file.size is None else readable_size(file.size)
