"""The queues: which cells wait for this person, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from pipeline.record.types import Standing, User
from workbench.bench import Bench
from workbench.board import Board, Cell

OPEN: Final = ("provisional", "stale")
"""The statuses of cells that nobody has decided on as they stand."""
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
    mine: bool
    blind: bool
    """The person's grade is wanted blind."""


def blind_to(board: Board, cell: Cell, user: str) -> bool:
    """Whether the person grades the cell blind and has not done so yet: then others' decisions on it are kept from them."""
    given = any(one.reviewer == user for one in board.blind.get(cell, ()))
    return not given and any(a.blind and a.reviewer == user for a in board.having(*cell))


def in_double(board: Board, cell: Cell) -> bool:
    """Whether the cell is graded twice, blind: then adjudication decides on it."""
    return any(a.blind for a in board.having(*cell))


def queue(bench: Bench, user: User, name: str, force: str = "") -> list[Waiting]:
    """The cells that wait for this person, in the queue's order; `force` narrows it to one force."""
    board = bench.board()
    waiting = []
    for own in bench.forces(user).values():
        if force and own != force:
            continue
        needs, doubled = bench.entry(own)["need"], {(a.area, a.criterion) for a in board.assignments if a.blind and a.force == own}
        held = [(a.area, a.criterion) for a in board.assignments if a.reviewer == user.name and a.force == own]
        for (area, criterion), standing in board.standings[own].items():
            cell = (own, area, criterion)
            blind = (area, criterion) in doubled and blind_to(board, cell, user.name)
            wanted = blind or (cell in board.flagged if name == "flagged" else standing.status in OPEN and (area, criterion) not in doubled)
            if wanted:
                mine = bool(held) and any(a in ("", area) and c in ("", criterion) for a, c in held)
                waiting.append(Waiting(cell, standing, needs.get(area, -1), mine, blind))
    return sorted((one for one in waiting if _IN.get(name, _any)(one)), key=_ORDER.get(name, _uncertain))


def following(waiting: list[Waiting], cell: Cell) -> Cell | None:
    """The cell after this one, the first again after the last; None where no other waits."""
    cells = [one.cell for one in waiting]
    at = cells.index(cell) if cell in cells else -1
    later = cells[at + 1 :] + cells[: max(at, 0)]
    return later[0] if later else None


def _any(_: Waiting) -> bool:
    return True


def _uncertain(one: Waiting) -> tuple[float, ...]:
    return (one.standing.confidence,)


_IN: Final[Mapping[str, Callable[[Waiting], bool]]] = {"mine": lambda one: one.mine}
_ORDER: Final[Mapping[str, Callable[[Waiting], tuple[float, ...]]]] = {
    "need": lambda one: (-one.need, one.standing.confidence),
    "stale": lambda one: (one.standing.status != "stale", one.standing.confidence),
}
