"""One cell's reasoning, read from matrix.json and told in plain text."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class ExplainError(ValueError):
    """The cell cannot be shown; the message says which names there are."""


def explain_cell(out: Path, force: str, area: str, criterion: str) -> str:
    """The reasoning of one cell. Raises ExplainError."""
    file = out / "matrix.json"
    try:
        matrix = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ExplainError(f"{file}: there is no review to read. Run `readacross review SUBMISSIONS --out {out}` first.") from None
    submission = _choose("force", force, matrix["submissions"], ("force",))
    row = _choose("area", area, matrix["areas"], ("id", "name", "short"))
    column = _choose("criterion", criterion, matrix["criteria"], ("id", "name", "short"))
    if not submission["cells"]:
        problems = "; ".join(submission["problems"]) or "see its documents' problems in the report"
        raise ExplainError(f"{submission['force']}: nothing could be read, so no cell was graded: {problems}")
    return "\n".join(_lines(matrix, submission, row, column))


def _choose(what: str, wanted: str, among: Sequence[dict[str, Any]], keys: Sequence[str]) -> dict[str, Any]:
    """The entry that is called `wanted`, else the only one whose name contains it."""
    low = wanted.casefold()
    exact = [one for one in among if any(str(one[key]).casefold() == low for key in keys)]
    partly = [one for one in among if any(low in str(one[key]).casefold() for key in keys)]
    found = exact or partly
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(one[keys[0]]) for one in (found or among))
    raise ExplainError(f"{wanted!r} is {'more than one' if found else 'no'} {what}. Choose one of: {names}.")


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
        found = "found" if p >= 0.5 else "MISSING" if element["required"] else "not found"
        kind = "required" if element["required"] else "depth"
        lines.append(f"  {element['short']:40} {kind:9} {found:10} {p:.0%}")
    lines += ["", "Evidence" if cell["evidence"] else "Evidence: none"]
    short = {e["id"]: e["short"] for e in criterion["elements"]}
    for number, quote in enumerate(cell["evidence"], 1):
        where = f"sheet {quote['sheet']}, cell {quote['cell']}" if "sheet" in quote else f"page {quote['page'] or '?'}"
        bears = ", ".join(short[e] for e in quote["elements"]) or "bears on the criterion only"
        scope = "" if quote["scope"] == "specific" else f" [{quote['scope'].replace('_', '-')} statement]"
        lines.append(f"  {number}. {quote['file']}, {where}: {bears}{scope} ({quote['score']:.0%})")
        lines += textwrap.wrap(f'"{quote["quote"]}"', 96, initial_indent="     ", subsequent_indent="     ")
    lines += ["", f"Pack {matrix['pack']['id']} {matrix['pack']['version']}, model {matrix['model']['id']}."]
    return lines
