"""What decisions teach: which words bear what, by the quotes that reviewers accepted, rejected, added and tagged; and what is in the cells
that they graded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from classifiers.cells import ANYWHERE, NARROW, SPECIFIC
from classifiers.teachers import ABOUT, Lesson
from pipeline.assess import CUT
from pipeline.record.types import Decision
from rules.pack import Criterion, Pack

Word = Literal["accepted", "rejected", "added"]
"""What a reviewer says of a quote; one that they tagged with an element counts as added."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage on which a decision says something. `start:end` are its words in the passage, `address` where it stands, without them."""

    said: Word
    paper: int
    passage: int
    start: int
    end: int
    elements: tuple[str, ...]
    scope: str
    address: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the quotes that it speaks of; `cells` says by (kind, element) what is there for it, as far as that is known."""

    decision: Decision
    quotes: tuple[Quote, ...]
    cells: Mapping[tuple[int, str], bool]


def there_in(criterion: Criterion, decision: Decision, cell: Mapping[str, Any], quotes: Sequence[Quote]) -> dict[tuple[int, str], bool]:
    """What a decision says is in its cell (handbook section 4): of elements by the quotes, else by the grade that the reviewer gave.

    Elements that an accepted grade rests on are confirmed with it; what an overridden grade rests on only its quotes and its rule tell.
    """
    there: dict[tuple[int, str], bool] = {}
    kinds, names = (ANYWHERE, SPECIFIC, NARROW), [element.id for element in criterion.elements]
    if decision.grade == 0:
        return {(kind, element): False for kind in kinds for element in (*names, "")}
    good = [quote for quote in quotes if quote.said != "rejected"]
    bad = {element for quote in quotes if quote.said == "rejected" for element in quote.elements}
    for element in criterion.elements:
        scopes = {quote.scope for quote in good if element.id in quote.elements}
        if scopes:
            there[ANYWHERE, element.id] = True
            if "specific" in scopes:
                there[SPECIFIC, element.id] = there[NARROW, element.id] = True
            elif "umbrella" in scopes:
                there[NARROW, element.id] = True
        elif element.required and decision.grade >= 2:
            there[ANYWHERE, element.id] = True
        elif element.id in bad:
            there |= {(kind, element.id): False for kind in kinds}
        elif decision.kind == "accepted":
            found = cell["elements"].get(element.id, 0.0) >= CUT
            there[ANYWHERE if element.required else SPECIFIC, element.id] = found
            if found:
                there[ANYWHERE, element.id] = True
            elif element.required:
                there[SPECIFIC, element.id] = there[NARROW, element.id] = False
    there[ANYWHERE, ""] = True
    for kind in (SPECIFIC, NARROW):
        if any(there.get((kind, element)) for element in names):
            there[kind, ""] = True
    return there


def lessons_of(pack: Pack, decided: Sequence[Decided]) -> Iterator[Lesson]:
    """What the decisions on one submission say of its words.

    A rejected quote may be wrong of its element or of its area. It teaches that the words do not bear the element where they were
    accepted for something else of the same area, that they are not about the area where they were accepted for the same element of
    another one, and else nothing: the cell alone learns from it.
    """
    good: dict[tuple[int, int, str], set[str]] = defaultdict(set)
    areas: dict[tuple[int, int], set[str]] = defaultdict(set)
    for one in decided:
        for quote in one.quotes if one.decision.grade else ():
            if quote.said == "added" or (quote.said == "accepted" and quote.elements):
                areas[quote.paper, quote.passage].add(one.decision.area)
                for target in _targets(one.decision, quote):
                    good[quote.paper, quote.passage, target].add(one.decision.area)
    for one in decided:
        area = one.decision.area
        for quote in one.quotes:
            at = (quote.paper, quote.passage)
            place = (*at, quote.start, quote.end)
            for target in _targets(one.decision, quote):
                sound = good[*at, target]
                if quote.said != "rejected" and area in sound:
                    yield Lesson(*place, target, True)
                    yield Lesson(*place, f"{one.decision.criterion}.", True)
                elif quote.said == "rejected" and area not in sound:
                    if sound and quote.scope == "specific":
                        yield Lesson(*place, f"{ABOUT}{area}", False)
                    elif not sound and area in areas[at]:
                        yield Lesson(*place, target, False)
            if quote.said != "rejected" and area in areas[at]:
                yield from (Lesson(*place, f"{ABOUT}{about}", True) for about in _abouts(pack, area, quote.scope))


def _targets(decision: Decision, quote: Quote) -> list[str]:
    return [f"{decision.criterion}.{element}" for element in quote.elements or ("",)]


def _abouts(pack: Pack, area: str, scope: str) -> list[str]:
    """The area or groups that a quote of this scope is about when it is evidence for the area."""
    if scope == "specific":
        return [area]
    return [group.id for group in pack.groups if pack.scope(group.id) == scope and area in pack.members(group.id)]
