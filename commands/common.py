"""What the commands share: the exit codes of README, how they stop, and where the record is."""

from __future__ import annotations

import getpass
import os
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from pipeline.record.record import Record
    from pipeline.record.types import Version

ALL_READ: Final = 0
WRONG_COMMAND: Final = 2
SOME_UNREAD: Final = 3
NOTHING_DONE: Final = 4
INTERRUPTED: Final = 130

EXIT_CODES: Final = (
    "Exit codes: 0 everything was read; 2 the command was mistyped; 3 done, with documents that could not be read; "
    "4 nothing could be done; 130 stopped by Ctrl-C (the same command goes on from there)."
)


def _use_record(url: str) -> str:
    """Every door to the record looks at the variable; the option sets it for this run."""
    if url:
        os.environ["READACROSS_RECORD"] = url
    return url


RecordUrl = Annotated[
    str,
    typer.Option(
        "--record",
        envvar="READACROSS_RECORD",
        callback=_use_record,
        help="The PostgreSQL database that holds the record, in place of the file in OUT.",
    ),
]


def whoever() -> str:
    """Who runs the command, for the record: the name by which this machine knows them."""
    try:
        return f"{getpass.getuser()}, at the command line"
    except (KeyError, OSError):  # a container may run without a name
        return "someone at the command line"


def note_output(out: Path, files: Collection[str], forces: Collection[str] | None = None) -> None:
    """Notes in the record of the round in OUT, if it has one, that restricted words of it go into these files. Raises RecordError."""
    from pipeline.record.record import Record

    if Record.kept(out):
        with Record.open(out) as opened:
            opened.give_out(files, by=whoever(), at=datetime.now(UTC), forces=forces)


def note_quotes(record: Record, version: Version, files: Collection[str], command: str) -> None:
    """Notes in the record that the command prints words of those documents of a version that are restricted. Raises RecordError."""
    from pipeline.markings import recorded

    documents = record.entry(version)["documents"]
    if restricted := {d["file"] for d in documents if d["file"] in files and recorded(d.get("marking") or "")}:
        record.look(version, restricted, user=whoever(), at=datetime.now(UTC), why="", shown=f"quotes, printed by readacross {command}")


def unwritable(error: OSError, place: Path) -> str:
    """That an output could not be written: the file that the error names, else the place where it was to go."""
    return f"{error.filename or place}: cannot be written to ({error.strerror or error})."


def stop(message: str, code: int) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)
