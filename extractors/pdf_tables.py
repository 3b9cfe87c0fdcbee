"""Ruled tables: a page's rulings -> cells, by pdfplumber's own pure functions; words go to cells by their centres."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from extractors.document import Box
from extractors.pdf_content import Edge, PageContent, Rect, Style, Word

TOLERANCE: Final = 3.0
"""Points. pdfplumber's own default for rulings that are meant to meet."""

MOST_EDGES: Final = 1500
"""Rulings after merging beyond which a page is a chart or a map: finding cells takes time by the square of them."""

LEAST_FILLED: Final = 0.2
"""Share of cells that must hold words: the grid of a chart holds hardly any."""

LABEL_WORDS: Final = 6
"""Words in a cell of a header row that nothing but its brevity marks as a header."""

_NUMERIC: Final = re.compile(r"[£$€(+-]?\s*\d[\d,.\s%/)]*[kKmM]?$|[-–—]$")
_SHORTENED: Final = re.compile(r"[A-Z][a-z]{1,4}\.$")
"""One abbreviated word: "No.", "Ref.", "Resp."."""

_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:\s*[/–-]\s*\d\d(?:\d\d)?)?(?:\s|$)|[£%#](?:m|000|k)?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, its lines parted by newlines, and its box. `bold` if all its words are."""

    text: str
    box: Box
    bold: bool = False
    shade: int = 0
    span: int = 1
    """Rows that a vertically merged cell covers; 0 for the cells under its first."""
    across: int = 1
    """Columns that a merged cell covers."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table on one page. Its rows from `first` to `heads` are headers; `clear` if bold or shading says so. Those before are titles."""

    box: Box
    edges: tuple[float, ...]
    """The left edges of its columns, and the right edge of the last."""
    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0
    clear: bool = False
    ruled: bool = True
    first: int = 0


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table and its page, 1-based."""

    table: Table
    page: int


def find_ruled(page: PageContent, styles: Sequence[Style]) -> tuple[list[Table], list[Word]]:
    """The page's ruled tables and the words outside them."""
    if len(page.edges) < 4 or not page.words:
        return [], page.words
    if not (_distinct(page.edges, True) and _distinct(page.edges, False)):
        return [], page.words
    edges = merge_edges([_as_dict(e) for e in page.edges], *[TOLERANCE] * 4)
    if len(edges) > MOST_EDGES:
        return [], page.words
    groups = cells_to_tables(intersections_to_cells(edges_to_intersections(edges, TOLERANCE, TOLERANCE)))
    tables: list[Table] = []
    words = page.words
    for boxes in groups:
        table, rest = _fill([_box(b) for b in boxes], words, page.rects, styles)
        if table:
            tables.append(table)
            words = rest
    return tables, words


def _distinct(edges: Sequence[Edge], horizontal: bool) -> bool:
    positions = [e.position for e in edges if e.horizontal is horizontal]
    return bool(positions) and max(positions) - min(positions) > TOLERANCE


def _as_dict(edge: Edge) -> dict[str, Any]:
    at, start, end = edge.position, edge.start, edge.end
    if edge.horizontal:
        x0, x1, top, bottom = start, end, at, at
    else:
        x0, x1, top, bottom = at, at, start, end
    return {
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
        "orientation": "h" if edge.horizontal else "v",
        "object_type": "line",
    }


def _box(values: Sequence[float]) -> Box:
    return (float(values[0]), float(values[1]), float(values[2]), float(values[3]))


def _fill(boxes: list[Box], words: list[Word], rects: Sequence[Rect], styles: Sequence[Style]) -> tuple[Table | None, list[Word]]:
    lefts = _merge(b[0] for b in boxes)
    tops = _merge(b[1] for b in boxes)
    right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
    if len(lefts) < 2:
        return None, words
    spots: dict[tuple[int, int], Box] = {}
    cover: dict[tuple[int, int], tuple[int, int]] = {}
    for box in boxes:
        row, col = _at(tops, box[1]), _at(lefts, box[0])
        spots[row, col] = box
        for r in range(row, max(row + 1, _at(tops, box[3] - TOLERANCE * 2) + 1)):
            for c in range(col, max(col + 1, _at(lefts, box[2] - TOLERANCE * 2) + 1)):
                cover[r, c] = (row, col)
    held: dict[tuple[int, int], list[Word]] = {}
    rest: list[Word] = []
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        key = None
        if lefts[0] <= x <= right and tops[0] <= y <= bottom:
            key = cover.get((bisect_right(tops, y) - 1, bisect_right(lefts, x) - 1))
        if key is None:
            rest.append(word)
        else:
            held.setdefault(key, []).append(word)
    if len(held) < max(2, LEAST_FILLED * len(spots)):
        return None, words
    cells: dict[tuple[int, int], Cell] = {}
    for key, box in spots.items():
        inside = held.get(key, [])
        span = sum(1 for r in range(key[0], len(tops)) if cover.get((r, key[1])) == key)
        across = sum(1 for c in range(key[1], len(lefts)) if cover.get((key[0], c)) == key)
        shade = max((r.shade for r in rects if _covers(r.box, box)), default=0)
        cells[key] = make_cell(inside, box, styles, shade, span, across)
    rows = []
    for r, top in enumerate(tops):
        cells_here: list[Cell] = []
        for c, left in enumerate(lefts):
            owner = cover.get((r, c))
            if owner == (r, c):
                cells_here.append(cells[r, c])
            elif owner is not None and owner[0] < r and owner[1] == c:
                cells_here.append(Cell("", cells[owner].box, span=0))
            else:
                cells_here.append(Cell("", (left, top, left, top)))
        rows.append(tuple(cells_here))
    table = Table((lefts[0], tops[0], right, bottom), (*lefts, right), tuple(rows))
    return with_heads(table), rest


def _merge(values: Any) -> list[float]:
    out: list[float] = []
    for value in sorted(set(values)):
        if not out or value - out[-1] > TOLERANCE:
            out.append(value)
    return out


def _at(edges: list[float], value: float) -> int:
    return max(0, bisect_right(edges, value + TOLERANCE) - 1)


def _covers(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def make_cell(words: list[Word], box: Box, styles: Sequence[Style], shade: int = 0, span: int = 1, across: int = 1) -> Cell:
    """A cell from its words in stream order, sorted into lines."""
    if not words:
        return Cell("", box, shade=shade, span=span, across=across)
    turn = styles[words[0].style].turn
    words = [_set_upright(word, turn) for word in words] if turn else words
    lines: list[list[Word]] = []
    middle = 0.0
    for word in sorted(words, key=lambda w: w.top + w.bottom):
        height = word.bottom - word.top
        if lines and (word.top + word.bottom) / 2 - middle <= height * 0.45:
            lines[-1].append(word)
        else:
            lines.append([word])
            middle = (word.top + word.bottom) / 2
    text = "\n".join(" ".join(w.text for w in sorted(line, key=lambda w: w.x0)) for line in lines)
    return Cell(text, box, all(styles[w.style].bold for w in words), shade, span, across)


def _set_upright(word: Word, turn: int) -> Word:
    """The word where it would stand if its cell were turned clockwise by `turn` degrees; only places among its like matter."""
    x0, top, x1, bottom = word[:4]
    if turn == 90:
        return word._replace(x0=-bottom, top=x0, x1=-top, bottom=x1)
    if turn == 270:
        return word._replace(x0=top, top=-x1, x1=bottom, bottom=-x0)
    return word._replace(x0=-x1, top=-bottom, x1=-x0, bottom=-top)


def is_number(text: str) -> bool:
    """True for a figure, an amount, a percentage or a dash."""
    return bool(_NUMERIC.match(text.strip()))


def is_year(text: str) -> bool:
    """True for a year or a unit, as they head columns of figures: "2007/08", "£000"."""
    return bool(_YEAR.match(text))


def is_label(text: str) -> bool:
    """True for what may stand in a header: a capitalised label, a year ("2007/08"), a unit ("£000")."""
    if len(text.split()) > LABEL_WORDS or (text.rstrip()[-1:] in tuple(".;:,") and not _SHORTENED.match(text)):
        return False
    return is_year(text) or (text[:1].isupper() and not is_number(text))


def titles(rows: Sequence[Sequence[Cell]]) -> int:
    """How many rows at the top run across all columns, so that they stand over the headers."""
    count = 0
    while count < len(rows) - 1 and is_over(rows[count]):
        count += 1
    return count


def is_over(row: Sequence[Cell]) -> bool:
    """True for a row whose one cell runs across all columns."""
    return len(row) > 1 and row[0].across == len(row) and bool(row[0].text)


def with_heads(table: Table) -> Table:
    """The table with its titles and its header rows counted: bold or shaded first rows, else one row of short labels."""
    first = titles(table.rows)
    rows = table.rows[first:]
    clear = max(_run(rows, _bold), _run(rows, _shaded))
    heads = clear if clear else int(_labels(rows))
    for depth in range(clear):
        heads = max(heads, *(depth + cell.span for cell in rows[depth]))
    heads = min(heads, 3)
    if clear and heads >= len(rows):
        heads = 1
    return replace(table, first=first, heads=first + heads, clear=clear > 0)


def _run(rows: Sequence[Sequence[Cell]], test: Any) -> int:
    """How many rows from the top pass a test that some row below fails; 0 if all pass (unless there is only one)."""
    count = 0
    while count < len(rows) and test(rows[count]):
        count += 1
    if count == len(rows):
        return 1 if count == 1 else 0
    return count if count <= 3 else 1


def _bold(row: Sequence[Cell]) -> bool:
    filled = [cell for cell in row if cell.text]
    return len(filled) > 1 and all(cell.bold for cell in filled) and not all(is_number(c.text) for c in filled)


def _shaded(row: Sequence[Cell]) -> bool:
    filled = [cell for cell in row if cell.text]
    return len(filled) > 1 and all(cell.shade > 12 for cell in filled)


def _firsts(rows: Sequence[Sequence[Cell]]) -> list[str]:
    return [row[0].text for row in rows if row[0].text]


def _changes(column: Sequence[Cell]) -> bool:
    """True if a column's first cell has no digit and nearly all others have one, as references and dates have."""
    below = [any(map(str.isdigit, cell.text)) for cell in column[1:] if cell.text]
    return len(below) > 1 and sum(below) >= 0.8 * len(below) and not any(map(str.isdigit, column[0].text))


def _labels(rows: Sequence[Sequence[Cell]]) -> bool:
    """True if the first row is of short labels and the rows below are longer or hold figures."""
    if len(rows) < 2:
        return False
    first = rows[0]
    filled = [cell.text for cell in first if cell.text]
    if len(filled) < max(2, len(first) - 1) or len(set(filled)) < len(filled):
        return False
    if not all(is_label(text) for text in filled):
        return False
    if all(map(is_year, filled)):  # years over figures are headers, a row of years is not
        return all(row[0].text and not is_number(row[0].text) and not is_year(row[0].text) for row in rows[1:])
    if len(first) == 2 and all(map(str.isupper, _firsts(rows))):
        return False  # a list of abbreviations
    body = [cell.text for row in rows[1:] for cell in row if cell.text]
    figures = any(is_number(text) for text in body) or any(map(_changes, zip(*rows, strict=True)))
    mean = sum(map(len, body)) / max(1, len(body))
    return bool(body) and (figures or mean > 1.2 * sum(map(len, filled)) / len(filled))
