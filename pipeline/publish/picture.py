"""The national picture of a round: everything that the chapter, the page, the workbook and national.json tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.marking import highest_marking, unmarked_note
from pipeline.publish.collaboration import Collaboration, collaboration
from pipeline.publish.forces import Force, basis, forces_of
from pipeline.publish.further import NotablePractice, governance, notable_practice, orientation
from pipeline.publish.ladder import Ladder, support_ladder
from pipeline.publish.need import ForceNeed, Proportion, force_need, proportions
from pipeline.publish.planning import StageView, planning_model
from pipeline.publish.tables import Headline, Table, headlines, tables
from pipeline.round import RoundError
from rules.pack import Pack

LOWEST = "lowest"
"""The strict roll-up (handbook section 5)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is published nationally."""

    pack: Pack
    rule: str
    """The roll-up used, a rule of the pack's."""
    basis: str
    """What the grades rest on: provisional, validated, mixed or given."""
    marking: str
    """The highest marking of the round's documents; "" for tables of grades, which name none."""
    unmarked: str
    """A warning where some document bears no marking that could be read; otherwise empty."""
    forces: tuple[Force, ...]
    ungraded: tuple[str, ...]
    """Forces in which not one cell is graded: they are named, and counted nowhere."""
    problems: tuple[str, ...]
    tables: tuple[Table, ...]
    headlines: tuple[Headline, ...]
    needs: tuple[ForceNeed, ...]
    proportions: tuple[Proportion, ...]
    governance: tuple[Headline, ...]
    orientation: tuple[Headline, ...]
    collaboration: Collaboration
    planning: tuple[StageView, ...]
    practice: NotablePractice
    ladder: Ladder

    @property
    def names(self) -> dict[int, str]:
        """The forces' names by number."""
        return {f.number: f.name for f in self.forces}

    @property
    def areas(self) -> dict[str, str]:
        """The areas' names by id, in the pack's order."""
        return {a.id: a.name for a in self.pack.areas}

    @property
    def criteria(self) -> dict[str, str]:
        """The criteria's short names by id, in the pack's order."""
        return {c.id: c.short for c in self.pack.criteria}


def draw_up(pack: Pack, whole: Mapping[str, Any], strict: bool, before: Sequence[tuple[str, Mapping[str, Any]]] = ()) -> Picture:
    """The picture of a round in the form of matrix.json, and of earlier ones, (name, round) each, oldest first.

    Raises RoundError when nothing in the round is graded.
    """
    forces, ungraded = forces_of(whole["submissions"])
    if not forces:
        raise RoundError("Not one cell of this round is graded, so there is no national picture. See the round's own problems.")
    rule = LOWEST if strict else pack.roll_up.rule
    made = tables(pack, forces, rule)
    return Picture(
        pack,
        rule,
        basis(x for f in forces for row in f.entry["cells"].values() for x in row.values()),
        highest_marking(whole) if any(f.entry.get("documents") for f in forces) else "",
        unmarked_note(whole),
        tuple(forces),
        tuple(ungraded),
        tuple(whole.get("problems") or ()),
        made,
        headlines(pack, forces, rule),
        tuple(force_need(pack, f, rule) for f in forces),
        proportions(pack, made[-1]),
        governance(pack, forces),
        orientation(forces),
        collaboration(pack, forces),
        planning_model(pack, forces),
        notable_practice(pack, forces),
        support_ladder(pack, forces, rule, before),
    )


def count_words(number: int, what: str) -> str:
    """A number with its noun: "1 force", "2 forces"."""
    return f"{number} {what if number == 1 else what + 's'}"
