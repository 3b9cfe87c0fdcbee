"""The planning model (handbook section 7): the same elements seen as inputs, analysis, governance, outputs and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.assess import CUT
from pipeline.publish.forces import Force
from pipeline.publish.tables import Figure
from rules.pack import Pack, Stage


@dataclass(frozen=True, slots=True)
class StageView:
    """How much of a stage was found: elements found of those looked for, for each force by area and in all."""

    stage: Stage
    each: Mapping[tuple[int, str], Figure]
    """By (force's number, area)."""
    by_force: Mapping[int, Figure]
    by_area: Mapping[str, Figure]
    national: Figure


def planning_model(pack: Pack, forces: Sequence[Force]) -> tuple[StageView, ...]:
    """The stages in the pack's order; empty where the round gives grades without elements."""
    return tuple(view for stage in pack.planning_model if (view := _view(pack, stage, forces)).national.out_of)


def _found(force: Force, stage: Stage, area: str) -> Figure:
    seen = [force.cell(area, c).get("elements", {}).get(e) for c, e in (name.split(".") for name in stage.elements)]
    known = [p for p in seen if p is not None]
    return Figure(sum(p >= CUT for p in known), len(known))


def _view(pack: Pack, stage: Stage, forces: Sequence[Force]) -> StageView:
    each = {(f.number, a.id): _found(f, stage, a.id) for f in forces for a in pack.areas}
    return StageView(
        stage,
        each,
        {f.number: _sum([each[f.number, a.id] for a in pack.areas]) for f in forces},
        {a.id: _sum([each[f.number, a.id] for f in forces]) for a in pack.areas},
        _sum(list(each.values())),
    )


def _sum(figures: Sequence[Figure]) -> Figure:
    return Figure(sum(f.count for f in figures), sum(f.out_of for f in figures))
