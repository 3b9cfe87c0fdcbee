"""The database behind the record: SQLite in OUT, or PostgreSQL by a URL. Opens it, brings its tables up to date, tells errors in words."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from pipeline.record.tables import REVISIONS
from pipeline.record.types import RecordError

FILE: Final = "record.sqlite"
WAIT: Final = 60
"""Seconds that a writer waits for the others."""
POOL: Final = 30
"""Connections kept open at most: writers who wait for their turn must not keep readers out."""
ENVIRONMENT: Final = "READACROSS_RECORD"
"""The variable that names a PostgreSQL database in place of the file."""


class Database:
    """One record's database. Reading sees one moment; writing is one after the other, whole or not at all."""

    def __init__(self, where: Path | str) -> None:
        """Opens or makes it. Raises RecordError."""
        url = _url(where)
        self.name = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
        self.engine = _engine(url)
        with self.read() as connection:
            done = self._revision(connection) == REVISIONS[-1]
        if not done:
            with self.write(migrating=True) as connection:
                self._migrate(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with _told(self.name), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":  # SQLite reads one moment by itself
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self, migrating: bool = False) -> Iterator[Connection]:
        with _told(self.name), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":  # SQLite has one writer by itself; here too the chain has one end only
                lock = "SELECT pg_advisory_xact_lock(20080314)" if migrating else "LOCK TABLE entries IN EXCLUSIVE MODE"
                connection.execute(text(lock))
            yield connection

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Holds the round for one review until the block ends; false where another has it, on whatever machine.

        PostgreSQL lets go of it by itself once the machine is gone. A file is on one machine, where the lock on OUT does.
        """
        if self.engine.dialect.name != "postgresql":
            yield True
            return
        with _told(self.name), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # closed, and the lock with it, when the block ends
            for setting in ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3"):
                connection.execute(text(f"SET {setting}"))
            yield bool(connection.execute(text("SELECT pg_try_advisory_lock(20080315)")).scalar_one())

    def copy(self, file: Path) -> None:
        """Writes a copy of the file as it is at one moment, though others write meanwhile. Raises RecordError or OSError."""
        if self.engine.dialect.name != "sqlite":
            raise RecordError(f"{self.name} is copied with PostgreSQL's own pg_dump.")
        part = file.with_name(f".{file.name}.part")
        part.write_bytes(b"")
        with self.read() as connection, closing(sqlite3.connect(part)) as target:
            driver: Any = connection.connection.driver_connection
            driver.backup(target)
        part.replace(file)

    def close(self) -> None:
        self.engine.dispose()

    def _revision(self, connection: Connection) -> str | None:
        """How far the tables are, None where there are none yet. Raises RecordError for a record from a newer version."""
        if not inspect(connection).has_table("alembic_version"):
            return None
        now = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if now is not None and now not in REVISIONS:
            raise RecordError(
                f"{self.name}: this record was written by a newer version of Read-across (tables {now}; this program knows up to "
                f"{REVISIONS[-1]}). Install that version or a newer one; nothing was changed."
            )
        return str(now) if now else None

    def _migrate(self, connection: Connection) -> None:
        if self._revision(connection) == REVISIONS[-1]:  # another process was quicker
            return
        from alembic.command import upgrade
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        config.attributes["connection"] = connection
        upgrade(config, "head")


def _url(where: Path | str) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where / FILE))
    try:
        url = make_url(where)
    except ArgumentError:
        raise RecordError(f"{where!r} is no database. Give a URL like postgresql://user@server/round2008.") from None
    if url.get_backend_name() != "postgresql":
        raise RecordError(f"{url.drivername} is no database that holds a record. Give a URL like postgresql://user@server/round2008.")
    return url.set(drivername="postgresql+psycopg")


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(url, pool_pre_ping=True, pool_size=POOL)
        engine = create_engine(url, connect_args={"timeout": WAIT}, pool_size=POOL)
    except (ImportError, NoSuchModuleError):
        raise RecordError("PostgreSQL needs a driver: pip install 'readacross[postgresql]'.") from None

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # else the driver begins and ends transactions as it likes
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN")
            return
        # SQLite's own waiting sleeps ever longer, so that among many writers the unlucky wait for seconds; short naps are fair.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout=0").close()
        patience = time.monotonic() + WAIT
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE").close()
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > patience:
                    raise
            time.sleep(random.uniform(0.001, 0.01))  # noqa: S311
        driver.execute(f"PRAGMA busy_timeout={1000 * WAIT}").close()

    return engine


REMEDIES: Final = (
    ("disk is full", "the disk is full. Free some space and do it again."),
    ("no space left", "the disk is full. Free some space and do it again."),
    ("disk i/o error", "the disk cannot be used. See whether it is full or damaged, then do it again."),
    ("readonly database", "it cannot be written to. Check the rights of the file and of its folder."),
    ("unable to open", "it cannot be opened. Check that the folder is there and may be written to."),
    ("locked", f"another program held it for more than {WAIT} seconds. Close that program, or wait, and do it again."),
    ("malformed", "the file is damaged. Put back the last copy of it; `readacross audit` says whether the copy is whole."),
    ("not a database", "the file is damaged. Put back the last copy of it; `readacross audit` says whether the copy is whole."),
    ("connection", "the server does not answer. Check the address, the name and the password, and that it is running."),
    ("only grows", "the record only grows: what was written is never changed."),
)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Tells a database's own errors in words with a remedy."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        remedy = next((remedy for words, remedy in REMEDIES if words in said.casefold()), f"{said}.")
        raise RecordError(f"{name}: {remedy} Nothing was written.") from error
    except SQLAlchemyError as error:
        raise RecordError(f"{name}: {error}. Nothing was written.") from error
