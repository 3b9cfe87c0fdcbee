"""The review as one web page: reads the dict that matrix.json holds, writes one file that needs no network."""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.assess import CUT
from pipeline.marking import highest_marking, unmarked_note
from pipeline.round import SETTLED, is_settled, partners_of
from pipeline.store import write_pieces
from pipeline.words import SCOPES, capital, clean, force_of, label, level, marked, percent, place_of, whole_percent

NOTICE = (
    "These grades were proposed by software from the documents that the forces sent in. "
    "No grade stands until a reviewer has accepted it or replaced it with a reason."
)
DEFAULT_GRADES = tuple(
    {"grade": n, "name": name, "letter": name[0]}
    for n, name in enumerate(("No evidence", "Insufficient", "Meets standard", "High provision"))
)
_PIECES = 1_000
"""Pieces of the page that are written at once."""
_PALETTE = 4  # colours in the style sheet; a longer scale shares the end colours and keeps its letters


def write_report(matrix: dict[str, Any], path: Path) -> None:
    """Write the whole review as one self-contained page at `path`, replacing what stood there at once."""
    page = _environment().get_template("report.html.j2").stream(report_view(matrix))
    page.enable_buffering(_PIECES)
    write_pieces(path, (piece.encode() for piece in page))


def report_view(matrix: dict[str, Any]) -> dict[str, Any]:
    """Everything the template shows, in the order in which it shows it; the forces one at a time, as a round is large."""
    grades, areas, criteria = grades_of(matrix), areas_of(matrix), criteria_of(matrix)
    marking = highest_marking(matrix)

    def forces() -> Iterator[dict[str, Any]]:
        return (_force(number, submission, grades, areas, criteria) for number, submission in enumerate(matrix.get("submissions", ()), 1))

    overview = [_in_short(force) for force in forces()]
    return {
        "grades": grades, "areas": areas, "criteria": criteria, "overview": overview, "forces": forces(),
        "marking": marking, "page_marking": re.sub("[^A-Z0-9 /-]", "", marking), "unmarked": unmarked_note(matrix),
        "problems": matrix.get("problems") or [], "pack": matrix.get("pack") or {}, "model": matrix.get("model") or {},
        "state": state_of(matrix), "notice": notice_of(matrix),
        "cells": sum(force["cells"] for force in overview),
    }  # fmt: skip


def state_of(matrix: Mapping[str, Any]) -> str:
    """Provisional, or Reviewed where the record's decisions are in it."""
    return "Reviewed" if "record" in matrix else "Provisional"


def notice_of(matrix: Mapping[str, Any]) -> str:
    """What everyone who sees the grades must know of them."""
    if "record" not in matrix:
        return NOTICE
    return f"{tally(matrix)} The other grades were proposed by software and do not stand until a reviewer has accepted or replaced them."


def tally(matrix: Mapping[str, Any]) -> str:
    """How far the review is, in one line: "64 of 70 cells are decided: 60 validated, 4 overridden. 2 are stale." """
    found = Counter(c.get("status") for s in matrix["submissions"] for row in (s.get("cells") or {}).values() for c in row.values())
    decided = {status: found[status] for status in SETTLED if found[status]}
    kinds = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in decided.items())
    stale = {0: "", 1: " 1 is stale: look at it again."}.get(found["stale"], f" {found['stale']} are stale: look at them again.")
    return f"{sum(decided.values())} of {found.total()} cells are decided{': ' if kinds else ''}{kinds}.{stale}"


def grades_of(matrix: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Grade number -> its name, letter and style class, lowest first."""
    listed = sorted(matrix.get("grades") or DEFAULT_GRADES, key=lambda entry: int(entry["grade"]))
    found: dict[int, dict[str, Any]] = {}
    for position, entry in enumerate(listed):
        colour = 0 if len(listed) == 1 else round(position * (_PALETTE - 1) / (len(listed) - 1))
        name = str(entry.get("name") or f"Grade {entry['grade']}")
        letter = str(entry.get("letter") or name[:1])
        found[int(entry["grade"])] = {"grade": entry["grade"], "name": name, "letter": letter, "colour": colour}
    return found


def areas_of(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """The areas as listed, or as the cells name them where the list is absent."""
    return _named(matrix.get("areas") or _ids(s.get("cells") or {} for s in matrix.get("submissions", ())))


def criteria_of(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """The criteria with their elements as listed, or as the cells name them where the list is absent."""

    def rows() -> Iterator[dict[str, Any]]:  # read again rather than held: a round is large
        return (row for s in matrix.get("submissions", ()) for row in (s.get("cells") or {}).values())

    criteria = _named(matrix.get("criteria") or _ids(rows()))
    for criterion in criteria:
        cells = (row[criterion["id"]].get("elements") or {} for row in rows() if criterion["id"] in row)
        criterion["elements"] = _named(criterion.get("elements") or _ids(cells))
    return criteria


def problem_count(submission: dict[str, Any]) -> int:
    """Problems of the submission and of its documents together."""
    own = len(submission.get("problems") or ())
    return own + sum(len(d.get("problems") or ()) for d in submission.get("documents") or ())


def _force(
    number: int,
    submission: dict[str, Any],
    grades: dict[int, dict[str, Any]],
    areas: list[dict[str, Any]],
    criteria: list[dict[str, Any]],
) -> dict[str, Any]:
    passages: dict[tuple[Any, ...], dict[str, Any]] = {}
    cells = submission.get("cells") or {}
    area_grades, criterion_grades = submission.get("area_grades") or {}, submission.get("criterion_grades") or {}
    need, threat = submission.get("need") or {}, submission.get("threat") or {}
    rows: list[dict[str, Any]] = []
    for a, area in enumerate(areas, 1):
        found = cells.get(area["id"]) or {}
        shown = [
            _cell(f"f{number}-{a}-{c}", found[asked["id"]], asked, grades, passages) if found.get(asked["id"]) else None
            for c, asked in enumerate(criteria, 1)
        ]
        rows.append({
            "area": area, "cells": shown, "grade": grades.get(area_grades.get(area["id"], -1)),
            "need": level(need.get(area["id"])), "threat": level(threat.get(area["id"])),
        })  # fmt: skip
    credible = submission.get("credible")
    graded = any(row["grade"] for row in rows) or any(cell for row in rows for cell in row["cells"])
    return {
        "id": f"f{number}", "name": force_of(submission),
        "folder": submission.get("folder"), "graded": graded, "rows": rows,
        "credible": "Not assessed" if credible is None or not graded else "Yes" if credible else "No",
        "criterion_grades": [grades.get(criterion_grades.get(criterion["id"], -1)) for criterion in criteria],
        "documents": submission.get("documents") or [], "problems": submission.get("problems") or [],
        "problem_count": problem_count(submission), "alerts": submission.get("alerts") or [],
        "governance": _governance(submission), "orientation": submission.get("orientation"),
        "partners": _partners(submission, areas), "passages": list(passages.values()),
    }  # fmt: skip


def _in_short(force: dict[str, Any]) -> dict[str, Any]:
    """A force's row in the overview."""
    return {
        **{name: force[name] for name in ("id", "name", "credible", "alerts", "problem_count")},
        "grades": [row["grade"] for row in force["rows"]], "cells": sum(len(row["cells"]) for row in force["rows"]),
    }  # fmt: skip


def _cell(
    identifier: str,
    cell: dict[str, Any],
    criterion: dict[str, Any],
    grades: dict[int, dict[str, Any]],
    passages: dict[tuple[Any, ...], dict[str, Any]],
) -> dict[str, Any]:
    names = {element["id"]: element["short"] for element in criterion["elements"]}
    probabilities, missing = cell.get("elements") or {}, list(cell.get("missing") or ())
    elements = [
        {"name": e["short"], "required": e.get("required"), "share": percent(probabilities.get(e["id"])),
         "found": e["id"] not in missing and (probabilities.get(e["id"]) or 0) >= CUT, "missing": e["id"] in missing}
        for e in criterion["elements"]
    ]  # fmt: skip
    shares = zip(grades.values(), cell.get("probabilities") or (), strict=False)
    evidence = [_citation(identifier, item, names, passages) for item in cell.get("evidence") or ()]
    confidence, status = cell.get("confidence"), cell.get("status") or "provisional"
    return {
        "id": identifier, "criterion": criterion, "grade": grades.get(cell.get("grade", -1)), "elements": elements,
        "confidence": percent(confidence), "certain": 100 if is_settled(cell) else whole_percent(confidence),
        "status": label(status), "open": status == "provisional", "decision": _decision(cell.get("decision")),
        "proposed": grades.get(cell.get("provisional_grade", -1)), "rejected": cell.get("rejected_evidence") or [],
        "bars": [{"grade": grade, "share": percent(share), "width": whole_percent(share)} for grade, share in shares],
        "missing": [names.get(m, label(m)) for m in missing], "evidence": evidence,
        "explanation": cell.get("explanation"),
    }  # fmt: skip


def _decision(decision: dict[str, Any] | None) -> dict[str, Any] | None:
    """A decision with its day in words."""
    day = date.fromisoformat(decision["at"][:10]) if decision else date.min
    return {**decision, "day": f"{day.day} {day:%B %Y}"} if decision else None


def _citation(
    identifier: str, item: dict[str, Any], names: dict[str, str], passages: dict[tuple[Any, ...], dict[str, Any]]
) -> dict[str, Any]:
    quote = str(item.get("quote") or "")
    place = place_of(item)
    key = (item.get("file"), place, tuple(item.get("box") or ()), quote)
    ranges = [(int(start), int(end)) for start, end in item.get("highlights") or ()]
    passage = passages.get(key)
    if passage is None:
        passage = passages[key] = {
            "id": f"{identifier.split('-')[0]}-p{len(passages) + 1}", "number": len(passages) + 1,
            "file": item.get("file"), "place": place, "headings": item.get("headings") or [],
            "pieces": marked(quote, ranges), "ranges": ranges,
        }  # fmt: skip
    return {
        "passage": passage, "bears": [names.get(e, label(e)) for e in item.get("elements") or ()],
        "share": percent(item.get("score")), "scope": SCOPES.get(str(item.get("scope"))),
        "ranges": None if ranges == passage["ranges"] else ",".join(f"{start}-{end}" for start, end in ranges) or "0-0",
    }  # fmt: skip


def _governance(submission: dict[str, Any]) -> list[dict[str, Any]]:
    found, names = submission.get("governance") or {}, submission.get("governance_names") or {}
    evidence = submission.get("governance_evidence") or {}
    return [
        {"name": names.get(finding) or label(finding), "answer": "Yes" if answer else "No",
         "evidence": evidence.get(finding), "place": place_of(evidence.get(finding) or {})}
        for finding, answer in found.items()
    ]  # fmt: skip


def _partners(submission: dict[str, Any], areas: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    partners = partners_of(submission)
    return [(area["name"], partners[area["id"]]) for area in areas if partners.get(area["id"])]


def _named(entries: Iterable[Any]) -> list[dict[str, Any]]:
    filled = [dict(entry) if isinstance(entry, dict) else {"id": entry} for entry in entries]
    for entry in filled:
        entry["name"] = entry.get("name") or label(entry["id"])
        entry["short"] = entry.get("short") or entry["name"]
    return filled


def _ids(mappings: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined,
        finalize=lambda value: clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )  # fmt: skip
    environment.filters |= {"label": label, "cap": capital, "csp_hash": _csp_hash}
    return environment


def _csp_hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii") + "'"
