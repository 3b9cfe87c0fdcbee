"""A small matrix as matrix.json holds it: 2 forces x 3 areas x 2 criteria, one force unreadable, hostile text."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SCRIPT = "<script>alert('x')</script>"
FORMULA = '=HYPERLINK("http://example.invalid","click")'
SHARED = "All protective services boards meet monthly under the Deputy Chief Constable."
MARKED = "The ANPR unit will be staffed by April 2009; owner: Supt Hill."


def matrix_example() -> dict[str, Any]:
    """A fresh copy each time, so that a test may change it."""
    return {
        "format": "readacross-matrix/1",
        "pack": {"id": "small-pack", "version": "0.1", "sha256": "ab" * 32},
        "model": {"id": "model-1", "sha256": "cd" * 32},
        "problems": ["The folder 'loose' holds no document."],
        "grades": [
            {"grade": 0, "name": "No evidence", "letter": "N"},
            {"grade": 1, "name": "Insufficient", "letter": "I"},
            {"grade": 2, "name": "Meets standard", "letter": "M"},
            {"grade": 3, "name": "High provision", "letter": "H"},
        ],
        "roll_up": {"rule": "mean_half_up", "compliant_from": 2, "depth_for_highest": 2, "alert_need": 3, "alert_threat": 3},
        "areas": [
            {"id": "roads", "name": "Roads policing", "short": "Roads"},
            {"id": "order", "name": "Public order", "short": "Order"},
            {"id": "missing", "name": "Missing persons", "short": "Missing"},
        ],
        "criteria": [
            {"id": "plans", "name": "Plans to address the service", "short": "plans", "elements": [
                {"id": "action", "name": "a concrete planned action", "short": "action", "required": True},
                {"id": "owner", "name": "a named accountable role", "short": "owner", "required": True},
                {"id": "sequencing", "name": "phases or milestones", "short": "sequencing", "required": False},
            ]},
            {"id": "governance", "name": "Governance and compliance", "short": "governance", "elements": [
                {"id": "body", "name": "a board that governs", "short": "body", "required": True},
            ]},
        ],
        "submissions": [_readable(), _unreadable()],
    }  # fmt: skip


def _readable() -> dict[str, Any]:
    marked = {
        "file": "eskdale_plan.pdf", "page": 4, "box": [72.0, 310.2, 523.3, 365.0], "quote": MARKED,
        "headings": ["Action plan", "Roads policing"], "elements": ["action", "owner"], "score": 0.95,
        "scope": "specific", "highlights": [[4, 8], [45, 56]],
    }  # fmt: skip
    shared = {
        "file": "eskdale_register.xlsx", "sheet": "Boards", "cell": "B7", "quote": SHARED, "headings": ["Governance"],
        "elements": ["body"], "score": 0.81, "scope": "force_wide", "highlights": [[24, 30]],
    }  # fmt: skip
    hostile = {"file": "eskdale_plan.pdf", "page": 5, "quote": SCRIPT, "elements": [], "score": 0.6}
    formula = {"file": "eskdale_plan.pdf", "page": 6, "quote": FORMULA + "\x07", "elements": ["action"], "score": 0.7}
    return {
        "force": "Eskdale Constabulary", "folder": "eskdale",
        "documents": [
            {"file": "eskdale_plan.pdf", "kind": "psip", "marking": "RESTRICTED", "sha256": "11" * 32, "pages": 9,
             "pages_read": 8, "pages_ocr": 2, "pages_failed": 1, "pages_skipped": 0, "ocr_confidence": 0.81,
             "problems": ["Page 9 is a picture without text."]},
            {"file": "eskdale_register.xlsx", "kind": "risk_register", "marking": "NOT PROTECTIVELY MARKED",
             "sha256": "22" * 32, "pages": 1, "pages_read": 1, "problems": []},
        ],
        "problems": [], "cells": {
            "roads": {
                "plans": _cell(2, 0.84, {"action": 0.97, "owner": 0.88, "sequencing": 0.1}, [marked, hostile]),
                "governance": _cell(2, 0.9, {"body": 0.81}, [shared]),
            },
            "order": {
                "plans": _cell(1, 0.55, {"action": 0.7, "owner": 0.2, "sequencing": 0.0}, [formula], ["owner"]),
                "governance": _cell(2, 0.9, {"body": 0.81}, [dict(shared, highlights=[[0, 3]])]),
            },
            "missing": {
                "plans": _cell(0, 0.997, {"action": 0.0, "owner": 0.002, "sequencing": 0.0}, [], ["action", "owner"]),
                "governance": _cell(2, 0.9, {"body": 0.81}, [shared]),
            },
        },
        "area_grades": {"roads": 2, "order": 2, "missing": 1}, "criterion_grades": {"plans": 1, "governance": 2},
        "credible": False, "need": {"roads": 2, "order": 1, "missing": 3},
        "threat": {"roads": 3, "order": 0, "missing": 1},
        "governance": {"acpo_group": True, "dedicated_funding": False},
        "governance_names": {"acpo_group": "Strategic group chaired by a chief officer"},
        "governance_evidence": {"acpo_group": {"file": "eskdale_plan.pdf", "page": 2, "quote": "Chaired by the ACC."}},
        "orientation": "external", "partners": {"roads": ["Calderbrook Police"]},
        "alerts": ["Missing persons: high need, area grade Insufficient."],
    }  # fmt: skip


def _unreadable() -> dict[str, Any]:
    return {
        "force": "@Eskdale: Constabulary/North? of the very long name", "folder": "north",
        "documents": [{"file": "scan.pdf", "kind": "lpp", "marking": None, "sha256": "33" * 32, "pages": 3,
                       "pages_read": 0, "problems": ["The file is encrypted."]}],
        "problems": ["No document could be read."], "cells": {}, "area_grades": {}, "criterion_grades": {},
        "credible": False, "need": {}, "threat": {}, "governance": {},
        "orientation": None, "partners": {}, "alerts": [],
    }  # fmt: skip


def _cell(
    grade: int,
    confidence: float,
    elements: dict[str, float],
    evidence: list[dict[str, Any]],
    missing: list[str] | None = None,
) -> dict[str, Any]:
    rest = (1 - confidence) / 3
    return {
        "grade": grade, "confidence": confidence,
        "probabilities": [confidence if n == grade else rest for n in range(4)],
        "status": "provisional", "elements": elements, "evidence": evidence, "missing": missing or [],
        "explanation": "Nothing bears on it." if not evidence else "These elements were found.",
    }  # fmt: skip


class Read(Sequence[dict[str, Any]]):
    """The entries of a round as a review has them: each worked up anew when it is looked at; counts how often that is."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        self._entries, self.looks = entries, 0

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: Any) -> Any:
        self.looks += 1
        return self._entries[index]


def looks_at_each(write: Callable[[dict[str, Any], Path], None], path: Path, forces: int) -> float:
    """How often each entry of a round of so many forces is read for one output."""
    matrix = matrix_example()
    read = Read([matrix["submissions"][0] | {"force": f"Force {number}"} for number in range(forces)])
    write({**matrix, "submissions": read}, path)
    return read.looks / forces
