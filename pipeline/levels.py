"""Need and threat levels per area, 0 to 3, as a submission states them in tables and sentences (handbook section 6).

Statements are collected first, each with its words as they stand ("HOT", "16", "Class B"); pipeline/scales.py turns them into levels,
and the plainest statements of an area decide.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, product
from typing import Final

from classifiers.clues import across
from classifiers.reading import Bearing, Reading
from classifiers.units import Cues, cell_ranges, units
from extractors.document import Document, Passage
from pipeline.assess import Read
from pipeline.scales import Found, Scale, Words, apart, finder, key_of, scale_of
from rules.cues import CueMatcher
from rules.pack import Level, Pack

SURE: Final = 0.3
"""Probability, from which an area or a bearing counts as found."""
KINDS: Final = ("need", "threat")
DOUBT: Final = 0.2
"""A statement whose areas are less likely by this much gives way to one that is surer."""
LEAST_BORNE: Final = 0.2
"""Share of a table's rows that must bear on a kind before a column of it is taken to state its level."""
LEAST_LEVELS: Final = 0.5
"""Share of a column's filled cells that must state a level; and of the rows that bear on a kind, where no name tells the column."""
FAR: Final = 8
"""Words between a level and the noun that it is said of, at most; the end of a clause counts for so many:"""
CLAUSE: Final = 4
WIDEST_KEY: Final = 3
"""Columns of a table that may still be a key."""
LONGEST_KEY: Final = 130
"""Words of a text that may still be a key."""

Bearings = Sequence[Bearing]
Scales = Mapping[str, Scale]
"""The scale of each kind in one document."""

TABLE, SAID, BARE = 3, 2, 1
"""How plainly a statement says what it is of: a column, a noun beside it, only what the sentence bears."""

_WORD: Final = re.compile(r"[\w'’/+-]+|[;.:(),]")
_AND: Final = re.compile(r"[\s,\"'”’“‘]*(?:and|or|&|/)[\s\"'“‘]*(?:(?:for|of|in|our|the) )*")
_SIGN: Final = re.compile(
    r"(?<![\w'’])([A-Z][\w'’]*(?: \w+){0,2}?)[\"'”’.]*\s*(?:[=:]|\b(?:is|are|means?|stands for|as|for)\b)(?: [^\s;:.]+){0,12}\W*$"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One level that the submission states: of `areas`, in its own `words`."""

    kind: str
    areas: tuple[str, ...]
    words: str
    level: int
    plain: int
    source: tuple[str, int]
    """The file, and the table in it (0 for sentences)."""
    sure: float
    """Probability of the areas."""


@dataclass(frozen=True)
class Nouns:
    """Finds what levels may be of: the pack's nouns, and the submission's own names for them ("T is threat")."""

    matchers: tuple[tuple[frozenset[str], CueMatcher], ...]
    signs: Mapping[str, frozenset[str]]

    def find(self, text: str) -> list[Found]:
        """In order; the longer name where two overlap, one noun for two that are joined ("threat and need")."""
        found = [Found(h.start, h.end, kinds) for kinds, matcher in self.matchers for h in matcher.find(text)]
        for sign, kinds in ((s, k) for s, k in self.signs.items() if len(s) == 1):  # a longer name is told only over a column
            found += [Found(m.start(), m.end(), kinds) for m in re.finditer(rf"(?<![\w'’]){sign}(?=\s*(?:[=:\d]|is|was|at|of))", text)]
        joined: list[Found] = []
        for noun in apart(sorted(found, key=lambda n: n.start - n.end)):
            if joined and joined[-1].kinds and noun.kinds and _AND.fullmatch(text[joined[-1].end : noun.start]):
                noun = Found(joined[-1].start, noun.end, joined.pop().kinds | noun.kinds)
            joined.append(noun)
        return joined

    def signed(self, documents: Sequence[Read]) -> Nouns:
        """With the names that these documents explain."""
        signs: dict[str, frozenset[str]] = {}
        for passage in (p for document, _ in documents for p in document.passages if p.kind not in ("heading", "table_row")):
            nouns = self.find(passage.text)
            for before, noun in zip([0, *(n.end for n in nouns)], nouns, strict=False):
                if noun.kinds and (match := _SIGN.search(passage.text, before, noun.start)):
                    signs.setdefault(match[1], noun.kinds)
        return replace(self, signs=signs)


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
        self._shown_by = {kind: [tuple(name.split(".")) for name in level.shown_by] for kind, level in kinds.items()}
        self._columns = {kind: CueMatcher(level.columns, pack.slots) for kind, level in kinds.items()}
        named = [(frozenset({kind}), CueMatcher(level.cues, pack.slots)) for kind, level in kinds.items()]
        self._other = CueMatcher(rules.other, pack.slots)
        self._nouns = Nouns((*named, (frozenset(), self._other)), {})
        self._bands = CueMatcher(rules.bands, pack.slots)
        self._amounts = CueMatcher(rules.counts, pack.slots)
        self._denied = re.compile(finder(rules.denied).pattern + r"(?:\s+(?:as|an?|at|so))?\s*$", re.IGNORECASE)
        self._goes_on = re.compile(rf"\W*$|\s*[^\w\s-]|\s+[-–—]|\s+{finder(rules.follows).pattern}", re.IGNORECASE)

    def read(self, documents: Sequence[Read]) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, list[str]]]]:
        """{"need": {area: 0-3}, "threat": ...}, 0 where the submission states none; and in the same form the files that state the very
        level: who may see it depends on their marking."""
        stated = self.statements(documents)
        told = {kind: {a.id: of(stated, kind, a.id) for a in self.pack.areas} for kind in KINDS}
        levels = {kind: {area: decide(of_area) for area, of_area in by_area.items()} for kind, by_area in told.items()}
        return levels, {
            kind: {area: sorted({one.source[0] for one in of_area if one.level == levels[kind][area]}) for area, of_area in by_area.items()}
            for kind, by_area in told.items()
        }

    def statements(self, documents: Sequence[Read]) -> list[Statement]:
        """Every level that the submission states, in the order of its documents."""
        if self.rules is None:
            return []
        nouns = self._nouns.signed(documents)
        keys = [self._key(document, readings, nouns) for document, readings in documents]
        result: list[Statement] = []
        for index, (document, readings) in enumerate(documents):
            told = [r for r in readings if not self._crosswise(document.passages[r.passage], r)]
            scales = {kind: scale_of(self._words, keys, index, kind) for kind in KINDS}
            result += self._tables(document, told, scales, nouns)
            result += self._crossed(document, scales)
            result += self._sentences(document, told, scales, nouns)
        return result

    def _crossed(self, document: Document, scales: Scales) -> Iterator[Statement]:
        """Levels in tables that have a column for each area and rows for threat and need."""
        for passage in document.passages:
            kinds, columns = self._named(_cell(passage.cells, 0)), across(passage, self._of_header)
            if passage.role != "body" or len(kinds) != 1 or not columns:
                continue
            cells = [cell for index in columns if not self.cues.is_blank(cell := _cell(passage.cells, index))]
            scale = scales[kinds[0]].of_column(cells, passage.cells[0], bool(self._amounts.find(passage.cells[0])))
            for index, areas in columns.items():
                if level := scale.read(cell := _cell(passage.cells, index))[0]:
                    yield Statement(kinds[0], areas, cell, level, TABLE, (document.file, passage.table), 1.0)

    def _of_header(self, header: str) -> tuple[str, ...]:
        """The areas that a column's header names, those of its group where it names only that."""
        named = [key[5:] for key in self.cues.heading(header) if key.startswith("area ")]
        own = tuple(a for a in named if self.pack.scope(a) == "specific")
        return own or tuple(m for a in named if self.pack.scope(a) == "umbrella" for m in self.pack.members(a))

    def _crosswise(self, passage: Passage, reading: Reading) -> bool:
        """Whether a row has a column for each of its areas ("Need | High | Low"), so that none of it is said of all of them."""
        several = len(self._areas(reading)) > 1 or bool(across(passage, self._of_header))
        return passage.kind == "table_row" and several and bool(self._named(_cell(passage.cells, 0)))

    def _key(self, document: Document, readings: Sequence[Reading], nouns: Nouns) -> list[Found]:
        """What the document's passages that are not about one area say of its scales; a list or a table is one text."""
        about = {r.passage for r in readings if self._areas(r, shared=False)}
        result: list[Found] = []
        listed = groupby(enumerate(document.passages), lambda p: (p[1].kind, p[1].table, p[0] if p[1].kind == "paragraph" else 0))
        for (kind, *_), group in listed:
            passages = [p for number, p in group if number not in about and p.role not in ("contents", "hidden")]
            rows = [passages[0].columns, *(p.cells for p in passages)] if passages and kind == "table_row" else []
            text = ". ".join(": ".join(filter(None, row)) for row in rows) if rows else "; ".join(p.text for p in passages)
            if kind != "heading" and len(text.split()) <= LONGEST_KEY and all(len(row) <= WIDEST_KEY for row in rows):
                result += key_of(text, self._words, nouns.find)
        return result

    def _tables(self, document: Document, readings: Sequence[Reading], scales: Scales, nouns: Nouns) -> Iterator[Statement]:
        tables: dict[int, list[tuple[Passage, Reading]]] = defaultdict(list)
        for reading in readings:
            passage = document.passages[reading.passage]
            if passage.kind == "table_row" and passage.role == "body":
                tables[passage.table].append((passage, reading))
        for number, rows in tables.items():
            for kind, column, scale in self._level_columns(rows, scales, nouns):
                for passage, reading in rows:
                    cell = _cell(passage.cells, column)
                    if level := scale.read(cell)[0]:
                        yield Statement(kind, self._areas(reading), cell, level, TABLE, (document.file, number), _sure(reading))

    def _level_columns(self, rows: Sequence[tuple[Passage, Reading]], scales: Scales, nouns: Nouns) -> Iterator[tuple[str, int, Scale]]:
        """The column that states each kind: named so, else where the rows' bearings or level words lie."""
        headers = max((passage.columns for passage, _ in rows), key=len)
        names: list[Collection[str]] = [self._named(header) or nouns.signs.get(header.strip(" .:"), ()) for header in headers]
        names = [left if self._bands.find(h) and not own else own for left, own, h in zip([(), *names], names, headers, strict=False)]
        found: list[tuple[float, str, int, Scale]] = []
        for kind in KINDS:
            bearing = [(p, r) for p, r in rows if self._borne(r.bearings, kind)]
            if len(bearing) < LEAST_BORNE * len(rows):
                continue
            for column in range(max(len(passage.cells) for passage, _ in rows)):
                cells = [cell for passage, _ in rows if not self.cues.is_blank(cell := _cell(passage.cells, column))]
                header, named = (headers[column], names[column]) if column < len(names) else ("", ())
                scale = scales[kind].of_column(cells, header, bool(self._amounts.find(header)))
                share = sum(scale.read(cell)[0] > 0 for cell in cells) / max(1, len(cells))
                worded = sum(scale.read(_cell(p.cells, column))[1] for p, _ in bearing) / len(bearing)
                borne = sum(self._bears_cell(p, r, column, kind) for p, r in bearing) / len(bearing)
                likely = borne >= LEAST_LEVELS or (worded >= LEAST_LEVELS and not self._other.find(header))
                if share >= LEAST_LEVELS and (kind in named or (not named and likely)):
                    found.append((4 * (kind in named) + 2 * borne + share + worded - column / 100, kind, column, scale))
        taken: set[str | int] = set()
        for _, kind, column, scale in sorted(found, key=lambda one: -one[0]):
            if kind not in taken and column not in taken:
                taken |= {kind, column}
                yield kind, column, scale

    def _named(self, header: str) -> tuple[str, ...]:
        """The kinds that a header names."""
        return tuple(kind for kind in KINDS if header and self._columns[kind].find(header))

    def _sentences(self, document: Document, readings: Sequence[Reading], scales: Scales, nouns: Nouns) -> Iterator[Statement]:
        for reading in readings:
            passage = document.passages[reading.passage]
            if passage.kind == "heading" or not reading.bearings:
                continue
            for unit in units(passage):
                near = [b for b in reading.bearings if b.start < unit.end and unit.start < b.end]
                for kind, hit, plain in self._said(unit.text, near, reading.bearings, scales, nouns):
                    if passage.kind != "table_row" or plain == SAID:
                        words = unit.text[hit.start : hit.end]
                        yield Statement(kind, self._areas(reading, near), words, hit.level, plain, (document.file, 0), _sure(reading))

    def _said(self, text: str, near: Bearings, borne: Bearings, scales: Scales, nouns: Nouns) -> Iterator[tuple[str, Found, int]]:
        """(kind, level, how plainly) for each level that the sentence states."""
        found = nouns.find(text)
        for kind in KINDS:
            told = scales[kind].in_text(text, [n for n in found if n.kinds])
            hits = [hit for hit in told if self._states(text, hit, found) and not self._names_an_area(text, hit)]
            for hit, noun in zip(hits, nearest(text, hits, found), strict=True):
                if kind in noun.kinds if noun else self._borne(near, kind, 1):
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

    def _borne(self, bearings: Bearings, kind: str, elements: int | None = None) -> bool:
        """Whether any of them bears the kind, by the first so many of its elements."""
        return any((b.criterion, b.element) in self._shown_by[kind][:elements] and b.probability >= SURE for b in bearings)

    def _bears_cell(self, passage: Passage, reading: Reading, column: int, kind: str) -> bool:
        """Whether a bearing of this kind lies in this cell and nowhere else."""
        cell = next((place for place in cell_ranges(passage) if place[0] == column), (column, 0, -1))
        return self._borne([b for b in reading.bearings if cell[1] <= b.start and b.end <= cell[2]], kind, 1)

    def _areas(self, reading: Reading, near: Bearings = (), shared: bool = True) -> tuple[str, ...]:
        """The areas that a statement is of: those that its words name themselves, else the passage's own, else its group's."""
        owned = {b.own for b in near if b.own}
        likely = [a for a, p in reading.areas if p >= SURE]
        named = [a for a in likely if a in owned] or likely
        own = [a for a in named if self.pack.scope(a) == "specific"]
        members = [m for a in named if shared and self.pack.scope(a) == "umbrella" for m in self.pack.members(a)]
        return tuple(a for a in own or members if a not in reading.excluded)


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _sure(reading: Reading) -> float:
    return max((p for _, p in reading.areas), default=0.0)


def nearest(text: str, hits: Sequence[Found], nouns: Sequence[Found]) -> list[Found | None]:
    """For each level in a sentence the noun that it is said of: the nearest that no nearer level has taken; None where none is near."""
    pairs: list[tuple[int, bool, int, int]] = []
    for (h, hit), (n, noun) in product(enumerate(hits), enumerate(nouns)):
        after = noun.start >= hit.end
        between = text[hit.end : noun.start] if after else text[noun.end : hit.start]
        pairs.append((sum(CLAUSE if word in ".;" else 1 for word in _WORD.findall(between)), after, h, n))
    taken: dict[int, int] = {}
    for far, _, h, n in sorted(pairs):
        if far <= FAR and h not in taken and n not in taken.values():
            taken[h] = n
    return [nouns[taken[h]] if h in taken else None for h in range(len(hits))]


def of(stated: Sequence[Statement], kind: str, area: str) -> list[Statement]:
    return [s for s in stated if s.kind == kind and area in s.areas]


def decide(stated: Sequence[Statement]) -> int:
    """One level: the plainest statements first, those of fewest areas among them; the highest in a table, whose rows are an area's
    several risks; else the commonest, and of equals the first."""
    if not stated:
        return 0
    plainest = max(s.plain for s in stated)
    stated = [s for s in stated if s.plain == plainest]
    stated = [s for s in stated if s.sure >= max(one.sure for one in stated) - DOUBT]
    fewest = min(len(s.areas) for s in stated)
    levels: dict[object, int] = {}
    for number, one in enumerate(s for s in stated if len(s.areas) == fewest):
        source = one.source if plainest == TABLE else number
        levels[source] = max(one.level, levels.get(source, 0))
    return Counter(levels.values()).most_common(1)[0][0]
