"""The round as it stands, held in memory: it follows the record, and reads again only what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from threading import Lock
from typing import Any, Final

from sqlalchemy import func, select

from pipeline.compare.versions import compare_versions
from pipeline.record.record import Record
from pipeline.record.tables import decisions, entries, submissions
from pipeline.record.types import Assignment, CellKey, Decision, Standing, User, Version

Cell = tuple[str, str, str]
"""A cell of the round: force, area, criterion."""


@dataclass(frozen=True, slots=True)
class Board:
    """One moment of the round. `number` is the last entry of the record that it knows of."""

    number: int
    head: Mapping[str, Any]
    """matrix.json without its submissions."""
    versions: Mapping[str, Version]
    standings: Mapping[str, Mapping[CellKey, Standing]]
    flagged: frozenset[Cell]
    assignments: tuple[Assignment, ...]
    blind: Mapping[Cell, tuple[Decision, ...]]
    """The grades given blind to the cells of the latest versions."""
    names: Mapping[str, str]
    """What people are called, by the name that they sign in with."""

    def having(self, force: str, area: str, criterion: str) -> list[Assignment]:
        """Who has the cell."""
        return [a for a in self.assignments if a.force == force and a.area in ("", area) and a.criterion in ("", criterion)]


EMPTY: Final = Board(0, {}, {}, {}, frozenset(), (), {}, {})


class Boards:
    """Keeps the newest board that was asked for."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = Lock()
        self.known = EMPTY
        self.entry = lru_cache(maxsize=512)(record.entry)  # a version never changes
        self.review_of = lru_cache(maxsize=64)(record.review_of)
        self.comparison = lru_cache(maxsize=64)(partial(compare_versions, record))

    def now(self) -> Board:
        """The board as the record stands at this moment."""
        with self._lock:
            with self._record.database.read() as connection:
                e, d, s = entries.c, decisions.c, submissions.c
                last = connection.execute(select(func.max(e.number))).scalar_one() or 0
                if last == self.known.number:
                    return self.known
                new = select(e.what).where(e.number > self.known.number).distinct()
                what = set(connection.execute(new).scalars())
                decided = select(s.force, d.kind).join(decisions, d.submission == s.number).where(d.number > self.known.number)
                made = {(force, kind) for force, kind in connection.execute(decided.distinct())}
            forces = {force for force, kind in made if kind != "blind"}
            blind = "submissions" in what or any(kind == "blind" for _, kind in made)
            self.known = self._followed(replace(self.known, number=last), what, forces, blind)
            return self.known

    def _followed(self, board: Board, what: set[str], forces: set[str], blind: bool) -> Board:
        record = self._record
        if "withdrawals" in what:  # what people said of a force goes and comes back with it
            what, blind = what | {"submissions", "comments", "assignments"}, True
        if what & {"reviews", "submissions"}:
            known = record.forces()
            versions = {force: record.latest(force) for force in known}
            board = replace(board, head=record.head() if known else {}, versions=versions, standings=record.standings())
        elif forces:
            board = replace(board, standings={**board.standings, **{force: record.standing(force) for force in forces}})
        if "comments" in what:
            board = replace(board, flagged=frozenset(cell for cell in record.flagged() if cell[0] in board.versions))
        if "assignments" in what:
            board = replace(board, assignments=tuple(one for one in record.assignments() if one.force in board.versions))
        if blind:
            given = defaultdict[Cell, tuple[Decision, ...]](tuple)
            for one in record.blind_decisions():
                if one.force in board.versions and one.version == board.versions[one.force].version:
                    given[one.force, one.area, one.criterion] += (one,)
            board = replace(board, blind=dict(given))
        if "accounts" in what:
            board = replace(board, names=_names(record.users()))
        return board


def _names(users: Sequence[User]) -> dict[str, str]:
    """Full names; beside one that two people share stands the name that each signs in with."""
    shared = Counter(user.full_name for user in users)
    return {u.name: u.name if not u.full_name else u.full_name if shared[u.full_name] == 1 else f"{u.full_name} ({u.name})" for u in users}
