"""What every page needs: who asks, whether they may, whether the form is theirs, and the frame around the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from pipeline.record.rights import may
from pipeline.record.types import Conflict, RecordError, User
from workbench.bench import Bench
from workbench.security import Session
from workbench.views import TEMPLATES, when

COOKIE: Final = "readacross"
MOST_WORDS: Final = 10_000
"""Characters of a reason or a comment."""
SPENT: Final = "This form was sent already, or it is not yours. Nothing was done a second time: go back, load the page again and look."
MENU: Final = (
    ("/", "Overview", "reader"),
    ("/queue", "Queues", "reviewer"),
    ("/double", "Double review", "reviewer"),
    ("/moderation", "Across forces", "reader"),
    ("/upload", "Upload", "moderator"),
    ("/people", "People", "administrator"),
)


class SignInNeeded(Exception):
    """Nobody is signed in, or the session ended."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, and in which session."""

    user: User
    session: Session


def bench_of(request: Request) -> Bench:
    bench: Bench = request.app.state.bench
    return bench


def someone(request: Request) -> Who | None:
    """Who asks; None where nobody is signed in. An account that was closed is signed out at once."""
    if hasattr(request.state, "who"):
        found: Who | None = request.state.who
        return found
    bench = bench_of(request)
    key = request.cookies.get(COOKIE, "")
    if request.url.path.startswith("/api/"):  # programs send the key by hand, so that no other site can make a browser send it
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
    session = bench.sessions.find(key) if key else None
    user = bench.record.user(session.user) if session else None
    bench.boards.now()
    request.state.who = Who(user, session) if session and user and not user.disabled else None
    return someone(request)


def signed_in(request: Request) -> Who:
    who = someone(request)
    if who is None:
        raise SignInNeeded
    return who


def _needs(role: str) -> Callable[[Who], Who]:
    def allowed(who: Annotated[Who, Depends(signed_in)]) -> Who:
        if not may(who.user, role):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return who

    return allowed


TheBench = Annotated[Bench, Depends(bench_of)]
Reader = Annotated[Who, Depends(signed_in)]
Reviewer = Annotated[Who, Depends(_needs("reviewer"))]
Moderator = Annotated[Who, Depends(_needs("moderator"))]
Administrator = Annotated[Who, Depends(_needs("administrator"))]


def same_origin(request: Request) -> None:
    """Refuses a form that another site sent."""
    site, origin = request.headers.get("sec-fetch-site", "same-origin"), request.headers.get("origin")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != request.headers.get("host")):
        raise HTTPException(HTTPStatus.FORBIDDEN, SPENT)


async def posted(request: Request, who: Reader) -> FormData:
    """The form, if its token is this session's, for this very address, and was not used before."""
    same_origin(request)
    form = await request.form(max_files=0, max_fields=200)
    if not who.session.spend(str(form.get("token", "")), request.url.path):
        raise HTTPException(HTTPStatus.FORBIDDEN, SPENT)
    return form


Form = Annotated[FormData, Depends(posted)]


def text(form: FormData, name: str) -> str:
    """A field's text, without blanks around it; "" where it was not sent."""
    return str(form.get(name, "")).strip()


def number(written: str) -> int | None:
    """The whole number that was written; None for anything else, and for more digits than anything here has."""
    return int(written) if written.isdecimal() and len(written) < 10 else None


def page(
    request: Request, template: str, *, status: int = HTTPStatus.OK, wrong: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """A page in its frame. `wrong` maps the fields of a form that cannot be taken to what is wrong with them."""
    who = someone(request)
    frame: dict[str, Any] = {
        "user": None, "told": "", "wrong": wrong or {}, "crumbs": (), "here": request.url.path, "token": _no_token, "menu": (),
        "called": bench_of(request).called,
    }  # fmt: skip
    if who is not None:
        session = who.session
        frame |= {
            "user": who.user, "told": session.tell(), "marking": bench_of(request).marking(who.user), "why": session.why,
            "here_again": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "menu": [(path, name) for path, name, role in MENU if may(who.user, role)],
            "token": lambda path: Markup('<input type="hidden" name="token" value="{}">').format(session.token(path)),
        }  # fmt: skip
    return HTMLResponse(TEMPLATES.get_template(template).render(frame | context), status)


def conflict_told(bench: Bench, conflict: RecordError) -> str:
    """What stood in the way of a decision, with the full name of whoever was quicker."""
    one = conflict.current if isinstance(conflict, Conflict) else None
    if one is None:
        return str(conflict)
    return f"{bench.called(one.reviewer)} decided on this cell on {when(one.at)}. Look at it, then decide again if you still wish to."


def _no_token(_: str) -> str:
    return ""


def go(path: str) -> RedirectResponse:
    """On to another page, after a form was taken."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def inside(path: str) -> str:
    """The path, if it leads to a page of the workbench and nowhere else."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def force_of(bench: Bench, who: Who, slug: str) -> str:
    """The force's name; "not found" too where it is not for this person's eyes."""
    force = bench.forces(who.user).get(slug)
    if force is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return force
