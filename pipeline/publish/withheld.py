"""National figures of a public picture that must stay out: those from which someone could work out the level in a single closed paper.

Tables 1, 2 and 6 count levels of need and threat of all forces. Those that open papers state are public anyway; whoever takes them away
is left with the others, and where these are few or nearly alike, knows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.publish.forces import Force
from pipeline.publish.tables import Figure, Table
from pipeline.words import listed, uncapital
from rules.pack import Pack

FEWEST: Final = 5
"""Closed levels that a figure must hold at least (project rule)."""
APART: Final = 2
"""Closed levels that must differ from the commonest among them: one alone would know all the others."""
KINDS: Final = {"1": "threat", "2": "need"}
"""The tables that count levels; Table 6 has a row for each kind."""
BLANK: Final = Figure(0, 0)


@dataclass(frozen=True, slots=True)
class Telling:
    """The areas by kind of level whose national figures would tell too much."""

    areas: Mapping[str, frozenset[str]]

    def without(self, table: Table) -> Table:
        """A table of levels without these figures and without the forces behind the others; any other table as it is."""
        if table.number in KINDS:
            gone = self.areas[KINDS[table.number]]
            figures = tuple(tuple(_shown(f, a in gone) for f, a in zip(row, table.columns, strict=True)) for row in table.figures)
            return replace(table, figures=figures, totals=tuple(_shown(f, bool(gone)) for f in table.totals))
        if not set(KINDS.values()) <= set(table.rows):
            return table
        figures = tuple(
            tuple(_shown(f, a in self.areas[kind]) for f, a in zip(row, table.columns, strict=True)) if kind in self.areas else row
            for kind, row in zip(table.rows, table.figures, strict=True)
        )
        return replace(table, figures=figures)

    def note(self, pack: Pack) -> str:
        """Which figures are kept back, and why; empty where none are."""
        names = {kind: [uncapital(a.name) for a in pack.areas if a.id in gone] for kind, gone in self.areas.items() if gone}
        if not names:
            return ""
        every = len(pack.areas)
        parts = [f"on {kind} {'in every area' if len(gone) == every else f'for {listed(gone)}'}" for kind, gone in names.items()]
        return f"National figures {listed(parts)} were withheld, because they would tell what levels single closed documents state."


def telling(pack: Pack, counted: Sequence[Force], shown: Sequence[Force]) -> Telling:
    """What the figures of `counted` would tell beside the levels that `shown`, the same forces in public, have."""
    open_of = {f.number: f for f in shown}

    def closed(kind: str, area: str) -> list[int]:
        return [
            levels[area]
            for force in counted
            for levels, told in [(getattr(force, kind), getattr(open_of[force.number], kind))]
            if area in levels and area not in told
        ]

    return Telling({kind: frozenset(a.id for a in pack.areas if _tells(closed(kind, a.id))) for kind in ("need", "threat")})


def _tells(levels: Sequence[int]) -> bool:
    commonest = max(Counter(levels).values(), default=0)
    return bool(levels) and (len(levels) < FEWEST or len(levels) - commonest < APART)


def _shown(figure: Figure, gone: bool) -> Figure:
    return BLANK if gone else replace(figure, behind=())
