"""One force: its matrix, its documents, what stands where in them, and who has it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pipeline.report import grades_of
from workbench.board import Board
from workbench.order import OPEN, blind_to
from workbench.pages.common import Form, Moderator, Reader, TheBench, force_of, go, page, text
from workbench.pages.grades import follows
from workbench.papers import search
from workbench.rights import cleared, may

router = APIRouter(include_in_schema=False)


@router.get("/force/{slug}")
def force_page(request: Request, slug: str, bench: TheBench, who: Reader) -> HTMLResponse:
    force, board = force_of(bench, who, slug), bench.board()
    head, standings, entry, path = board.head, board.standings[force], bench.entry(force), f"/force/{slug}"
    told = follows(head, entry, standings)
    rows = [
        {"area": area, "grade": told["area_grades"][area["id"]], "need": entry["need"].get(area["id"]),
         "threat": entry["threat"].get(area["id"]),
         "cells": [_cell(board, force, path, area["id"], criterion, who.user.name) for criterion in head["criteria"]]}
        for area in head["areas"] if standings
    ]  # fmt: skip
    least = min((k for k, s in standings.items() if s.status in OPEN), key=lambda k: standings[k].confidence, default=None)
    version, users = board.versions[force], bench.record.users() if may(who.user, "moderator") else []
    papers = [
        {"file": p.file, "kind": p.kind, "marking": p.marking, "pages": p.pages, "pages_read": p.pages_read, "problems": p.problems,
         "path": f"/paper/{slug}/{p.position}" if cleared(who.user, p.marking) else ""}
        for p in bench.papers(force)
    ]  # fmt: skip
    assignments = [a for a in board.assignments if a.force == force]
    return page(
        request, "force.html", crumbs=[("/", "Overview")], rows=rows, grades=grades_of(dict(head)), papers=papers,
        areas=head["areas"], criteria=head["criteria"], alerts=told["alerts"], problems=entry["problems"],
        criterion_grades=[told["criterion_grades"].get(c["id"]) for c in head["criteria"]],
        first=f"{path}/{least[0]}/{least[1]}?queue=force" if least and may(who.user, "reviewer") else "",
        force={"name": force, "path": path, "version": version.version, "at": version.at, "cells": len(standings),
               "decided": sum(s.status not in OPEN for s in standings.values())},
        who=sorted({a.reviewer for a in assignments if not a.blind}), assigning=may(who.user, "moderator"),
        reviewers=[u for u in users if may(u, "reviewer") and not u.disabled],
        assignments=[{"reviewer": a.reviewer, "area": a.area, "criterion": a.criterion, "by": a.by, "at": a.at, "blind": a.blind,
                      "what": _what(head, a.area, a.criterion)} for a in assignments if not a.blind],
    )  # fmt: skip


def _cell(board: Board, force: str, path: str, area: str, criterion: dict[str, Any], user: str) -> dict[str, Any]:
    standing = board.standings[force][area, criterion["id"]]
    hidden = blind_to(board, (force, area, criterion["id"]), user)
    return {
        "criterion": criterion, "path": f"{path}/{area}/{criterion['id']}?queue=force", "confidence": standing.confidence,
        "grade": standing.provisional if hidden else standing.grade, "status": "provisional" if hidden else standing.status,
        "flagged": (force, area, criterion["id"]) in board.flagged,
    }  # fmt: skip


def _what(head: Any, area: str, criterion: str) -> str:
    """What an assignment covers, in words."""
    areas, criteria = {a["id"]: a["name"] for a in head["areas"]}, {c["id"]: c["short"] for c in head["criteria"]}
    return ", ".join(filter(None, (areas.get(area, area), criteria.get(criterion, criterion).lower()))) or "The whole force"


@router.post("/force/{slug}/assign")
def assign(slug: str, bench: TheBench, who: Moderator, form: Form) -> Response:
    force, board = force_of(bench, who, slug), bench.board()
    reviewer, area, criterion = text(form, "reviewer"), text(form, "area"), text(form, "criterion")
    user = bench.record.user(reviewer)
    known = area in ("", *(a["id"] for a in board.head["areas"])) and criterion in ("", *(c["id"] for c in board.head["criteria"]))
    if user and known:
        given = text(form, "give") == "yes"
        bench.record.assign(force, reviewer=reviewer, by=who.user.name, at=bench.clock(), area=area, criterion=criterion, given=given)
        who.session.told = (
            f"{user.full_name or user.name} {'has' if given else 'no longer has'} {_what(board.head, area, criterion).lower()}."
        )
    return go(f"/force/{slug}")


@router.get("/force/{slug}/search")
def search_page(request: Request, slug: str, bench: TheBench, who: Reader, words: str = "", cell: str = "") -> HTMLResponse:
    force = force_of(bench, who, slug)
    open_papers = bench.open_papers(who.user, force)
    positions = {paper.file: paper.position for paper in open_papers}
    documents = [document for paper in open_papers if (document := bench.text(paper))]
    hits = search(documents, words[:200])
    known = tuple(cell.split("/", 1)) in bench.board().standings[force]  # a search begun beside a cell leads back to it
    return page(
        request, "search.html", crumbs=[("/", "Overview"), (f"/force/{slug}", force)], words=words, slug=slug, force=force,
        cell=cell if known else "",
        positions=positions, hits=hits, closed=len(bench.papers(force)) - len(open_papers),
    )  # fmt: skip
