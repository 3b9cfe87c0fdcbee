"""What is behind the figures, for every output that leads from a number to the forces and cells that it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.publish.forces import Force
from pipeline.publish.picture import Picture
from pipeline.publish.tables import LEVELS, Headline

HEADLINE, ORIENTATION, FOLLOWS = "Headline", "Orientation", "Need against provision"
"""Kinds of findings."""


def findings(picture: Picture) -> tuple[tuple[str, tuple[Headline, ...]], ...]:
    """The counts of forces beside the tables, by kind."""
    return (
        (HEADLINE, picture.headlines),
        ("Governance", picture.governance),
        (ORIENTATION, picture.orientation),
        (FOLLOWS, picture.following),
    )


def behind(picture: Picture) -> Iterator[tuple[str, str, str, str, str, str, Any]]:
    """(table, row, column, force, area, criterion, grade or level) of everything that is counted in the tables and findings, figure by
    figure."""
    figures = [
        (f"Table {table.number}", name, column, figure, row)
        for table in picture.tables
        for row, name, figures in zip(table.rows, table.row_names, table.figures, strict=True)
        for column, figure in zip(table.column_names, figures, strict=True)
    ]
    figures += [(kind, one.words, "", one.figure, "") for kind, found in findings(picture) for one in found]
    forces, areas, criteria = {f.number: f for f in picture.forces}, picture.areas, picture.criteria
    for table_name, name, column, figure, row in figures:
        for number, area, criterion in figure.behind:
            force, place = forces[number], (areas.get(area, ""), criteria.get(criterion, ""))
            yield table_name, name, column, force.name, *place, _value(picture, force, area, criterion, row)


def _value(picture: Picture, force: Force, area: str, criterion: str, row: str) -> int | None:
    """The grade or, in a row of an index of levels, the level that is counted; None where neither is."""
    if row in ("threat", "need"):
        return {"threat": force.threat, "need": force.need}[row][area]
    if row in LEVELS:
        return LEVELS.index(row)
    if area:
        return force.grades[area][criterion] if criterion else force.area_grade(picture.pack, area, picture.rule)
    return force.criterion_grade(picture.pack, criterion, picture.rule) if criterion else None


def brought(picture: Picture, row: str, force: int, places: list[tuple[str, str]]) -> int:
    """What a force brings to an index: its level of threat or need in the area, or the sum of its grades there."""
    whose = next(f for f in picture.forces if f.number == force)
    levels = {"threat": whose.threat, "need": whose.need}.get(row)
    return sum(whose.grades[area][criterion] if levels is None else levels[area] for area, criterion in places)
