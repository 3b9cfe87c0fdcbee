"""Sending a submission through the browser, and the review that is started from there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from extractors.read import READERS
from pipeline.ingest import InboxError
from pipeline.unpack import MOST_FILES
from rules.loader import DEFAULT
from workbench.bench import Bench
from workbench.limits import UPLOAD
from workbench.pages.common import SPENT, Form, Moderator, TheBench, go, page, same_origin, text
from workbench.uploads import Sent, UploadError

router = APIRouter(include_in_schema=False)
KINDS = ", ".join(sorted({suffix[1:].upper() for suffix in READERS if suffix.isascii() and suffix.count(".") == 1}))


async def posted_files(request: Request, who: Moderator) -> FormData:
    """The form with its files: as `posted`, for a moderator only, before anything is read."""
    same_origin(request)
    form = await request.form(max_files=MOST_FILES, max_fields=10)
    if not who.session.spend(str(form.get("token", "")), request.url.path):
        raise HTTPException(403, SPENT)
    return form


def _pack(bench: Bench) -> str:
    return str(bench.board().head.get("pack", {}).get("id", DEFAULT))


@router.get("/upload")
def upload_page(request: Request, bench: TheBench, who: Moderator) -> HTMLResponse:
    return _form(request, "", {})


def _form(request: Request, folder: str, wrong: dict[str, str]) -> HTMLResponse:
    status = 422 if wrong else 200
    return page(request, "upload.html", status=status, wrong=wrong, folder=folder, most=UPLOAD // 1_000_000, kinds=KINDS)


@router.post("/upload/files")
def receive(request: Request, bench: TheBench, who: Moderator, form: Annotated[FormData, Depends(posted_files)]) -> Response:
    files = [Sent(one.filename or "", one.file) for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    try:
        identifier = bench.uploads.receive(text(form, "folder"), files, _pack(bench))
    except UploadError as error:
        field = "folder" if "name of a force" in str(error) else "files"
        return page(
            request,
            "upload.html",
            status=422,
            wrong={field: str(error)},
            folder=text(form, "folder"),
            most=UPLOAD // 1_000_000,
            kinds=KINDS,
        )
    return go(f"/uploaded/{identifier}")


@router.get("/uploaded/{identifier}")
def uploaded(request: Request, identifier: str, bench: TheBench, who: Moderator) -> HTMLResponse:
    return _status(request, bench, who, identifier)


def _status(request: Request, bench: Bench, who: Moderator, identifier: str, wrong: str = "") -> HTMLResponse:
    if not bench.uploads.exists(identifier):
        raise HTTPException(404)
    state = bench.uploads.state(identifier)
    forces = [(bench.entry(force)["folder"], force) for force in bench.forces(who.user).values()]
    sent = bench.uploads.submissions(identifier, _pack(bench)) if state.state in ("waiting", "failed") else ()
    known = next(
        (folder for folder, force in forces if len(sent) == 1 and sent[0].folder.casefold() in (folder.casefold(), force.casefold())), ""
    )
    return page(
        request, "uploaded.html", status=422 if wrong else 200, wrong={"": wrong} if wrong else {}, crumbs=[("/upload", "Upload")],
        state=state, submissions=sent, path=f"/uploaded/{identifier}", forces=forces, known=known, here="/upload",
    )  # fmt: skip


@router.post("/uploaded/{identifier}")
def start(request: Request, identifier: str, bench: TheBench, who: Moderator, form: Form) -> Response:
    if not bench.uploads.exists(identifier):
        raise HTTPException(404)
    own = {bench.entry(force)["folder"] for force in bench.forces(who.user).values()}
    instead_of = text(form, "instead_of")
    if instead_of and instead_of not in own:
        raise HTTPException(404)
    try:
        entries = [bench.entry(force) for force in bench.board().versions]
        bench.uploads.start(identifier, _pack(bench), entries, own, instead_of, text(form, "rest") == "keep")
    except (UploadError, InboxError, OSError) as error:
        return _status(request, bench, who, identifier, str(error))
    return go(f"/uploaded/{identifier}")
