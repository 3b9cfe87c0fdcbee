"""Signing in and out, one's own account, and help."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from workbench import accounts, signon
from workbench.bench import Bench
from workbench.pages.common import COOKIE, Form, Reader, TheBench, go, inside, page, same_origin, text
from workbench.security import LONGEST, hashed, password_wrong, verified

router = APIRouter(include_in_schema=False)
STATE = "readacross-state"
REFUSED = "The name or the password is wrong, or the account is locked. After 5 wrong passwords it is locked for 15 minutes"


@router.get("/sign-in", name="sign_in")
def sign_in_page(request: Request, bench: TheBench, next: str = "/") -> HTMLResponse:
    return page(request, "signin.html", next=inside(next), name="", provider=bench.provider)


@router.post("/sign-in", dependencies=[Depends(same_origin)])
async def sign_in(request: Request, bench: TheBench) -> Response:
    form = await request.form(max_files=0, max_fields=10)
    name, next_page = text(form, "name"), inside(text(form, "next"))
    user = await run_in_threadpool(accounts.sign_in, bench.record, name, str(form.get("password", "")), bench.clock())
    if user is None:
        return page(request, "signin.html", status=422, wrong={"name": REFUSED}, next=next_page, name=name, provider=bench.provider)
    return admitted(request, bench, user.name, next_page)


def admitted(request: Request, bench: Bench, user: str, to: str) -> RedirectResponse:
    """Opens a new session and ends the one that the browser had."""
    bench.sessions.close(request.cookies.get(COOKIE, ""))
    response = go(to)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, bench.sessions.open(user), max_age=int(LONGEST), httponly=True, samesite="lax", secure=secure)
    return response


@router.post("/sign-out")
def sign_out(request: Request, bench: TheBench, form: Form) -> Response:
    bench.sessions.close(request.cookies.get(COOKIE, ""))
    response = go("/sign-in")
    response.delete_cookie(COOKIE)
    return response


@router.get("/sign-in/elsewhere")
def elsewhere(request: Request, bench: TheBench) -> Response:
    """On to the identity provider."""
    if bench.provider is None:
        return go("/sign-in")
    try:
        address, state = bench.provider.begin(str(request.url_for("back_from_elsewhere")))
    except signon.SignOnError as error:
        return _refused(request, bench, str(error))
    response = go(address)
    response.set_cookie(STATE, state, max_age=int(signon.WAITING), httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return response


@router.get("/sign-in/back")
def back_from_elsewhere(request: Request, bench: TheBench) -> Response:
    """Back from the identity provider, with its answer."""
    if bench.provider is None:
        return go("/sign-in")
    try:
        subject = bench.provider.finish(str(request.url), request.cookies.get(STATE, ""))
    except signon.SignOnError as error:
        return _refused(request, bench, str(error))
    user = next((u for u in bench.record.users() if u.subject == subject and not u.disabled), None)
    if user is None:
        return _refused(request, bench, f"{subject} has no account here. Ask an administrator of the round for one")
    return admitted(request, bench, user.name, "/")


def _refused(request: Request, bench: Bench, why: str) -> HTMLResponse:
    return page(request, "signin.html", status=422, wrong={"": why}, next="/", name="", provider=bench.provider)


@router.get("/account")
def account(request: Request, who: Reader) -> HTMLResponse:
    return page(request, "account.html", account=who.user)


@router.post("/account")
def change_password(request: Request, bench: TheBench, who: Reader, form: Form) -> Response:
    old, new, again = (str(form.get(field, "")) for field in ("old", "new", "again"))
    wrong = {}
    if not verified(old, who.user.secret or None):
        wrong["old"] = "This is not your present password"
    elif said := password_wrong(new, who.user.name):
        wrong["new"] = said
    elif new != again:
        wrong["again"] = "The two new passwords differ"
    if wrong:
        return page(request, "account.html", status=422, wrong=wrong, account=who.user)
    bench.record.save_user(replace(who.user, secret=hashed(new)), by=who.user.name, at=bench.clock())
    bench.sessions.close_all(who.user.name)
    return admitted(request, bench, who.user.name, "/account")


@router.get("/help")
def help_page(request: Request, who: Reader) -> HTMLResponse:
    return page(request, "help.html")
