"""Rounds of any size for the national outputs, made by plain arithmetic: the same size gives the same round."""

from __future__ import annotations

from typing import Any

from pipeline.matrix import frame
from rules.loader import load_pack
from rules.pack import Criterion

PACK = load_pack()
SECRET = "The covert rota of Operation Nightjar is kept at Mill House."
OPEN = "From 1 April two officers in each division own this work, and the board reviews it each quarter."


def round_of(forces: int, shift: int = 0) -> dict[str, Any]:
    """A round in the form of matrix.json: the 43 forces' names, then made-up ones. `shift` gives another round of the same forces."""
    known = [f.name for f in PACK.force_names.known]
    names = (known + [f"Shire {n} Police" for n in range(len(known), forces)])[:forces]
    return {**frame(PACK), "problems": [], "submissions": [_entry(names, n, shift) for n in range(forces)]}


def _entry(names: list[str], n: int, shift: int) -> dict[str, Any]:
    region = {f.name: f.region for f in PACK.force_names.known}
    near = [m for m in names if m != names[n] and region.get(m) == region.get(names[n])] or names[:1]
    cells = {
        a.id: {c.id: _cell(c, (7 * n + 3 * x + 5 * y + n * x + shift) % 11, x, n) for y, c in enumerate(PACK.criteria)}
        for x, a in enumerate(PACK.areas)
    }
    pairs = {a.id: {near[(n + x) % len(near)], names[(n * x) % len(names)] if x % 4 == 3 else names[n]} for x, a in enumerate(PACK.areas)}
    partners = {a: sorted(pair - {names[n]}) if (n + len(a)) % 3 else [] for a, pair in pairs.items()}
    return {
        "force": names[n],
        "folder": f"folder-{n}",
        "documents": [
            {"file": "plan.pdf", "kind": "local_policing_plan", "marking": "NOT PROTECTIVELY MARKED", "pages": 9, "pages_read": 9},
            {"file": "psip.docx", "kind": "psip", "marking": "RESTRICTED", "pages": 5, "pages_read": 5},
        ],
        "cells": cells,
        "need": {a.id: (n + x + shift) % 4 for x, a in enumerate(PACK.areas)},
        "threat": {a.id: (n * (x + 1)) % 4 for x, a in enumerate(PACK.areas)},
        "governance": {f.id: (n + k) % 2 == 0 for k, f in enumerate(PACK.governance)},
        "orientation": ("balanced", "internal", "external")[n % 3],
        "partners": partners,
        "alerts": [],
        "problems": [],
    }  # fmt: skip


def _cell(criterion: Criterion, dice: int, x: int, n: int) -> dict[str, Any]:
    """Grades 0 to 3 in the review's proportions; the evidence in an open and a restricted paper by turns."""
    strong, weak = (2, 2, 1, 2, 3, 2, 0, 2, 1, 2, 3), (1, 1, 0, 1, 2, 1, 0, 1, 1, 2, 1)
    grade = (weak if n % 6 == 5 else strong)[dice]
    required, depth = [e.id for e in criterion.required], [e.id for e in criterion.depth]
    found = {0: [], 1: required[:-1], 2: required, 3: required + depth[:2]}[grade]
    paper = (
        {"file": "plan.pdf", "page": 3 + x, "box": None, "quote": OPEN}
        if (n + x) % 2
        else {"file": "psip.docx", "page": 2, "quote": SECRET}
    )
    return {
        "grade": grade,
        "confidence": 0.8,
        "probabilities": [0.05, 0.05, 0.8, 0.1],
        "status": "validated" if n % 2 else "provisional",
        "elements": {e.id: 0.9 if e.id in found else 0.1 for e in criterion.elements},
        "evidence": [{**paper, "elements": found, "score": 0.9, "scope": "specific", "headings": [], "highlights": []}] if found else [],
        "missing": [e for e in required if e not in found],
        "explanation": "",
    }
