"""Tables on their way to rows: cells put into their grid columns, and what stands in a cell made one text."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors.tables import Cell, Row
from extractors.text import Draft, Placed, join_placed

MOST_COLUMNS = 256
"""No table for people has more; what stands further right is added to the last."""


@dataclass(frozen=True, slots=True)
class FlowCell:
    """A cell as read: grid columns `start:end`, and what stands in it. `below`: it goes on from the cell above."""

    start: int
    end: int
    inside: list[Draft]
    shaded: bool = False
    below: bool = False
    header: bool = False


@dataclass(slots=True)
class FlowRow:
    """A table row as read; `marked`: the author marked it as a header."""

    cells: list[FlowCell] = field(default_factory=list)
    marked: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Grid:
    """Puts cells that say how many columns and rows they span where they belong; cells that are covered are not given to it."""

    rows: list[FlowRow] = field(default_factory=list)
    _here: dict[int, tuple[int, int]] = field(default_factory=dict)
    """First column of each cell that reaches down into the row -> its end, and how many rows it goes on for."""
    _below: dict[int, tuple[int, int]] = field(default_factory=dict)

    def row(self, marked: bool = False, hidden: bool = False) -> None:
        """Begins a row."""
        self._here, self._below = self._below, {}
        self.rows.append(FlowRow([], marked, hidden))
        self._reach_down()

    def cell(self, inside: list[Draft], columns: int = 1, down: int = 1, *, shaded: bool = False, header: bool = False) -> None:
        """Adds a cell to the row."""
        start = self._end()
        if start >= MOST_COLUMNS:
            self.rows[-1].cells[-1].inside.extend(inside)
            return
        end = start + min(max(columns, 1), MOST_COLUMNS)
        self.rows[-1].cells.append(FlowCell(start, end, inside, shaded, header=header))
        if down > 1:
            self._below[start] = (end, down - 1)
        self._reach_down()

    def _end(self) -> int:
        cells = self.rows[-1].cells
        return cells[-1].end if cells else 0

    def _reach_down(self) -> None:
        while (start := self._end()) in self._here:
            end, left = self._here[start]
            self.rows[-1].cells.append(FlowCell(start, end, [], below=True))
            if left > 1:
                self._below[start] = (end, left - 1)


def joined(row: FlowRow) -> tuple[Row, list[Draft]]:
    """The row for its table, and what only hangs on it: inner tables, notes, hidden text."""
    cells: list[Cell] = []
    hanging: list[Draft] = []
    for cell in row.cells:
        inside: list[Draft] = []
        for draft in cell.inside:
            apart = draft.hidden or draft.table or draft.kind in ("table_row", "note")
            (hanging if apart else inside).append(draft)
        bold = bool(inside) and (cell.header or all(draft.bold or draft.kind == "heading" for draft in inside))
        cells.append(Cell(cell.start, cell.end, _text(inside), bold, cell.shaded, cell.below))
    return Row(cells, row.marked), hanging


def _text(inside: list[Draft]) -> Placed:
    """The paragraphs of a cell as one text: list items parted by "; ", paragraphs by a space."""
    joined: Placed = ("", ())
    for number, draft in enumerate(inside):
        listed = draft.kind == "list_item" and number and inside[number - 1].kind == "list_item"
        separator = "; " if listed and joined[0][-1:] not in ";.:" else " "
        joined = join_placed([joined, (draft.text, draft.places)], separator)
    return joined
