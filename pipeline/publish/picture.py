"""The national picture of a round: everything that the chapter, the page, the workbook and national.json tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.marking import highest_marking, public_copy, unmarked_note, withheld_note
from pipeline.markings import is_open
from pipeline.publish.collaboration import Collaboration, collaboration
from pipeline.publish.forces import Force, basis, forces_of
from pipeline.publish.further import NotablePractice, Visit, governance, notable_practice, orientation, visits
from pipeline.publish.ladder import Ladder, support_ladder
from pipeline.publish.need import ForceNeed, Proportion, following, force_need, proportions
from pipeline.publish.planning import StageView, planning_model
from pipeline.publish.source import Source
from pipeline.publish.tables import Headline, Table, headlines, tables
from pipeline.publish.withheld import Telling, telling
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
    withheld: str
    """What a public picture leaves out, in one sentence; otherwise empty."""
    forces: tuple[Force, ...]
    left_out: tuple[str, ...]
    """What is counted nowhere, each with the reason."""
    problems: tuple[str, ...]
    tables: tuple[Table, ...]
    headlines: tuple[Headline, ...]
    needs: tuple[ForceNeed, ...]
    following: tuple[Headline, ...]
    """In how many forces provision follows need, and threat."""
    proportions: tuple[Proportion, ...]
    governance: tuple[Headline, ...]
    orientation: tuple[Headline, ...]
    visits: tuple[Visit, ...]
    collaboration: Collaboration
    planning: tuple[StageView, ...]
    practice: NotablePractice
    ladder: Ladder
    source: Source
    """What the picture rests on (publish.source)."""

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


def draw_up(
    pack: Pack,
    whole: Mapping[str, Any],
    strict: bool,
    before: Sequence[tuple[str, Mapping[str, Any]]] = (),
    public: bool = False,
    source: Source = (),
) -> Picture:
    """The picture of a round in the form of matrix.json, and of earlier ones, (name, round) each, oldest first.

    A public picture counts the whole round, but tells of each force only what its open documents say (pipeline.marking).
    Raises RoundError when nothing in the round is graded.
    """
    shown = public_copy(pack, whole) if public else whole
    counted, left_out = forces_of(pack, whole["submissions"])
    if not counted:
        raise RoundError(" ".join(["This round holds no force that can be counted, so there is no national picture.", *left_out]))
    forces = [replace(f, **_open(shown["submissions"][f.number - 1])) for f in counted] if public else counted
    rule = LOWEST if strict else pack.roll_up.rule
    keep = telling(pack, counted, forces) if public else Telling({})
    made = tuple(keep.without(table) if public else table for table in tables(pack, counted, rule))
    needs = tuple(force_need(pack, f, rule) for f in forces)
    return Picture(
        pack,
        rule,
        basis(x for f in forces for row in f.entry["cells"].values() for x in row.values()),
        _marking([whole, *(one for _, one in before)], public),
        "" if public else unmarked_note(whole),
        " ".join(filter(None, (withheld_note(shown["withheld"]), keep.note(pack)))) if public else "",
        tuple(forces),
        tuple(left_out),
        tuple(shown.get("problems") or ()),
        made,
        headlines(pack, forces, rule),
        needs,
        following(needs),
        proportions(pack, made[-1]),
        governance(pack, forces),
        orientation(forces),
        visits(pack, counted, rule),
        collaboration(pack, forces),
        planning_model(pack, forces),
        notable_practice(pack, forces),
        support_ladder(pack, forces, rule, [(name, public_copy(pack, one) if public else one) for name, one in before]),
        source,
    )


def _open(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What of a force is its public entry's, for its grades and name are the same."""
    return {"need": entry["need"], "threat": entry["threat"], "entry": entry}


def _marking(rounds: Sequence[Mapping[str, Any]], public: bool) -> str:
    """The highest marking of what may be quoted: of this round, and of earlier ones in the support ladder."""
    submissions = [entry for one in rounds for entry in one["submissions"]]
    documents = [d for entry in submissions for d in entry.get("documents") or () if is_open(d) or not public]
    return highest_marking({"submissions": [{"documents": documents}]}) if documents else ""
