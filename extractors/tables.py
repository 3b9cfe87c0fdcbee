"""Tables as a reader sees them: merged cells spread, header rows found and joined, sub-headings told from rows.

Positions across a table are in grid columns of the file. Nothing here raises for odd tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from extractors.text import Placed, join_placed

MAX_HEADER_ROWS = 3
MAX_SUBHEADING_WORDS = 20
_LABEL_WORDS = 8
_YEAR = re.compile(r"^(?:19|20)\d\d(?:[/–-]\d{2,4})?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: grid columns `start:end`; `below` is True where it goes on from the cell above."""

    start: int
    end: int
    placed: Placed = ("", ())
    bold: bool = False
    shaded: bool = False
    below: bool = False

    @property
    def text(self) -> str:
        return self.placed[0]


@dataclass(slots=True)
class Row:
    """A row as the file has it; `marked`: the author marked it as one to repeat on each page."""

    cells: list[Cell]
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row to emit: cells by column, or, with `heading`, one text that stands over the rows below it."""

    cells: tuple[Placed, ...]
    row: int
    heading: bool = False


@dataclass(slots=True)
class Table:
    """A table read: column headers ("" where there are none) and its lines in order."""

    columns: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)


def shape(rows: Sequence[Row]) -> Table:
    """Find headers and columns, and lay every row out under them."""
    filled = _spread(rows)
    width = max((cell.end for row in filled for cell in row.cells), default=0)
    first = 0
    lines: list[Line] = []
    while first < len(filled) - 1 and not filled[first].marked and (_over_all(filled[first], width) or _stands_first(filled[first])):
        if filled[first].cells[0].text:
            lines.append(_over_line(filled[first], first))
        first += 1
    after = first + _header_rows(filled[first:], width)
    model = max(filled, key=lambda row: len(row.cells), default=Row([])).cells
    columns = tuple(_header_text(filled[first:after], cell) for cell in model)
    for number in range(after, len(filled)):
        row = filled[number]
        if not any(cell.text for cell in row.cells):
            continue
        over = len(columns) >= 3 and not row.cells[0].below and stands_over([cell.text for cell in row.cells], row.cells[0].bold)
        if _over_all(row, width) or over:
            lines.append(_over_line(row, number))
            continue
        cells = _lay_out(row, model)
        # A header typed again where a table goes over the page is not a row.
        if any(columns) and tuple(text for text, _ in cells) == columns:
            continue
        lines.append(Line(cells, number))
    return Table(columns, lines)


def _spread(rows: Sequence[Row]) -> list[Row]:
    """Rows in which each cell that goes on from above holds the text above it."""
    filled: list[Row] = []
    for row in rows:
        above = filled[-1].cells if filled else []
        same = {(cell.start, cell.end): cell for cell in above}
        cells = []
        for cell in row.cells:
            upper = same.get((cell.start, cell.end)) or _widest_overlap(cell, above) if cell.below else None
            if upper is not None and not cell.text:
                cell = replace(cell, placed=upper.placed, bold=upper.bold, shaded=upper.shaded)
            cells.append(cell)
        filled.append(Row(cells, row.marked))
    return filled


def _overlap(one: Cell, other: Cell) -> int:
    return min(one.end, other.end) - max(one.start, other.start)


def _widest_overlap(cell: Cell, among: Sequence[Cell]) -> Cell | None:
    best = max(among, key=lambda other: _overlap(cell, other), default=None)
    return best if best is not None and _overlap(cell, best) > 0 else None


def _over_all(row: Row, width: int) -> bool:
    """One cell merged over the full width of a table that has more than one column."""
    return len(row.cells) == 1 and width > 1 and row.cells[0].end - row.cells[0].start >= width and bool(row.cells[0].text)


def _stands_first(row: Row) -> bool:
    """A title, a note or nothing above the header: only the first of three or more cells is filled, if any."""
    return len(row.cells) >= 3 and not any(cell.text for cell in row.cells[1:])


def stands_over(cells: Sequence[str], bold: bool) -> bool:
    """An unmerged sub-heading: only the first of three or more cells is filled, and it is bold."""
    return len(cells) >= 3 and bold and _is_label(cells[0]) and not any(cells[1:])


def is_subheading(text: str) -> bool:
    """Whether what stands over rows is their heading, and not a remark on them."""
    return len(text.split()) <= MAX_SUBHEADING_WORDS and not text.endswith(".")


def _over_line(row: Row, number: int) -> Line:
    placed = row.cells[0].placed
    return Line((placed,), number, heading=is_subheading(placed[0]))


def _is_label(text: str) -> bool:
    if _YEAR.match(text):
        return True
    return bool(text) and len(text.split()) <= _LABEL_WORDS and text[-1] not in ".;" and any(c.isalpha() for c in text)


def _is_header_like(row: Row) -> bool:
    texts = [cell.text for cell in row.cells if cell.text]
    return len(texts) >= 2 and all(_is_label(text) or text in ("£", "#", "%") for text in texts)


def _all(row: Row, name: str) -> bool:
    return all(bool(getattr(cell, name)) for cell in row.cells if cell.text)


def _header_rows(rows: Sequence[Row], width: int) -> int:
    """How many of the first rows are headers: 0 where none is, as in a form of labels and values."""
    if len(rows) < 2:
        return int(bool(rows) and rows[0].marked and len(rows[0].cells) > 1)
    marked = 0
    while marked < len(rows) and rows[marked].marked:
        marked += 1
    if marked and marked < len(rows):
        # A row after the marked ones may still belong to them where a cell reaches down into it.
        return min(marked, MAX_HEADER_ROWS)
    first = rows[0]
    if not _is_header_like(first) or (not marked and _is_form(rows)):
        return 0
    distinct = any(_all(first, name) and not _all(rows[1], name) for name in ("bold", "shaded"))
    second_too = _goes_on(rows, width)
    if not (marked or distinct or second_too or _labels_over_data(rows)):
        return 0
    return 2 if second_too else 1


def _goes_on(rows: Sequence[Row], width: int) -> bool:
    """The second row is the lower half of the header: a cell above is split in it, or reaches down into it."""
    if len(rows) < 3 or not _is_header_like(rows[1]):
        return False
    upper, lower = rows[0], rows[1]
    splits = any(
        sum(_overlap(cell, below) > 0 for below in lower.cells) > 1 and cell.end - cell.start < width for cell in upper.cells if cell.text
    )
    reaches = any(cell.below for cell in lower.cells)
    styled = any(_all(lower, name) and not _all(rows[2], name) for name in ("bold", "shaded"))
    return (splits and (styled or reaches or len(lower.cells) > len(upper.cells))) or (reaches and styled)


def _is_form(rows: Sequence[Row]) -> bool:
    """Two columns, labels on the left: every left cell is short and bold, or ends with a colon, and the right is not."""
    if any(len(row.cells) != 2 for row in rows):
        return False
    lefts = [row.cells[0] for row in rows]
    if not all(_is_label(cell.text) for cell in lefts):
        return False
    if all(cell.text.endswith(":") for cell in lefts):
        return True
    styled = any(all(bool(getattr(cell, name)) for cell in lefts) for name in ("bold", "shaded"))
    return styled and not (rows[0].cells[1].bold or rows[0].cells[1].shaded)


def _labels_over_data(rows: Sequence[Row]) -> bool:
    """Plain short labels over longer text or figures: a header that nobody made bold."""
    first = rows[0].cells
    texts = [cell.text for cell in first]
    if len(first) < 2 or not all(texts) or len(set(texts)) < len(texts) or any(c.isdigit() for t in texts for c in t):
        return False
    # In two columns a plain first row is as often the first line of a form, so it must be of bare labels.
    words = 5 if len(first) > 2 else 3
    if len(first) == 2 and any("," in text or text.endswith(":") for text in texts):
        return False
    if any(len(text.split()) > words for text in texts) or any(len(row.cells) != len(first) for row in rows[1:3]):
        return False
    for column, label in enumerate(texts):
        below = [row.cells[column].text for row in rows[1:] if column < len(row.cells)]
        long = sum(len(text) for text in below) > 2 * len(label) * len(below)
        figures = sum(any(c.isdigit() for c in text) for text in below) * 2 > len(below)
        if long or figures:
            return True
    return False


def _header_text(headers: Sequence[Row], column: Cell) -> str:
    """The header over one column, two-row headers as "Upper: lower"."""
    texts: list[str] = []
    for row in headers:
        over = _widest_overlap(column, row.cells)
        if over is not None and over.text and over.text not in texts:
            texts.append(over.text)
    return joined_header(texts)


def joined_header(texts: Sequence[str]) -> str:
    """A column's name from the headers that stand over one another above it."""
    return ": ".join(text.rstrip(":") if len(texts) > 1 else text for text in texts)


def _lay_out(row: Row, model: Sequence[Cell]) -> tuple[Placed, ...]:
    """The row's cells by column; rows of as many cells as there are columns go cell by cell, whatever their widths."""
    if len(row.cells) == len(model):
        return tuple(cell.placed for cell in row.cells)
    columns: list[list[Placed]] = [[] for _ in model]
    for cell in row.cells:
        best = max(range(len(model)), key=lambda number: (_overlap(cell, model[number]) > 0, -number), default=None)
        if best is not None:
            columns[best].append(cell.placed)
    return tuple(join_placed(pieces, " ") for pieces in columns)
