"""Tables of single pages -> the tables of the document: continued ones joined, headers turned into column names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from extractors.document import Box
from extractors.pdf_lines import Draft
from extractors.pdf_tables import Cell, PageTable, Table, is_over
from extractors.tables import joined_header, stands_over

EDGE_SLACK: Final = 4.0
"""Points by which the columns of a continued table may move between pages."""

_AGAIN: Final = re.compile(r"\bcont(?:inued|['’]d|d)?\b[\W\d]*$", re.IGNORECASE)
"""A title that only says again what a table is that goes on: "Table 4 (continued)"."""

LOW: Final = 0.5
"""Of the page's height: a table that goes on overleaf ends below this and begins above it on the next page."""


@dataclass(slots=True)
class Part:
    """Text of a cell with its page and box; a cell cut by a page break has two parts."""

    text: str
    page: int
    box: Box


@dataclass(slots=True)
class Row:
    """Cells of parts; `over`: a row of one text that stands over those below it."""

    cells: list[list[Part]]
    over: bool = False


@dataclass(slots=True)
class FullTable:
    """A whole table: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    last: PageTable | None = None


def stitch(items: Sequence[Draft | PageTable], heights: Sequence[float]) -> list[Draft | FullTable]:
    """The items with page tables made into full tables."""
    out: list[Draft | FullTable] = []
    current: FullTable | None = None
    between = False
    for item in items:
        if not isinstance(item, PageTable):
            out.append(item)
            between = between or not (item.side or _AGAIN.search(item.text))
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
    table = item.table
    full = FullTable(_names(table))
    _add(full, item, table.rows[: table.first])
    _add(full, item, table.rows[table.heads :])
    return full


def _extend(full: FullTable, item: PageTable) -> None:
    table = item.table
    start = next((n for n in (table.heads, 1, 2, 3) if 0 < n < len(table.rows) and _named(table, n) == full.columns), 0)
    if start < len(table.rows) and full.rows and _is_rest(table.rows[start]):
        for cell, parts in zip(table.rows[start], full.rows[-1].cells, strict=False):
            if cell.text:
                parts.append(Part(cell.text, item.page, cell.box))
        start += 1
    _add(full, item, table.rows[start:])


def _is_rest(row: Sequence[Cell]) -> bool:
    """True if a first row on a page is the rest of the last row overleaf: nothing in it begins a sentence."""
    filled = [cell.text for cell in row if cell.text]
    return bool(filled) and filled[0][:1].islower() and (not row[0].text or (len(filled) > 1 and all(t[:1].islower() for t in filled)))


def _add(full: FullTable, item: PageTable, rows: Sequence[Sequence[Cell]]) -> None:
    spread: dict[int, Cell] = {}
    for row in rows:
        if not any(cell.text for cell in row):
            continue
        cells = [[Part(cell.text, item.page, cell.box)] if cell.text else [] for cell in row]
        for column, cell in enumerate(row):
            if cell.span > 1:
                spread[column] = cell
            elif cell.span == 0 and column in spread and spread[column].text:
                cells[column] = [Part(spread[column].text, item.page, spread[column].box)]
        over = is_over(row) or (row[0].span > 0 and stands_over([cell.text for cell in row], row[0].bold))
        full.rows.append(Row(cells, over))


def _names(table: Table) -> tuple[str, ...]:
    """Column names: the header rows' cells, one above another; a wide cell names each column under it."""
    return _named(table, table.heads)


def _named(table: Table, heads: int) -> tuple[str, ...]:
    """The column names if the headers went down to the row `heads`: those repeated overleaf are not always told from the few rows below."""
    names: list[list[str]] = [[] for _ in range(len(table.edges) - 1)]
    for row in table.rows[table.first : heads]:
        for index, cell in enumerate(row):
            text = " ".join(cell.text.split())
            for name in names[index : index + cell.across]:
                if text and text not in name:
                    name.append(text)
    return tuple(joined_header(name) for name in names)
