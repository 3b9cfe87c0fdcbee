"""The planning model (handbook section 7): the same elements seen as inputs, analysis, governance, outputs and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.assess import CUT
from pipeline.publish.forces import Force
from pipeline.publish.tables import Figure
from rules.pack import Pack, Stage


@dataclass(frozen=True, slots=True)
class StageCell:
    """What one cell brings to a stage: short names of the stage's elements that were found in it, and of those that were not."""

    force: int
    area: str
    criterion: str
    found: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def looked_for(self) -> int:
        return len(self.found) + len(self.missing)


@dataclass(frozen=True, slots=True)
class StageView:
    """How much of a stage was found: elements found of those looked for, for each force by area and in all."""

    stage: Stage
    cells: Mapping[tuple[int, str], tuple[StageCell, ...]]
    """The cells behind each figure, by (force's number, area)."""
    each: Mapping[tuple[int, str], Figure]
    """By (force's number, area)."""
    by_force: Mapping[int, Figure]
    by_area: Mapping[str, Figure]
    national: Figure


def planning_model(pack: Pack, forces: Sequence[Force]) -> tuple[StageView, ...]:
    """The stages in the pack's order; empty where the round gives grades without elements."""
    return tuple(view for stage in pack.planning_model if (view := _view(pack, stage, forces)).national.out_of)


def _cells(pack: Pack, force: Force, stage: Stage, area: str) -> tuple[StageCell, ...]:
    cells = []
    for criterion in pack.criteria:
        seen = force.cell(area, criterion.id).get("elements", {})
        known = [e for e in criterion.elements if f"{criterion.id}.{e.id}" in stage.elements and seen.get(e.id) is not None]
        found = tuple(e.short for e in known if seen[e.id] >= CUT)
        if known:
            cells.append(StageCell(force.number, area, criterion.id, found, tuple(e.short for e in known if e.short not in found)))
    return tuple(cells)


def _view(pack: Pack, stage: Stage, forces: Sequence[Force]) -> StageView:
    cells = {(f.number, a.id): _cells(pack, f, stage, a.id) for f in forces for a in pack.areas}
    each = {place: Figure(sum(len(c.found) for c in found), sum(c.looked_for for c in found)) for place, found in cells.items()}
    return StageView(
        stage,
        cells,
        each,
        {f.number: _sum([each[f.number, a.id] for a in pack.areas]) for f in forces},
        {a.id: _sum([each[f.number, a.id] for f in forces]) for a in pack.areas},
        _sum(list(each.values())),
    )


def _sum(figures: Sequence[Figure]) -> Figure:
    return Figure(sum(f.count for f in figures), sum(f.out_of for f in figures))
