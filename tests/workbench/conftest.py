"""A round at work: the two example forces, reviewed once and recorded, and people of every role."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import create_engine, text

from pipeline.record.record import Record
from pipeline.record.types import User
from workbench.app import create_app
from workbench.bench import Bench

INBOX = Path(__file__).parents[2] / "corpus" / "examples" / "inbox"
NUMBERS = count(1)
PASSWORD = "three unconnected words"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SECRET = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)  # weak, so that the tests are quick


@pytest.fixture(scope="session")
def reviewed(examples_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT of a review of the two example forces, with people of every role."""
    out = tmp_path_factory.mktemp("round") / "out"
    shutil.copytree(examples_out, out)
    with Record.open(out) as record:
        for name, role in (
            ("reader", "reader"),
            ("rose", "reviewer"),
            ("ravi", "reviewer"),
            ("mona", "moderator"),
            ("ada", "administrator"),
        ):
            record.save_user(User(name, name.capitalize(), role, marking="TOP SECRET", secret=SECRET), by="ada", at=NOW)
    return out


@dataclass
class Workbench:
    """The application over a copy of the round, and browsers of several people."""

    bench: Bench
    browser: Callable[[], TestClient]

    def signed_in(self, name: str, why: str = "Review of the round") -> Person:
        """Someone who has said why they look at restricted documents, unless `why` is empty."""
        client = self.browser()
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD, "next": "/account"})
        assert answer.status_code == 200, answer.text
        if why:
            client.post("/look", data={"token": form_token(answer.text, "/look"), "why": why, "back": "/help"})
        return Person(client)


@dataclass
class Person:
    """Someone at a browser."""

    client: TestClient

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def send(self, page: str, action: str, /, **fields: Any) -> Response:
        """Sends the form of a page that goes to `action`, with the token that stands in it."""
        return self.client.post(action, data={"token": self.token(page, action.partition("?")[0]), **fields})

    def token(self, page: str, action: str) -> str:
        return form_token(self.get(page).text, action)


def form_token(page: str, action: str) -> str:
    found = re.search(rf'action="{re.escape(action)}(?:\?[^"]*)?"[^>]*>\s*<input type="hidden" name="token" value="([^"]+)"', page)
    assert found, f"the page has no form that goes to {action}"
    return found[1]


@pytest.fixture(scope="session")
def kept_in_postgres(reviewed: Path, postgres: str) -> str:
    """A PostgreSQL database that holds the same round, to make copies of."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE reviewed"))
    whole = json.loads((reviewed / "matrix.json").read_bytes())
    with Record.open(reviewed) as kept, Record.open(postgres.replace("/postgres?", "/reviewed?")) as record:
        found = {s["folder"]: kept.sources(kept.latest(s["force"])) for s in whole["submissions"]}
        sources = {(folder, file): source for folder, own in found.items() for file, source in own.items()}
        record.add_review(whole, NOW, reviewed / "store", sources)
        for user in kept.users():
            record.save_user(user, by="ada", at=NOW)
    server.dispose()
    return postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def workbench(reviewed: Path, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """The workbench over a copy of the round: once with its record in a file, once on a PostgreSQL server."""
    out = tmp_path / "out"
    shutil.copytree(reviewed, out)
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    if request.param == "postgresql":
        url, name = str(request.getfixturevalue("kept_in_postgres")), f"copy{next(NUMBERS)}"
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE reviewed STRATEGY FILE_COPY"))
        server.dispose()
        monkeypatch.setenv("READACROSS_RECORD", url.replace("/postgres?", f"/{name}?"))
        (out / "record.sqlite").unlink()
    with Record.open(os.environ.get("READACROSS_RECORD", out)) as record:
        (out / "record.round").write_text(record.round())
        bench = Bench(out, record, ("testserver",))
        app = create_app(bench)
        yield Workbench(bench, lambda: TestClient(app))
