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
from workbench.outlook import Outlook, entry_for, outlook
from workbench.pages.common import SPENT, Form, Moderator, TheBench, Who, go, page, same_origin, text
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
        return _form(request, text(form, "folder"), {field: str(error)})
    return go(f"/uploaded/{identifier}")


@router.get("/uploaded/{identifier}")
def uploaded(request: Request, identifier: str, bench: TheBench, who: Moderator, instead_of: str | None = None) -> HTMLResponse:
    return _status(request, bench, who, identifier, instead_of)


def _status(
    request: Request, bench: Bench, who: Who, identifier: str, instead_of: str | None, wrong: dict[str, str] | None = None
) -> HTMLResponse:
    if not bench.uploads.exists(identifier):
        raise HTTPException(404)
    state, forces = bench.uploads.state(identifier), bench.forces(who.user)
    sent = _sent(bench, who, identifier, instead_of) if state.state in ("waiting", "failed") else []
    slugs = {force: slug for slug, force in forces.items()}
    return page(
        request, "uploaded.html", status=422 if wrong else 200, wrong=wrong, crumbs=[("/upload", "Upload")], here="/upload",
        state=state, sent=sent, path=f"/uploaded/{identifier}", forces=[(bench.entry(f)["folder"], f) for f in forces.values()],
        versions=[{**one, "path": f"/force/{slugs[one['force']]}"} for one in state.versions if one["force"] in slugs],
    )  # fmt: skip


def _sent(bench: Bench, who: Who, identifier: str, instead_of: str | None) -> list[Outlook]:
    """What was sent and what it would do. `instead_of` is the folder whose documents it replaces, "" for a new force, None to guess."""
    submissions = [one for one in bench.uploads.submissions(identifier, _pack(bench)) if one.files]
    entries = [bench.entry(force) for force in bench.forces(who.user).values()]
    if instead_of is None or len(submissions) > 1:
        return [outlook(one, entry_for(one, entries)) for one in submissions]
    if instead_of not in ("", *(entry["folder"] for entry in entries)):
        raise HTTPException(404)
    return [outlook(one, next((entry for entry in entries if entry["folder"] == instead_of), None)) for one in submissions]


@router.post("/uploaded/{identifier}")
def start(request: Request, identifier: str, bench: TheBench, who: Moderator, form: Form) -> Response:
    if not bench.uploads.exists(identifier):
        raise HTTPException(404)
    instead_of, how = text(form, "instead_of"), text(form, "how")
    try:
        sent = _sent(bench, who, identifier, instead_of)
        if any(one.others for one in sent) and how not in ("whole", "changed"):
            return _status(request, bench, who, identifier, instead_of, {"how": "Say whether this is the whole set or only what changed"})
        entries = [bench.entry(force) for force in bench.board().versions]
        own = {bench.entry(force)["folder"] for force in bench.forces(who.user).values()}
        bench.uploads.start(identifier, _pack(bench), entries, own, sent, how == "changed")
    except (UploadError, InboxError, OSError) as error:
        return _status(request, bench, who, identifier, instead_of, {"": str(error)})
    return go(f"/uploaded/{identifier}")
