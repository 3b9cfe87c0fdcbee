"""The same tests on both databases: `record` is an empty record on SQLite and then on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pipeline.record.record import Record

NUMBERS = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | str:
    """Where an empty record is to be made."""
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    if request.param == "sqlite":
        return tmp_path
    url, name = str(request.getfixturevalue("postgres")), f"round{next(NUMBERS)}"
    engine = create_engine(url)
    with engine.begin() as connection:  # a schema of its own: a database of its own would copy a thousand files
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{url}&options=-csearch_path%3D{name}"


@pytest.fixture
def opened(where: Path | str) -> Iterator[Callable[[], Record]]:
    """Opens the record anew each time, as another process would."""
    records: list[Record] = []

    def once() -> Record:
        records.append(Record.open(where, new=True))
        return records[-1]

    yield once
    for record in records:
        record.close()


@pytest.fixture
def record(opened: Callable[[], Record]) -> Record:
    return opened()
