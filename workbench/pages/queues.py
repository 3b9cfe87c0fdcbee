"""The queues, and accepting many certain cells at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from pipeline.record.rights import may
from pipeline.record.types import RecordError
from pipeline.report import grades_of
from pipeline.store import key
from pipeline.words import count_words
from workbench.order import NAMES, Waiting, queue
from workbench.pages.common import Form, Moderator, Reviewer, TheBench, go, number, page, text

router = APIRouter(include_in_schema=False)
ON_A_PAGE = 50
KINDS = [(name, words) for name, words in NAMES.items() if name != "force"]
LEAST_CERTAIN = 50
"""Nobody may accept many cells at once below this confidence, in per cent."""
CHANGED = "The round changed after these cells were counted. Nothing was signed: look at the new count, then confirm it"


@router.get("/queue")
def queues(who: Reviewer) -> Response:
    return go("/queue/uncertain")


@router.get("/queue/{name}")
def queue_page(request: Request, name: str, bench: TheBench, who: Reviewer, number: int = 1) -> HTMLResponse:
    if name not in dict(KINDS):
        raise HTTPException(404)
    waiting, head = queue(bench, who.user, name), bench.board().head
    slugs = {force: slug for slug, force in bench.forces(who.user).items()}
    pages = max(1, -(-len(waiting) // ON_A_PAGE))
    number = min(max(1, number), pages)
    rows = [
        {"path": f"/force/{slugs[w.cell[0]]}/{w.cell[1]}/{w.cell[2]}?queue={name}", "waiting": w}
        for w in waiting[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    ]  # fmt: skip
    return page(
        request, "queue.html", name=name, kinds=KINDS, rows=rows, number=number, pages=pages, count=len(waiting), here="/queue",
        stale=sum(w.standing.status == "stale" for w in waiting),
        areas={a["id"]: a["name"] for a in head.get("areas", ())}, criteria={c["id"]: c["short"] for c in head.get("criteria", ())},
        grades=grades_of(dict(head)), first=rows[0]["path"] if rows else "", bulk=may(who.user, "moderator"),
    )  # fmt: skip


@router.get("/bulk")
def bulk_page(request: Request, bench: TheBench, who: Moderator, least: int = 95) -> HTMLResponse:
    least = min(max(least, LEAST_CERTAIN), 100)
    return _counted_page(request, bench, who, least)


def _counted_page(request: Request, bench: TheBench, who: Moderator, least: int, wrong: dict[str, str] | None = None) -> HTMLResponse:
    cells = _certain(bench, who, least)
    grades = Counter(one.standing.provisional for one in cells)
    return page(
        request, "bulk.html", status=422 if wrong else 200, wrong=wrong, least=least, cells=cells, counted=_counted(bench, cells),
        each=sorted(grades.items()), grades=grades_of(dict(bench.board().head)),
    )  # fmt: skip


def _certain(bench: TheBench, who: Moderator, least: int) -> list[Waiting]:
    """The provisional cells that nobody decided on, at least so certain; a stale one needs a look of its own."""
    return [
        w
        for w in queue(bench, who.user, "uncertain")
        if w.standing.status == "provisional" and not w.blind and w.standing.confidence >= least / 100
    ]


def _counted(bench: TheBench, cells: Sequence[Waiting]) -> str:
    """Stands for exactly these cells as they are now: the form carries it, so that nobody signs what was not counted before them."""
    versions = bench.board().versions
    return key(*(repr((w.cell, versions[w.cell[0]].version, w.standing.provisional, w.standing.seen)) for w in cells))


@router.post("/bulk")
def bulk(request: Request, bench: TheBench, who: Moderator, form: Form) -> Response:
    least = number(text(form, "least"))
    if least is None or not LEAST_CERTAIN <= least <= 100:
        raise HTTPException(400)
    board, cells, signed, left = bench.board(), _certain(bench, who, least), 0, 0
    if text(form, "counted") != _counted(bench, cells):
        return _counted_page(request, bench, who, least, {"": CHANGED})
    if text(form, "sure") != "yes":
        return _counted_page(request, bench, who, least, {"sure": "Confirm that you sign these decisions"})
    for (force, area, criterion), standing, *_ in cells:
        try:
            bench.record.decide(
                force, area, criterion, grade=standing.provisional, reviewer=who.user.name, at=bench.clock(), seen=standing.seen,
                version=board.versions[force].version,
                reason=f"Accepted with {count_words(len(cells), 'cell')} of at least {least}% confidence.",
            )  # fmt: skip
            signed += 1
        except RecordError:  # decided on, or sent anew, meanwhile
            left += 1
    others = f" {left} were left: somebody decided on them, or the force sent new documents, meanwhile." if left else ""
    done = bench.publish_if_signed_off(*dict.fromkeys(one.cell[0] for one in cells))
    accepted = f"{count_words(signed, 'cell')} {'is' if signed == 1 else 'are'} accepted and signed with your name."
    who.session.told = f"{accepted}{others}{done}"
    return go("/")
