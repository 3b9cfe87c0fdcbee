"""The sheet of the workbook that goes out to be filled in: one row for each cell, a grade and a reason to choose, and what finds the cell
again when it comes back (`readacross import`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.record.content import version_of
from pipeline.words import capital, force_of, label, place_of

SHEET: Final = "Decisions"
GRADE: Final = "Your grade"
REASON: Final = "Your reason"
HIDDEN: Final = ("Version", "Area id", "Criterion id", "Decision seen")
COLUMNS: Final = (
    ("Force", 20), ("Area", 20), ("Criterion", 16), ("Proposed grade", 10), ("Confidence", 12), ("Required elements missing", 20),
    ("First quote", 60), ("Where", 24), ("Status", 13), ("Grade in force", 9), ("Decided by", 18), (GRADE, 10), (REASON, 48),
    *((name, 12) for name in HIDDEN),
)  # fmt: skip
NOTE: Final = (
    "First save this workbook under a name of your own. In the two yellow columns, choose a grade for each cell that you have looked at: "
    "the proposed grade accepts it, another overrides it and needs a reason (choose one or write your own). Leave the others empty. "
    "Then: readacross import WORKBOOK --into OUT --reviewer NAME"
)
REASONS: Final = (
    "An element shown as found is not in the documents",
    "An element shown as missing is in the documents",
    "The quotes are about another service or another force",
    "A mere mention, a heading or a plan to plan",
    "Too general to act on for this area",
    "The depth is not specific to this area",
    "There is depth specific to this area that was not found",
)
"""Usual reasons to override (handbook section 4); any other may be written."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell on the sheet; grades are numbers of the scale."""

    force: str
    area: str
    criterion: str
    proposed: int | None
    confidence: float | None
    missing: str
    quote: str
    place: str
    status: str
    grade: int | None
    reviewer: str
    hidden: tuple[str, str, str, int | None]
    """Version, area and criterion by id, and the number of the decision shown."""


def decision_rows(
    matrix: Mapping[str, Any], submission: Mapping[str, Any], areas: Sequence[Mapping[str, Any]], criteria: Sequence[Mapping[str, Any]]
) -> Iterator[Row]:
    """A row for each graded cell of a submission of a matrix.json or reviewed.json, in the order of its areas and criteria."""
    version = str(submission.get("version_sha256") or version_of(matrix, submission))
    cells = submission.get("cells") or {}
    for area in areas:
        for criterion in criteria:
            if cell := (cells.get(area["id"]) or {}).get(criterion["id"]):
                short = {e["id"]: e["short"] for e in criterion["elements"]}
                best: dict[str, Any] = next(iter(cell.get("evidence") or ()), {})
                yield Row(
                    force_of(submission), area["name"], capital(criterion["short"]),
                    cell.get("provisional_grade", cell.get("grade")), cell.get("confidence"),
                    ", ".join(short.get(m, label(m)) for m in cell.get("missing") or ()) or "None",
                    str(best.get("quote") or "No passage was found"), f"{best['file']}, {place_of(best)}" if best else "",
                    label(cell.get("status") or "provisional"), cell.get("grade"), (cell.get("decision") or {}).get("reviewer", ""),
                    (version, area["id"], criterion["id"], cell.get("seen")),
                )  # fmt: skip
