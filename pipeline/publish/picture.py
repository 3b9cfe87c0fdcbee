"""The national picture of a round: everything that the chapter, the page, the workbook and national.json tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.publish.forces import Force, basis, forces_of
from pipeline.publish.need import ForceNeed, Proportion, force_need, proportions
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
    forces: tuple[Force, ...]
    ungraded: tuple[str, ...]
    """Forces in which not one cell is graded: they are named, and counted nowhere."""
    problems: tuple[str, ...]
    tables: tuple[Table, ...]
    headlines: tuple[Headline, ...]
    needs: tuple[ForceNeed, ...]
    proportions: tuple[Proportion, ...]


def draw_up(pack: Pack, whole: Mapping[str, Any], strict: bool) -> Picture:
    """The picture of a round in the form of matrix.json. Raises RoundError when nothing in it is graded."""
    forces, ungraded = forces_of(whole["submissions"])
    if not forces:
        raise RoundError("Not one cell of this round is graded, so there is no national picture. See the round's own problems.")
    rule = LOWEST if strict else pack.roll_up.rule
    made = tables(pack, forces, rule)
    return Picture(
        pack,
        rule,
        basis(x for f in forces for row in f.entry["cells"].values() for x in row.values()),
        tuple(forces),
        tuple(ungraded),
        tuple(whole.get("problems") or ()),
        made,
        headlines(pack, forces, rule),
        tuple(force_need(pack, f, rule) for f in forces),
        proportions(pack, made[-1]),
    )
