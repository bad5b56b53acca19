"""An encoder whose vectors of one language are mapped onto those of another."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bitseam.mining.encoders.linear_map import read_map
from bitseam.mining.encoders.protocol import Encoder, Texts
from bitseam.schemas.errors import UserError
from bitseam.schemas.languages import parse_language


@runtime_checkable
class NeedsLanguage(Protocol):
    """An encoder whose vector of a text depends on the text's language."""

    def in_language(self, language: str) -> Encoder: ...


def in_language(encoder: Encoder, language: str) -> Encoder:
    """Return the encoder for texts of `language`: itself, unless it treats languages apart.

    :raises UserError: it has nothing for this language.
    """
    return encoder.in_language(language) if isinstance(encoder, NeedsLanguage) else encoder


class MappedEncoder:
    """An encoder and a linear map; `in_language` says which side of the map a text is on."""

    def __init__(self, path: Path, encoder: Encoder, *, language: str | None = None) -> None:
        """Read the map at `path`, made for `encoder`.

        :raises UserError: there is no such map, or it was made for other weights.
        """
        self.file = read_map(path)
        if encoder.revision != self.file.encoder_revision:
            raise UserError(
                f"the linear map {path} was made for revision {self.file.encoder_revision} of "
                f"{self.file.encoder}, found {encoder.revision}: make it again with "
                "`mine train map`"
            )
        self.name = path.name
        self.revision = f"{self.file.revision}-{encoder.revision}"
        self.dimension = encoder.dimension
        self._path, self._encoder, self._language = path, encoder, language

    def in_language(self, language: str) -> MappedEncoder:
        """Return this encoder for texts of one of the map's two languages.

        :raises UserError: the map is for other languages.
        """
        code, known = parse_language(language), (self.file.src, self.file.tgt)
        if code not in known:
            raise UserError(
                f"the linear map {self._path} is for {known[0]} and {known[1]}, not for {code}: "
                "make one for these languages with `mine train map`"
            )
        return MappedEncoder(self._path, self._encoder, language=code)

    def encode(self, texts: Texts) -> npt.NDArray[np.float32]:
        """Return `(n, dimension)` float32 of unit norm; a blank text has a zero row.

        :raises UserError: it is not known which language the texts are of.
        """
        if self._language is None:
            raise UserError(
                f"the linear map {self._path} treats {self.file.src} and {self.file.tgt} apart: "
                "choose one with in_language() before encode()"
            )
        vectors = self._encoder.encode(texts)
        if self._language == self.file.src:
            return self.file.map.of_source(vectors)
        return self.file.map.of_target(vectors)

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self._path, self._encoder, self._language)


def _restore(path: Path, encoder: Encoder, language: str | None) -> MappedEncoder:
    return MappedEncoder(path, encoder, language=language)
