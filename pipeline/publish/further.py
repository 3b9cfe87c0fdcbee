"""Further findings of a round, counted nationally (handbook sections 7 and 8): governance, orientation, notable practice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.marking import open_files
from pipeline.publish.advice import visit_reasons
from pipeline.publish.forces import Force
from pipeline.publish.tables import Figure, Headline
from pipeline.round import is_settled
from pipeline.words import place_of
from rules.pack import Pack

ORIENTATIONS = ("balanced", "internal", "external")
QUOTES_FOR_A_CELL = 2


@dataclass(frozen=True, slots=True)
class Practice:
    """A quote of a cell that has the highest grade, from a document that may be quoted to anyone."""

    force: int
    area: str
    criterion: str
    quote: str
    file: str
    place: str
    elements: tuple[str, ...]
    """Short names of the elements that it bears."""
    settled: bool
    """Whether a reviewer has settled the grade."""


@dataclass(frozen=True, slots=True)
class NotablePractice:
    """Cells of the highest grade, and what of them can be quoted."""

    quotes: tuple[Practice, ...]
    cells: Figure
    unquoted: Figure
    """Those of them that only documents show which do not bear an open marking."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A force that is a candidate for a validation visit, with (area id, why) for each area that asks for it."""

    force: int
    reasons: tuple[tuple[str, str], ...]


def visits(pack: Pack, forces: Sequence[Force], rule: str) -> tuple[Visit, ...]:
    """The candidates (handbook section 7), in the round's order."""
    asked = ((f, visit_reasons(pack, f.entry["cells"], {a.id: f.area_grade(pack, a.id, rule) for a in pack.areas})) for f in forces)
    return tuple(Visit(f.number, tuple(why)) for f, why in asked if len(why) >= pack.roll_up.visit_areas > 0)


def governance(pack: Pack, forces: Sequence[Force]) -> tuple[Headline, ...]:
    """For each governance finding the forces that have it, out of those that were searched for it."""
    return tuple(
        Headline(one.id, one.name, _counted([f for f in forces if one.id in (f.entry.get("governance") or {})], one.id))
        for one in pack.governance
        if any(one.id in (f.entry.get("governance") or {}) for f in forces)
    )


def orientation(forces: Sequence[Force]) -> tuple[Headline, ...]:
    """How many forces are balanced, internally and externally focused, out of those judged."""
    judged = [f for f in forces if f.entry.get("orientation") in ORIENTATIONS]
    groups = {kind: tuple((f.number, "", "") for f in judged if f.entry["orientation"] == kind) for kind in ORIENTATIONS}
    return tuple(Headline(kind, kind.capitalize(), Figure(len(who), len(judged), who)) for kind, who in groups.items()) if judged else ()


def notable_practice(pack: Pack, forces: Sequence[Force]) -> NotablePractice:
    """The quotes by area and criterion in the pack's order; never from a document that is not open (pipeline.marking)."""
    top = pack.grades[-1].grade
    cells = [(f, a.id, c.id) for a in pack.areas for c in pack.criteria for f in forces if f.grades.get(a.id, {}).get(c.id) == top]
    quotes = [list(_quotes(pack, *cell)) for cell in cells]
    places = tuple((f.number, a, c) for f, a, c in cells)
    unquoted = tuple(p for p, (f, a, c), found in zip(places, cells, quotes, strict=True) if f.cell(a, c).get("evidence") and not found)
    return NotablePractice(
        tuple(q for found in quotes for q in found),
        Figure(len(places), sum(1 for f in forces for _ in f.cells()), places),
        Figure(len(unquoted), len(places), unquoted),
    )


def _counted(searched: Sequence[Force], finding: str) -> Figure:
    behind = tuple((f.number, "", "") for f in searched if f.entry["governance"][finding])
    return Figure(len(behind), len(searched), behind)


def _quotes(pack: Pack, force: Force, area: str, criterion: str) -> Iterator[Practice]:
    """The best quotes of a cell that are the area's own, each adding an element to those before it."""
    cell, free = force.cell(area, criterion), open_files(force.entry)
    short = {e.id: e.short for c in pack.criteria if c.id == criterion for e in c.elements}
    told: set[str] = set()
    given = 0
    for quote in cell.get("evidence") or ():
        borne = [e for e in quote.get("elements") or () if e in short]
        if quote.get("file") in free and quote.get("scope", "specific") == "specific" and not told.issuperset(borne):
            told |= set(borne)
            given += 1
            names = tuple(short[e] for e in borne)
            yield Practice(force.number, area, criterion, quote["quote"], quote["file"], place_of(quote), names, is_settled(cell))
        if given == QUOTES_FOR_A_CELL:
            return
