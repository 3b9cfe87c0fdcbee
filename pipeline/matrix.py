"""A submission's result and the whole round as the JSON that others read (formats.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from pydantic_core import to_json

from classifiers.model import Model
from classifiers.reading import Read
from extractors.document import Document, Problem, Scan
from pipeline.assess import Cell, Evidence, assess
from pipeline.findings import Findings, rolled_up
from pipeline.identify import document_kind
from pipeline.ingest import Submission
from pipeline.manifest import MANIFEST, StatedDocument
from pipeline.markings import marking_in, marking_of
from rules.pack import Pack

FORMAT: Final = "readacross-matrix/1"
KEPT: Final = 50
"""Entries kept in memory: those of all the forces of England and Wales; some 1.7 MB each at 100 pages."""

Scans = Mapping[tuple[str, int], Scan]
"""What was read by OCR, by file and page."""


def submission_result(
    findings: Findings,
    model: Model,
    submission: Submission,
    force: str,
    round_names: Sequence[str],
    documents: Sequence[Read],
    notes: Sequence[Problem],
) -> dict[str, Any]:
    """One force's entry in matrix.json. `cells` is empty when not one page could be read: that is no "no evidence"."""
    pack = findings.pack
    readable = any(document.passages for document, _ in documents)
    stated = findings.stated(documents)
    cells = assess(pack, model, documents, stated) if readable else {}
    grades = {a: {c: cell.grade for c, cell in row.items()} for a, row in cells.items()}
    areas, scale = {a.id: a.name for a in pack.areas}, {g.grade: g.name for g in pack.grades}
    levels, sources = findings.levels(documents, stated)
    governance, quotes = findings.governance(documents)
    scans = {(document.file, scan.page): scan for document, _ in documents for scan in document.scans}
    orientation, mix = findings.orientation(documents)
    partners, in_short = findings.partners(force, round_names, documents)
    return {
        "force": force,
        "folder": submission.folder,
        "documents": [_document(pack, submission, document) for document, _ in documents],
        "cells": {a: {c: _cell(cell, scans) for c, cell in row.items()} for a, row in cells.items()},
        **rolled_up(pack.roll_up, areas, scale, grades, levels["need"], levels["threat"]),
        "need": levels["need"],
        "threat": levels["threat"],
        "level_sources": sources,
        "governance": governance,
        "governance_names": {f.id: f.name for f in pack.governance},
        "governance_evidence": {f: {"file": q.file, "page": q.page, "quote": q.quote} for f, q in quotes.items()},
        "orientation": orientation,
        "orientation_mix": mix,
        "partners": partners,
        "partners_in_short": in_short,
        "problems": [_told(p, force) for p in notes],
    }


def _told(problem: Problem, force: str) -> str:
    """A problem as told beside the force's name: a folder that is named like the force is not named again."""
    text = str(problem)
    return text.removeprefix(f"{force}: ") if problem.file == force else text


def _document(pack: Pack, submission: Submission, document: Document) -> dict[str, Any]:
    stated = submission.manifest.documents.get(document.file, StatedDocument())
    problems = list(document.problems)
    kinds = [kind.id for kind in pack.kinds]
    marking = marking_in((stated.marking or "").upper(), pack)
    for what, value, used, known in (
        ("kind", stated.kind, stated.kind in kinds, kinds),
        ("marking", stated.marking, bool(marking), list(pack.markings)),
    ):
        if value and not used:
            message = f"{MANIFEST} gives it the {what} {value!r}, which the pack does not know; it is not used."
            problems.append(Problem(document.file, message, f"Use one of {', '.join(known)}."))
    if hidden := sum(passage.role == "hidden" for passage in document.passages):
        what = "1 hidden row, paragraph or comment was" if hidden == 1 else f"{hidden} hidden rows, paragraphs or comments were"
        message = f"{what} read but not used as evidence."
        problems.append(Problem(document.file, message, "If they are meant to count, put them into the open text and send the file again."))
    return {
        "file": document.file,
        "kind": stated.kind if stated.kind in kinds else document_kind(document, pack),
        "marking": marking or marking_of(document, pack),
        "sha256": document.sha256,
        "pages": document.pages,
        "pages_known": document.pages_known,
        "pages_read": document.pages_read,
        "pages_ocr": len(document.scans),
        "pages_failed": document.pages_failed,
        "pages_skipped": document.pages_skipped,
        "ocr_confidence": round(sum(s.confidence for s in document.scans) / len(document.scans), 3) if document.scans else None,
        "passages": len(document.passages),
        "problems": [str(p) for p in problems],
    }


def _cell(cell: Cell, scans: Scans) -> dict[str, Any]:
    return {
        "grade": cell.grade,
        "confidence": cell.confidence,
        "probabilities": list(cell.probabilities),
        "status": "provisional",
        "elements": cell.elements,
        "evidence": [_evidence(e, scans) for e in cell.evidence],
        "missing": list(cell.missing),
        "explanation": cell.explanation,
    }


def _evidence(evidence: Evidence, scans: Scans) -> dict[str, Any]:
    entry: dict[str, Any] = {"file": evidence.file}
    if evidence.sheet is not None:
        entry |= {"sheet": evidence.sheet, "cell": evidence.cell}
    else:
        entry |= {"page": evidence.page, "box": list(evidence.box) if evidence.box else None}
    if evidence.page and (scan := scans.get((evidence.file, evidence.page))):
        entry["ocr_confidence"] = scan.confidence_in(evidence.box) if evidence.box else scan.confidence
    return entry | {
        "quote": evidence.quote,
        "range": [evidence.start, evidence.end],
        "elements": list(evidence.elements),
        "score": evidence.score,
        "scope": evidence.scope,
        "headings": list(evidence.headings),
        "highlights": [list(h) for h in evidence.highlights],
    }


def matrix(pack: Pack, model: Model, encoder: str, results: Sequence[Mapping[str, Any]], problems: Sequence[Problem]) -> dict[str, Any]:
    """The whole of matrix.json. `encoder` is the SHA-256 of the encoder that read along, "" when none did."""
    return {
        **frame(pack),
        "model": {"id": model.id, "sha256": model.sha256, "encoder_sha256": encoder or None},
        "problems": [str(p) for p in problems],
        "submissions": results,
    }


class Entries(Sequence[dict[str, Any]]):
    """The entries of a round, each read when it is looked at, and the last few kept: the outputs go through all of them many times, and a
    larger round is more than what a laptop holds."""

    def __init__(self, number: int, read: Callable[[int], dict[str, Any]]) -> None:
        self._number, self._entry = number, lru_cache(KEPT)(read)

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, index: Any) -> Any:
        if index >= self._number:
            raise IndexError(index)
        return self._entry(index)


def written(whole: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """matrix.json or reviewed.json in pieces: what stands before the entries, each of them, what stands behind. One is in memory."""
    head, tail = to_json({**whole, "submissions": []}, indent=1).rsplit(b"[]", 1)
    yield head + b"["
    place = -1
    for place, entry in enumerate(entries):
        yield (b",\n  " if place else b"\n  ") + to_json(entry, indent=1).replace(b"\n", b"\n  ")
    yield (b"]" if place < 0 else b"\n ]") + tail


def frame(pack: Pack) -> dict[str, Any]:
    """What every round says of its pack: the areas, criteria and grades by which the rest is read."""
    return {
        "format": FORMAT,
        "pack": {"id": pack.id, "name": pack.name, "version": pack.version, "sha256": pack.sha256},
        "grades": [g.model_dump() for g in pack.grades],
        "roll_up": pack.roll_up.model_dump(),
        "areas": [{"id": a.id, "name": a.name, "short": a.short} for a in pack.areas],
        "criteria": [
            {
                "id": c.id,
                "name": c.name,
                "short": c.short,
                "elements": [{"id": e.id, "name": e.name, "short": e.short, "required": e.required} for e in c.elements],
            }
            for c in pack.criteria
        ],
    }
