"""The steps of `mine words`: read the pairs, link their words, write what was asked for."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bitseam.align.words.lexicon import extract_lexicon
from bitseam.align.words.links import Links, concatenate, coverage, pharaoh
from bitseam.align.words.model import MAX_WORDS
from bitseam.align.words.similarity import Vectors, links_by_similarity
from bitseam.align.words.statistical import Aligner, WordVectors
from bitseam.align.words.windows import count_long
from bitseam.lid.words import Words, split_words
from bitseam.mining.encoders import in_language, load_encoder
from bitseam.mining.encoders.transformer import TransformerEncoder
from bitseam.pipelines.exporters.sinks import STANDARD_OUTPUT, open_sink, refuse_folder
from bitseam.pipelines.words.contextual import TokenEncoder
from bitseam.pipelines.words.read import Sides, read_sides
from bitseam.schemas.choices import Symmetrisation, WordMethod
from bitseam.schemas.errors import UserError

log = logging.getLogger("bitseam")

_PAIRS_A_CHUNK = 2048  # of which all words have vectors of their own at the same time


@dataclass(frozen=True)
class WordsOptions:
    """What `mine words` was asked to do.

    :raises UserError: two of the outputs are the same file, or one is a folder or an input; or
        pairs to learn from are given to a method that does not learn.
    """

    pairs: str
    output: Path
    lexicon: Path | None = None
    scores: Path | None = None
    columns: tuple[str, ...] = ()
    learn_from: tuple[str, ...] = ()
    method: WordMethod = "statistical"
    encoder: str = "static"
    symmetrise: Symmetrisation = "grow-diag-final-and"
    min_count: int = 2
    threads: int = 1

    def __post_init__(self) -> None:
        outputs = [path for path in (self.output, self.lexicon, self.scores) if path]
        if len({path.resolve() for path in outputs}) < len(outputs):
            raise UserError(
                "--output, --lexicon and --scores name one file twice: expected different files"
            )
        inputs = {Path(path).expanduser().resolve() for path in (self.pairs, *self.learn_from)}
        for path in outputs:
            refuse_folder(path)
            if path != STANDARD_OUTPUT and path.resolve() in inputs:
                raise UserError(f"{path} is an input, too: expected another name for the output")
        if self.learn_from and self.method != "statistical":
            raise UserError(
                f"--learn-from: the method {self.method} does not train; leave it out, or use "
                "--method statistical"
            )


def link_words(options: WordsOptions) -> None:
    """Link the words of the pairs and write the links, the lexicon and the scores asked for.

    :raises UserError: the input or the encoder cannot be used as asked.
    :raises BitseamError: a file is damaged.
    """
    sides = read_sides(options.pairs, options.columns)
    log.info("%s: %s pairs, words of %s linked to words of %s", options.pairs,
             f"{len(sides.src):,}", *sides.names)  # fmt: skip
    n = len(sides.src)
    if options.method == "statistical":
        for path in options.learn_from:
            sides = sides.extended(read_sides(path, options.columns, like=sides))
    src, tgt = split_words(sides.src), split_words(sides.tgt)
    if long := count_long(src.bounds, tgt.bounds):
        log.warning(
            "%s: pairs of more than %d words, linked in overlapping windows: %s",
            options.pairs, MAX_WORDS, f"{long:,}",
        )  # fmt: skip
    links = _link(sides, src, tgt, options)
    _write(options, links.between(0, n), src.between(0, n), tgt.between(0, n))


def _link(sides: Sides, src: Words, tgt: Words, options: WordsOptions) -> Links:
    encoder = load_encoder(options.encoder)
    if options.method != "statistical" and isinstance(encoder, TransformerEncoder):
        return _link_in_context(sides, src, tgt, TokenEncoder(encoder), options.method)
    src_vectors, tgt_vectors = (
        in_language(encoder, name).encode(words.forms)
        for name, words in zip(sides.names, (src, tgt), strict=True)
    )
    if options.method == "statistical":
        vectors = WordVectors(src_vectors, tgt_vectors)
        aligner = Aligner(src, tgt, vectors=vectors, threads=options.threads)
        return aligner.links(options.symmetrise)
    return links_by_similarity(
        Vectors(src_vectors, src.ids, src.bounds),
        Vectors(tgt_vectors, tgt.ids, tgt.bounds),
        options.method,
    )


def _link_in_context(
    sides: Sides, src: Words, tgt: Words, encoder: TokenEncoder, method: WordMethod
) -> Links:
    """Link the words of a chunk of pairs at a time: each word has a vector of its own."""
    parts = []
    for first in range(0, len(sides.src), _PAIRS_A_CHUNK):
        last = min(first + _PAIRS_A_CHUNK, len(sides.src))
        src_vectors, tgt_vectors = (
            encoder.word_vectors(texts.slice(first, last - first), words.between(first, last))
            for texts, words in ((sides.src, src), (sides.tgt, tgt))
        )
        parts.append(links_by_similarity(src_vectors, tgt_vectors, method))
    return concatenate(parts)


def _write(options: WordsOptions, links: Links, src: Words, tgt: Words) -> None:
    lines = pl.DataFrame({"links": pl.Series(pharaoh(links), dtype=pl.String)})
    _write_tsv(options.output, lines, include_header=False)
    log.info("%s links written to %s", f"{len(links.src):,}", options.output)
    if options.lexicon:
        lexicon = extract_lexicon(links, src, tgt, options.min_count)
        _write_tsv(options.lexicon, lexicon.with_columns(pl.col(pl.Float64).round(6)))
        log.info("%s entries written to %s", f"{lexicon.height:,}", options.lexicon)
    if options.scores:
        covered = coverage(links, src, tgt)
        scores = pl.DataFrame({"src_coverage": covered.src, "tgt_coverage": covered.tgt})
        _write_tsv(options.scores, scores.select(pl.all().cast(pl.Float64).round(4)))


def _write_tsv(path: Path, frame: pl.DataFrame, *, include_header: bool = True) -> None:
    r"""Tab-separated, without quotes: a word holds no tab and no line end."""
    with open_sink(path) as file:
        text = frame.write_csv(include_header=include_header, separator="\t", quote_style="never")
        file.write(text.encode())
