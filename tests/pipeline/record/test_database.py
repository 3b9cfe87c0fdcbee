"""The database itself: brought up to date on opening, safe for many at once, and clear when something is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, insert, text

import pipeline.record
from benchmarks.record import AT, faults, reviewers, round_of
from pipeline.record import chain
from pipeline.record.audit import audit
from pipeline.record.content import digest
from pipeline.record.record import Record
from pipeline.record.tables import METADATA, REVISIONS, entries, users
from pipeline.record.types import RecordError
from pipeline.record.versions import newest_versions
from tests.pipeline.matrix_example import matrix_example

MIGRATIONS = Path(next(iter(pipeline.record.__path__))) / "migrations"


def test_the_migrations_make_the_tables_that_the_program_uses(record: Record) -> None:
    with record.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    scripts = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    assert tuple(reversed(scripts)) == REVISIONS


def test_a_record_of_the_first_revision_is_taken_over_with_its_accounts(opened: Callable[[], Record]) -> None:
    """As it was written before accounts, outputs and what a look showed were told in the chain."""
    record = opened()
    record.add_review(matrix_example(), AT, Path("no-store"), {})
    with record.database.write() as connection:
        for table in ("accounts", "outputs", "withdrawals"):
            connection.execute(text(f"DROP TABLE {table}"))
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"DROP FUNCTION {table}_only_grows"))
        connection.execute(text("ALTER TABLE looks DROP COLUMN shown"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        entry = {"number": 4, "what": "looks", "previous": chain.head(connection)[1]}
        version = newest_versions(connection)["Eskdale Constabulary"]
        look = {"submission": version.number, "document": 0, "user": "ann", "at": "2026", "why": ""}
        connection.execute(insert(entries).values(**entry, hash=digest(entry | {"body": look})))
        connection.execute(text("INSERT INTO looks VALUES (4, :submission, :document, :user, :at, :why)"), look)
        user = {"full_name": "Ann", "role": "reviewer", "forces": ["Eskdale Constabulary"], "marking": "SECRET", "secret": "x"}
        rest = {"subject": "", "failures": 1, "locked_until": "", "disabled": False}
        connection.execute(insert(users).values(name="ann", **user, **rest))
    record = opened()
    assert audit(record).wrong == ()
    assert [(one.user, one.shown) for one in record.looks()] == [("ann", None)]
    assert [(one.name, one.by, one.changed["role"]) for one in record.account_changes()] == [("ann", "Read-across", (None, "reviewer"))]


def test_a_record_from_a_newer_version_is_left_alone(opened: Callable[[], Record]) -> None:
    with opened().database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(RecordError, match=r"newer version of Read-across \(tables 0999.*Install that version"):
        opened()


def test_many_reviewers_at_once_some_killed_lose_and_double_nothing(where: Path | str, record: Record) -> None:
    record.add_review(round_of(1), AT, Path("no-store"), {})
    kept, killed = reviewers(where, count=3, each=6, kills=2)
    assert len(kept) >= 3 * 6 and killed >= 1
    assert faults(where, kept, killed) == []


def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    with Record.open(tmp_path, new=True) as record:
        record.add_review(matrix_example(), AT, Path("no-store"), {})

        @event.listens_for(record.database.engine, "checkout")
        def fill(connection: object, *_: object) -> None:
            connection.execute("PRAGMA max_page_count=1").close()  # type: ignore[attr-defined]

        with pytest.raises(
            RecordError, match=r"record\.sqlite: the disk is full\. Free some space and do it again\. Nothing was written\."
        ):
            record.add_review(round_of(2), AT, Path("no-store"), {})
    with Record.open(tmp_path) as record:
        assert record.forces() == sorted(s["force"] for s in matrix_example()["submissions"])
        assert audit(record).wrong == ()


def test_what_cannot_be_opened_is_told_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READACROSS_RECORD", raising=False)

    def refused(where: Path | str, match: str, new: bool = True) -> None:
        with pytest.raises(RecordError, match=match):
            Record.open(where, new=new)

    refused(tmp_path, r"there is no record of a review\. Run `readacross review", new=False)
    assert [*tmp_path.iterdir()] == []
    refused(tmp_path / "no" / "such", "cannot be opened. Check that the folder is there")
    (tmp_path / "record.sqlite").write_bytes(b"This is no database at all. " * 100)
    refused(tmp_path, "the file is damaged. Put back the last copy")
    refused("mysql://server/round", "mysql is no database that holds a record")
    refused("round 2008", "'round 2008' is no database")
    refused("postgresql://ann:secret@/round?host=/no/such/folder", r"ann:\*\*\*@.*the server does not answer")


@pytest.mark.parametrize("where", ["postgresql"], indirect=True)
def test_the_variable_names_the_database_for_every_door(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READACROSS_RECORD", where)
    with Record.open(tmp_path / "one", new=True) as record:
        record.add_review(matrix_example(), AT, Path("no-store"), {})
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["record.round"]
    for door in (where, tmp_path / "one"):
        with Record.open(door) as record:
            assert len(record.forces()) == 2
    (tmp_path / "two").mkdir()
    own = (tmp_path / "one" / "record.round").read_text()

    def refused(known: str) -> None:
        for new in (True, False):
            with pytest.raises(RecordError, match=rf"two {known}; .* holds the round {own}\. .*If the two do belong together, write {own}"):
                Record.open(tmp_path / "two", new=new)

    refused(r"is of no round yet, for it has no record\.round")
    (tmp_path / "two" / "record.sqlite").touch()
    refused(r"has its record in record\.sqlite")
    (tmp_path / "two" / "record.round").write_text("last-year")
    refused("is of the round last-year")
    with Record.open(tmp_path / "one", new=True) as record:
        assert record.add_review(matrix_example(), AT, Path("no-store"), {}) == []
