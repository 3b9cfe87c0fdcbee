"""The people of the round: their roles, the forces and markings that they are cleared for, their looks at restricted documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from pipeline.markings import MARKINGS
from pipeline.record.rights import ROLES
from pipeline.record.types import Look, Output, User
from workbench.accounts import account_wrong
from workbench.pages.common import Administrator, Form, TheBench, go, page, text
from workbench.security import hashed

router = APIRouter(include_in_schema=False)
ON_A_PAGE = 100
SAYS = {
    "reader": "Reader: sees the round",
    "reviewer": "Reviewer: decides on cells and comments",
    "moderator": "Moderator: also gives out work, adjudicates, accepts many cells, uploads",
    "administrator": "Administrator: also manages people",
}


@router.get("/people")
def people(request: Request, bench: TheBench, who: Administrator) -> HTMLResponse:
    return page(request, "people.html", people=bench.record.users())


@router.get("/people/new")
def new_person(request: Request, bench: TheBench, who: Administrator) -> HTMLResponse:
    return _form(request, bench, User("", role="reviewer", forces=None, marking="RESTRICTED"), new=True)


@router.get("/people/person/{name}")
def person(request: Request, name: str, bench: TheBench, who: Administrator) -> HTMLResponse:
    user = bench.record.user(name)
    if user is None:
        raise HTTPException(404)
    return _form(request, bench, user, new=False)


def _form(request: Request, bench: TheBench, user: User, *, new: bool, wrong: dict[str, str] | None = None) -> HTMLResponse:
    return page(
        request, "person.html", status=422 if wrong else 200, wrong=wrong, crumbs=[("/people", "People")], person=user, new=new,
        roles=list(SAYS.items()), markings=[(m, m) for m in MARKINGS], forces=sorted(bench.board().versions), here="/people",
        action="/people/new" if new else f"/people/person/{user.name}",
    )  # fmt: skip


@router.post("/people/new")
def make_person(request: Request, bench: TheBench, who: Administrator, form: Form) -> Response:
    name, password = text(form, "name").lower(), str(form.get("password", ""))
    subject = text(form, "subject")
    user = replace(_filled(User(name), form), subject=subject)
    wrong = account_wrong(bench.record, name, None if subject and not password else password, new=True) | _wrong(user)
    if wrong:
        return _form(request, bench, user, new=True, wrong=wrong)
    bench.record.save_user(replace(user, secret=hashed(password) if password else ""), by=who.user.name, at=bench.clock())
    who.session.told = f"{user.full_name or name} has an account. Pass the password on in person; they can change it."
    return go("/people")


@router.post("/people/person/{name}")
def change_person(request: Request, name: str, bench: TheBench, who: Administrator, form: Form) -> Response:
    before = bench.record.user(name)
    if before is None:
        raise HTTPException(404)
    password = str(form.get("password", ""))
    user = replace(_filled(before, form), subject=text(form, "subject"), disabled=text(form, "disabled") == "yes")
    wrong = account_wrong(bench.record, name, password or None, new=False) | _wrong(user)
    if name == who.user.name and (user.disabled or user.role != "administrator"):
        wrong["role"] = "You cannot take away your own rights: another administrator can"
    if wrong:
        return _form(request, bench, user, new=False, wrong=wrong)
    if password:
        user = replace(user, secret=hashed(password), failures=0, locked_until="")
    bench.record.save_user(user, by=who.user.name, at=bench.clock())
    if name != who.user.name:
        bench.sessions.close_all(name)
    who.session.told = f"{user.full_name or name} is changed, and signed out if they were in."
    return go("/people")


def _filled(user: User, form: Form) -> User:
    forces = None if text(form, "which") == "all" else [str(f) for f in form.getlist("forces")]
    return replace(user, full_name=text(form, "full_name")[:200], role=text(form, "role"), marking=text(form, "marking"), forces=forces)


def _wrong(user: User) -> dict[str, str]:
    wrong = {} if user.role in ROLES else {"role": "Select a role"}
    return wrong if user.marking in MARKINGS else wrong | {"marking": "Select the highest marking that they are cleared for"}


@router.get("/people/looks")
def looks(request: Request, bench: TheBench, who: Administrator, number: int = 1) -> HTMLResponse:
    rows: list[Look | Output] = [*bench.record.looks(), *bench.record.outputs()]
    rows.sort(key=lambda one: -one.number)
    return page(
        request, "looks.html", crumbs=[("/people", "People")], here="/people", path="/people/looks", **_leaf(rows, number)
    )  # fmt: skip


@router.get("/people/changes")
def changes(request: Request, bench: TheBench, who: Administrator, number: int = 1) -> HTMLResponse:
    return page(
        request, "changes.html", crumbs=[("/people", "People")], here="/people", path="/people/changes",
        **_leaf(bench.record.account_changes()[::-1], number),
    )  # fmt: skip


def _leaf(rows: Sequence[Any], number: int) -> dict[str, Any]:
    """One page of a long list, and which it is of how many."""
    pages = max(1, -(-len(rows) // ON_A_PAGE))
    number = min(max(1, number), pages)
    return {"rows": rows[(number - 1) * ON_A_PAGE : number * ON_A_PAGE], "number": number, "pages": pages}
