"""Single sign-on against a real identity provider on this machine: a server with its own key, codes, PKCE and signed tokens."""

from __future__ import annotations

import base64
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.workbench.conftest import NOW, Workbench
from workbench.signon import Provider

CLIENT, SECRET = "workbench", "a secret between the two"


@dataclass
class Identity:
    """The provider: whom it says it is, and, for the tests, what it lies about."""

    address: str = ""
    subject: str = "rose@inspectorate.example"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}))
    signs_with: RSAKey | None = None
    lies: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, str]:
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return {"issuer": self.address} | {name: self.address + path for name, path in ends.items()}

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(request: Request) -> RedirectResponse:
            asked, code = dict(request.query_params), secrets.token_urlsafe(8)
            assert asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
            self.codes[code] = asked
            return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

        @app.post("/token")
        def token(request: Request, code: str = Form(), code_verifier: str = Form(), redirect_uri: str = Form()) -> JSONResponse:
            asked = self.codes.pop(code, None)
            basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            right = asked and create_s256_code_challenge(code_verifier) == asked["code_challenge"] and redirect_uri == asked["redirect_uri"]
            if asked is None or not right or basic != f"{CLIENT}:{SECRET}":
                return JSONResponse({"error": "invalid_grant"}, 400)
            now = int(time.time())
            claims = {"iss": self.address, "aud": CLIENT, "sub": self.subject, "nonce": asked["nonce"], "iat": now, "exp": now + 60}
            signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims | self.lies, self.signs_with or self.key)
            return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

        return app


@pytest.fixture(scope="module")
def server() -> Iterator[Identity]:
    identity = Identity()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        identity.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = uvicorn.Server(uvicorn.Config(identity.app(), log_level="error"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        while not running.started:
            time.sleep(0.01)
        yield identity
        running.should_exit = True
        thread.join()


@pytest.fixture
def identity(server: Identity, workbench: Workbench) -> Identity:
    server.lies, server.signs_with, server.subject = {}, None, "rose@inspectorate.example"
    workbench.bench.provider = Provider("The inspectorate", server.address, CLIENT, SECRET)
    rose = workbench.bench.record.user("rose")
    assert rose
    workbench.bench.record.save_user(replace(rose, subject="rose@inspectorate.example", secret=""), by="ada", at=NOW)
    return server


def go_there(client: TestClient) -> str:
    """To the provider and back: the address to which it sends the browser."""
    away = client.get("/sign-in/elsewhere", follow_redirects=False).headers["location"]
    return httpx.get(away).headers["location"].replace("http://testserver", "")


def test_who_is_known_there_and_has_an_account_here_is_in(workbench: Workbench, identity: Identity) -> None:
    client = workbench.browser()
    assert "Sign in with The inspectorate" in client.get("/sign-in").text
    answer = client.get(go_there(client))
    assert answer.url.path == "/" and "Rose" in answer.text and "(reviewer)" in answer.text


def test_who_has_no_account_or_a_closed_one_stays_out(workbench: Workbench, identity: Identity) -> None:
    client = workbench.browser()
    identity.subject = "stranger@elsewhere.example"
    assert "stranger@elsewhere.example has no account here" in client.get(go_there(client)).text
    assert client.get("/").url.path == "/sign-in"
    rose = workbench.bench.record.user("rose")
    assert rose
    workbench.bench.record.save_user(replace(rose, disabled=True), by="ada", at=NOW)
    identity.subject = "rose@inspectorate.example"
    assert "has no account here" in client.get(go_there(client)).text


@pytest.mark.parametrize("lie", [
    {"aud": "another"}, {"iss": "https://elsewhere.example"}, {"exp": 1}, {"nonce": "replayed"}, {"nonce": None}, {"sub": None},
])  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_is_refused(workbench: Workbench, identity: Identity, lie: dict[str, Any]) -> None:
    client = workbench.browser()
    identity.lies = lie
    assert "cannot be trusted" in client.get(go_there(client)).text
    assert client.get("/").url.path == "/sign-in"


def test_a_token_that_another_key_signed_is_refused(workbench: Workbench, identity: Identity) -> None:
    client = workbench.browser()
    identity.signs_with = RSAKey.generate_key(2048, {"kid": "1"})
    assert "cannot be trusted" in client.get(go_there(client)).text


def test_an_answer_counts_once_and_in_the_browser_that_asked_only(workbench: Workbench, identity: Identity) -> None:
    client, other = workbench.browser(), workbench.browser()
    stolen = go_there(client)
    assert "belongs to no sign-in" in other.get(stolen).text
    back = go_there(client)
    assert client.get(back).url.path == "/"
    assert "belongs to no sign-in" in client.get(back).text
    assert "belongs to no sign-in" in client.get("/sign-in/back?code=x&state=guessed").text


def test_a_provider_that_refuses_or_is_away_is_told(workbench: Workbench, identity: Identity) -> None:
    client = workbench.browser()
    away = client.get("/sign-in/elsewhere", follow_redirects=False).headers["location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    assert "did not confirm who you are (access_denied)" in client.get(f"/sign-in/back?error=access_denied&state={state}").text
    workbench.bench.provider = Provider("The inspectorate", "http://127.0.0.1:9", CLIENT, SECRET)
    assert "cannot be reached" in client.get("/sign-in/elsewhere").text


def test_a_provider_without_tls_is_refused_but_on_this_machine() -> None:
    with pytest.raises(ValueError, match="must be reached by https"):
        Provider("x", "http://login.example", CLIENT, SECRET)


def test_an_account_of_single_sign_on_has_no_password(workbench: Workbench, identity: Identity) -> None:
    assert workbench.browser().post("/sign-in", data={"name": "rose", "password": ""}).status_code == 422
