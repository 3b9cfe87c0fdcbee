"""Tables of single pages -> the tables of the document: continued ones joined, headers turned into column names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from extractors.document import Box
from extractors.pdf_lines import Draft
from extractors.pdf_tables import Cell, PageTable, Table

EDGE_SLACK: Final = 4.0
"""Points by which the columns of a continued table may move between pages."""

LOW: Final = 0.5
"""Of the page's height: a table that goes on overleaf ends below this and begins above it on the next page."""


@dataclass(slots=True)
class Part:
    """Text of a cell with its page and box; a cell cut by a page break has two parts."""

    text: str
    page: int
    box: Box


@dataclass(slots=True)
class FullTable:
    """A whole table: the names of its columns, and its rows of cells of parts."""

    columns: tuple[str, ...]
    rows: list[list[list[Part]]] = field(default_factory=list)
    last: PageTable | None = None


def stitch(items: Sequence[Draft | PageTable], heights: Sequence[float]) -> list[Draft | FullTable]:
    """The items with page tables made into full tables."""
    out: list[Draft | FullTable] = []
    current: FullTable | None = None
    between = False
    for item in items:
        if not isinstance(item, PageTable):
            out.append(item)
            between = between or not item.side
            if current and not item.side and current.last and item.lines[0].page == current.last.page:
                current = None
            continue
        if current and _continues(current, item, heights, between):
            _extend(current, item)
        else:
            current = _begin(item)
            out.append(current)
        current.last = item
        between = False
    return [item for item in out if isinstance(item, Draft) or item.rows]


def _continues(full: FullTable, item: PageTable, heights: Sequence[float], between: bool) -> bool:
    last = full.last
    if last is None or item.page != last.page + 1 or between:
        return False
    before, after = last.table, item.table
    if len(before.edges) != len(after.edges):
        return False
    slack = EDGE_SLACK if before.ruled else 4 * EDGE_SLACK
    if any(abs(a - b) > slack for a, b in zip(before.edges, after.edges, strict=False)):
        return False
    if before.box[3] < LOW * heights[last.page - 1] or after.box[1] > LOW * heights[item.page - 1]:
        return False
    return not after.clear or _names(after) == full.columns


def _begin(item: PageTable) -> FullTable:
    full = FullTable(_names(item.table))
    _add(full, item, item.table.heads)
    return full


def _extend(full: FullTable, item: PageTable) -> None:
    table = item.table
    skip = table.heads if table.heads and _names(table) == full.columns else 0
    start = skip
    if start < len(table.rows) and full.rows and _is_rest(table.rows[start]):
        for cell, parts in zip(table.rows[start], full.rows[-1], strict=False):
            if cell.text:
                parts.append(Part(cell.text, item.page, cell.box))
        start += 1
    _add(full, item, start)


def _is_rest(row: Sequence[Cell]) -> bool:
    """True if a first row on a page is the rest of the last row overleaf."""
    filled = [cell.text for cell in row if cell.text]
    return not row[0].text and bool(filled) and filled[0][:1].islower()


def _add(full: FullTable, item: PageTable, start: int) -> None:
    spread: Cell | None = None
    for row in item.table.rows[start:]:
        cells = [[Part(cell.text, item.page, cell.box)] if cell.text else [] for cell in row]
        if row[0].span > 1:
            spread = row[0]
        elif row[0].span == 0 and spread and spread.text:
            cells[0] = [Part(spread.text, item.page, spread.box)]
        if any(cells[1:]) or (cells and cells[0] and row[0].span):
            full.rows.append(cells)


def _names(table: Table) -> tuple[str, ...]:
    """Column names: the header rows' cells, one above another; a wide cell names each column under it."""
    count = len(table.edges) - 1
    names: list[list[str]] = [[] for _ in range(count)]
    for row in table.rows[: table.heads]:
        for index, cell in enumerate(row):
            text = " ".join(cell.text.split())
            if not text:
                continue
            for column in range(index, count):
                middle = (table.edges[column] + table.edges[column + 1]) / 2
                if column == index or cell.box[0] <= middle <= cell.box[2]:
                    names[column].append(text)
    return tuple(" ".join(name) for name in names)
