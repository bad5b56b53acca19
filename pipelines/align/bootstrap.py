"""A second alignment of collections by what the first one taught: words, and an adapted encoder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bitseam.align.alignment import Alignment
from bitseam.align.documents import THRESHOLD, THRESHOLD_UNKNOWN
from bitseam.align.lexicon_keys import learn_lexicon
from bitseam.align.overlaps import Overlaps
from bitseam.align.sentences import align_sentences
from bitseam.mining.encoders import Encoder, in_language
from bitseam.mining.encoders.coverage import unknown_languages
from bitseam.mining.encoders.static import StaticEncoder
from bitseam.pipelines.align.beads import DocumentPair, align_documents
from bitseam.pipelines.align.collection import Collection
from bitseam.pipelines.align.first_pass import (
    FirstPass,
    align_by_words,
    bead_texts,
)
from bitseam.pipelines.align.pairing import pair_documents
from bitseam.pipelines.atomic import replace_folder
from bitseam.pipelines.bootstrap import (
    adapt_encoder,
    by_words,
    is_ours,
    is_wanted,
    surest_beads,
    write_encoder,
)
from bitseam.schemas.choices import Bootstrap
from bitseam.schemas.errors import UserError

Sides = tuple[Collection, Collection]
Encoders = tuple[Encoder, Encoder]

_WORDS_ALONE = "encoder:none|words:own"


@dataclass(frozen=True)
class Aligned:
    """Beads, as `ALIGNMENTS`, a table a pair of documents, and what found them.

    :ivar found_by: in the words of a signature.
    """

    beads: Iterable[pa.Table]
    found_by: str


def encoder_folder(output: Path | None) -> Path | None:
    """Return where the adapted encoder of an output is kept; of standard output it is not kept.

    :raises UserError: something else is there.
    """
    if output is None:
        return None
    folder = output.with_name(f"{output.name}.encoder")
    if folder.exists() and not (folder.is_dir() and is_ours(folder)):
        raise UserError(
            f"{folder} is where the adapted encoder would be kept, and holds something else: "
            "remove it, name another --output, or choose --bootstrap off"
        )
    return folder


@contextmanager
def aligned_collections(
    sides: Sides, encoder: Encoder, choice: Bootstrap, folder: Path | None
) -> Iterator[Aligned]:
    """Yield the beads of the documents of both sides, to be used within the context.

    If all goes well an encoder that was adapted and used is kept in `folder`.
    """
    languages = sides[0].language, sides[1].language
    encoders = in_language(encoder, languages[0]), in_language(encoder, languages[1])
    is_unknown = bool(unknown_languages(encoder, languages))
    wanted = is_wanted(choice, encoder, languages)
    words_first = by_words(encoder, languages)
    if not (words_first or wanted):
        found = align_documents(pair_documents(*sides, encoders), encoders)
        yield Aligned(found, _named(encoder))
        return
    threshold = THRESHOLD_UNKNOWN if words_first else THRESHOLD
    pairs = list(pair_documents(*sides, encoders, threshold))
    first = align_by_words(pairs) if words_first else _align_by_vectors(pairs, encoders)
    texts = surest_beads(first.table())
    adapted = adapt_encoder(texts, encoder, languages) if wanted else None
    if adapted is None or not adapted.held_out.helps:
        if is_unknown:
            yield Aligned(first.rows(), _WORDS_ALONE)
        else:
            yield Aligned(align_documents(pairs, encoders, first.align_again), _named(encoder))
        return
    with tempfile.TemporaryDirectory(prefix="bitseam-") as scratch:
        path = write_encoder(Path(scratch), adapted, texts)
        better = StaticEncoder(path, name=path.name)
        again = _again(sides, first, better, threshold)
        found_by = f"{_named(better)}|adapted:{_named(encoder).removeprefix('encoder:')}"
        yield Aligned(align_documents(again.pairs, (better, better), again.align_again), found_by)
        if folder is not None:
            _keep(Path(scratch), folder)


def _named(encoder: Encoder) -> str:
    return f"encoder:{encoder.name}@{encoder.revision}"


def _align_by_vectors(pairs: list[DocumentPair], encoders: Encoders) -> FirstPass:
    """Align by an encoder that knows the languages, and learn the words from it."""
    found: list[Alignment] = []

    def align_pair(_: DocumentPair, src: Overlaps, tgt: Overlaps) -> Alignment:
        found.append(align_sentences(src, tgt))
        return found[-1]

    for _ in align_documents(pairs, encoders, align_pair):
        pass
    return FirstPass(pairs, found, learn_lexicon(*bead_texts(pairs, found).columns))


def _again(sides: Sides, first: FirstPass, encoder: Encoder, threshold: float) -> FirstPass:
    """Find out again which documents belong together; return what is known of those."""
    if len(sides[0]) == len(sides[1]) == 1:
        return first
    pairs = list(pair_documents(*sides, (encoder, encoder), threshold))
    same = [(pair.src_doc, pair.tgt_doc) for pair in pairs] == [
        (pair.src_doc, pair.tgt_doc) for pair in first.pairs
    ]
    return FirstPass(pairs, first.alignments, first.lexicon) if same else align_by_words(pairs)


def _keep(scratch: Path, folder: Path) -> None:
    """Let the files of `scratch` take the place of what `folder` held."""
    new = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)  # a copy of the folder would be as closed to others as a scratch one
    for path in sorted(scratch.iterdir()):
        shutil.copyfile(path, new / path.name)
    replace_folder(new, folder)
