"""The support ladder (the 2008 report's seventh recommendation): forces that stay below standard across rounds, with what was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.gazetteer import Gazetteer
from pipeline.publish.forces import Force, forces_of
from pipeline.words import place_of
from rules.pack import Pack

MOST_TRIED: Final = 3
"""Quotes of one earlier round that are shown for one area."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that an earlier round planned or decided for an area: its words, and where they stand."""

    round: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class StuckArea:
    """An area below standard in this round and in the one before it. `grades` are those of every round, oldest first, this one last;
    None where the force or the area was not graded."""

    area: str
    grades: tuple[int | None, ...]
    rounds: int
    """Rounds in a row, up to this one, in which it is below standard."""
    missing: tuple[tuple[str, str], ...]
    """(criterion, required element) pairs that were missing before and still are."""
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A force with areas that stay below standard. `risen` are areas that have since reached it."""

    force: int
    rounds: int
    """The most rounds in a row that any area is below standard."""
    areas: tuple[StuckArea, ...]
    risen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """`rounds` are the rounds' names, oldest first, this one last; `absent` the forces of this round that no earlier one has."""

    rounds: tuple[str, ...]
    rungs: tuple[Rung, ...]
    absent: tuple[int, ...]


NOW: Final = "this round"


def support_ladder(pack: Pack, forces: Sequence[Force], rule: str, before: Sequence[tuple[str, Mapping[str, Any]]]) -> Ladder:
    """Compares a round's forces with earlier rounds, (name, round) each, oldest first. Highest rung first, then the round's order."""
    gazetteer = Gazetteer(pack.force_names, [f.name for f in forces])
    earlier = [{gazetteer.resolve(f.name): f for f in forces_of(pack, whole["submissions"])[0]} for _, whole in before]
    names = tuple(name for name, _ in before)
    rungs = [_rung(pack, force, rule, names, [found.get(force.name) for found in earlier]) for force in forces]
    absent = tuple(f.number for f in forces if all(f.name not in found for found in earlier))
    return Ladder((*names, NOW), tuple(sorted((r for r in rungs if r.areas), key=lambda r: (-r.rounds, r.force))), absent)


def _rung(pack: Pack, force: Force, rule: str, names: Sequence[str], earlier: Sequence[Force | None]) -> Rung:
    stuck, risen = [], []
    for area in pack.areas:
        grades = tuple(f.area_grade(pack, area.id, rule) if f else None for f in (*earlier, force))
        below = [g is not None and g < pack.roll_up.compliant_from for g in grades]
        if len(grades) > 1 and below[-1] and below[-2]:
            rounds = next((n for n, low in enumerate(reversed(below)) if not low), len(below))
            stuck.append(StuckArea(area.id, grades, rounds, _missing(force, earlier[-1], area.id), _tried(pack, area.id, names, earlier)))
        elif any(below[:-1]) and grades[-1] is not None and not below[-1]:
            risen.append(area.id)
    return Rung(force.number, max((s.rounds for s in stuck), default=0), tuple(stuck), tuple(risen))


def _missing(force: Force, last: Force | None, area: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (criterion, element)
        for criterion in force.grades.get(area, {})
        for element in force.cell(area, criterion).get("missing") or ()
        if last and element in (last.cell(area, criterion).get("missing") or ())
    )


def _tried(pack: Pack, area: str, names: Sequence[str], earlier: Sequence[Force | None]) -> tuple[Tried, ...]:
    return tuple(
        tried
        for name, force in zip(names, earlier, strict=True)
        if force
        for tried in (*list(_planned(pack, force, area, name))[:MOST_TRIED], *_decided(pack, force, area, name))
    )


def _planned(pack: Pack, force: Force, area: str, name: str) -> Iterator[Tried]:
    """The quotes that bear what the pack counts as tried (actions, contributions, resources), each once."""
    shown = set()
    for criterion, _, element in (one.partition(".") for one in pack.national.tried):
        for quote in force.cell(area, criterion).get("evidence") or ():
            if element in (quote.get("elements") or ()) and quote["quote"] not in shown:
                shown.add(quote["quote"])
                yield Tried(name, quote["quote"], f"{quote.get('file')}, {place_of(quote)}")
                break


def _decided(pack: Pack, force: Force, area: str, name: str) -> Iterator[Tried]:
    for criterion in pack.criteria:
        decision = force.cell(area, criterion.id).get("decision") or {}
        if reason := decision.get("reason"):
            yield Tried(name, str(reason), f"reviewer's decision on {criterion.short.lower()}")
