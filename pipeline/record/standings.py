"""How cells stand: what follows from the decisions on them, of which the last one counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from pipeline.record.tables import cells, decisions, submissions
from pipeline.record.types import CellKey, Decision, EvidenceMarks, Standing, Status, Version
from pipeline.record.versions import Versions, latest, latest_versions

STATUS: Final[Mapping[str, Status]] = {
    "accepted": "validated",
    "overridden": "overridden",
    "carried_forward": "carried_forward",
    "stale": "stale",
    "reopened": "provisional",
}
"""What a decision makes of its cell."""
HOLDS: Final = ("accepted", "overridden", "carried_forward")
"""The kinds of decision whose grade is in force."""


class Standings(Versions):
    """The decisions that were made, and how every cell stands by them."""

    def decisions(self, force: str | None = None) -> list[Decision]:
        """Every decision, blind ones too, in the order in which they were made; those of one force, or of all."""
        with self.database.read() as connection:
            query = select_decisions().order_by(decisions.c.number)
            return [decision_of(row) for row in connection.execute(query.where(submissions.c.force == force) if force else query)]

    def blind_decisions(self) -> list[Decision]:
        """Every grade given blind, in the order in which they were given."""
        with self.database.read() as connection:
            query = select_decisions().where(decisions.c.kind == "blind").order_by(decisions.c.number)
            return [decision_of(row) for row in connection.execute(query)]

    def history(self, force: str, area: str, criterion: str) -> list[Decision]:
        """Every decision on one cell, over all versions, oldest first."""
        where = (submissions.c.force == force, decisions.c.area == area, decisions.c.criterion == criterion)
        with self.database.read() as connection:
            return [decision_of(row) for row in connection.execute(select_decisions().where(*where).order_by(decisions.c.number))]

    def standing(self, force: str) -> dict[CellKey, Standing]:
        """How each cell of a force's latest version stands; empty where nothing of it could be read."""
        with self.database.read() as connection:
            return standings(connection, [latest(connection, force)])[force]

    def standings(self) -> dict[str, dict[CellKey, Standing]]:
        """How every cell of every force stands."""
        with self.database.read() as connection:
            return standings(connection, latest_versions(connection).values())

    def standing_then(self, version: Version) -> dict[CellKey, Standing]:
        """How every cell of any version stood by the last decision on that very version."""
        with self.database.read() as connection:
            last = last_decisions(connection, version.force, version)
            return standings(connection, [version], last)[version.force]


def last_decisions(
    connection: Connection, force: str | None = None, version: Version | None = None
) -> dict[tuple[str, str, str], Decision]:
    """The last decision on each cell, blind ones aside, over all versions or on one; by force, area and criterion."""
    d = decisions.c
    numbers = select(func.max(d.number)).join(submissions, submissions.c.number == d.submission).where(d.kind != "blind")
    numbers = numbers.where(submissions.c.force == force) if force is not None else numbers
    numbers = numbers.where(d.submission == version.number) if version is not None else numbers
    query = select_decisions().where(d.number.in_(numbers.group_by(submissions.c.force, d.area, d.criterion)))
    return {(one.force, one.area, one.criterion): one for one in map(decision_of, connection.execute(query))}


def standings(
    connection: Connection, versions: Iterable[Version], last: Mapping[tuple[str, str, str], Decision] | None = None
) -> dict[str, dict[CellKey, Standing]]:
    """How every cell of these versions stands by the last decisions; each is its force's latest where these are not given."""
    wanted = {version.number: version for version in versions}
    if last is None:
        last = last_decisions(connection, next(iter(wanted.values())).force if len(wanted) == 1 else None)
    signed = signed_behind(connection, last)
    found: dict[str, dict[CellKey, Standing]] = {version.force: {} for version in wanted.values()}
    c = cells.c
    query = select(c.submission, c.area, c.criterion, c.grade, c.confidence).where(c.submission.in_(wanted))
    for row in connection.execute(query.order_by(c.submission, c.position)):
        version = wanted[row.submission]
        key = (version.force, row.area, row.criterion)
        found[version.force][row.area, row.criterion] = _standing(version, row.grade, row.confidence, last.get(key), signed.get(key))
    return found


def _standing(version: Version, machine: int, confidence: float, decision: Decision | None, signed: Decision | None) -> Standing:
    if decision is None:
        return Standing("provisional", machine, machine, confidence, None, None)
    holds = decision.kind in HOLDS
    if holds and decision.version < version.version:  # nobody has said yet whether it stands in the new version
        return Standing("stale", machine, machine, confidence, decision, signed)
    return Standing(STATUS[decision.kind], decision.grade if holds else machine, machine, confidence, decision, signed)


def signed_behind(connection: Connection, last: Mapping[tuple[str, str, str], Decision]) -> dict[tuple[str, str, str], Decision]:
    """The reviewers' own decisions behind the last ones, where these only carry them from version to version."""
    signed = dict(last)
    while carried := {key: one.seen for key, one in signed.items() if one.kind in ("carried_forward", "stale")}:
        rows = connection.execute(select_decisions().where(decisions.c.number.in_(carried.values())))
        before = {one.number: one for one in map(decision_of, rows)}
        signed |= {key: before[number] for key, number in carried.items() if number}
    return signed


def select_decisions() -> Select[Any]:
    """What `decision_of` reads, of every decision."""
    return select(decisions, submissions.c.force, submissions.c.version).join(submissions, submissions.c.number == decisions.c.submission)


def decision_of(row: Row[Any]) -> Decision:
    marks = row.evidence
    return Decision(
        row.number, row.force, row.version, row.area, row.criterion, row.kind, row.grade, row.reviewer, row.at, row.reason, row.seen,
        EvidenceMarks(tuple(marks["accepted"]), tuple(marks["rejected"]), tuple(marks["added"])),
    )  # fmt: skip
