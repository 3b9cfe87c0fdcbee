"""Single sign-on by OpenID Connect: people prove who they are to their own organisation, which tells the workbench.

Authorization code flow with PKCE. The workbench asks the identity provider for its addresses and keys and for nothing else.
"""

from __future__ import annotations

import secrets
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.common.security import generate_token
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

WAITING: Final = 10 * 60.0
"""Seconds that a person may take at the identity provider."""
MOST_WAITING: Final = 1_000
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
_TIMEOUT: Final = 10.0
_AGAIN: Final = "Begin again; if it happens again, tell an administrator of the round"


class SignOnError(ValueError):
    """The identity provider's answer cannot be trusted, or there is none; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A sign-in under way at the identity provider."""

    nonce: str
    verifier: str
    back: str
    until: float


@dataclass(slots=True)
class Provider:
    """An identity provider. `issuer` is its address: https, or this machine's own for trying out. Raises ValueError for another."""

    name: str
    issuer: str
    client: str
    secret: str
    _pending: dict[str, _Pending] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = urlsplit(self.issuer)
        if where.scheme != "https" and where.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(f"{self.issuer}: an identity provider must be reached by https.")

    def begin(self, back: str) -> tuple[str, str]:
        """The provider's address to go to, and the state that the browser must bring back. Raises SignOnError."""
        nonce, verifier, now = secrets.token_urlsafe(16), generate_token(48), time.time()
        with self._client(back) as client:
            where = self._told("authorization_endpoint")
            address, state = client.create_authorization_url(where, code_verifier=verifier, nonce=nonce)
        waiting = [(key, one) for key, one in self._pending.items() if one.until > now]
        self._pending = dict(waiting[-MOST_WAITING:]) | {state: _Pending(nonce, verifier, back, now + WAITING)}
        return str(address), str(state)

    def finish(self, answer: str, state: str) -> str:
        """Who the person is: the provider's subject, from the address to which it sent the browser back. Raises SignOnError.

        `state` is what this browser was given when it went there.
        """
        told = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
        pending = self._pending.pop(told.get("state", ""), None)
        if pending is None or pending.until < time.time() or not secrets.compare_digest(state, told["state"]):
            raise SignOnError(f"This answer belongs to no sign-in that was begun here. {_AGAIN}")
        if "code" not in told:
            raise SignOnError(f"{self.name} did not confirm who you are ({told.get('error', 'no reason given')[:100]}). {_AGAIN}")
        from authlib.integrations.base_client import OAuthError

        try:
            with self._client(pending.back) as client:
                token = client.fetch_token(self._told("token_endpoint"), code=told["code"], code_verifier=pending.verifier)
        except (httpx.HTTPError, OAuthError, ValueError) as error:
            raise SignOnError(f"{self.name} did not answer as it should ({type(error).__name__}). {_AGAIN}") from None
        return self._subject(token, pending.nonce)

    def _subject(self, token: Mapping[str, Any], nonce: str) -> str:
        """The subject of an identity token that this provider signed, for this workbench, for this very sign-in."""
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer}, aud={"essential": True, "value": self.client},
            exp={"essential": True}, sub={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            keys = KeySet.import_key_set(self._get(self._told("jwks_uri")))
            claims = jwt.decode(str(token.get("id_token", "")), keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise SignOnError(f"{self.name}'s answer cannot be trusted ({type(error).__name__}). {_AGAIN}") from None
        return str(claims["sub"])

    def _client(self, back: str) -> Any:
        with warnings.catch_warnings():  # authlib announces its next version
            warnings.simplefilter("ignore")
            from authlib.integrations.httpx_client import OAuth2Client
        asked = {"scope": "openid", "redirect_uri": back, "code_challenge_method": "S256", "timeout": _TIMEOUT}
        return OAuth2Client(self.client, self.secret, **asked)

    def _told(self, name: str) -> str:
        """One of the provider's addresses, as it tells them itself."""
        told = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer or not isinstance(told.get(name), str):
            raise SignOnError(f"{self.issuer} is not the identity provider that it should be. Tell an administrator of the round")
        return str(told[name])

    def _get(self, address: str) -> Any:
        try:
            return httpx.get(address, timeout=_TIMEOUT).raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            raise SignOnError(f"{self.name} cannot be reached. Try again, or sign in with an account of this workbench") from None
