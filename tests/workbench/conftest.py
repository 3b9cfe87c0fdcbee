"""A round at work: the two example forces, reviewed once and recorded, and people of every role."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.record.record import Record
from pipeline.record.types import User
from workbench.app import create_app
from workbench.bench import Bench

INBOX = Path(__file__).parents[2] / "corpus" / "examples" / "inbox"
PASSWORD = "three unconnected words"
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
            record.save_user(User(name, name.capitalize(), role, marking="TOP SECRET", secret=SECRET))
    return out


@dataclass
class Workbench:
    """The application over a copy of the round, and browsers of several people."""

    bench: Bench
    browser: Callable[[], TestClient]

    def signed_in(self, name: str) -> Person:
        client = self.browser()
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD, "next": "/"})
        assert answer.status_code == 200, answer.text
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


@pytest.fixture
def workbench(reviewed: Path, tmp_path: Path) -> Iterator[Workbench]:
    out = tmp_path / "out"
    shutil.copytree(reviewed, out)
    with Record.open(out) as record:
        bench = Bench(out, record, ("testserver",))
        app = create_app(bench)
        yield Workbench(bench, lambda: TestClient(app))
