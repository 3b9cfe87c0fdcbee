"""The encoder's tokens: BERT's uncased word pieces, with the characters that each stands for.

Our own forty lines and not a library: the ones to be had bring a model-hub client with them, which has no business on an
offline machine (docs/decisions/0005).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

Piece = tuple[int, int, int]
"""(id in the vocabulary, start, end in the text)."""

LONGEST_WORD: Final = 100
"""Characters: a longer word is one unknown piece."""

_MARKS: Final = "".join(c for c in map(chr, range(33, 0x3100)) if (c.isascii() and not c.isalnum()) or unicodedata.category(c)[0] == "P")
_WORD: Final = re.compile(rf"[^\s{re.escape(_MARKS)}]+|[{re.escape(_MARKS)}]")


class WordPieces:
    """Splits text by a vocabulary file, one piece a line."""

    def __init__(self, vocabulary: Path) -> None:
        self._ids = {piece: i for i, piece in enumerate(vocabulary.read_text(encoding="utf-8").splitlines())}
        self.start, self.separator, self._unknown = (self._ids[special] for special in ("[CLS]", "[SEP]", "[UNK]"))
        self._pieces = lru_cache(maxsize=50_000)(self._split)

    def __call__(self, text: str, most: int) -> list[Piece]:
        """At most `most` pieces of the text, in order."""
        result: list[Piece] = []
        for word in _WORD.finditer(text):
            result += [(piece, word.start() + start, word.start() + end) for piece, start, end in self._pieces(word.group())]
            if len(result) >= most:
                break
        return result[:most]

    def _split(self, word: str) -> tuple[Piece, ...]:
        plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")
        whole = ((self._unknown, 0, len(word)),)
        if len(plain) != len(word) or len(plain) > LONGEST_WORD:
            return ((self._ids[plain], 0, len(word)),) if plain in self._ids else whole
        pieces: list[Piece] = []
        start = 0
        while start < len(plain):
            for end in range(len(plain), start, -1):
                piece = self._ids.get(("##" if start else "") + plain[start:end])
                if piece is not None:
                    pieces.append((piece, start, end))
                    start = end
                    break
            else:
                return whole
        return tuple(pieces)
