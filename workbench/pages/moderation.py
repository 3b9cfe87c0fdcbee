"""Moderation: one cell of every force beside the others, so that the same plan gets the same grade everywhere."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pipeline.assess import CUT
from pipeline.report import grades_of
from workbench.bench import Bench
from workbench.board import Board
from workbench.order import blind_to
from workbench.pages.common import Reader, TheBench, Who, page
from workbench.pages.shelf import note, shelf_of

router = APIRouter(include_in_schema=False)


@router.get("/moderation")
def moderation(request: Request, bench: TheBench, who: Reader, area: str = "", criterion: str = "") -> HTMLResponse:
    board = bench.board()
    head, forces = board.head, bench.forces(who.user)
    areas, criteria = head.get("areas", ()), head.get("criteria", ())
    area = area if area in [a["id"] for a in areas] else areas[0]["id"] if areas else ""
    one = next((c for c in criteria if c["id"] == criterion), criteria[0] if criteria else None)
    rows = [
        _across(bench, board, who, slug, force, area, one)
        for slug, force in forces.items() if one and (area, one["id"]) in board.standings[force]
    ]  # fmt: skip
    return page(
        request, "moderation.html", asked=sum(row["asked"] for row in rows),
        areas=areas, criteria=criteria, area=area, criterion=one, grades=grades_of(dict(head)),
        rows=sorted(rows, key=lambda row: (-row["grade"], row["force"])),
    )  # fmt: skip


def _across(bench: Bench, board: Board, who: Who, slug: str, force: str, area: str, criterion: dict[str, Any]) -> dict[str, Any]:
    cell, standing = (force, area, criterion["id"]), board.standings[force][area, criterion["id"]]
    machine, blind = bench.entry(force)["cells"][area][criterion["id"]], blind_to(board, cell, who.user.name)
    shelf = shelf_of(bench, who, board.versions[force])
    best = next((e for e in machine["evidence"] if e["file"] not in shelf.closed), None)
    asked = best is not None and best["file"] in shelf.asked
    quote = None if asked else best
    note(bench, who, [shelf.open[quote["file"]]] if quote else (), "quotes")
    return {
        "force": force, "path": f"/force/{slug}/{area}/{criterion['id']}", "grade": standing.provisional if blind else standing.grade,
        "provisional": standing.provisional, "confidence": standing.confidence, "quote": quote, "asked": asked,
        "status": "provisional" if blind else standing.status, "decision": None if blind else standing.signed,
        "found": [e["short"] for e in criterion["elements"] if machine["elements"].get(e["id"], 0) >= CUT],
    }  # fmt: skip
