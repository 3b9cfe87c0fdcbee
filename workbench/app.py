"""The workbench as a web application: its parts put together, what every answer carries, and what every error looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from pipeline.record.types import RecordError
from workbench.bench import Bench
from workbench.limits import BodyLimit
from workbench.pages import api, cell, deciding, double, force, moderation, overview, paper, people, queues, signin, upload, versions
from workbench.pages.common import SignInNeeded, page
from workbench.views import HERE

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SAID: Final = {
    400: ("That did not work", "The request was not as the workbench expects it. Go back and try again."),
    403: ("You may not do that", "Your role does not include this. Ask an administrator of the round if you need it."),
    404: ("Page not found", "There is no such page, or it is not yours to see. Check the address, or go to the overview."),
    413: ("Too large", "What you sent is larger than the workbench takes. Nothing of it was kept: go back and send less at a time."),
    500: ("That did not work", "The workbench could not do it. Tell whoever runs it."),
}


def create_app(bench: Bench) -> FastAPI:
    """The application over one round."""
    app = FastAPI(
        title="Read-across", version="1", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        description="The record of a round: its forces, cells and decisions. The same rights hold as in the browser.",
    )  # fmt: skip
    app.state.bench = bench
    app.add_middleware(BodyLimit)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(bench.hosts))
    app.middleware("http")(_headers)
    for part in (signin, overview, versions, force, cell, deciding, paper, queues, double, moderation, upload, people, api):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.exception_handler(SignInNeeded)(_sign_in)
    app.exception_handler(HTTPException)(_failed)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(RecordError)(_record)
    app.exception_handler(Exception)(_broken)
    return app


async def _headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-cache" if request.url.path.startswith("/static/") else "no-store")
    return response


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _sign_in(request: Request, _: Exception) -> Response:
    if _is_api(request):
        return JSONResponse({"detail": "Sign in first: POST /api/session."}, HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
    back = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(request.url_for("sign_in").include_query_params(next=back).replace(scheme="", netloc=""), HTTPStatus.SEE_OTHER)


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_api(request):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    title, words = SAID.get(error.status_code, SAID[400])
    own = error.detail if error.detail != HTTPStatus(error.status_code).phrase else words
    return _error_page(request, title, own, error.status_code)


def _invalid(request: Request, error: Exception) -> Response:
    if _is_api(request):
        assert isinstance(error, RequestValidationError)
        said = [{"where": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
        return JSONResponse({"detail": said}, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _error_page(request, *SAID[400], HTTPStatus.BAD_REQUEST)


def _record(request: Request, error: Exception) -> Response:
    if _is_api(request):
        return JSONResponse({"detail": str(error)}, HTTPStatus.CONFLICT)
    return _error_page(request, "The record could not be used", str(error), HTTPStatus.CONFLICT)


def _broken(request: Request, _: Exception) -> Response:
    """For a fault of the program: nothing of it is told to the browser, the server's log has it."""
    if _is_api(request):
        return JSONResponse({"detail": "The workbench made a mistake; its log says which."}, HTTPStatus.INTERNAL_SERVER_ERROR)
    words = "Nothing was signed that you were not told of. Go back and try again; if it happens again, tell whoever runs the workbench."
    told = _error_page(request, "The workbench made a mistake", words, HTTPStatus.INTERNAL_SERVER_ERROR)
    told.headers.update(HEADERS)  # this answer passes by `_headers`
    return told


def _error_page(request: Request, title: str, words: str, status: int) -> HTMLResponse:
    return page(request, "error.html", status=status, heading=title, words=words)
