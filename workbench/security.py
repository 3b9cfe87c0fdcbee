"""Who may do what: passwords, lock-out, sessions that live on the server, and forms that can be sent once only."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

IDLE: Final = 30 * 60.0
"""Seconds without a request after which a session ends."""
LONGEST: Final = 10 * 3600.0
"""Seconds after which a session ends whatever happens: a working day."""
LEAST_PASSWORD: Final = 12
MOST_PASSWORD: Final = 200
_MOST_TOKENS: Final = 2_000
"""Forms that may lie open in one session; the oldest is forgotten first."""

Clock = Callable[[], float]
CellOfVersion = tuple[int, str, str]
"""A version's number in the record, an area and a criterion."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reviewer marked on a cell's evidence and has not signed yet: it is signed with their decision on the cell."""

    rejected: frozenset[int] = frozenset()
    added: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Session:
    """One person's time at the workbench. `why` is their reason to look at restricted documents, "" as long as they gave none."""

    user: str
    opened: float
    seen: float
    tokens: dict[str, str] = field(default_factory=dict)
    why: str = ""
    looks: set[tuple[int, str, str]] = field(default_factory=set)
    """What they were shown of which document of which version, once each."""
    drafts: dict[CellOfVersion, Draft] = field(default_factory=dict)
    told: str = ""

    def token(self, purpose: str) -> str:
        """A token with which the form for this purpose (its path) can be sent once."""
        token = secrets.token_urlsafe(16)
        self.tokens[token] = purpose
        if len(self.tokens) > _MOST_TOKENS:
            del self.tokens[next(iter(self.tokens))]
        return token

    def spend(self, token: str, purpose: str) -> bool:
        """True once for a token of this purpose; a forged, foreign or spent one is False."""
        return self.tokens.pop(token, None) == purpose

    def tell(self) -> str:
        """The message for the next page, once."""
        told, self.told = self.told, ""
        return told


class Sessions:
    """The sessions that are open. Their keys are kept as hashes only; a restart of the workbench signs everybody out."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._open: dict[str, Session] = {}
        self._lock = Lock()

    def open(self, user: str, why: str = "") -> str:
        """Opens a session and gives its key, for the person's cookie only. `why` they look at restricted documents may be asked later."""
        key, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._open = {k: s for k, s in self._open.items() if self._alive(s)}
            self._open[_hash(key)] = Session(user, now, now, why=why)
        return key

    def find(self, key: str) -> Session | None:
        """The session of a key, its idle time begun anew; None when it ended or never was."""
        with self._lock:
            session = self._open.get(_hash(key))
            if session is None or not self._alive(session):
                return None
            session.seen = self._clock()
            return session

    def close(self, key: str) -> None:
        with self._lock:
            self._open.pop(_hash(key), None)

    def close_all(self, user: str) -> None:
        """Ends every session of a person: their rights or their password changed."""
        with self._lock:
            self._open = {k: s for k, s in self._open.items() if s.user != user}

    def _alive(self, session: Session) -> bool:
        now = self._clock()
        return now - session.seen < IDLE and now - session.opened < LONGEST


def password_wrong(password: str, name: str) -> str:
    """Why a new password will not do; "" when it will."""
    if len(password) < LEAST_PASSWORD:
        return f"The password must have at least {LEAST_PASSWORD} characters. Three or four unconnected words are easy to keep in mind."
    if len(password) > MOST_PASSWORD:
        return f"The password must have at most {MOST_PASSWORD} characters."
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        return "The password is too easy to guess. Use three or four unconnected words, without your name."
    return ""


def hashed(password: str) -> str:
    """The password as it is kept (argon2id)."""
    return _hasher().hash(password)


def verified(password: str, kept: str | None) -> bool:
    """Whether it is the password. A name that is not known takes as long to refuse as one that is."""
    try:
        return _hasher().verify(kept or _nobody(), password[: MOST_PASSWORD + 1]) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
