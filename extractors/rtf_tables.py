"""Tables in RTF: rows say at which twips their cells end, and the grid is made of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractors.grids import FlowCell, FlowRow
from extractors.text import Draft

NEAR = 60
"""Twips (3 points): cell ends that are this near to each other are one column's."""


@dataclass(frozen=True, slots=True)
class Edge:
    """How one cell of a row ends (in twips), and whether it goes on from the cell above or to the left."""

    at: int
    below: bool = False
    beside: bool = False
    shaded: bool = False


@dataclass(slots=True)
class RowShape:
    """What has been said of the row that is being read."""

    edges: list[Edge] = field(default_factory=list)
    marked: bool = False
    left: int = 0
    below: bool = False
    beside: bool = False
    shaded: bool = False

    def word(self, word: str, number: int | None) -> None:
        """Takes in a control word about rows or cells."""
        if word == "trowd":
            self.edges, self.marked, self.left = [], False, 0
        elif word == "trleft":
            self.left = number or 0
        elif word == "trhdr":
            self.marked = True
        elif word == "clvmrg":
            self.below = True
        elif word == "clmrg":
            self.beside = True
        elif word == "clcbpat":
            self.shaded = bool(number)
        elif word == "cellx":
            self.edges.append(Edge(number or 0, self.below, self.beside, self.shaded))
            self.below = self.beside = self.shaded = False


SHAPE_WORDS = frozenset(("trowd", "trleft", "trhdr", "clvmrg", "clmrg", "clcbpat", "cellx"))


@dataclass(slots=True)
class OpenTable:
    """A table being read. `outside` is where blocks go when it ends, `level` that of the heading above it."""

    outside: list[Draft]
    level: int
    rows: list[tuple[list[list[Draft]], RowShape]] = field(default_factory=list)
    cells: list[list[Draft]] = field(default_factory=list)

    def end_row(self, shape: RowShape) -> None:
        if self.cells:
            self.rows.append((self.cells, RowShape(list(shape.edges), shape.marked, shape.left)))
            self.cells = []

    def grid(self) -> list[FlowRow]:
        """The rows in grid columns that all share."""
        columns = _columns([at for _, shape in self.rows for at in (shape.left, *(edge.at for edge in shape.edges))])
        return [FlowRow(_cells(cells, shape, columns), shape.marked) for cells, shape in self.rows]


def _columns(edges: Sequence[int]) -> dict[int, int]:
    """The grid column of each edge."""
    columns: dict[int, int] = {}
    number, last = -1, 0
    for at in sorted(set(edges)):
        if number < 0 or at - last > NEAR:
            number += 1
            last = at
        columns[at] = number
    return columns


def _cells(cells: Sequence[list[Draft]], shape: RowShape, columns: dict[int, int]) -> list[FlowCell]:
    read: list[FlowCell] = []
    end = columns.get(shape.left, 0)
    for number, inside in enumerate(cells):
        edge = shape.edges[number] if number < len(shape.edges) else None
        # A row of more cells than it said: they follow, each a column of its own.
        start, end = end, max(end + 1, columns[edge.at]) if edge else end + 1
        if edge and edge.beside and read:
            before = read[-1]
            read[-1] = FlowCell(before.start, end, before.inside + inside, before.shaded, before.below)
        else:
            read.append(FlowCell(start, end, inside, bool(edge and edge.shaded), bool(edge and edge.below)))
    return read
