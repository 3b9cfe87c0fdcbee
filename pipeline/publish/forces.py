"""The forces of a round, as the national picture reads them: graded cells, levels, and how far each grade is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.gazetteer import Gazetteer
from pipeline.round import is_settled
from pipeline.words import clean, listed
from rules.grading import roll_up_grades
from rules.pack import Pack

GIVEN: Final = "given"
"""The status of a grade that came in a table of grades: who settled it is not said there."""


@dataclass(frozen=True, slots=True)
class Force:
    """One force. `number` is its place in the round from 1, as in report.html's anchors; `entry` is all that the round says of it."""

    number: int
    name: str
    grades: Mapping[str, Mapping[str, int]]
    """{area: {criterion: grade 0-3}}; a cell that nobody graded is absent."""
    need: Mapping[str, int]
    threat: Mapping[str, int]
    entry: Mapping[str, Any]

    def area_grade(self, pack: Pack, area: str, rule: str) -> int | None:
        """The area's grade out of its cells (handbook section 5); None unless every cell is graded."""
        return _rolled([self.grades.get(area, {}).get(c.id) for c in pack.criteria], rule)

    def criterion_grade(self, pack: Pack, criterion: str, rule: str) -> int | None:
        """The criterion's grade out of its cells; None unless every cell is graded."""
        return _rolled([self.grades.get(a.id, {}).get(criterion) for a in pack.areas], rule)

    def cells(self) -> Iterable[tuple[str, str, int]]:
        """(area, criterion, grade) of every graded cell."""
        return ((area, criterion, grade) for area, row in self.grades.items() for criterion, grade in row.items())

    def cell(self, area: str, criterion: str) -> Mapping[str, Any]:
        """All that the round says of one cell; empty when there is none."""
        found: Mapping[str, Any] = self.entry.get("cells", {}).get(area, {}).get(criterion, {})
        return found


def forces_of(pack: Pack, entries: Sequence[Mapping[str, Any]]) -> tuple[list[Force], list[str]]:
    """The forces of a round's `submissions` that can be counted, each once, and for every other submission a sentence that says why not."""
    names = [clean(str(entry.get("force") or entry.get("folder") or f"Force {n}")) for n, entry in enumerate(entries, 1)]
    gazetteer = Gazetteer(pack.force_names, [name for name in names if name.endswith(pack.force_names.suffixes)])
    found: dict[str, list[Force]] = {}
    left_out = []
    for number, (name, entry) in enumerate(zip(names, entries, strict=True), 1):
        grades = {a: {c: x["grade"] for c, x in row.items() if x.get("grade") is not None} for a, row in (entry.get("cells") or {}).items()}
        if any(grades.values()):
            whose = gazetteer.resolve(name.removesuffix(f" ({entry.get('folder')})")).casefold()
            force = Force(number, name, grades, entry.get("need") or {}, entry.get("threat") or {}, entry)
            found.setdefault(whose, []).append(force)
        else:
            left_out.append(f"{name}: nothing is graded, so it is counted nowhere.")
    for several in (forces for forces in found.values() if len(forces) > 1):
        left_out.append(
            f"{listed(f.name for f in several)} are one force. A force counts once, and its plans are judged together, so they are counted "
            "nowhere. Put its documents into one folder and review it again; in a table of grades, write its name alike in every row."
        )
    return [forces[0] for forces in found.values() if len(forces) == 1], left_out


def basis(cells: Iterable[Mapping[str, Any]]) -> str:
    """What figures from these cells rest on: `provisional`, `validated`, `mixed`, or `given` where a table of grades gave them."""
    states = {GIVEN if cell.get("status") == GIVEN else "validated" if is_settled(cell) else "provisional" for cell in cells}
    return states.pop() if len(states) == 1 else "mixed" if states else "provisional"


def _rolled(grades: Sequence[int | None], rule: str) -> int | None:
    known = [g for g in grades if g is not None]
    return roll_up_grades(known, rule) if known and len(known) == len(grades) else None
