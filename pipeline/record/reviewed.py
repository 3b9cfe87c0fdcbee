"""The round as it stands: matrix.json with the grades in force, the machine's beside them, and who decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from pipeline.findings import rolled_up
from pipeline.record import chain, tables
from pipeline.record.record import Record
from pipeline.record.standings import standings
from pipeline.record.types import CellKey, Decision, Standing, Version
from pipeline.record.versions import cells_of, entry_of, head_of, latest_versions, version_numbered
from pipeline.report import write_report
from pipeline.store import write_whole, written_together
from pipeline.workbook import write_workbook
from rules.pack import RollUp

REVIEWED: Final = "reviewed.json"
PUBLISHED: Final = (REVIEWED, "matrix.xlsx", "report.html")
"""What `publish` writes."""
TELLS: Final = tuple(table.name for table in (tables.reviews, tables.submissions, tables.decisions))
"""The entries of the record that it is written from."""


def reviewed(record: Record) -> dict[str, Any]:
    """The dict of reviewed.json: the form of matrix.json, each force's latest version, all read at one moment.

    A cell's `grade` is the grade in force; `provisional_grade`, `status`, `decision` (reviewer, at, reason; absent on provisional cells)
    stand beside it. Quotes that the reviewer rejected are set apart in `rejected_evidence`; quotes that they added stand in `evidence`.
    """
    with record.database.read() as connection:
        whole, versions = head_of(connection), latest_versions(connection)
        standing = standings(connection, versions.values())
        number, head = chain.head(connection)
        entries = [_entry(connection, whole, version, standing[force]) for force, version in versions.items()]
    return {**whole, "record": {"entries": number, "head": head}, "submissions": entries}


def is_published(record: Record, out: Path) -> bool:
    """Whether the outputs of `publish` are there and nothing that they tell has been recorded since; of looks they tell nothing."""
    try:
        written = json.loads((out / REVIEWED).read_bytes())["record"]
        number, head = int(written["entries"]), written["head"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    with record.database.read() as connection:
        entry = tables.entries.c
        last = connection.execute(select(entry.hash).where(entry.number == number)).scalar_one_or_none()
        since = connection.execute(select(entry.number).where(entry.number > number, entry.what.in_(TELLS)).limit(1)).first()
    return last == head and since is None and all((out / name).exists() for name in PUBLISHED)


def publish(record: Record, out: Path) -> dict[str, Any]:
    """Writes reviewed.json, matrix.xlsx and report.html as the round stands, all of them or none. Raises OSError."""
    whole = reviewed(record)
    with written_together(out) as unfinished:
        write_whole(unfinished / REVIEWED, json.dumps(whole, ensure_ascii=False, indent=1).encode())
        write_workbook(whole, unfinished / "matrix.xlsx")
        write_report(whole, unfinished / "report.html")
    return whole


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
