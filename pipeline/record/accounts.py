"""The accounts, and what became of them: made, changed, locked, closed. Each change is told in the chain; passwords are not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pipeline.record import chain
from pipeline.record.decisions import plain_text
from pipeline.record.tables import accounts, users
from pipeline.record.types import AccountChange, User, stamp
from pipeline.record.versions import Versions


class Accounts(Versions):
    """Who may sign in, as what, and who said so."""

    def users(self) -> list[User]:
        """Every account, by name."""
        with self.database.read() as connection:
            return [User(*row) for row in connection.execute(select(users).order_by(users.c.name))]

    def user(self, name: str) -> User | None:
        with self.database.read() as connection:
            return _user(connection, name)

    def save_user(self, user: User, *, by: str, at: datetime) -> None:
        """Makes an account or changes it. The chain tells what it is from now on; of wrong passwords it tells once they lock it."""
        with self.database.write() as connection:
            before = _user(connection, user.name)
            connection.execute(delete(users).where(users.c.name == user.name))
            connection.execute(insert(users).values(**asdict(user)))
            if before is None or _state(before) != _state(user):
                chain.append(connection, "accounts", {"name": user.name, "by": plain_text(by), "at": stamp(at), "state": _state(user)})

    def account_changes(self) -> list[AccountChange]:
        """What became of every account, oldest first."""
        found, known = list[AccountChange](), dict[str, dict[str, Any]]()
        with self.database.read() as connection:
            for row in connection.execute(select(accounts).order_by(accounts.c.number)):
                before = known.get(row.name, {})
                changed = {key: (before.get(key), now) for key, now in row.state.items() if key not in before or before[key] != now}
                found.append(AccountChange(row.number, row.name, row.by, row.at, changed))
                known[row.name] = row.state
        return found


def altered_accounts(connection: Connection) -> Iterator[str]:
    """Accounts that are not what the chain tells of them, in plain words."""
    told = {row.name: row.state for row in connection.execute(select(accounts).order_by(accounts.c.number))}
    now = {row.name: _state(User(*row)) for row in connection.execute(select(users))}
    for name in sorted({*told, *now}):
        if name not in told:
            yield f"the account {name} was not made by this program."
        elif name not in now:
            yield f"the account {name} was taken out of the database."
        elif wrong := sorted(key.replace("_", " ") for key in now[name] if now[name][key] != told[name].get(key)):
            yield f"the account {name} was changed behind the record: {', '.join(wrong)}."


def _user(connection: Connection, name: str) -> User | None:
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    return User(*row) if row else None


def _state(user: User) -> dict[str, Any]:
    """What the chain tells of an account: of its password, only the hash of the hash that is kept."""
    state = {key: value for key, value in asdict(user).items() if key not in ("name", "failures")}
    return state | {"secret": hashlib.sha256(user.secret.encode()).hexdigest() if user.secret else ""}
