"""One force: its matrix, as it is or as it was, its documents, what stands where in them, and who has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from pipeline.record.rights import cleared, may
from pipeline.record.types import OPEN, CellKey, Standing, Version
from pipeline.report import grades_of
from workbench.bench import Bench
from workbench.board import Board
from workbench.order import blind_to
from workbench.pages.common import MOST_WORDS, Form, Moderator, Reader, TheBench, Who, force_of, go, page, text
from workbench.pages.grades import follows
from workbench.pages.place import version_of
from workbench.pages.shelf import note, shelf_of
from workbench.papers import search

router = APIRouter(include_in_schema=False)


@router.get("/force/{slug}")
def force_page(request: Request, slug: str, bench: TheBench, who: Reader) -> HTMLResponse:
    force, board = force_of(bench, who, slug), bench.board()
    return _page(request, bench, who, slug, board.versions[force], board.head, board.standings[force])


@router.get("/force/{slug}/versions/{past}")
def past_page(request: Request, slug: str, past: int, bench: TheBench, who: Reader) -> HTMLResponse:
    version = version_of(bench, who, slug, past)
    head, standings = bench.boards.review_of(version), bench.record.standing_then(version)
    return _page(request, bench, who, slug, version, head, standings, past=True)


def _page(
    request: Request, bench: Bench, who: Who, slug: str, version: Version, head: Mapping[str, Any], standings: Mapping[CellKey, Standing],
    past: bool = False, wrong: Mapping[str, str] | None = None,
) -> HTMLResponse:  # fmt: skip
    """The force as it is, or as it was in a version (`past`)."""
    force, board, entry, path = version.force, bench.board(), bench.boards.entry(version), f"/force/{slug}"
    told, here = follows(head, entry, standings), f"{path}/versions/{version.version}" if past else path
    rows = [
        {"area": area, "grade": told["area_grades"][area["id"]], "need": entry["need"].get(area["id"]),
         "threat": entry["threat"].get(area["id"]),
         "cells": [_cell(board, force, standings[area["id"], c["id"]], f"{here}/{area['id']}/{c['id']}{'' if past else '?queue=force'}",
                         (area["id"], c), who.user.name, past) for c in head["criteria"]]}
        for area in head["areas"] if standings
    ]  # fmt: skip
    leads, decides = may(who.user, "moderator") and not past, may(who.user, "reviewer") and not past
    least = min((k for k, s in standings.items() if s.status in OPEN), key=lambda k: standings[k].confidence, default=None)
    users = bench.record.users() if leads else []
    papers = [
        {"file": p.file, "kind": p.kind, "marking": p.marking, "pages": p.pages, "pages_read": p.pages_read, "problems": p.problems,
         "path": f"/paper/{slug}/{version.version}/{p.position}" if cleared(who.user, p.marking) else ""}
        for p in bench.papers(version)
    ]  # fmt: skip
    assignments = [] if past else [a for a in board.assignments if a.force == force]
    return page(
        request, "force.html", status=422 if wrong else 200, wrong=wrong, rows=rows,
        crumbs=[("/", "Overview"), *([(path, force)] if past else [])], grades=grades_of(dict(head)),
        papers=papers, areas=head["areas"], criteria=head["criteria"], alerts=told["alerts"], problems=entry["problems"], past=past,
        criterion_grades=[told["criterion_grades"].get(c["id"]) for c in head["criteria"]],
        first=f"{path}/{least[0]}/{least[1]}?queue=force" if least and decides else "",
        force={"name": force, "path": path, "version": version.version, "at": version.at, "cells": len(standings),
               "decided": sum(s.status not in OPEN for s in standings.values())},
        versions=bench.record.versions(force),
        who=sorted({a.reviewer for a in assignments if not a.blind}), assigning=leads,
        reviewers=[u for u in users if may(u, "reviewer") and not u.disabled],
        assignments=[{"reviewer": a.reviewer, "area": a.area, "criterion": a.criterion, "by": a.by, "at": a.at, "blind": a.blind,
                      "what": _what(head, a.area, a.criterion)} for a in assignments if not a.blind],
    )  # fmt: skip


def _cell(
    board: Board, force: str, standing: Standing, path: str, cell: tuple[str, dict[str, Any]], user: str, past: bool
) -> dict[str, Any]:
    area, criterion = cell
    hidden = blind_to(board, (force, area, criterion["id"]), user)
    return {
        "criterion": criterion, "path": path, "confidence": standing.confidence,
        "grade": standing.provisional if hidden else standing.grade, "status": "provisional" if hidden else standing.status,
        "flagged": (force, area, criterion["id"]) in board.flagged and not past,
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
        who.session.told = f"{bench.called(user.name)} {'has' if given else 'no longer has'} {_what(board.head, area, criterion).lower()}."
    return go(f"/force/{slug}")


@router.post("/force/{slug}/withdraw")
def withdraw(request: Request, slug: str, bench: TheBench, who: Moderator, form: Form) -> Response:
    """Takes out of the round what was no submission: nobody waits for it any more."""
    force, board, reason = force_of(bench, who, slug), bench.board(), text(form, "why_out")[:MOST_WORDS]
    if not reason:
        wrong = {"why_out": "Say why it is withdrawn"}
        return _page(request, bench, who, slug, board.versions[force], board.head, board.standings[force], wrong=wrong)
    bench.record.withdraw(force, by=who.user.name, at=bench.clock(), reason=reason)
    who.session.told = f"{force} is out of the round. Publish it anew, and have its folder taken out of the inbox."
    return go("/")


@router.get("/force/{slug}/search")
def search_page(request: Request, slug: str, bench: TheBench, who: Reader, words: str = "", cell: str = "") -> HTMLResponse:
    force = force_of(bench, who, slug)
    shelf = shelf_of(bench, who, bench.board().versions[force])
    documents = [document for paper in shelf.open.values() if (document := bench.text(paper))]
    hits = search(documents, words[:200])
    note(bench, who, {shelf.open[hit.file] for hit in hits}, "quotes")
    known = tuple(cell.split("/", 1)) in bench.board().standings[force]  # a search begun beside a cell leads back to it
    return page(
        request, "search.html", crumbs=[("/", "Overview"), (f"/force/{slug}", force)], words=words, slug=slug, force=force,
        cell=cell if known else "", version=shelf.version.version,
        positions={paper.file: paper.position for paper in shelf.open.values()}, hits=hits, closed=len(shelf.closed),
        asked=len(shelf.asked),
    )  # fmt: skip
