"""A document alone: any page of it, and the reason that is asked before a restricted one is opened."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from pipeline.drawing import NoDrawing
from pipeline.review import STORE
from workbench import pictures
from workbench.bench import Bench, Paper
from workbench.pages.common import Form, Reader, TheBench, Who, force_of, go, page, text
from workbench.pages.pane import pane

router = APIRouter(include_in_schema=False)


def paper_of(bench: Bench, who: Who, slug: str, position: int) -> Paper:
    """The document; "not found" too where the person is not cleared for it."""
    force = force_of(bench, who, slug)
    for paper in bench.open_papers(who.user, force):
        if paper.position == position:
            return paper
    raise HTTPException(404)


@router.get("/paper/{slug}/{position}")
def paper_page(
    request: Request, slug: str, position: int, bench: TheBench, who: Reader, number: int | None = None, start: int = -1, end: int = -1
) -> HTMLResponse:
    paper = paper_of(bench, who, slug, position)
    now = [(start, end)] if 0 <= start < end else []
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    shown = pane(bench, who, slug, paper, back, page=number, now=now, whole=True)
    crumbs = [("/", "Overview"), (f"/force/{slug}", paper.force)]
    return page(request, "paper.html", crumbs=crumbs, paper=shown, slug=slug)


@router.get("/paper/{slug}/{position}/{number}.png")
def paper_picture(slug: str, position: int, number: int, bench: TheBench, who: Reader) -> Response:
    paper = paper_of(bench, who, slug, position)
    version = bench.board().versions[paper.force].number
    if paper.recorded and (version, paper.file) not in who.session.looks:
        raise HTTPException(403, "Say first why you open this document.")
    try:
        folder = bench.out / STORE / "pages"
        drawn = pictures.picture(bench.original(paper), paper.sha256, number, folder)
    except NoDrawing:
        raise HTTPException(404) from None
    return FileResponse(drawn, media_type="image/png")


@router.post("/paper/{slug}/{position}/look")
def look(request: Request, slug: str, position: int, bench: TheBench, who: Reader, form: Form) -> Response:
    paper, back = paper_of(bench, who, slug, position), text(form, "back")
    if not back.startswith(("/force/", "/paper/")):
        back = f"/paper/{slug}/{position}"
    why = text(form, "why")[:500]
    if not why:
        shown = pane(bench, who, slug, paper, back, whole=True)
        crumbs = [("/", "Overview"), (f"/force/{slug}", paper.force)]
        wrong = {"why": "Say why you open this document"}
        return page(request, "paper.html", status=422, wrong=wrong, crumbs=crumbs, paper=shown, slug=slug)
    who.session.looks[bench.board().versions[paper.force].number, paper.file] = why
    return go(back)
