"""What follows from the grades in force: area and criterion grades, alerts, by the rules of the round's pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.findings import rolled_up
from pipeline.record.types import CellKey, Standing
from rules.pack import RollUp


def follows(head: Mapping[str, Any], entry: Mapping[str, Any], standings: Mapping[CellKey, Standing]) -> dict[str, Any]:
    """A force's area_grades, criterion_grades, credible and alerts, in the form of matrix.json, from its grades in force."""
    grades: dict[str, dict[str, int]] = {}
    for (area, criterion), standing in standings.items():
        grades.setdefault(area, {})[criterion] = standing.grade
    areas, scale = {a["id"]: a["name"] for a in head["areas"]}, {g["grade"]: g["name"] for g in head["grades"]}
    return rolled_up(RollUp.model_validate(head["roll_up"]), areas, scale, grades, entry["need"], entry["threat"])
