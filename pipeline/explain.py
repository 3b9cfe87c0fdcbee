"""One cell's reasoning, read from matrix.json and told in plain text."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.assess import CUT
from pipeline.round import PROPOSED, RoundError, choose, choose_force
from pipeline.words import place_of


@dataclass(frozen=True, slots=True)
class Reasoning:
    """How a cell of a force came to its grade, in words, and the documents that are quoted."""

    force: str
    files: frozenset[str]
    text: str


def explain_cell(out: Path, force: str, area: str, criterion: str) -> Reasoning:
    """The reasoning of one cell. Raises RoundError."""
    file = out / PROPOSED
    try:
        matrix = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RoundError(f"{file}: there is no review to read. Run `readacross review SUBMISSIONS --out {out}` first.") from None
    name = choose_force(matrix["pack"]["id"], force, [s["force"] for s in matrix["submissions"]])
    submission = next(s for s in matrix["submissions"] if s["force"] == name)
    row = choose("area", area, matrix["areas"], ("id", "name", "short"))
    column = choose("criterion", criterion, matrix["criteria"], ("id", "name", "short"))
    if not submission["cells"]:
        problems = "; ".join(submission["problems"]) or "see its documents' problems in the report"
        raise RoundError(f"{submission['force']}: nothing could be read, so no cell was graded: {problems}")
    files = frozenset(quote["file"] for quote in submission["cells"][row["id"]][column["id"]]["evidence"])
    return Reasoning(name, files, "\n".join(_lines(matrix, submission, row, column)))


def _lines(matrix: dict[str, Any], submission: dict[str, Any], area: dict[str, Any], criterion: dict[str, Any]) -> list[str]:
    cell = submission["cells"][area["id"]][criterion["id"]]
    grades = {g["grade"]: g["name"] for g in matrix["grades"]}
    lines = [
        f"{submission['force']} - {area['name']} - {criterion['name']}",
        f"Provisional grade {cell['grade']} ({grades[cell['grade']]}), confidence {cell['confidence']:.0%}",
        "Probabilities: " + ", ".join(f"{grades[g]} {p:.0%}" for g, p in enumerate(cell["probabilities"])),
        "",
        *textwrap.wrap(cell["explanation"], 100),
        "",
        "Elements",
    ]
    for element in criterion["elements"]:
        p = cell["elements"][element["id"]]
        found = "found" if p >= CUT else "MISSING" if element["required"] else "not found"
        kind = "required" if element["required"] else "depth"
        lines.append(f"  {element['short']:40} {kind:9} {found:10} {p:.0%}")
    lines += ["", "Evidence" if cell["evidence"] else "Evidence: none"]
    short = {e["id"]: e["short"] for e in criterion["elements"]}
    for number, quote in enumerate(cell["evidence"], 1):
        bears = ", ".join(short[e] for e in quote["elements"]) or "bears on the criterion only"
        scope = "" if quote["scope"] == "specific" else f" [{quote['scope'].replace('_', '-')} statement]"
        lines.append(f"  {number}. {quote['file']}, {place_of(quote)}: {bears}{scope} ({quote['score']:.0%})")
        lines += textwrap.wrap(f'"{quote["quote"]}"', 96, initial_indent="     ", subsequent_indent="     ")
    lines += ["", f"Pack {matrix['pack']['id']} {matrix['pack']['version']}, model {matrix['model']['id']}."]
    return lines
