"""A second alignment of collections by what the first one taught: words, and an adapted encoder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from bitseam.align.documents import THRESHOLD, THRESHOLD_UNKNOWN
from bitseam.mining.encoders import Encoder, in_language
from bitseam.mining.encoders.coverage import unknown_languages
from bitseam.mining.encoders.static import StaticEncoder
from bitseam.pipelines.align.beads import align_documents
from bitseam.pipelines.align.collection import Collection
from bitseam.pipelines.align.first_pass import FirstPass, align_by_words
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
from bitseam.schemas.tables import ALIGNMENTS

Sides = tuple[Collection, Collection]

_WORDS_ALONE = "encoder:none|words:own"


@dataclass(frozen=True)
class Aligned:
    """Beads, as `ALIGNMENTS`, a table a pair of documents, and what found them.

    :ivar found_by: in the words of a signature.
    :ivar is_adapted: whether an adapted encoder found them.
    """

    beads: Iterable[pa.Table]
    found_by: str
    is_adapted: bool = False


def encoder_folder(output: Path | None) -> Path | None:
    """Return where the adapted encoder of an output is kept; of standard output it is not kept.

    :raises UserError: something else is there.
    """
    if output is None:
        return None
    folder = _beside(output)
    if folder.exists() and not (folder.is_dir() and is_ours(folder)):
        raise UserError(
            f"{folder} is where the adapted encoder would be kept, and holds something else: "
            "remove it, name another --output, or choose --bootstrap off"
        )
    return folder


def _beside(output: Path) -> Path:
    return output.with_name(f"{output.name}.encoder")


def forget_encoder(output: Path, in_use: str) -> None:
    """Remove the encoder that an earlier run kept beside this output, which is no more its own.

    :param in_use: the encoder of this run, which may be that one.
    """
    folder = _beside(output)
    if folder.is_symlink() or not folder.is_dir() or not is_ours(folder):
        return
    if not Path(in_use).resolve().is_relative_to(folder.resolve()):
        shutil.rmtree(folder)


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
    first = align_by_words(pairs) if words_first else None
    rows = list(first.rows() if first else align_documents(pairs, encoders))
    texts = surest_beads(pl.DataFrame(pa.concat_tables([ALIGNMENTS.empty_table(), *rows])))
    adapted = adapt_encoder(texts, encoder, languages) if wanted else None
    if adapted is not None and adapted.held_out.helps:
        with tempfile.TemporaryDirectory(prefix="bitseam-") as scratch:
            path = write_encoder(Path(scratch), adapted, texts)
            better = StaticEncoder(path, name=path.name)
            found_by = f"{_named(better)}|adapted:{encoder.name}@{encoder.revision}"
            yield Aligned(_again(sides, first, better, threshold), found_by, is_adapted=True)
            if folder is not None:
                _keep(Path(scratch), folder)
    elif is_unknown and not (adapted and adapted.held_out.base_serves):
        yield Aligned(rows, _WORDS_ALONE)
    elif first:  # an earlier run has adapted the encoder, or it knows a language like this one
        yield Aligned(align_documents(pairs, encoders, first.align_again), _named(encoder))
    else:
        yield Aligned(rows, _named(encoder))


def _named(encoder: Encoder) -> str:
    return f"encoder:{encoder.name}@{encoder.revision}"


def _again(
    sides: Sides, first: FirstPass | None, encoder: Encoder, threshold: float
) -> Iterator[pa.Table]:
    """Find out again which documents belong together, and align them; by words where at first.

    What the words say is of use where the encoder knew nothing; of Text+Berg, German and French,
    they would cost two points of F1.
    """
    pairs = list(pair_documents(*sides, (encoder, encoder), threshold))
    if first is None:
        return align_documents(pairs, (encoder, encoder))
    same = [(pair.src_doc, pair.tgt_doc) for pair in pairs] == [
        (pair.src_doc, pair.tgt_doc) for pair in first.pairs
    ]
    again = first if same else align_by_words(pairs)
    return align_documents(pairs, (encoder, encoder), again.align_again)


def _keep(scratch: Path, folder: Path) -> None:
    """Let the files of `scratch` take the place of what `folder` held."""
    new = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)  # a copy of the folder would be as closed to others as a scratch one
    for path in sorted(scratch.iterdir()):
        shutil.copyfile(path, new / path.name)
    replace_folder(new, folder)
