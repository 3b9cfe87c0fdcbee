"""How well blocks that were read agree with those that were written: four figures from 0 to 1.

Texts are compared as words in lower case, without punctuation and without the bullet or number that begins them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from extractors.document import Block

EDGE_WORDS: Final = 4
"""Words after the beginning and before the end of a paragraph that tell its boundary."""

_MARKER: Final = re.compile(
    r"^\s*(?:[^\w\s(£$€]\s*)?(?:(?:\d{1,2}(?:\.\d{1,3})+\.?|\(?[0-9a-z]{1,3}[.)]|[ivx]{1,4}[.)]|o)\s+)?", re.IGNORECASE
)
_TORN: Final = re.compile(r"(ffi|ffl|ff|fi|fl) (?=[a-z])")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Tally:
    """Right answers, answers given and answers wanted; for order they count words."""

    right: int = 0
    given: int = 0
    wanted: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.given + other.given, self.wanted + other.wanted)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where nothing was wanted."""
        return 2 * self.right / (self.given + self.wanted) if self.wanted else None


Scores = dict[str, Tally]


def score(read: Sequence[Block], truth: Sequence[Block], ignored: Collection[str] = ()) -> Scores:
    """A tally each for headings, order, cells and paragraphs. `ignored` texts (covers, titles) count neither for nor against.

    The notes of the truth, which are side boxes, quotes and footnotes too, stand outside the order of reading wherever
    they are read, if each is read as one.
    """
    skip = {_plain(text) for text in ignored}
    read, truth = ([b for b in blocks if _plain(b.text) not in skip] for blocks in (read, truth))
    floating = {_plain(b.text) for b in truth if b.kind == "note"}
    flows = [
        [w for b in blocks if b.table or not _floats(b, floating) for w in _words(_as_read(b))]
        for blocks in (_with_heads(read), _with_heads(truth))
    ]
    return {
        "headings": _agree((_plain(b.text) for b in read if b.kind == "heading"), (_plain(b.text) for b in truth if b.kind == "heading")),
        "order": Tally(common_length(*flows), len(flows[0]), len(flows[1])),
        "cells": _agree(_cells(read), _cells(truth)),
        "paragraphs": _agree(_boundaries(read), _boundaries(truth)),
    }


def _words(text: str) -> list[str]:
    text = _mended(text)
    for _ in range(2):  # a typed number may follow an automatic one
        text = _MARKER.sub("", text, count=1)
    return _WORD.findall(text)


def _mended(text: str) -> str:
    """In lower case, without the spaces after ligatures that old papers have and a reader may mend ("effi cient")."""
    return _TORN.sub(r"\1", unicodedata.normalize("NFKC", text).lower().replace("\u00ad", ""))


def _plain(text: str) -> str:
    return " ".join(_words(text))


def _floats(block: Block, floating: Collection[str]) -> bool:
    plain = _plain(block.text)
    return plain in floating or plain.partition(" ")[2] in floating  # a footnote's number may stand before it


def _agree(read: Iterable[object], truth: Iterable[object]) -> Tally:
    given, wanted = Counter(read), Counter(truth)
    return Tally((given & wanted).total(), given.total(), wanted.total())


def _as_read(block: Block) -> str:
    return " ".join(block.cells) if block.cells else block.text


def _with_heads(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with a row of headers before each table, where a reader sees them."""
    out: list[Block] = []
    table = 0
    for block in blocks:
        if block.table and block.table != table and any(block.columns):
            out.append(Block("table_row", "", cells=block.columns))
        table = block.table or table
        out.append(block)
    return out


def _cells(blocks: Sequence[Block]) -> list[tuple[str, str, str]]:
    """A cell is right if its words, its column's header and the first cell of its row are."""
    found = []
    for block in blocks:
        for number, cell in enumerate(block.cells):
            if words := " ".join(_WORD.findall(_mended(cell))):
                column = block.columns[number] if number < len(block.columns) else ""
                found.append((_plain(block.cells[0]), _plain(column), words))
    return found


def _boundaries(blocks: Sequence[Block]) -> list[tuple[str, ...]]:
    """Where paragraphs, list items, headings and notes begin and end, each told by the words beside it."""
    found: list[tuple[str, ...]] = []
    for block in blocks:
        words = _words(block.text)
        if words and block.kind != "table_row":
            found += [("begin", *words[:EDGE_WORDS]), ("end", *words[-EDGE_WORDS:])]
    return found


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, by bits (Hyyro 2004): a step for each word, a bit for each word of the other."""
    places: dict[str, int] = {}
    for index, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << index
    full = (1 << len(one)) - 1
    row = full
    for word in other:
        held = row & places.get(word, 0)
        row = (row + held | row - held) & full
    return len(one) - row.bit_count()
