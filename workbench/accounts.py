"""Accounts and passwords over the record: who is let in, who is locked out, and the first administrator."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pipeline.markings import MARKINGS
from pipeline.record.decisions import MACHINE
from pipeline.record.record import Record
from pipeline.record.types import User, stamp
from workbench.security import hashed, password_wrong, verified

FAILURES: Final = 5
"""Wrong passwords in a row that lock an account."""
LOCKED: Final = timedelta(minutes=15)
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
"""A sign-in name: small letters, digits and a few signs, so that no two look alike."""


def sign_in(record: Record, name: str, password: str, now: datetime) -> User | None:
    """The account, if the password is its own and it is open. The answer says nothing about which of these failed."""
    user = record.user(name.strip().lower())
    right = verified(password, user.secret if user and user.secret else None)
    if user is None or user.disabled or user.locked_until > stamp(now):
        return None
    if right:
        if user.failures:
            record.save_user(replace(user, failures=0, locked_until=""), by=user.name, at=now)
        return user
    failures = user.failures + 1
    locked = failures >= FAILURES
    until = stamp(now + LOCKED) if locked else user.locked_until
    record.save_user(replace(user, failures=0 if locked else failures, locked_until=until), by=MACHINE, at=now)
    return None


def account_wrong(record: Record, name: str, password: str | None, *, new: bool) -> dict[str, str]:
    """What is wrong with a new name or password, by field; empty when nothing is."""
    wrong = {}
    if not NAME.fullmatch(name):
        wrong["name"] = "Use 2 to 64 small letters, digits, dots, hyphens or an e-mail address"
    elif new and record.user(name):
        wrong["name"] = "There is an account of this name already"
    if password is not None and (said := password_wrong(password, name)):
        wrong["password"] = said
    return wrong


def first_administrator(record: Record, name: str, password: str, at: datetime) -> None:
    """Makes the account that makes the others: an administrator cleared for everything. Raises ValueError."""
    if wrong := account_wrong(record, name, password, new=True):
        raise ValueError(". ".join(wrong.values()))
    record.save_user(User(name, role="administrator", marking=MARKINGS[-1], secret=hashed(password)), by=name, at=at)
