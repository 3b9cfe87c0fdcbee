"""Double review: a share of the cells graded twice, blind; how well the two agree; and adjudication."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from pipeline import agreement
from pipeline.record.rights import may, sees_force
from pipeline.record.types import OPEN, Decision, RecordError
from pipeline.report import grades_of
from pipeline.words import count_words
from workbench.bench import Bench
from workbench.board import Board, Cell
from workbench.order import in_double
from workbench.pages.common import Form, Moderator, Reviewer, TheBench, Who, conflict_told, go, number, page, text
from workbench.pages.shelf import note, shelf_of

router = APIRouter(include_in_schema=False)


@router.get("/double")
def double(request: Request, bench: TheBench, who: Reviewer) -> HTMLResponse:
    return _page(request, bench, who)


def _page(request: Request, bench: Bench, who: Who, wrong: dict[str, str] | None = None) -> HTMLResponse:
    board, forces = bench.board(), {force: slug for slug, force in bench.forces(who.user).items()}
    cells = {(a.force, a.area, a.criterion) for a in board.assignments if a.blind and a.force in forces}
    pairs = {cell: given for cell in cells if len(given := board.blind.get(cell, ())) >= 2}
    moderator = may(who.user, "moderator")
    reviewers = [u for u in bench.record.users() if may(u, "reviewer") and not u.disabled]
    return page(
        request, "double.html", status=422 if wrong else 200, wrong=wrong, cells=len(cells), graded=len(pairs),
        numbers=_numbers(list(pairs.values())), reviewers=[(u.name, bench.called(u.name)) for u in reviewers], moderator=moderator,
        grades=grades_of(dict(board.head)),
        rows=[_row(board, cell, forces) for cell in sorted(pairs) if _open(board, cell)] if moderator else [],
    )  # fmt: skip


def _open(board: Board, cell: Cell) -> bool:
    """Whether adjudication is still to come."""
    return board.standings[cell[0]][cell[1], cell[2]].status in OPEN


def _row(board: Board, cell: Cell, forces: dict[str, str]) -> dict[str, Any]:
    force, area, criterion = cell
    grades = [one.grade for one in board.blind[cell]]
    return {
        "path": f"/double/{forces[force]}/{area}/{criterion}", "force": force, "given": board.blind[cell], "agree": len(set(grades)) == 1,
        "area": next(a["name"] for a in board.head["areas"] if a["id"] == area),
        "criterion": next(c["short"] for c in board.head["criteria"] if c["id"] == criterion),
        "provisional": board.standings[force][area, criterion].provisional,
    }  # fmt: skip


def _numbers(units: Sequence[Sequence[Decision]]) -> list[tuple[str, str, str]]:
    """The measures of agreement: name, value, and what it says. Reviewers are paired in the order of their names."""
    grades = [[one.grade for one in sorted(unit, key=lambda d: d.reviewer)] for unit in units]
    pairs = [pair for unit in grades for pair in combinations(unit, 2)]

    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.0%}"

    def two(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    return [
        ("Same grade", share(agreement.exact(pairs)), "of the pairs"),
        ("At most one grade apart", share(agreement.adjacent(pairs)), "of the pairs"),
        ("Kappa, quadratic weights", two(agreement.weighted_kappa(pairs)), "1 is full agreement, 0 what chance gives"),
        ("Krippendorff's alpha, ordinal", two(agreement.alpha(grades)), "0.80 and more is reliable, below 0.67 is not"),
    ]


@router.post("/double")
def hand_out(request: Request, bench: TheBench, who: Moderator, form: Form) -> Response:
    first, second, share = text(form, "first"), text(form, "second"), number(text(form, "share"))
    users = [bench.record.user(name) for name in (first, second)]
    if share is None or not 1 <= share <= 100:
        return _page(request, bench, who, {"share": "Give a share from 1 to 100 per cent"})
    if first == second or not all(u and may(u, "reviewer") and not u.disabled for u in users):
        return _page(request, bench, who, {"second": "Choose two different reviewers"})
    chosen = [cell for cell in _free(bench, who, users) if _chance(cell) < share / 100]
    for force, area, criterion in chosen:
        for reviewer in (first, second):
            bench.record.assign(
                force, reviewer=reviewer, by=who.user.name, at=bench.clock(), area=area, criterion=criterion, blind=True
            )  # fmt: skip
    who.session.told = f"Sent blind to {first} and {second}, to be found in their queue Mine: {count_words(len(chosen), 'cell')}."
    return go("/double")


def _free(bench: Bench, who: Who, users: Sequence[Any]) -> list[Cell]:
    """The cells that nobody decided on, that are not in double review, and whose force both reviewers may see."""
    board = bench.board()
    return [
        (force, area, criterion)
        for force in bench.forces(who.user).values() if all(sees_force(user, force) for user in users)
        for (area, criterion), standing in board.standings[force].items()
        if standing.status == "provisional" and not in_double(board, (force, area, criterion))
    ]  # fmt: skip


def _chance(cell: Cell) -> float:
    """A number from 0 to 1 that belongs to the cell: which cells are drawn is even, and cannot be chosen by anyone."""
    return int.from_bytes(hashlib.sha256("\n".join(cell).encode()).digest()[:6], "big") / 2**48


@router.get("/double/{slug}/{area}/{criterion}")
def adjudicate_page(request: Request, slug: str, area: str, criterion: str, bench: TheBench, who: Moderator) -> HTMLResponse:
    return _adjudication(request, bench, who, _cell(bench, who, slug, area, criterion), slug)


def _cell(bench: Bench, who: Who, slug: str, area: str, criterion: str) -> Cell:
    force = bench.forces(who.user).get(slug, "")
    if len(bench.board().blind.get((force, area, criterion), ())) < 2:
        raise HTTPException(404)
    return force, area, criterion


def _adjudication(
    request: Request, bench: Bench, who: Who, cell: Cell, slug: str, wrong: dict[str, str] | None = None, chosen: str = "", reason: str = ""
) -> HTMLResponse:
    board, (force, area, criterion) = bench.board(), cell
    machine, standing = bench.entry(force)["cells"][area][criterion], board.standings[force][area, criterion]
    shelf = shelf_of(bench, who, board.versions[force])
    quotes = [quote for quote in machine["evidence"] if quote["file"] in shelf.open]
    asked = any(quote["file"] in shelf.asked for quote in machine["evidence"])
    note(bench, who, {shelf.open[quote["file"]] for quote in quotes}, "quotes")
    return page(
        request, "adjudicate.html", status=422 if wrong else 200, wrong=wrong, crumbs=[("/double", "Double review")], here="/double",
        row=_row(board, cell, {force: slug}), grades=grades_of(dict(board.head)), machine=machine, quotes=quotes, standing=standing,
        chosen=chosen, reason=reason, asked=asked, seen=standing.seen or "", cell_path=f"/force/{slug}/{area}/{criterion}",
    )  # fmt: skip


@router.post("/double/{slug}/{area}/{criterion}")
def adjudicate(request: Request, slug: str, area: str, criterion: str, bench: TheBench, who: Moderator, form: Form) -> Response:
    cell = _cell(bench, who, slug, area, criterion)
    chosen, reason = text(form, "grade"), text(form, "reason")[:10_000]
    grade = number(chosen)
    if grade is None:
        return _adjudication(request, bench, who, cell, slug, {"grade": "Select the grade"}, chosen, reason)
    if not reason:
        return _adjudication(request, bench, who, cell, slug, {"reason": "Say why this grade stands"}, chosen, reason)
    try:
        bench.record.decide(*cell, grade=grade, reviewer=who.user.name, at=bench.clock(), reason=reason, seen=number(text(form, "seen")))
    except RecordError as error:
        return _adjudication(request, bench, who, cell, slug, {"": f"Nothing was signed: {conflict_told(bench, error)}"}, chosen, reason)
    who.session.told = f"The grade is signed.{bench.publish_if_signed_off(cell[0])}"
    return go("/double")
