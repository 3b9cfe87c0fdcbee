"""Need and threat levels per area, 0 to 3, as a submission states them in tables and sentences (handbook section 6).

Statements are collected first, each with the place of its words ("HOT", "16", "Class B"); scales.py turns these into levels,
and the plainest statements of an area decide (statements.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, product
from typing import Final

from classifiers.clues import across
from classifiers.levels.headers import KINDS, LEAST_LEVELS, Headers, Scales, cell_of, share_of
from classifiers.levels.nouns import Nouns, nearest
from classifiers.levels.scales import Found, Scale, Words, finder, key_of, scale_of
from classifiers.levels.statements import BARE, SAID, TABLE, Statement, decide, of
from classifiers.reading import Bearing, Read, Reading
from classifiers.units import Cues, cell_ranges, cues_of, units
from extractors.document import Document, Passage
from rules.cues import CueMatcher, CueTable
from rules.pack import Level, Pack

SURE: Final = 0.3
"""Probability, from which an area or a bearing counts as found."""
LEAST_BORNE: Final = 0.2
"""Share of a table's rows that must bear on a kind before a column of it is taken to state its level."""
WHOLE_SCALE: Final = 3
"""A sentence that names so many levels tells of the scale, not of an area."""
WIDEST_KEY: Final = 3
"""Columns of a table that may still be a key."""
LONGEST_KEY: Final = 130
"""Words of a text that may still be a key."""

WORD: Final = re.compile(r"[A-Za-z'’]+")

Bearings = Sequence[Bearing]
Stated = tuple[Sequence[Statement], Sequence[set[int]]]
"""Every level that a submission states, in the order of its documents; and of each document the passages that are a key."""


class LevelReader:
    """The pack's level rules, compiled once for a run."""

    def __init__(self, pack: Pack, cues: Cues) -> None:
        self.pack = pack
        self.cues = cues
        self.rules = rules = pack.levels
        if rules is None:
            return
        kinds: dict[str, Level] = {kind: getattr(rules, kind) for kind in KINDS}
        self._words = Words(rules)
        self.shown_by = {kind: [_pair(name) for name in level.shown_by] for kind, level in kinds.items()}
        self._other = CueMatcher(rules.other, pack.slots)
        named = [(frozenset({kind}), cue) for kind, level in kinds.items() for cue in level.cues]
        self._nouns = Nouns(CueTable([*named, *((frozenset[str](), cue) for cue in rules.other)], pack.slots), {})
        self._joining = frozenset(word for phrase in (*rules.dull, *rules.follows) for word in phrase.split())
        self.headers = Headers(pack, rules, cues)
        self._denied = re.compile(finder(rules.denied).pattern + r"(?:\s+(?:as|an?|at|so))?\s*$", re.IGNORECASE)
        self._goes_on = re.compile(rf"\W*$|\s*[^\w\s-]|\s+[-–—]|\s+{finder(rules.follows).pattern}", re.IGNORECASE)

    def levels(self, documents: Sequence[Read], stated: Stated) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, list[str]]]]:
        """{"need": {area: 0-3}, "threat": ...} by what these documents state, 0 where they state none; and in the same form the files that
        state the very level: who may see it depends on their marking."""
        told = {kind: {a.id: of(stated[0], kind, a.id) for a in self.pack.areas} for kind in KINDS}
        levels = {kind: {area: decide(of_area, area) for area, of_area in by_area.items()} for kind, by_area in told.items()}
        files = [document.file for document, _ in documents]
        return levels, {
            kind: {area: sorted({files[s.document] for s in of_area if s.level == levels[kind][area]}) for area, of_area in by_area.items()}
            for kind, by_area in told.items()
        }

    def stated(self, documents: Sequence[Read]) -> Stated:
        """What a submission's documents state: its cells and its levels both rest on it."""
        if self.rules is None:
            return [], [set() for _ in documents]
        nouns = self._nouns.signed([p for document, _ in documents for p in document.passages])
        told = [self._key(document, readings, nouns) for document, readings in documents]
        keys = [key for key, _ in told]
        result: list[Statement] = []
        for index, (document, readings) in enumerate(documents):
            stated = [r for r in readings if r.passage not in told[index][1] and not self._crosswise(document.passages[r.passage], r)]
            scales = {kind: scale_of(self._words, keys, index, kind) for kind in KINDS}
            result += self._tables(index, document, stated, scales, nouns)
            result += self._crossed(index, document, scales)
            result += self._sentences(index, document, stated, scales, nouns)
        return result, [passages for _, passages in told]

    def _crossed(self, index: int, document: Document, scales: Scales) -> Iterator[Statement]:
        """Levels in tables that have a column for each area and rows for threat and need."""
        for number, passage in enumerate(document.passages):
            kinds, columns = self.headers.kinds(cell_of(passage.cells, 0)), across(passage, self._of_header)
            if passage.role != "body" or len(kinds) != 1 or not columns:
                continue
            cells = [cell for column in columns if not self.cues.is_blank(cell := cell_of(passage.cells, column))]
            scale = scales[kinds[0]].of_column(cells, passage.cells[0], self.headers.counts(passage.cells[0]))
            for column, areas in columns.items():
                if level := scale.read(cell_of(passage.cells, column))[0]:
                    place = (index, number, *_place(passage, column), passage.table)
                    yield Statement(kinds[0], areas, level, TABLE, *place, 1.0, frozenset(areas))

    def _of_header(self, header: str) -> tuple[str, ...]:
        """The areas that a column's header names, those of its group where it names only that."""
        named = [key[5:] for key in self.cues.heading(header) if key.startswith("area ")]
        own = tuple(a for a in named if self.pack.scope(a) == "specific")
        return own or tuple(m for a in named if self.pack.scope(a) == "umbrella" for m in self.pack.members(a))

    def _crosswise(self, passage: Passage, reading: Reading) -> bool:
        """Whether a row has a column for each of its areas ("Need | High | Low"), so that none of it is said of all of them."""
        several = len(self._areas(reading)) > 1 or bool(across(passage, self._of_header))
        return passage.kind == "table_row" and several and bool(self.headers.kinds(cell_of(passage.cells, 0)))

    def _key(self, document: Document, readings: Sequence[Reading], nouns: Nouns) -> tuple[list[Found], set[int]]:
        """What the document's passages that are not about one area say of its scales, and which do; a list or a table is one text.

        What stands beside an area is soon read as about it: one passage of the text must name its area.
        """
        about = {r.passage for r in readings if self._areas(r, shared=False)}
        result: list[Found] = []
        keys: set[int] = set()
        listed = groupby(enumerate(document.passages), lambda p: (p[1].kind, p[1].table, p[0] if p[1].kind == "paragraph" else 0))
        for (kind, *_), members in listed:
            group = [(number, p) for number, p in members if kind != "heading" and p.role not in ("contents", "hidden")]
            told = self._told(group, nouns)
            if told and any(number in about and self._named_in(p.text) for number, p in group):
                group = [(number, p) for number, p in group if number not in about]
                told = self._told(group, nouns)
            result += told
            keys |= {number for number, _ in group if told}
        return result, keys

    def _told(self, group: Sequence[tuple[int, Passage]], nouns: Nouns) -> list[Found]:
        """What a paragraph, a list or a small table says of the scales."""
        passages = [p for _, p in group]
        rows = [passages[0].columns, *(p.cells for p in passages)] if passages and passages[0].kind == "table_row" else []
        text = ". ".join(": ".join(filter(None, row)) for row in rows) if rows else "; ".join(p.text for p in passages)
        small = len(text.split()) <= LONGEST_KEY and all(len(row) <= WIDEST_KEY for row in rows)
        return key_of(text, self._words, nouns.find) if small else []

    def _tables(self, index: int, document: Document, readings: Sequence[Reading], scales: Scales, nouns: Nouns) -> Iterator[Statement]:
        tables: dict[int, list[tuple[Passage, Reading]]] = defaultdict(list)
        for reading in readings:
            passage = document.passages[reading.passage]
            if passage.kind == "table_row" and passage.role == "body":
                tables[passage.table].append((passage, reading))
        for number, rows in tables.items():
            for kind, column, scale in self._level_columns(rows, scales, nouns):
                for passage, reading in rows:
                    if level := scale.read(cell_of(passage.cells, column))[0]:
                        place = (index, reading.passage, *_place(passage, column), number)
                        yield Statement(kind, self._areas(reading), level, TABLE, *place, _sure(reading), self._subject(passage))

    def _level_columns(self, rows: Sequence[tuple[Passage, Reading]], scales: Scales, nouns: Nouns) -> Iterator[tuple[str, int, Scale]]:
        """The column that states each kind: named so, else where the rows' bearings or level words lie."""
        headers = max((passage.columns for passage, _ in rows), key=len)
        names = self.headers.names(headers, [passage for passage, _ in rows], scales, nouns)
        found: dict[str, list[tuple[float, str, int, Scale]]] = {kind: [] for kind in KINDS}
        for kind in KINDS:
            bearing = [(p, r) for p, r in rows if self._borne(r.bearings, kind)]
            if len(bearing) < LEAST_BORNE * len(rows) and not any(kind in named for named in names):
                continue
            for column in range(max(len(passage.cells) for passage, _ in rows)):
                cells = self.headers.filled([passage for passage, _ in rows], column)
                header, named = (headers[column], names[column]) if column < len(names) else ("", ())
                scale = scales[kind].of_column(cells, header, self.headers.counts(header))
                share = share_of(scale, cells)
                worded = sum(scale.read(cell_of(p.cells, column))[1] for p, _ in bearing) / max(1, len(bearing))
                borne = sum(self._bears_cell(p, r, column, kind) for p, r in bearing) / max(1, len(bearing))
                likely = borne >= LEAST_LEVELS or (worded >= LEAST_LEVELS and not self._other.find(header))
                if share >= LEAST_LEVELS and (kind in named or (not named and likely)):
                    told = max(borne, worded) if kind in named else borne  # words under its name are the level, marks may be a part of it
                    found[kind].append((4 * (kind in named) + 2 * told + share + worded - column / 100, kind, column, scale))
        choices = product(*([*some, None] for some in found.values()))
        best = max(([one for one in choice if one] for choice in choices), key=_worth)
        yield from (one[1:] for one in best)

    def says_no_more(self, text: str) -> bool:
        """Whether the rest of a sentence that states levels only says of what: need or threat, an area, or words that join them."""
        places = [(n.start, n.end) for n in self._nouns.find(text) if n.kinds]
        places += [(n.start, n.end) for key, names in self.cues.text(text).items() if key.startswith("area ") for n in names]
        left = [m.group().lower() for m in WORD.finditer(text) if not any(start <= m.start() < end for start, end in places)]
        return all(word in self._joining for word in left)

    def _sentences(self, index: int, document: Document, readings: Sequence[Reading], scales: Scales, nouns: Nouns) -> Iterator[Statement]:
        for reading in readings:
            passage = document.passages[reading.passage]
            if passage.kind == "heading" or not reading.bearings:
                continue
            headed = self.headers.kinds(passage.headings[-1]) if passage.headings else ()
            for unit in units(passage):
                near = [b for b in reading.bearings if b.start < unit.end and unit.start < b.end]
                said = list(self._said(unit.text, near, reading.bearings, scales, nouns, headed if len(headed) == 1 else ()))
                ends = [0, *(hit.end for _, hit, _ in said)]
                for before, (kind, hit, plainly) in zip(ends, said, strict=False):
                    if passage.kind != "table_row" or plainly == SAID:
                        place = (index, reading.passage, unit.start + hit.start, unit.start + hit.end, 0)
                        areas = self._areas(reading, near)
                        own = self._named_in(unit.text[before : hit.start]) if len({hit.level for _, hit, _ in said}) > 1 else frozenset()
                        listed = tuple(a for a in areas if a in own)  # "murder and roads as high, the rest as low"
                        yield Statement(kind, listed or areas, hit.level, plainly, *place, _sure(reading))

    def _said(
        self, text: str, near: Bearings, borne: Bearings, scales: Scales, nouns: Nouns, headed: Collection[str]
    ) -> Iterator[tuple[str, Found, int]]:
        """(kind, level, how plainly) for each level that the sentence states. It is of the noun beside it; else of what the paper's key,
        the heading over a sentence that begins with it, or the sentence's bearing says."""
        found = nouns.find(text)
        for kind in KINDS:
            levels = scales[kind].in_text(text, [n for n in found if n.kinds])
            hits = [hit for hit in levels if self._states(text, hit, found) and not self._names_an_area(text, hit)]
            if len({hit.level for hit in hits}) == WHOLE_SCALE:
                continue
            for hit, noun in zip(hits, nearest(text, hits, found), strict=True):
                told = kind in hit.kinds or (kind in headed and not hit.start) or self._borne(near, kind, 1)
                if kind in noun.kinds if noun else told:
                    yield kind, hit, SAID if noun and self._borne(borne, kind) else BARE

    def _states(self, text: str, hit: Found, nouns: Sequence[Found]) -> bool:
        """Whether a level word is said of something as its level: not denied, nor part of another name ("high street")."""
        if self._denied.search(text, 0, hit.start):
            return False
        if any(noun.start - hit.end == 1 for noun in nouns):
            return text[hit.end] != "-"  # "high-need services"
        return bool(self._goes_on.match(text, hit.end))

    def _names_an_area(self, text: str, hit: Found) -> bool:
        """Whether a level word is part of an area's name ("serious and organised crime")."""
        named = (name for key, names in self.cues.text(text).items() if key.startswith("area ") for name in names)
        return any(name.start <= hit.start and hit.end < name.end for name in named)

    def _subject(self, passage: Passage) -> frozenset[str]:
        """The areas that a row's first filled cell names."""
        first = next(filter(None, passage.cells), "")
        return self._named_in(first) | frozenset(self._of_header(first))

    def _named_in(self, text: str) -> frozenset[str]:
        """The areas that a text names."""
        return frozenset(key[5:] for key in self.cues.text(text) if key.startswith("area ") and self.pack.scope(key[5:]) == "specific")

    def _borne(self, bearings: Bearings, kind: str, elements: int | None = None) -> bool:
        """Whether any of them bears the kind, by the first so many of its elements."""
        return any((b.criterion, b.element) in self.shown_by[kind][:elements] and b.probability >= SURE for b in bearings)

    def _bears_cell(self, passage: Passage, reading: Reading, column: int, kind: str) -> bool:
        """Whether a bearing of this kind lies in this cell and nowhere else."""
        start, end = _place(passage, column)
        return self._borne([b for b in reading.bearings if start <= b.start and b.end <= end], kind, 1)

    def _areas(self, reading: Reading, near: Bearings = (), shared: bool = True) -> tuple[str, ...]:
        """The areas that a statement is of: those that its words name themselves, else the passage's own, else its group's."""
        owned = {b.own for b in near if b.own}
        likely = [a for a, p in reading.areas if p >= SURE]
        named = [a for a in likely if a in owned] or likely
        own = [a for a in named if self.pack.scope(a) == "specific"]
        members = [m for a in named if shared and self.pack.scope(a) == "umbrella" for m in self.pack.members(a)]
        return tuple(a for a in own or members if a not in reading.excluded)


def _pair(name: str) -> tuple[str, str]:
    criterion, _, element = name.partition(".")
    return criterion, element


def _worth(chosen: Sequence[tuple[float, str, int, Scale]]) -> tuple[float, bool]:
    """How well these columns state their kinds; of two that nothing tells apart the threat stands first."""
    columns = [column for _, _, column, _ in chosen]
    return sum(score for score, *_ in chosen) if len(set(columns)) == len(columns) else -1.0, columns == sorted(columns, reverse=True)


def _place(passage: Passage, column: int) -> tuple[int, int]:
    """Where a cell stands in its row's text; nowhere when it is empty."""
    return next(((start, end) for number, start, end in cell_ranges(passage) if number == column), (0, -1))


def _sure(reading: Reading) -> float:
    return max((p for _, p in reading.areas), default=0.0)


_COMPILED: dict[str, LevelReader] = {}


def level_reader(pack: Pack) -> LevelReader:
    """A pack's level rules, compiled once in a process."""
    if pack.sha256 not in _COMPILED:
        _COMPILED[pack.sha256] = LevelReader(pack, cues_of(pack))
    return _COMPILED[pack.sha256]
