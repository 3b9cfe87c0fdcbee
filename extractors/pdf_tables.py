"""Tables of a page and their cells, ruled or not: which of their rows are titles and headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from extractors.document import Box
from extractors.pdf_content import Style, Word

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
    """True if a column's first cell has no digit and nearly all others have one, or are one letter, as references and dates are."""
    if len(column) > 2 and len(column[0].text) > 1 and all(len(cell.text) == 1 and cell.text.isalpha() for cell in column[1:]):
        return True
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
