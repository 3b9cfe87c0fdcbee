"""From readings to the cells of one submission: which elements are there, with which words, and so which grade (handbook s. 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.cells import ANYWHERE, NARROW, OTHER_AREA, SPECIFIC, Found, find
from classifiers.features import targets
from classifiers.levels.elements import by_levels
from classifiers.levels.reader import Stated, level_reader
from classifiers.model import Model
from classifiers.reading import Bearing, Read, Reading
from extractors.document import Box, Document, Passage, Place
from rules.grading import grade_cell, grade_probabilities
from rules.pack import Criterion, Pack

CUT: Final = 0.5
"""Probability from which others read an element as found (formats.md)."""
FOUND_CUT: Final = 0.57
"""Probability from which an element counts as found; it is told as CUT. A grade needs all its elements at once, so each must be a little
surer than even: of 0.5 to 0.65 this grades left-out voices best (0.689 exact and 0.719 kappa; 0.682 and 0.718 at 0.5)."""
BEARS_CUT: Final = 0.6
"""Probability that something bears on the criterion from which the cell is not "no evidence"; of 0.5, 0.6 and 0.7 it finds the most
empty cells of left-out voices for the fewest that are not. (0.4 would be surer of its zeros, 0.70 against 0.61, but then calls a form that
nobody filled in some evidence.)"""
FLOOR: Final = 0.1
"""Probability: an element that no single passage bears with at least this is not found, however many hint at it."""
SHOWN: Final = 0.15
"""Probability from which a passage is shown as evidence to the reviewer."""
LONGEST_QUOTE: Final = 120
"""Words: a longer quote points nowhere."""
MOST_EVIDENCE: Final = 12
"""Quotes kept for one cell."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote with its address: `quote` is the passage's `start:end`, `highlights` the bearing words inside it."""

    file: str
    quote: str
    start: int
    end: int
    elements: tuple[str, ...]
    score: float
    scope: str
    headings: tuple[str, ...]
    highlights: tuple[tuple[int, int], ...]
    page: int | None = None
    box: Box | None = None
    sheet: str | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One area under one criterion."""

    grade: int
    probabilities: tuple[float, float, float, float]
    elements: dict[str, float]
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    explanation: str

    @property
    def confidence(self) -> float:
        return self.probabilities[self.grade]


@dataclass(slots=True)
class _Source:
    """What one passage gives one cell."""

    document: Document
    passage: Passage
    scope: str
    bearings: list[tuple[Bearing, float]]

    @property
    def score(self) -> float:
        return max(p for _, p in self.bearings)

    def of(self, element: str) -> float:
        return max((p for b, p in self.bearings if b.element == element), default=0.0)


def assess(pack: Pack, model: Model, documents: Sequence[Read], stated: Stated) -> dict[str, dict[str, Cell]]:
    """The cells of a submission by area and criterion; `stated` are the levels in it."""
    documents = by_levels(level_reader(pack), documents, stated)
    sources: dict[tuple[str, str], list[_Source]] = defaultdict(list)
    areas_seen: set[str] = set()
    for document, readings in documents:
        for reading in readings:
            passage = document.passages[reading.passage]
            for area, about, p_area in _spread(pack, reading):
                if pack.scope(about) == "specific" and p_area >= CUT:
                    areas_seen.add(area)
                by_criterion: dict[str, list[tuple[Bearing, float]]] = defaultdict(list)
                for bearing in reading.bearings:
                    factor = OTHER_AREA if bearing.own and bearing.own != area else 1.0
                    by_criterion[bearing.criterion].append((bearing, bearing.probability * p_area * factor))
                for criterion, bearings in by_criterion.items():
                    sources[area, criterion].append(_Source(document, passage, pack.scope(about), bearings))
    found = find(pack, model, targets(pack), [reading for _, readings in documents for reading in readings])
    return {
        area.id: {c.id: _cell(pack, c, _Chances(pack, c, found, row), sources[area.id, c.id], area.id in areas_seen) for c in pack.criteria}
        for row, area in enumerate(pack.areas)
    }


class _Chances:
    """The probabilities of one cell's elements, by where they come from."""

    def __init__(self, pack: Pack, criterion: Criterion, found: Found, row: int) -> None:
        self._columns = {element: column for column, (c, element) in enumerate(targets(pack)) if c == criterion.id}
        self._found = found
        self._row = row

    def of(self, element: str, kind: int) -> float:
        column = self._columns[element]
        p = float(self._found.probabilities[kind, self._row, column])
        return p if self._found.best[self._row, column] >= FLOOR else min(p, 0.9 * CUT)


def _spread(pack: Pack, reading: Reading) -> list[tuple[str, str, float]]:
    """(area, what the passage is about, probability) for each area it reaches: the narrowest way in, when there are several."""
    best: dict[str, tuple[str, float]] = {}
    order = {"specific": 0, "umbrella": 1, "force_wide": 2}
    for about, p in sorted(reading.areas, key=lambda item: order[pack.scope(item[0])]):
        for area in pack.members(about):
            if area not in reading.excluded and (area not in best or p > best[area][1] + 0.2):
                best[area] = (about, p)
    return [(area, about, p) for area, (about, p) in best.items()]


def _cell(pack: Pack, criterion: Criterion, chances: _Chances, sources: Sequence[_Source], area_seen: bool) -> Cell:
    required = [e.id for e in criterion.required]
    likely = {e.id: chances.of(e.id, ANYWHERE if e.required else SPECIFIC) for e in criterion.elements}
    specific = {e.id: chances.of(e.id, SPECIFIC) for e in criterion.elements}
    local = max((chances.of(e, NARROW) for e in required), default=0.0)
    bears = chances.of("", ANYWHERE)
    grade = grade_cell(
        criterion,
        pack.roll_up,
        present={e for e, p in likely.items() if p >= FOUND_CUT},
        specific={e for e, p in specific.items() if p >= FOUND_CUT},
        local=local >= FOUND_CUT,
        bears=bears >= BEARS_CUT,
    )
    probabilities = grade_probabilities(criterion, pack.roll_up, present=likely, specific=specific, local=local, bears=bears)
    elements = {e: _recut(p, FOUND_CUT) for e, p in likely.items()}
    missing = tuple(e for e in required if elements[e] < CUT)
    evidence = _ranked([e for e, p in elements.items() if p >= CUT], sources, grade > 0)
    rounded = tuple(round(p, 4) for p in probabilities)
    return Cell(
        grade=grade,
        probabilities=(rounded[0], rounded[1], rounded[2], rounded[3]),
        elements={e: round(p, 4) for e, p in elements.items()},
        evidence=evidence,
        missing=missing,
        explanation=_explain(pack, criterion, grade, elements, missing, evidence, local >= FOUND_CUT, area_seen),
    )


def _ranked(elements: Sequence[str], sources: Sequence[_Source], bears: bool) -> tuple[Evidence, ...]:
    """The quotes to show: first the best passage for each element found, so that none is without one, then the others by score.

    Where something `bears` on the cell, the likeliest is shown however weak it is.
    """
    best: dict[int, set[str]] = {}
    for element in elements:
        if bearing := [i for i, one in enumerate(sources) if one.of(element)]:
            best.setdefault(max(bearing, key=lambda i: sources[i].of(element)), set()).add(element)
    order = sorted(range(len(sources)), key=lambda i: (i not in best, -sources[i].score))
    shown = [i for i in order if i in best or sources[i].score >= SHOWN][:MOST_EVIDENCE]
    shown = shown or order[: int(bears)]
    return tuple(_evidence(sources[i], best.get(i, set()), elements) for i in shown)


def _evidence(found: _Source, best_for: set[str], elements: Sequence[str]) -> Evidence:
    """`best_for` are the elements that this passage is the best source of, `elements` all those found in the cell."""
    borne = {e: p for e in elements if (p := found.of(e)) >= CUT or e in best_for}
    telling = [(b, p) for b, p in found.bearings if b.element in borne or p >= SHOWN]
    start, end = _quote_range(found.passage, telling)
    place = _place(found.passage.places, start)
    inside = sorted({(b.start - start, b.end - start) for b, p in telling if b.element in borne and start <= b.start and b.end <= end})
    highlights = tuple(pair for pair in _merged(inside) if pair != (0, end - start))
    return Evidence(
        file=found.document.file,
        quote=found.passage.text[start:end],
        start=found.passage.start + start,
        end=found.passage.start + end,
        elements=tuple(sorted(borne, key=lambda e: -borne[e])),
        score=round(found.score, 4),
        scope=found.scope,
        headings=found.passage.headings,
        highlights=highlights,
        page=place.page if place else None,
        box=_box(found.passage.places, place, start, end) if place else None,
        sheet=place.sheet if place else None,
        cell=place.cell if place else None,
    )


def _recut(p: float, cut: float) -> float:
    """Moves `cut` to 0.5, piecewise linear, keeping 0 and 1."""
    return 0.5 * p / cut if p < cut else 0.5 + 0.5 * (p - cut) / (1 - cut)


def _quote_range(passage: Passage, telling: Sequence[tuple[Bearing, float]]) -> tuple[int, int]:
    """The whole passage when it is short, else the sentences around the bearing words, at most LONGEST_QUOTE words."""
    if len(passage.text.split()) <= LONGEST_QUOTE:
        return 0, len(passage.text)
    first, _ = max(telling, key=lambda item: item[1])
    start, end = first.start, first.end
    start = max((passage.text.rfind(mark, 0, start) + 2 for mark in (". ", "? ", "! ") if mark in passage.text[:start]), default=0)
    ends = [i + 1 for mark in (". ", "? ", "! ") if (i := passage.text.find(mark, max(start, end - 1))) >= 0]
    end = max(end, min(ends, default=len(passage.text)))
    words = 0
    for position in range(start, end):
        words += passage.text[position] == " "
        if words == LONGEST_QUOTE:
            return start, position
    return start, end


def _place(places: Sequence[Place], start: int) -> Place | None:
    return next((p for p in places if p.end > start), places[-1] if places else None)


def _box(places: Sequence[Place], first: Place, start: int, end: int) -> Box | None:
    """The box around the quote's lines on its first page."""
    boxes = [p.box for p in places if p.box and p.page == first.page and p.start < end and start < p.end]
    if not boxes:
        return first.box
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (round(min(lefts), 1), round(min(tops), 1), round(max(rights), 1), round(max(bottoms), 1))


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _explain(
    pack: Pack,
    criterion: Criterion,
    grade: int,
    elements: Mapping[str, float],
    missing: Sequence[str],
    evidence: Sequence[Evidence],
    local: bool,
    area_seen: bool,
) -> str:
    """Why the grade is what it is, in sentences that a reviewer can check against the quotes."""
    short = {e.id: e.short for e in criterion.elements}
    name = next(g.name for g in pack.grades if g.grade == grade)
    found = [short[e.id] for e in criterion.elements if elements[e.id] >= CUT]
    parts = [f"{name}."]
    if grade == 0:
        nearest = " What comes nearest is quoted." if evidence else ""
        parts.append(f"No passage was found that surely bears on this criterion for this area, force-wide statements included.{nearest}")
        where = "other criteria do have evidence for the area" if area_seen else "the area was found nowhere in the documents"
        parts.append(f"The whole submission was searched; {where}.")
        return " ".join(parts)
    parts.append(f"Found: {', '.join(found)}." if found else "Something bears on the criterion, but no element was found.")
    if missing:
        parts.append(f"Missing (required): {', '.join(short[e] for e in missing)}.")
    elif not local and not criterion.force_wide_suffices:
        parts.append("All required elements come from force-wide statements, which for this criterion are not specific enough (at most 1).")
    if grade == 2:
        depth = [short[e.id] for e in criterion.depth if elements[e.id] >= CUT]
        parts.append(f"Depth: {', '.join(depth) if depth else 'none'}; the highest grade needs {pack.roll_up.depth_for_highest}.")
    wide = {e.scope for e in evidence if e.elements} - {"specific"}
    if wide:
        parts.append("Some of it comes from statements that cover several areas.")
    return " ".join(parts)
