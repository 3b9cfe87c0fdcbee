"""Decisions: what reviewers say of cells. They are only added, each signed, dated and chained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from pipeline.record import chain
from pipeline.record.standings import HOLDS, Standings, decision_of, last_decisions, select_decisions, signed_behind
from pipeline.record.tables import cells, decisions, evidence, submissions
from pipeline.record.types import CellKey, Conflict, Decision, EvidenceMarks, Kind, Mark, RecordError, Version, stamp
from pipeline.record.versions import entry_of, head_of, latest

MACHINE: Final = "Read-across"
"""Who signs what the comparison of versions does to decisions."""
AGAIN: Final = ("stale", "carried_forward")
"""What a decision became, and becomes when the words that it was made on are back."""


class Decisions(Standings):
    """The reviewers' decisions on every cell, and how it stands by them."""

    def decide(
        self,
        force: str,
        area: str,
        criterion: str,
        *,
        grade: int,
        reviewer: str,
        at: datetime,
        reason: str = "",
        seen: int | None = None,
        version: int | None = None,
        evidence: EvidenceMarks | None = None,
        blind: bool = False,
    ) -> Decision:
        """Signs a grade for a cell of the force's latest version: the machine's accepts it, any other overrides it and needs a reason.

        `seen` is the number of the decision that the reviewer had before them (`Standing.seen`), `version` that of the submission
        (`Version.version`; the latest where it is not given). Raises Conflict where `seen` is no longer the cell's last decision,
        RecordError where the version is no longer the latest, or the grade, the reason or the evidence will not do; nothing is written
        then.
        A blind decision is a second reviewer's own: it sees nobody's, changes nothing, and each reviewer gives one for a version.
        """
        with self.database.write() as connection:
            now = latest(connection, force).version
            if version not in (None, now):
                raise RecordError(f"{force} was reviewed again (version {now}) after you saw version {version}. Look at the cell again.")
            return decide(connection, force, area, criterion, grade, reviewer, stamp(at), reason, seen, evidence, blind)

    def reopen(self, force: str, area: str, criterion: str, *, reviewer: str, at: datetime, reason: str, seen: int | None) -> Decision:
        """Takes the standing decision out of force: the cell is provisional again. Raises Conflict or RecordError as `decide` does."""
        with self.database.write() as connection:
            version = latest(connection, force)
            machine = machine_grade(connection, version, area, criterion)
            current = _check_seen(connection, force, area, criterion, seen)
            if current is None:
                raise RecordError(f"{force}, {area} / {criterion}: there is no decision to reopen.")
            if not reason.strip():
                raise RecordError(f"{force}, {area} / {criterion}: say why the decision is reopened.")
            return _write(connection, version, area, criterion, "reopened", machine, reviewer, stamp(at), reason, seen)

    def carry(self, force: str, marks: Mapping[CellKey, Mark], at: datetime, reason: str = "") -> list[Decision]:
        """Takes the decisions of earlier versions to the latest one: as `marks` says, each is carried forward or goes stale.

        Only cells whose last decision was made on an earlier version are touched, so doing it twice changes nothing. One that went stale
        meanwhile stands again where it can be carried forward now.
        """
        written = []
        with self.database.write() as connection:
            version, decided = latest(connection, force), last_decisions(connection, force)
            signed = signed_behind(connection, decided)
            for (area, criterion), mark in marks.items():
                last, own = (found.get((force, area, criterion)) for found in (decided, signed))
                if last and own and last.version < version.version and (last.kind in HOLDS or (last.kind, mark) == AGAIN):
                    machine = machine_grade(connection, version, area, criterion)
                    grade = own.grade if mark == "carried_forward" else machine
                    said = reason or f"Decision {own.number} by {own.reviewer} on version {own.version}."
                    written.append(_write(connection, version, area, criterion, mark, grade, MACHINE, stamp(at), said, last.number))
        return written


def decide(
    connection: Connection,
    force: str,
    area: str,
    criterion: str,
    grade: int,
    reviewer: str,
    at: str,
    reason: str,
    seen: int | None,
    evidence: EvidenceMarks | None = None,
    blind: bool = False,
) -> Decision:
    """`Decisions.decide` inside a transaction, so that many decisions can be one step."""
    version = latest(connection, force)
    machine = machine_grade(connection, version, area, criterion)
    where = f"{force}, {area} / {criterion}"
    scale = [g["grade"] for g in head_of(connection).get("grades", ())]
    if grade not in scale:
        raise RecordError(f"{where}: {grade!r} is no grade. The grades are {', '.join(map(str, scale))}.")
    kind: Kind = "blind" if blind else "accepted" if grade == machine else "overridden"
    if grade != machine and not reason.strip():
        raise RecordError(f"{where}: the grade proposed is {machine}; to give {grade} instead, say why.")
    if blind:
        earlier = select_decisions().where(decisions.c.submission == version.number, decisions.c.kind == "blind")
        own = earlier.where(decisions.c.area == area, decisions.c.criterion == criterion, decisions.c.reviewer == reviewer)
        if connection.execute(own).first():
            raise RecordError(f"{where}: {reviewer} has given a grade blind already.")
        seen = None
    else:
        _check_seen(connection, force, area, criterion, seen)
    marks = evidence or EvidenceMarks()
    if marks != EvidenceMarks():
        _check_evidence(connection, version, area, criterion, marks)
    return _write(connection, version, area, criterion, kind, grade, reviewer, at, reason, seen, marks)


def machine_grade(connection: Connection, version: Version, area: str, criterion: str) -> int:
    """The machine's grade of a cell. Raises RecordError where there is no such cell."""
    c = cells.c
    query = select(c.grade).where(c.submission == version.number, c.area == area, c.criterion == criterion)
    grade = connection.execute(query).scalar_one_or_none()
    if grade is None:
        raise RecordError(f"{version.force} has no cell {area} / {criterion} to decide on.")
    return int(grade)


def _check_seen(connection: Connection, force: str, area: str, criterion: str, seen: int | None) -> Decision | None:
    """The cell's last decision, if it is the one that was seen. Raises Conflict."""
    query = select_decisions().where(submissions.c.force == force, decisions.c.area == area, decisions.c.criterion == criterion)
    row = connection.execute(query.where(decisions.c.kind != "blind").order_by(decisions.c.number.desc()).limit(1)).one_or_none()
    current = decision_of(row) if row else None
    if (current.number if current else None) != seen:
        raise Conflict(current)
    return current


def _check_evidence(connection: Connection, version: Version, area: str, criterion: str, marks: EvidenceMarks) -> None:
    e = evidence.c
    where = (e.submission == version.number, e.area == area, e.criterion == criterion)
    there = set(connection.execute(select(e.position).where(*where)).scalars())
    if wrong := sorted({*marks.accepted, *marks.rejected} - there):
        raise RecordError(f"{version.force}, {area} / {criterion}: there is no quote {wrong[0]}; the cell has {len(there)}.")
    if both := sorted({*marks.accepted} & {*marks.rejected}):
        raise RecordError(f"{version.force}, {area} / {criterion}: quote {both[0]} cannot be both accepted and rejected.")
    files = {d["file"] for d in entry_of(connection, version.number)["documents"]} if marks.added else set()
    for item in marks.added:
        if item.get("file") not in files or not str(item.get("quote") or "").strip():
            raise RecordError(f"{version.force}, {area} / {criterion}: added evidence needs a quote from a document of the submission.")


def _write(
    connection: Connection,
    version: Version,
    area: str,
    criterion: str,
    kind: Kind,
    grade: int,
    reviewer: str,
    at: str,
    reason: str,
    seen: int | None,
    marks: EvidenceMarks | None = None,
) -> Decision:
    if not (reviewer := plain_text(reviewer)):
        raise RecordError("A decision needs the reviewer's name.")
    marks = marks or EvidenceMarks()
    body: dict[str, Any] = {
        "submission": version.number, "area": area, "criterion": criterion, "kind": kind, "grade": grade, "reviewer": reviewer,
        "at": at, "reason": plain_text(reason), "seen": seen, "evidence": asdict(marks),
    }  # fmt: skip
    number = chain.append(connection, "decisions", body)
    return Decision(number, version.force, version.version, area, criterion, kind, grade, reviewer, at, body["reason"], seen, marks)


def plain_text(text: str) -> str:
    """Text as every database can hold it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()
