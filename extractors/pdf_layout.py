"""Words of a page -> lines in reading order: columns by their gutters, side boxes after the column they stand beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import median
from typing import Final, NamedTuple

from extractors.document import Box
from extractors.pdf_content import PageContent, Word, lines_box
from extractors.pdf_tables import Table

PIECE_GAP: Final = 0.9
"""Of the text's height. A wider gap between words ends a piece: justified text rarely opens so far, gutters always do."""

GUTTER: Final = 7.0
"""Points. The least white between two columns; narrower ones are unreadable in print."""

CROSSING: Final = 0.35
"""Share of a region's pieces that may run across a gutter (titles, full-width paragraphs)."""

LEAST_LINES: Final = 3
"""Lines on each side of a gutter: fewer is a letterhead or a signature."""

NARROW: Final = 0.45
"""Of the wider column's width. A narrower column is a margin or side column, read after the text beside it."""

LARGEST_BOX: Final = 0.7
"""Share of the page. A larger rectangle is a page frame, not a side box."""

_BIN: Final = 2.0
"""Points for each step of the coverage profile."""


class Piece(NamedTuple):
    """Words that stand together on one line; or, in their place, a table or a box with pieces of its own."""

    x0: float
    top: float
    x1: float
    bottom: float
    words: Sequence[Word]
    table: Table | None = None
    inner: tuple[Piece, ...] = ()


class Gutter(NamedTuple):
    """The white strip between two columns; the right one begins at `start`."""

    x: float
    start: float

    def parts(self, pieces: Sequence[Piece]) -> bool:
        """True if pieces stand on both sides, none across, and all on the right at the beginning of their column."""
        right = [p for p in pieces if p.x0 >= self.x]
        across = any(p.x0 < self.x < p.x1 for p in pieces)
        return 0 < len(right) < len(pieces) and not across and all(abs(p.x0 - self.start) <= _BIN for p in right)


@dataclass(slots=True)
class Leaf:
    """A run of lines and tables that is read straight down. `side` marks boxes and margins beside the main text."""

    rows: list[list[Word] | Table] = field(default_factory=list)
    side: bool = False


def pieces_of(words: Iterable[Word]) -> list[Piece]:
    """Words in stream order, joined into pieces."""
    pieces: list[Piece] = []
    run: list[Word] = []
    x1 = top = bottom = 0.0
    for word in words:
        left, high, right, low, _, _, _ = word
        if run:
            height = bottom - top
            gap = left - x1
            if -height * 0.3 <= gap <= height * PIECE_GAP and abs(high + low - top - bottom) <= height * 0.8:
                run.append(word)
                x1 = right
                continue
            pieces.append(_piece(run))
            run = []
        run.append(word)
        x1, top, bottom = right, high, low
    if run:
        pieces.append(_piece(run))
    return pieces


def _piece(run: list[Word]) -> Piece:
    return Piece(run[0].x0, min([w.top for w in run]), run[-1].x1, max([w.bottom for w in run]), run)


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces grouped into rows by vertical overlap, each row from left to right."""
    rows: list[list[Piece]] = []
    top = bottom = 0.0
    for piece in sorted(pieces, key=_height_on_page):
        _, high, _, low, _, table, _ = piece
        if rows and table is None and rows[-1][0].table is None:
            overlap = (bottom if bottom < low else low) - (top if top > high else high)  # calls of min and max cost more
            if overlap > 0.5 * (bottom - top if bottom - top < low - high else low - high):
                rows[-1].append(piece)
                continue
        rows.append([piece])
        top, bottom = high, low
    for row in rows:
        if len(row) > 1:
            row.sort(key=lambda p: p.x0)
    return rows


def _height_on_page(piece: Piece) -> float:
    return piece[1] + piece[3]


def read_layout(page: PageContent, pieces: list[Piece], tables: Sequence[Table], known: list[Gutter]) -> list[Leaf]:
    """The page's leaves in reading order; `pieces` are those outside the tables.

    `known` holds the gutters of the pages before, the last one first: a page with too few lines for one of its own may have the same.
    """
    items = _box_up(page, pieces)
    items += [Piece(*table.box, (), table) for table in tables]
    gutter = find_gutter(items)
    if gutter is not None:
        known.insert(0, Gutter(gutter, min(piece.x0 for piece in items if piece.x0 >= gutter)))
    elif known and known[0].parts(items):
        gutter = known[0].x
    return [leaf for leaf in _parted(items, False, gutter) if leaf.rows]


def _box_up(page: PageContent, pieces: list[Piece]) -> list[Piece]:
    """Puts the pieces that stand in a drawn rectangle into one piece."""
    area = page.width * page.height
    boxes = sorted({rect.box for rect in page.rects}, key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))
    for box in boxes:
        size = (box[2] - box[0]) * (box[3] - box[1])
        if size > LARGEST_BOX * area:
            continue
        inside = [p for p in pieces if _holds(box, p)]
        if not inside or (len(inside) == 1 and not inside[0].words):
            continue
        outside = [p for p in pieces if not _holds(box, p)]
        if outside:
            pieces = [*outside, Piece(*lines_box([box, *(p[:4] for p in inside)]), (), None, tuple(inside))]
    return pieces


def _holds(box: Box, piece: Piece) -> bool:
    x, y = (piece.x0 + piece.x1) / 2, (piece.top + piece.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3] and piece.x0 >= box[0] - 4 and piece.x1 <= box[2] + 4


def _order(pieces: list[Piece], side: bool) -> list[Leaf]:
    return _parted(pieces, side, find_gutter(pieces)) if pieces else []


def _parted(pieces: list[Piece], side: bool, gutter: float | None) -> list[Leaf]:
    if gutter is None:
        return _split_paired(pieces, side)
    left = [p for p in pieces if p.x1 <= gutter]
    right = [p for p in pieces if p.x0 >= gutter]
    across = [p for p in pieces if p.x0 < gutter < p.x1]
    wide_left = max(p.x1 for p in left) - min(p.x0 for p in left)
    wide_right = max(p.x1 for p in right) - min(p.x0 for p in right)
    if wide_right < NARROW * wide_left:
        return _order(left + across, side) + _order(right, True)
    if wide_left < NARROW * wide_right:
        return _order(right + across, side) + _order(left, True)
    leaves: list[Leaf] = []
    above = float("-inf")
    across.sort(key=lambda p: p.top)
    for index, cross in enumerate([*across, None]):
        below = (cross.top + cross.bottom) / 2 if cross else float("inf")
        beside = [[p for p in column if above <= (p.top + p.bottom) / 2 < below] for column in (left, right)]
        heading = _heading_over(cross, *beside) if cross else []
        for column in beside:
            leaves += _order([p for p in column if p not in heading], side)
        if heading:
            leaves += _leaf(heading, side)
        if cross:
            if leaves and index and _follows(across[index - 1], cross, left, right):
                leaves[-1].rows += _leaf([cross], side)[0].rows
            else:
                leaves += _leaf([cross], side)
        above = below
    return leaves


def _heading_over(cross: Piece, left: list[Piece], right: list[Piece]) -> list[Piece]:
    """The line on the left that stands below both columns, and nearer to the text across them: its heading is read with it."""
    if len(left) < 2 or not right:
        return []
    *others, last = sorted(left, key=lambda p: p.bottom)
    white = last.top - max(p.bottom for p in (*others, *right))
    return [last] if white > max(cross.top - last.bottom, 0.5 * (last.bottom - last.top)) else []


def _follows(previous: Piece, cross: Piece, left: list[Piece], right: list[Piece]) -> bool:
    """True if no column text stands between two pieces that run across the gutter, and neither is a box."""
    low, high = (previous.top + previous.bottom) / 2, (cross.top + cross.bottom) / 2
    between = any(low <= (p.top + p.bottom) / 2 < high for p in (*left, *right))
    return not (between or previous.inner or cross.inner)


def _split_paired(pieces: list[Piece], side: bool) -> list[Leaf]:
    """Where no gutter runs down the whole region, tries the stretch of rows that have pieces side by side."""
    rows = rows_of(pieces)
    paired = [i for i, row in enumerate(rows) if len(row) > 1]
    if len(paired) >= LEAST_LINES and (paired[0] > 0 or paired[-1] < len(rows) - 1):
        middle = [p for row in rows[paired[0] : paired[-1] + 1] for p in row]
        if find_gutter(middle) is not None:
            before = [p for row in rows[: paired[0]] for p in row]
            after = [p for row in rows[paired[-1] + 1 :] for p in row]
            return _order(before, side) + _order(middle, side) + _order(after, side)
    return _leaf(pieces, side)


def _leaf(pieces: list[Piece], side: bool) -> list[Leaf]:
    """One column: its lines from top to bottom; a box beside its lines comes after them, as a leaf of its own."""
    beside = [p for p in pieces if p.inner and any(q is not p and not q.inner and _overlap(p, q) for q in pieces)]
    leaves = [Leaf(side=side)]
    for row in rows_of([p for p in pieces if p not in beside] if beside else pieces):
        words: list[Word] = []
        for piece in row:
            if piece.table:
                leaves[-1].rows.append(piece.table)
            elif piece.inner:
                leaves += [*_order(list(piece.inner), True), Leaf(side=side)]
            else:
                words += piece.words
        if words:
            leaves[-1].rows.append(words)
    for box in sorted(beside, key=lambda p: p.top):
        leaves += _order(list(box.inner), True)
    return leaves


def _overlap(a: Piece, b: Piece) -> bool:
    return min(a.bottom, b.bottom) - max(a.top, b.top) > 0.5 * min(b.bottom - b.top, a.bottom - a.top)


def find_gutter(pieces: Sequence[Piece]) -> float | None:
    """The x of the white strip that parts a region into two columns, if one does."""
    count = len(pieces)
    if count < 2 * LEAST_LINES:
        return None
    x_min, x_max = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    bins = int((x_max - x_min) / _BIN) + 2
    if bins < 20:
        return None
    steps = [0] * (bins + 1)
    for p in pieces:
        steps[int((p.x0 - x_min) / _BIN)] += 1
        steps[int((p.x1 - x_min) / _BIN) + 1] -= 1
    cover = list(accumulate(steps))
    limit = CROSSING * count
    best: tuple[int, float] | None = None
    index, stop = bins // 10, bins - bins // 10
    while index < stop:
        if cover[index] > limit:
            index += 1
            continue
        end = index
        while end < stop and cover[end] <= limit:
            end += 1
        low = min(cover[index:end])
        strip, length = _longest(cover, index, end, low)
        if length * _BIN >= GUTTER - _BIN:
            x = x_min + (strip + length / 2) * _BIN
            score = _columns(pieces, x)
            if score and (best is None or score > best[0]):
                best = (score, x)
        index = end + 1
    return best[1] if best else None


def _longest(cover: list[int], start: int, end: int, low: int) -> tuple[int, int]:
    """Where the longest stretch of `low` begins, and its length."""
    best = (start, 0)
    index = start
    while index < end:
        if cover[index] == low:
            run = index
            while run < end and cover[run] == low:
                run += 1
            if run - index > best[1]:
                best = (index, run - index)
            index = run
        index += 1
    return best


def _columns(pieces: Sequence[Piece], x: float) -> int:
    """How many lines stand on the poorer side of x; 0 if the two sides are not two columns of text."""
    left = [p for p in pieces if p.x1 <= x and p.words]
    right = [p for p in pieces if p.x0 >= x and p.words]
    if len(left) < LEAST_LINES or len(right) < LEAST_LINES:
        return 0
    if min(p.x0 for p in right) - sorted(p.x1 for p in left)[int(len(left) * 0.95) - 1] < GUTTER - 1:
        return 0
    for one, other in ((left, right), (right, left)):
        if median(len(p.words) for p in one) < 2 or median(p.x1 - p.x0 for p in one) < 45:
            return 0
        top, bottom = min(p.top for p in other), max(p.bottom for p in other)
        if sum(p.bottom > top and p.top < bottom for p in one) < 2:
            return 0
    return min(len(left), len(right))
