"""What one passage shows of its areas: whom its own words name, its row's subject, its headings, its document's title."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.names import DEFINED, MET, Company, names_in, phrase
from classifiers.units import Cues, Unit
from extractors.document import Passage
from rules.cues import Hit
from rules.pack import Pack

SUBJECT_CELLS: Final = 3
"""The subject of a row stands in one of its first cells ..."""
SUBJECT_WORDS: Final = 10
"""... and is no longer than this."""
DEFINING_WORDS: Final = 8
"""A unit no longer than this that holds a name and an area introduces the one as the other."""

LEAST_ACROSS: Final = 2
"""Columns of a table, beside its first, that must name areas, and be half of them at least, before its areas are taken to stand side by
side: a list of events has a column for "Gold" too."""

_NUMBER: Final = re.compile(r"[\W\d]*")


@dataclass(frozen=True, slots=True)
class Clues:
    """One body passage. Areas and groups by id; `own` in the order of their naming; `headings` from the outermost to the nearest."""

    passage: int
    row: bool
    short: bool
    headings: tuple[str, ...]
    own: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    subject_phrase: str = ""
    above: tuple[str, ...] = ()
    """What the nearest heading, or the lead-in, that names anything names."""
    above_depth: int = 0
    """How many headings up that one stands; 0 is the nearest."""
    title: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Areas that a sentence takes out by name ("all of the services other than roads")."""
    beside: tuple[str, ...] = ()
    """The areas of a row in a table that has a column for each: those with something in their cells."""
    words: tuple[float, ...] = ()
    """The word model's logit for each area and group of the pack, in its order; empty without one."""
    heard: tuple[float, ...] = ()
    """The encoder's, likewise; empty where it was not asked."""


def across(passage: Passage, named: Callable[[str], tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """By column, the areas that the headers of a row name, where the table has a column for each area; else nothing."""
    found = {index: areas for index, header in enumerate(passage.columns) if index and header and (areas := named(header))}
    return found if len(found) >= max(LEAST_ACROSS, (len(passage.columns) - 1) / 2) else {}


class ClueReader:
    """Reads one document's clues, passage by passage, and notes the company that local names keep."""

    def __init__(self, pack: Pack, cues: Cues, title: str) -> None:
        self._pack = pack
        self._cues = cues
        named = self.named_in_heading(title)
        wide = any(pack.scope(about) == "force_wide" for about in named)
        self._title = () if len(named) > 3 or wide else named
        self.company: list[Company] = []

    def heading(self, text: str) -> None:
        """Notes the names in a heading that names one area."""
        self._note(names_in(text) | {phrase(text)}, self.named_in_heading(text), DEFINED)

    def read(self, index: int, passage: Passage, units: Sequence[Unit], hits: Sequence[Mapping[str, list[Hit]]]) -> Clues:
        """The clues of a body passage; `hits` are what the cues see in each of its units."""
        own: dict[str, None] = {}
        for unit, found in zip(units, hits, strict=True):
            named = _in_order(found, "area ")
            weight = DEFINED if len(unit.text.split()) <= DEFINING_WORDS else MET
            self._note(names_in(unit.text), named, weight)
            own |= dict.fromkeys(named)
        beside = self._beside(passage)
        own |= dict.fromkeys(beside)
        subject: tuple[str, ...] = ()
        subject_phrase = ""
        if passage.kind == "table_row":
            subject, subject_phrase = self._subject(passage)
        above, depth = self._above(passage)
        names = names_in(passage.text) | ({subject_phrase} if subject_phrase else set())
        return Clues(
            passage=index,
            row=passage.kind == "table_row",
            short=len(passage.text.split()) < 12,
            headings=passage.headings,
            own=tuple(own),
            maybe=tuple(dict.fromkeys(a for found in hits for a in _in_order(found, "maybe "))),
            subject=subject,
            subject_phrase=subject_phrase,
            above=above,
            above_depth=depth,
            title=self._title,
            names=tuple(sorted(names)),
            excluded=self._excluded(hits),
            beside=beside,
        )

    def _beside(self, passage: Passage) -> tuple[str, ...]:
        """The areas under whose names a row of a table with a column for each has a filled cell."""
        columns = across(passage, self.named_in_heading)
        filled = [index for index, cell in enumerate(passage.cells) if index in columns and not self._cues.is_blank(cell)]
        return tuple(dict.fromkeys(area for index in filled for area in columns[index]))

    def named_in_heading(self, text: str) -> tuple[str, ...]:
        """What a heading names: areas before groups, groups before the whole force."""
        named = [key[5:] for key in self._cues.heading(text) if key.startswith("area ")]
        for scope in ("specific", "umbrella", "force_wide"):
            if some := tuple(about for about in named if self._pack.scope(about) == scope):
                return some
        return ()

    def _note(self, names: Iterable[str], named: Sequence[str], weight: float) -> None:
        areas = [about for about in named if self._pack.scope(about) == "specific"]
        if len(areas) == 1:
            self.company += [(name, areas[0], weight) for name in sorted(names) if name]

    def _subject(self, passage: Passage) -> tuple[tuple[str, ...], str]:
        """The areas of a row's subject (the first short cell that names any), and its first wordy cell as a name."""
        first = next((phrase(cell) for cell in passage.cells if cell and not _NUMBER.fullmatch(cell)), "")
        cells = [cell for cell in passage.cells[:SUBJECT_CELLS] if cell and len(cell.split()) <= SUBJECT_WORDS]
        subject = next((named for cell in cells if (named := self.named_in_heading(cell))), ())
        for cell in passage.cells[:SUBJECT_CELLS]:
            self._note(names_in(cell) | {phrase(cell)}, subject, DEFINED)
        return subject, first

    def _above(self, passage: Passage) -> tuple[tuple[str, ...], int]:
        for depth, text in enumerate((*reversed(passage.headings), passage.lead_in)):
            if text and (named := self.named_in_heading(text)):
                return named, depth
        return (), 0

    def _excluded(self, hits: Sequence[Mapping[str, list[Hit]]]) -> tuple[str, ...]:
        named = {a for found in hits if "exclusion" in found for a in _in_order(found, "area ") if self._pack.scope(a) == "specific"}
        return tuple(sorted(named))


def _in_order(found: Mapping[str, list[Hit]], kind: str) -> tuple[str, ...]:
    """The ids behind the hits of one kind, in the order of their first hit."""
    return tuple(key[len(kind) :] for _, key in sorted((hits[0].start, key) for key, hits in found.items() if key.startswith(kind)))
