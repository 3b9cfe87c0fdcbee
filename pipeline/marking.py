"""Protective marking: which marking an output must carry, and the copy of a round that may be made public.

Only a paper that bears one of the OPEN markings is open. One that bears none is kept back like a restricted one: the papers that
forces leave unmarked are mails, registers and drafts. A `submission.yaml` may state the marking that a document lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from pipeline.gazetteer import Gazetteer
from pipeline.markings import OPEN, is_open, marking_rank
from pipeline.round import partners_of
from pipeline.words import listed
from rules.pack import Pack

_KEPT: Final = (
    "force", "folder", "area_grades", "criterion_grades", "credible", "governance", "governance_names", "orientation", "orientation_mix",
)  # fmt: skip
"""What a public copy keeps of a submission as it is. What else it keeps it looks through first; what it does not know it leaves out."""
_CELL_KEPT: Final = ("grade", "provisional_grade", "confidence", "probabilities", "status", "elements", "missing")
_COUNTED: Final = {  # what was kept back: one, several; not alerts, for their number beside the grades would tell levels
    "quotes": ("quotation", "quotations"),
    "documents": ("document's name", "documents' names"),
    "levels": ("level of need or threat", "levels of need and threat"),
    "partners": ("named partner", "named partners"),
    "reasons": ("reviewer's reason", "reviewers' reasons"),
    "problems": ("note on reading", "notes on reading"),
}


def highest_marking(matrix: Mapping[str, Any]) -> str:
    """The highest protective marking among the documents, as written there; a public copy quotes open ones only."""
    if "withheld" in matrix:
        return OPEN[0]
    markings = {str(d["marking"]).strip() for d in _documents(matrix) if str(d.get("marking") or "").strip()}
    if not markings:
        return "NO PROTECTIVE MARKING FOUND"
    top = max(map(marking_rank, markings))
    return " / ".join(sorted({m.upper() for m in markings if marking_rank(m) == top}))


def unmarked_note(matrix: Mapping[str, Any]) -> str:
    """A warning when some documents bear no marking that could be read; otherwise empty."""
    count = sum(1 for d in _documents(matrix) if not str(d.get("marking") or "").strip())
    if not count:
        return ""
    documents, them = ("1 document bears", "it") if count == 1 else (f"{count} documents bear", "them")
    return f"{documents} no protective marking that could be read: check {them} before you pass this on."


def open_files(submission: Mapping[str, Any]) -> frozenset[str]:
    """The submission's files that may be quoted to anyone. What is attached to a mail that is not open stays back with it."""
    documents = submission.get("documents") or ()
    closed = tuple(f"{d['file']}/" for d in documents if not is_open(d))
    return frozenset(d["file"] for d in documents if is_open(d) and not d["file"].startswith(closed))


def public_copy(pack: Pack, matrix: Mapping[str, Any]) -> dict[str, Any]:
    """A round of which everything may be made public: the grades and findings, and what open documents say.

    Each submission's `withheld` counts what was left out of it, the copy's own that of the whole round. National figures on need
    and threat are to be counted from the round itself: here a level is left out unless an open document states it.
    """
    copy = {key: matrix[key] for key in ("format", "pack", "model", "grades", "roll_up", "areas", "criteria") if key in matrix}
    names = [s["force"] for s in matrix.get("submissions") or ()]
    names += [n for s in matrix.get("submissions") or () for named in partners_of(s).values() for n in named]
    gazetteer = Gazetteer(pack.force_names, names)
    copy["submissions"] = [_public(s, copy.get("areas") or (), gazetteer) for s in matrix.get("submissions") or ()]
    copy["problems"] = []
    total = Counter(problems=len(matrix.get("problems") or ()))
    for submission in copy["submissions"]:
        total.update(submission["withheld"])
    return copy | {"withheld": _filled(total)}


def withheld_note(withheld: Mapping[str, int]) -> str:
    """One sentence on what a public copy leaves out."""
    if not withheld:
        return "Nothing was withheld from this public copy."
    parts = [f"{n} {_COUNTED[what][n != 1]}" for what, n in withheld.items()]
    verb = "was" if list(withheld.values()) == [1] else "were"
    return f"{listed(parts)} {verb} withheld from this public copy, because they come from documents that do not bear an open marking."


def _public(submission: Mapping[str, Any], areas: Any, gazetteer: Gazetteer) -> dict[str, Any]:
    mine, withheld = open_files(submission), Counter[str]()
    closed = [d for d in submission.get("documents") or () if d["file"] not in mine]
    result: dict[str, Any] = {key: submission[key] for key in _KEPT if key in submission}
    result["documents"] = [_document(d, closed, withheld) for d in submission.get("documents") or ()]
    result["cells"] = {
        area: {criterion: _cell(cell, mine, withheld) for criterion, cell in row.items()}
        for area, row in (submission.get("cells") or {}).items()
    }
    shown = submission.get("governance_evidence") or {}
    result["governance_evidence"] = {finding: quote for finding, quote in shown.items() if quote.get("file") in mine}
    withheld["quotes"] += len(shown) - len(result["governance_evidence"])
    unsaid: set[str] = set()
    for kind in ("need", "threat"):
        sources = (submission.get("level_sources") or {}).get(kind) or {}
        told = submission.get(kind) or {}
        result[kind] = {area: n for area, n in told.items() if not closed or mine.intersection(sources.get(area) or ())}
        withheld["levels"] += sum(told[area] > 0 for area in told.keys() - result[kind].keys())
        unsaid |= told.keys() - result[kind].keys()
    names = [a["name"] for a in areas if a["id"] in unsaid]
    result["alerts"] = [alert for alert in submission.get("alerts") or () if not any(alert.startswith(f"{name}:") for name in names)]
    result["partners"] = _partners(partners_of(submission), result["cells"], gazetteer, bool(closed), withheld)
    result["problems"] = [] if closed else list(submission.get("problems") or ())
    withheld["problems"] += len(submission.get("problems") or ()) - len(result["problems"])
    return result | {"withheld": _filled(withheld)}


def _document(document: Mapping[str, Any], closed: list[Any], withheld: Counter[str]) -> dict[str, Any]:
    """A closed document keeps its kind, marking and length, never its name, hash or notes."""
    if document not in closed:
        return dict(document)
    withheld["documents"] += 1
    withheld["problems"] += len(document.get("problems") or ())
    kept = {key: document.get(key) for key in ("kind", "marking", "pages", "pages_read")}
    return kept | {"file": f"Withheld document {closed.index(document) + 1}", "sha256": "", "problems": []}


def _cell(cell: Mapping[str, Any], mine: frozenset[str], withheld: Counter[str]) -> dict[str, Any]:
    """A cell with the quotes of open documents only; `withheld` says how many others it had.

    The machine's explanation is written from the pack's names alone and stays; a reviewer's reason may quote anything and goes.
    """
    evidence = [e for e in cell.get("evidence") or () if e.get("file") in mine]
    kept_back = len(cell.get("evidence") or ()) - len(evidence)
    withheld["quotes"] += kept_back
    result = {key: cell[key] for key in _CELL_KEPT if key in cell}
    if "decision" in cell:
        withheld["reasons"] += bool(cell["decision"].get("reason"))
        result["decision"] = {"at": cell["decision"].get("at"), "reviewer": "", "reason": ""}
    return result | {"evidence": evidence, "explanation": cell.get("explanation") or "", "withheld": kept_back}


def _partners(
    partners: Mapping[str, Any], cells: Mapping[str, Any], gazetteer: Gazetteer, closed: bool, withheld: Counter[str]
) -> dict[str, list[str]]:
    """The partners that an open quotation names for the area."""
    result = {}
    for area, names in partners.items():
        said = {name for cell in cells.get(area, {}).values() for e in cell["evidence"] for name in gazetteer.find(e["quote"])}
        result[area] = [n for n in names if not closed or gazetteer.resolve(n) in said]
        withheld["partners"] += len(names) - len(result[area])
    return result


def _filled(counts: Counter[str]) -> dict[str, int]:
    return {what: counts[what] for what in _COUNTED if counts[what]}


def _documents(matrix: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [d for s in matrix.get("submissions") or () for d in s.get("documents") or ()]
