"""A document alone: any page of it, and the reason that is asked before what is restricted is shown."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from pipeline.drawing import NoDrawing
from pipeline.review import STORE
from workbench import pictures
from workbench.bench import Bench, Paper
from workbench.pages.common import Form, Reader, TheBench, Who, go, inside, page, text
from workbench.pages.pane import pane
from workbench.pages.place import version_of
from workbench.pages.shelf import note, shelf_of

router = APIRouter(include_in_schema=False)
MOST_WHY = 500
"""Characters of a reason."""


def paper_of(bench: Bench, who: Who, slug: str, version: int, position: int) -> tuple[Paper, bool]:
    """The document, and whether it is open already; "not found" too where the person is not cleared for it."""
    shelf = shelf_of(bench, who, version_of(bench, who, slug, version))
    for paper in [*shelf.open.values(), *shelf.asked.values()]:
        if paper.position == position:
            return paper, paper.file in shelf.open
    raise HTTPException(404)


@router.get("/paper/{slug}/{version}/{position}")
def paper_page(
    request: Request, slug: str, version: int, position: int, bench: TheBench, who: Reader, number: int | None = None, start: int = -1,
    end: int = -1,
) -> HTMLResponse:  # fmt: skip
    paper, is_open = paper_of(bench, who, slug, version, position)
    crumbs = [("/", "Overview"), (f"/force/{slug}", paper.version.force)]
    if version != bench.board().versions[paper.version.force].version:
        crumbs.append((f"/force/{slug}/versions/{version}", f"Version {version}"))
    now = [(start, end)] if 0 <= start < end else []
    shown = pane(bench, who, slug, paper, page=number, now=now, whole=True) if is_open else None
    return page(request, "paper.html", crumbs=crumbs, file=paper.file, paper=shown, slug=slug)


@router.get("/paper/{slug}/{version}/{position}/{number}.png")
def paper_picture(slug: str, version: int, position: int, number: int, bench: TheBench, who: Reader) -> Response:
    paper, is_open = paper_of(bench, who, slug, version, position)
    if not is_open:
        raise HTTPException(403, "Say first why you look at restricted documents.")
    try:
        drawn = pictures.picture(bench.original(paper), paper.sha256, number, bench.out / STORE / "pages")
    except NoDrawing:
        raise HTTPException(404) from None
    note(bench, who, [paper], f"page {number}")
    return FileResponse(drawn, media_type="image/png")


@router.post("/look")
def look(request: Request, who: Reader, form: Form) -> Response:
    """Takes the reason for which the person looks at restricted documents from now on, until they sign out or give another."""
    why, back = text(form, "why")[:MOST_WHY], inside(text(form, "back"))
    if not why:
        return page(request, "why.html", status=422, wrong={"why": "Say why you look at them"}, back=back)
    if why != who.session.why:
        who.session.why = why
        who.session.looks.clear()
    return go(back)
