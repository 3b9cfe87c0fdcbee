"""The pieces that are read: a sentence of a paragraph or list item, or a whole row; with what the pack's cues see in each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from extractors.document import CELL_BREAK, Passage
from rules.cues import CueTable, Hit
from rules.pack import Area, Group, Pack

_END: Final = re.compile(r"(?<=[.!?;])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9£•])")
_ABBREVIATION: Final = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|No|Nos|St|Supt|Insp|Det|Sgt|Ch|Cllr|para|paras|approx|e\.g|i\.e|etc|[A-Z])\.$")
LONGEST_UNIT: Final = 1200
"""Characters: a "sentence" longer than this is run-on text and is cut at the next space, to bound the work on it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """`text` is `passage.text[start:end]`."""

    text: str
    start: int
    end: int


def units(passage: Passage) -> list[Unit]:
    """The sentences of a passage; a row is one unit."""
    if passage.kind == "table_row":
        return [Unit(passage.text, 0, len(passage.text))] if passage.text else []
    result: list[Unit] = []
    for start, end in _sentences(passage.text):
        result += [Unit(passage.text[a:b], a, b) for a, b in _bounded(passage.text, start, end)]
    return result


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text, start, match.start()):
            continue
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST_UNIT:
        cut = text.rfind(" ", start + 1, start + LONGEST_UNIT)
        cut = cut if cut > start else start + LONGEST_UNIT
        yield start, cut
        start = cut + 1
    yield start, end


def cell_ranges(passage: Passage) -> list[tuple[int, int, int]]:
    """(cell index, start, end) of each non-empty cell in the row's text."""
    ranges, position = [], 0
    for index, cell in enumerate(passage.cells):
        if cell:
            ranges.append((index, position, position + len(cell)))
            position += len(cell) + len(CELL_BREAK)
    return ranges


class Cues:
    """A pack's cues, compiled into one table for running text, one for headings and one for column headers."""

    def __init__(self, pack: Pack) -> None:
        text: list[tuple[str, str]] = []
        heading: list[tuple[str, str]] = []
        column: list[tuple[str, str]] = []
        abouts: list[Area | Group] = [*pack.areas, *pack.groups]
        for about in abouts:
            text += [(f"area {about.id}", cue) for cue in about.cues]
            text += [(f"maybe {about.id}", cue) for cue in about.weak]
            heading += [(f"area {about.id}", cue) for cue in (*about.cues, *about.headings)]
            text += [(f"not {about.id}", cue) for cue in about.exclude]
            heading += [(f"not {about.id}", cue) for cue in about.exclude]
        for criterion in pack.criteria:
            text += [(f"topic {criterion.id}", cue) for cue in criterion.cues]
            heading += [(f"topic {criterion.id}", cue) for cue in criterion.cues]
            for element in criterion.elements:
                key = f"{criterion.id}.{element.id}"
                text += [(f"strong {key}", cue) for cue in element.cues]
                text += [(f"weak {key}", cue) for cue in element.weak]
                column += [(key, cue) for cue in element.columns]
        for veto in type(pack.vetoes).model_fields:
            text += [(f"veto {veto}", cue) for cue in getattr(pack.vetoes, veto)]
        text += [("exclusion", cue) for cue in pack.exclusions]
        text += [(f"slot {name}", f"<{name}>") for name in pack.slots]
        self.blank = frozenset(word.strip().lower() for word in pack.blank) | {""}
        self._text, self._heading, self._column = (CueTable(t, pack.slots) for t in (text, heading, column))
        self.heading = cache(lambda text: _unmasked(self._heading.find(text)))
        self.column = cache(lambda header: tuple(self._column.find(header)))

    def text(self, text: str) -> dict[str, list[Hit]]:
        """Hits by key: "area X", "maybe X", "strong C.E", "weak C.E", "topic C", "veto V", "exclusion", "slot S"."""
        return _unmasked(self._text.find(text))

    def is_blank(self, cell: str) -> bool:
        return cell.strip().strip(".").lower() in self.blank


_COMPILED: dict[str, Cues] = {}


def cues_of(pack: Pack) -> Cues:
    """A pack's cues, compiled once in a process: it takes a good part of a second."""
    if pack.sha256 not in _COMPILED:
        _COMPILED[pack.sha256] = Cues(pack)
    return _COMPILED[pack.sha256]


def _unmasked(found: dict[str, list[Hit]]) -> dict[str, list[Hit]]:
    """Without the hits on an area that only look like it: those that overlap one of the area's `not` cues."""
    for key in [key for key in found if key.startswith("not ")]:
        masks = found.pop(key)
        for named in (f"area {key[4:]}", f"maybe {key[4:]}"):
            if named in found:
                left = [h for h in found[named] if not any(m.start < h.end and h.start < m.end for m in masks)]
                if left:
                    found[named] = left
                else:
                    del found[named]
    return found


def topics(headings: Sequence[str], cues: Cues) -> frozenset[str]:
    """The criteria that the headings name."""
    return frozenset(key[6:] for text in headings for key in cues.heading(text) if key.startswith("topic "))
