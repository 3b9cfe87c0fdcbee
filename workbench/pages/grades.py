"""Grades in force rolled up, and the alerts that follow from them, by the rules of the round's pack."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipeline.findings import alerts
from pipeline.record.types import CellKey, Standing
from rules.grading import roll_up_grades
from rules.loader import PackError, load_pack
from rules.pack import Pack


@lru_cache(maxsize=8)
def _pack(identifier: str) -> Pack | None:
    try:
        return load_pack(identifier)
    except PackError:  # a pack in a folder of the reviewers' own, which the round names by its id only
        return None


def rolled_up(head: Mapping[str, Any], standings: Mapping[CellKey, Standing], along: str) -> dict[str, int]:
    """The grade of each area (`along` "areas") or criterion ("criteria") of a force, from its grades in force."""
    pack = _pack(head["pack"]["id"])
    grades: dict[str, list[int]] = {}
    for key, standing in standings.items():
        grades.setdefault(key[along == "criteria"], []).append(standing.grade)
    rule = pack.roll_up.rule if pack else "mean"
    return {one["id"]: roll_up_grades(grades[one["id"]], rule) for one in head[along] if one["id"] in grades}


def alerts_of(head: Mapping[str, Any], entry: Mapping[str, Any], area_grades: dict[str, int]) -> list[str]:
    """The force's alerts as its grades in force stand."""
    pack = _pack(head["pack"]["id"])
    return alerts(pack, area_grades, entry["need"], entry["threat"]) if pack else list(entry["alerts"])
