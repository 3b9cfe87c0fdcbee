"""The queues: which cells wait for this person, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from pipeline.record.types import OPEN, Assignment, Standing, User
from workbench.bench import Bench
from workbench.board import Board, Cell

NAMES: Final[Mapping[str, str]] = {
    "uncertain": "Least certain first",
    "need": "High need first",
    "stale": "Stale first",
    "mine": "Mine",
    "flagged": "For discussion",
    "force": "This force",
}


class Waiting(NamedTuple):
    """A cell that waits, with what it is ordered by. `need` is 0 to 3, -1 where it is not stated. A tuple: thousands are made at once."""

    cell: Cell
    standing: Standing
    need: int
    blind: bool = False
    """The person's grade is wanted blind."""


def blind_to(board: Board, cell: Cell, user: str) -> bool:
    """Whether the person grades the cell blind and has not done so yet: then others' decisions on it are kept from them."""
    return not _graded(board, cell, user) and any(a.blind and a.reviewer == user for a in board.having(*cell))


def in_double(board: Board, cell: Cell) -> bool:
    """Whether the cell is graded twice, blind: then adjudication decides on it."""
    return any(a.blind for a in board.having(*cell))


def queue(bench: Bench, user: User, name: str, force: str = "") -> list[Waiting]:
    """The cells that wait for this person, in the queue's order; `force` narrows it to one force."""
    board, forces = bench.board(), {force} if force else set(bench.forces(user).values())
    own = [a for a in board.assignments if a.reviewer == user.name]
    doubled, held, wanted = _among(a for a in board.assignments if a.blind), _among(own), _among(a for a in own if a.blind)
    waiting = []
    for one in _ordered(bench, board, name):
        cell = one.cell
        if cell[0] not in forces or (name == "mine" and not held(cell)):
            continue
        double = doubled(cell)
        if double and wanted(cell) and not _graded(board, cell, user.name):
            waiting.append(one._replace(blind=True))
        elif cell in board.flagged if name == "flagged" else one.standing.status in OPEN and not double:
            waiting.append(one)
    return waiting


def _ordered(bench: Bench, board: Board, name: str) -> list[Waiting]:
    """Every cell of the round in the queue's order; worked out once for as long as the round stands as it is."""
    kept = bench.orders.get(name)
    if kept is None or kept[0] is not board.standings:
        needs = {force: bench.entry(force)["need"] for force in board.standings}
        cells = (
            Waiting((force, area, criterion), standing, needs[force].get(area, -1))
            for force, own in board.standings.items()
            for (area, criterion), standing in own.items()
        )
        kept = board.standings, sorted(cells, key=_ORDER.get(name, _uncertain))
        bench.orders[name] = kept
    return kept[1]


def _graded(board: Board, cell: Cell, user: str) -> bool:
    """Whether the person has given their grade blind."""
    return any(one.reviewer == user for one in board.blind.get(cell, ()))


def _among(assignments: Iterable[Assignment]) -> Callable[[Cell], bool]:
    """Whether one of the assignments covers a cell; asked of thousands of cells, so those to single cells are not gone through."""
    given = {(a.force, a.area, a.criterion) for a in assignments}
    wide = [one for one in given if "" in one]
    return lambda cell: cell in given or any(_covers(one, cell) for one in wide)


def _covers(wide: Cell, cell: Cell) -> bool:
    """Whether an assignment (its area and criterion may be empty) covers the cell."""
    return wide[0] == cell[0] and wide[1] in ("", cell[1]) and wide[2] in ("", cell[2])


def following(waiting: list[Waiting], cell: Cell) -> Cell | None:
    """The cell after this one, the first again after the last; None where no other waits."""
    cells = [one.cell for one in waiting]
    at = cells.index(cell) if cell in cells else -1
    later = cells[at + 1 :] + cells[: max(at, 0)]
    return later[0] if later else None


def _uncertain(one: Waiting) -> tuple[float, ...]:
    return (one.standing.confidence,)


_ORDER: Final[Mapping[str, Callable[[Waiting], tuple[float, ...]]]] = {
    "need": lambda one: (-one.need, one.standing.confidence),
    "stale": lambda one: (one.standing.status != "stale", one.standing.confidence),
}
