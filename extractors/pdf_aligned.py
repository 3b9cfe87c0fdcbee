"""Tables without vertical rules: columns told by words aligned under a clear header row.

Conservative on purpose: prose, two-column prose, lists and contents pages must not become tables.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from extractors.document import Box
from extractors.pdf_aligned_rows import Line, rows_in_the_middle, rows_of_lines, spaced_rows
from extractors.pdf_content import PageContent, Style, Word, lines_box
from extractors.pdf_layout import Piece, rows_of
from extractors.pdf_tables import LABEL_WORDS, Cell, Table, is_label, is_number, is_year, make_cell, with_heads
from extractors.tables import is_subheading

Heads = tuple[str, ...]

LEAST_ROWS: Final = 3
"""Rows under the header that must keep its columns."""

SLACK: Final = 3.0
"""Points by which words that are meant to align may miss."""

FULL: Final = 0.82
"""Share of its column's width that a line of prose fills; a table may have one column of such lines."""

SURE_COLUMNS: Final = 4
"""Columns under a bold header that make two rows enough: the rest may stand overleaf."""

FEW_WORDS: Final = 4
"""Words in the usual cell of a table that only its columns show."""

WIDEST_PITCH: Final = 3.2
"""Of the text's height. A larger step down ends the table."""

_LEADER: Final = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}")
_MARK: Final = re.compile(r"(?:[•●▪■◦–\-*o\uf0b7§➢]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,3})[.)])$")


def find_aligned(page: PageContent, pieces: list[Piece], styles: Sequence[Style], known: set[Heads]) -> tuple[list[Table], list[Piece]]:
    """Tables by alignment, and the pieces outside them.

    `known` holds the headers met on earlier pages: under one of them a single row is the rest of a table. New ones are added.
    """
    rows = rows_of(pieces)
    tables: list[Table] = []
    rest: list[Piece] = []
    index = 0
    while index < len(rows):
        found = _try_at(page, rows, index, styles, known) if len(rows[index]) > 1 else None
        if found:
            tables.append(found[0])
            known.add(tuple(cell.text for cell in found[0].rows[0]))
            index = found[1]
        else:
            rest += rows[index]
            index += 1
    return (tables, rest) if tables else ([], pieces)


def _text(piece: Piece) -> str:
    return " ".join(w.text for w in piece.words)


def _bold(row: Sequence[Piece], styles: Sequence[Style]) -> bool:
    return all(styles[w.style].bold for p in row for w in p.words)


def _try_at(page: PageContent, rows: list[list[Piece]], start: int, styles: Sequence[Style], known: set[Heads]) -> tuple[Table, int] | None:
    header = rows[start]
    if any(len(piece.words) > LABEL_WORDS for piece in header):
        return None
    texts = [_text(p) for p in header]
    if not all(is_label(text) for text in texts) or not any(text[:1].isupper() or is_year(text) for text in texts):
        return None
    if any(_LEADER.search(text) or _MARK.match(text) for text in texts):
        return None
    columns = len(header)
    spans = [[p.x0, p.x1] for p in header]
    heads = [[[p] for p in header]]
    end = start + 1
    if _bold(header, styles):
        end += _more_heads(rows[start:], heads, spans, styles)
    body: list[Line] = []
    over: set[int] = set()
    while end < len(rows) and _near(rows[end - 1], rows[end]):
        placed = _place(rows[end], spans)
        if placed is None and _is_over(rows[end : end + 2], spans):
            over.add(len(body))
            body.append([rows[end], *[[] for _ in spans[1:]]])
            end += 1
            continue
        if placed is None:
            break
        for column, held in enumerate(placed):
            for p in held:
                spans[column] = [min(spans[column][0], p.x0), max(spans[column][1], p.x1)]
        body.append(placed)
        end += 1
    while len(body) > 1 and sum(map(bool, body[-1])) < 2 and body[-1][0] and _loose(rows[end - 2], rows[end - 1]):
        body.pop()
        end -= 1
    last_head = start + len(heads) - 1
    clear = _bold(header, styles) and not all(_bold(r, styles) for r in rows[last_head + 1 : end])
    first = tuple(_cell([p for line in heads for p in line[c]], styles) for c in range(columns))
    again = tuple(cell.text for cell in first) in known
    lines = [line for index, line in enumerate(body) if index not in over]
    parted = clear or _ruled_under(page, rows, last_head, spans)
    spaced = [] if again or parted or over else spaced_rows([[[p] for p in header], *body])
    by_white = _is_spaced_out(spaced, spans)
    if not lines or not (again or by_white or _is_table(lines, columns, spans, parted)):
        return None
    box = lines_box([p[:4] for row in rows[start:end] for p in row])
    edges = (*(span[0] for span in spans), box[2])
    middle = [] if over else rows_in_the_middle(page, body)
    groups = [[line] for line, _ in middle] or rows_of_lines(page, body, edges, over)
    least = 1 if again else LEAST_ROWS - 1 if clear and columns >= SURE_COLUMNS else LEAST_ROWS
    if sum(_filled(group) >= 2 for group in groups) < least:
        return None
    cells = [first]
    for group in groups:
        cells.append(tuple(_cell([p for line in group for p in line[c]], styles, edges[c], group) for c in range(columns)))
        if group[0][0] and group[0][0][0].x1 > edges[1] + SLACK:
            cells[-1] = (replace(cells[-1][0], across=columns), *cells[-1][1:])
    for number, (_, span) in enumerate(middle, 1):
        cells[number] = (replace(cells[number][0], span=span), *cells[number][1:])
    table = Table(box, edges, tuple(cells), 1, clear, False)
    return (with_heads(table) if by_white else table), end


def _near(above: Sequence[Piece], row: Sequence[Piece]) -> bool:
    """False where the step down to a row is so large that the table has ended."""
    return row[0].top - above[0].top <= WIDEST_PITCH * max(row[0].bottom - row[0].top, 1.0)


def _is_over(rows: Sequence[Sequence[Piece]], spans: Sequence[Sequence[float]]) -> bool:
    """True if the first of two rows stands over the other as its sub-heading: one short text from the table's edge across its columns."""
    if len(rows) < 2 or len(rows[0]) > 1 or not _near(*rows):
        return False
    piece = rows[0][0]
    across = abs(piece.x0 - spans[0][0]) <= SLACK and piece.x1 > spans[1][0] and is_subheading(_text(piece))
    below = _place(rows[1], spans) if across and not _LEADER.search(_text(piece)) else None
    return below is not None and sum(map(bool, below)) >= 2


def _more_heads(rows: list[list[Piece]], heads: list[list[list[Piece]]], spans: list[list[float]], styles: Sequence[Style]) -> int:
    """Adds the lines on which bold headers go on, at the text's pitch and not in all columns, to `heads`; says how many."""
    for above, row in itertools.pairwise(rows):
        placed = _place(row, spans)
        if placed is None or len(row) == len(spans) or not _bold(row, styles) or _loose(above, row):
            break
        heads.append(placed)
        for column, held in enumerate(placed):
            spans[column] = [min([spans[column][0], *(p.x0 for p in held)]), max([spans[column][1], *(p.x1 for p in held)])]
    return len(heads) - 1


def _loose(above: Sequence[Piece], row: Sequence[Piece]) -> bool:
    """True if a row stands further below the last than the lines of one cell do."""
    return row[0].top - above[0].top > 1.5 * max(p.bottom - p.top for p in (*above, *row))


def _place(row: Sequence[Piece], spans: Sequence[Sequence[float]]) -> list[list[Piece]] | None:
    """The row's pieces by column; None if one of them fits no column, or two."""
    placed: list[list[Piece]] = [[] for _ in spans]
    for piece in row:
        if not piece.words or _LEADER.search(_text(piece)):
            return None
        touched = [c for c, s in enumerate(spans) if piece.x0 < s[1] + SLACK and piece.x1 > s[0] - SLACK]
        if len(touched) != 1:
            return None
        column = touched[0]
        x0, x1 = spans[column]
        aligned = abs(piece.x0 - x0) <= SLACK or abs(piece.x1 - x1) <= SLACK or abs(piece.x0 + piece.x1 - x0 - x1) <= 2 * SLACK
        if not aligned or placed[column]:
            return None
        placed[column].append(piece)
    return placed


def _filled(group: Sequence[Sequence[Sequence[Piece]]]) -> int:
    return sum(any(line[c] for line in group) for c in range(len(group[0])))


def _is_table(body: list[list[list[Piece]]], columns: int, spans: list[list[float]], clear: bool) -> bool:
    if sum(sum(map(bool, row)) >= 2 for row in body) < LEAST_ROWS:
        return False
    full = figures = 0
    for column in range(columns):
        held = [row[column][0] for row in body if row[column]]
        if len(held) < 2:
            return False
        right = spans[column + 1][0] if column + 1 < columns else spans[column][1]
        width = max(1.0, right - spans[column][0])
        if median((p.x1 - p.x0) / width for p in held) >= FULL and median(len(p.words) for p in held) > 3:
            full += 1
        texts = [_text(p) for p in held]
        figures += sum(map(is_number, texts)) > 0.6 * len(texts)
        if column == 0 and columns == 2 and sum(bool(_MARK.match(t)) for t in texts) > 0.5 * len(texts):
            return False
    if full > 1 or full == columns:
        return False
    if columns == 2:
        first = [len(row[0][0].words) for row in body if row[0]]
        paired = sum(all(row) for row in body) >= 0.8 * len(first)
        return clear and (median(first) <= (2 * FEW_WORDS if paired else 3) or figures > 0)
    return clear or figures > 0 or _grid(body)


def _is_spaced_out(rows: Sequence[Line], spans: Sequence[Sequence[float]]) -> bool:
    """True if rows that even white parts fill nearly all their cells, and are no prose in columns: labels stand first."""
    if len(rows) <= LEAST_ROWS or sum(all(row) for row in rows) < 0.7 * len(rows):
        return False
    firsts = [row[0] for row in rows if row[0]]
    if sum(_text(held[0])[:1].islower() or bool(_MARK.match(_text(held[0]))) for held in firsts) > 0.2 * len(firsts):
        return False
    if median(sum(len(p.words) for p in held) for held in firsts) > 2 * FEW_WORDS:
        return False
    rooms = [(right[0] - left[0], column) for column, (left, right) in enumerate(itertools.pairwise(spans))]
    return not any(median(p.x1 - p.x0 for row in rows for p in row[column]) >= FULL * room for room, column in rooms)


def _grid(body: list[list[list[Piece]]]) -> bool:
    """True if most lines fill every column with few words: three columns of prose do not."""
    full = [line for line in body if all(line)]
    return len(full) >= max(LEAST_ROWS, 0.6 * len(body)) and median(len(held[0].words) for line in full for held in line) <= FEW_WORDS


def _ruled_under(page: PageContent, rows: list[list[Piece]], start: int, spans: list[list[float]]) -> bool:
    """True if a rule runs between the header and the first row."""
    if start + 1 >= len(rows):
        return False
    low, high = rows[start][0].bottom - 6, rows[start + 1][0].top + 6
    width = spans[-1][1] - spans[0][0]
    return any(e.horizontal and low <= e.position <= high and e.end - e.start > 0.6 * width and e.start < spans[0][1] for e in page.edges)


def _cell(
    pieces: Sequence[Piece],
    styles: Sequence[Style],
    left: float = 0.0,
    group: Sequence[Sequence[Sequence[Piece]]] = (),
) -> Cell:
    if not pieces:
        top = min((p.top for line in group for cell in line for p in cell), default=0.0)
        return Cell("", (left, top, left, top))
    words: list[Word] = [w for p in pieces for w in p.words]
    box: Box = lines_box([p[:4] for p in pieces])
    return make_cell(words, box, styles)
