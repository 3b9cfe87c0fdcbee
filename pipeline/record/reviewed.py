"""The round as it stands: matrix.json with the grades in force, the machine's beside them, and who decided."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import Connection, select

from pipeline.findings import rolled_up
from pipeline.matrix import Entries, written
from pipeline.record import chain, tables
from pipeline.record.record import Record
from pipeline.record.standings import standings
from pipeline.record.types import CellKey, Decision, Standing, Version
from pipeline.record.versions import cells_of, entry_of, head_of, latest_versions, version_numbered
from pipeline.report import write_report
from pipeline.store import write_pieces, written_together
from pipeline.workbook import write_workbook
from rules.pack import RollUp

REVIEWED: Final = "reviewed.json"
PUBLISHED: Final = (REVIEWED, "matrix.xlsx", "report.html")
"""What `publish` writes."""
END: Final = b"]\n}"
"""What reviewed.json ends with when it is whole."""
TELLS: Final = tuple(table.name for table in (tables.reviews, tables.submissions, tables.withdrawals, tables.decisions))
"""The entries of the record that it is written from."""


def reviewed(record: Record) -> dict[str, Any]:
    """The dict of reviewed.json: the form of matrix.json, each force's latest version, all read at one moment.

    A cell's `grade` is the grade in force; `provisional_grade`, `status`, `decision` (reviewer, at, reason; absent on provisional cells)
    stand beside it. Quotes that the reviewer rejected are set apart in `rejected_evidence`; quotes that they added stand in `evidence`.
    """
    with record.database.read() as connection:
        whole, entries = _standing(connection)
        return {**whole, "submissions": list(entries)}


def is_published(record: Record, out: Path) -> bool:
    """Whether the outputs of `publish` are there and nothing that they tell has been recorded since; of looks they tell nothing."""
    try:
        told = _head(out / REVIEWED)["record"]
        number, head = int(told["entries"]), told["head"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    with record.database.read() as connection:
        entry = tables.entries.c
        last = connection.execute(select(entry.hash).where(entry.number == number)).scalar_one_or_none()
        since = connection.execute(select(entry.number).where(entry.number > number, entry.what.in_(TELLS)).limit(1)).first()
    return last == head and since is None and all((out / name).exists() for name in PUBLISHED)


def _head(path: Path) -> dict[str, Any]:
    """What a reviewed.json says of the whole round. Raises ValueError where it is cut short, OSError."""
    with path.open("rb") as file:
        head = b"".join(takewhile(lambda line: not bytes(line).startswith(b' "submissions"'), file))
        file.seek(-len(END), os.SEEK_END)
        if file.read() != END:
            raise ValueError(f"{path} is cut short")
    told: dict[str, Any] = json.loads(head.rstrip(b",\n") + b"}")
    return told


def publish(record: Record, out: Path) -> dict[str, Any]:
    """Writes reviewed.json, matrix.xlsx and report.html as the round stands, all of them or none. Raises OSError."""
    with written_together(out) as unfinished:
        with record.database.read() as connection:
            whole = _write(unfinished / REVIEWED, *_standing(connection))
        write_workbook(whole, unfinished / "matrix.xlsx")
        write_report(whole, unfinished / "report.html")
    return whole


def _standing(connection: Connection) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """The round as it stands: what is said of all of it, and each force's entry."""
    versions = latest_versions(connection)
    standing = standings(connection, versions.values())
    number, head = chain.head(connection)
    whole = head_of(connection) | {"record": {"entries": number, "head": head}}
    return whole, (_entry(connection, whole, version, standing[force]) for force, version in versions.items())


def _write(path: Path, whole: dict[str, Any], entries: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Writes reviewed.json force by force; gives it, each entry to be read from the file when it is looked at, wherever that is moved."""
    places: list[tuple[int, int]] = []

    def pieces() -> Iterator[bytes]:
        start = 0
        for piece in written(whole, entries):
            places.append((start, len(piece)))
            start += len(piece)
            yield piece

    write_pieces(path, pieces())
    file, places = path.open("rb"), places[1:-1]

    def entry(index: int) -> dict[str, Any]:
        start, length = places[index]
        read: dict[str, Any] = from_json(os.pread(file.fileno(), length, start).lstrip(b",\n "))
        return read

    return {**whole, "submissions": Entries(len(places), entry)}


def _entry(connection: Connection, whole: Mapping[str, Any], version: Version, standing: Mapping[CellKey, Standing]) -> dict[str, Any]:
    entry = entry_of(connection, version.number)
    for (area, criterion), stands in standing.items():
        entry["cells"][area][criterion] = _cell(connection, entry["cells"][area][criterion], stands)
    names = {area["id"]: area["name"] for area in whole["areas"]}
    scale = {grade["grade"]: grade["name"] for grade in whole["grades"]}
    grades = {area: {criterion: cell["grade"] for criterion, cell in row.items()} for area, row in entry["cells"].items()}
    roll_up = RollUp.model_validate(whole["roll_up"])
    return {**entry, "version": version.version, "version_sha256": version.sha256} | rolled_up(
        roll_up, names, scale, grades, entry["need"], entry["threat"]
    )


def _cell(connection: Connection, cell: dict[str, Any], stands: Standing) -> dict[str, Any]:
    told = cell | {"grade": stands.grade, "provisional_grade": stands.provisional, "status": stands.status}
    signed = stands.signed
    if stands.decision:
        told["seen"] = stands.decision.number
    if stands.status == "provisional" or signed is None:
        return told
    told["decision"] = {"reviewer": signed.reviewer, "at": signed.at, "reason": signed.reason, "grade": signed.grade}
    if stands.status == "stale":  # what the reviewer said of the evidence was said of another version's
        return told
    rejected = _rejected(connection, signed)
    kept = [item for item in cell["evidence"] if (item["file"], item["quote"]) not in rejected]
    gone = [item for item in cell["evidence"] if (item["file"], item["quote"]) in rejected]
    added = [{"elements": [], "added_by": signed.reviewer, **item} for item in signed.evidence.added]
    return told | {"evidence": kept + added} | ({"rejected_evidence": gone} if gone else {})


def _rejected(connection: Connection, signed: Decision) -> set[tuple[str, str]]:
    """The file and words of each quote that the reviewer rejected, in the version that they saw."""
    if not signed.evidence.rejected:
        return set()
    number = version_numbered(connection, signed.force, signed.version)
    evidence = cells_of(connection, number, signed.area, signed.criterion)[signed.area][signed.criterion]["evidence"]
    return {(evidence[n - 1]["file"], evidence[n - 1]["quote"]) for n in signed.evidence.rejected}
