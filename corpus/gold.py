"""Gold matrices: the grades that follow from a force's labels by the handbook's rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.notation import Force
from rules.grading import grade_cell
from rules.pack import Pack


@dataclass(slots=True)
class GoldCell:
    """What the labels put into one cell."""

    grade: int = 0
    elements: set[str] = field(default_factory=set)
    specific: set[str] = field(default_factory=set)
    narrow: set[str] = field(default_factory=set)
    """Elements from something narrower than a force-wide statement."""
    bears: bool = False
    quotes: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    """(file, passage text, elements)."""


def gold_matrix(force: Force, pack: Pack) -> dict[str, dict[str, GoldCell]]:
    """The cells by area and criterion (handbook section 4)."""
    matrix = {a.id: {c.id: GoldCell() for c in pack.criteria} for a in pack.areas}
    for plan in force.plans:
        file = plan.options.get("file", plan.file)
        for passage in plan.passages:
            for about in passage.about:
                scope = pack.scope(about)
                for area in pack.members(about):
                    if area in passage.excluded:
                        continue
                    for criterion in passage.criteria:
                        cell = matrix[area][criterion]
                        elements = {s.element for s in passage.spans if s.criterion == criterion}
                        cell.bears = True
                        cell.elements |= elements
                        if scope != "force_wide":
                            cell.narrow |= elements
                        if scope == "specific":
                            cell.specific |= elements
                        cell.quotes.append((file, passage.text, tuple(sorted(elements))))
    for row in matrix.values():
        for rule in pack.criteria:
            cell = row[rule.id]
            required = {e.id for e in rule.required}
            cell.grade = grade_cell(
                rule,
                pack.roll_up,
                present=cell.elements & required | (cell.specific - required),
                specific=cell.specific,
                local=bool(cell.narrow & required),
                bears=cell.bears,
            )
    return matrix
