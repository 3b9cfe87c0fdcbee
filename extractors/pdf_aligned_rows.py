"""The lines of a table without rules -> its rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from statistics import median
from typing import Final

from extractors.pdf_content import PageContent
from extractors.pdf_layout import Piece

Line = list[list[Piece]]
"""What stands on one line, by column."""

LEAST_RULES: Final = 2
"""Rules between the lines that make them part the rows."""

WHITE: Final = (0.3, 0.45)
"""Of the text's height: less white than the first parts lines of a cell, more than the second parts rows."""

EVEN: Final = 0.35
"""Of the text's height, by which the white between evenly spaced rows may differ."""

LEVEL: Final = 2.5
"""Points by which what is meant to be level may miss."""

GAP: Final = 6.0
"""Points of white that part two columns at the least."""


def rows_of_lines(page: PageContent, body: Sequence[Line], edges: Sequence[float], over: Collection[int]) -> list[list[Line]]:
    """Lines into rows: by rules where there are some, else by spacing, else by the first column being filled.

    `edges` are the left edges of the columns and the right one of the last; the lines numbered in `over` stand over those below.
    """
    tops = [min(p.top for cell in line for p in cell) for line in body]
    bottoms = [max(p.bottom for cell in line for p in cell) for line in body]
    rules = [e.position for e in page.edges if e.horizontal and tops[0] < e.position < bottoms[-1]]
    steps = [b - a for a, b in itertools.pairwise(tops)]
    height = max(1.0, median(b - a for a, b in zip(tops, bottoms, strict=True)))
    white = [(top - low) / height for top, low in zip(tops[1:], itertools.accumulate(bottoms, max), strict=False)]
    close = [line for gap, line in zip(white, body[1:], strict=True) if gap < WHITE[0]]
    spaced = any(gap > WHITE[1] for gap in white) and 2 * sum(map(all, close)) < len(close)
    groups = [[body[0]]]
    for index, line in enumerate(body[1:], 1):
        middle = (bottoms[index - 1] + tops[index]) / 2
        if index in over or index - 1 in over:
            new = True
        elif len(rules) >= LEAST_RULES:
            new = any(abs(r - middle) < max(6.0, steps[index - 1] / 2) for r in rules)
        elif spaced:
            new = white[index - 1] > WHITE[1]
        else:
            new = bool(line[0]) and not _wrapped(body[index - 1], line, edges)
        if new:
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def spaced_rows(body: Sequence[Line]) -> list[Line]:
    """The rows of a table that only even white parts, more than between the lines of a cell; [] where it does not part them all."""
    bands = _bands([p for line in body for cell in line for p in cell])
    height = max((p.bottom - p.top for _, _, pieces in bands for p in pieces), default=1.0)
    white = [(low[0] - high[1]) / height for high, low in itertools.pairwise(bands)]
    if len(white) < LEAST_RULES or max(white) - min(white) > EVEN:
        return []
    columns = [{id(p) for line in body for p in line[column]} for column in range(len(body[0]))]
    return [[[p for p in pieces if id(p) in column] for column in columns] for _, _, pieces in bands]


def _wrapped(above: Line, line: Line, edges: Sequence[float]) -> bool:
    """True if in each column that it fills a line goes on from the one above, whose end had no room for its first word."""
    for column, held in enumerate(line):
        if not held:
            continue
        if not above[column]:
            return False
        right = edges[column + 1] - GAP if column + 2 < len(edges) else edges[-1]
        last, first = above[column][-1], held[0].words[0]
        if last.x1 + (first.x1 - first.x0) + 0.2 * (first.bottom - first.top) <= right:
            return False
    return True


def rows_in_the_middle(page: PageContent, body: Sequence[Line]) -> list[tuple[Line, int]]:
    """The rows of a table whose labels, in its first column, stand in the middle of the rows that they are for; [] for another table.

    Each row has the number of rows that its label is for, 0 for those below the first.
    """
    labels = _bands([p for line in body for p in line[0]])
    others = [(p, column) for line in body for column, cell in enumerate(line) for p in cell if column]
    bands = _bands([p for p, _ in others])
    rows: list[Line] = []
    for top, bottom, _ in bands:
        rows.append([[], *([p for p, c in others if c == column and top <= p.top < bottom] for column in range(1, len(body[0])))])
    ruled = any(e.horizontal and bands[0][0] < e.position < bands[-1][1] for e in page.edges) if bands else False
    if not labels or (ruled and not all(all(row[1:]) for row in rows)) or _at_the_top(labels, bands):
        return []
    found: list[tuple[Line, int]] = []
    for top, bottom, pieces in labels:
        first = len(found)
        reach = (end for end in range(first, len(bands)) if abs(bands[first][0] + bands[end][1] - top - bottom) <= 2 * LEVEL)
        last = next(reach, None)
        if last is None:
            return []
        found.append(([pieces, *rows[first][1:]], last - first + 1))
        found += ((row, 0) for row in rows[first + 1 : last + 1])
    return found if len(found) == len(rows) else []


Band = tuple[float, float, list[Piece]]
"""From the top of some pieces to their bottom, with no white between that parts rows."""


def _bands(pieces: Sequence[Piece]) -> list[Band]:
    bands: list[Band] = []
    for piece in sorted(pieces, key=lambda p: p.top):
        if bands and piece.top - bands[-1][1] <= WHITE[1] * (piece.bottom - piece.top):
            top, bottom, held = bands.pop()
            bands.append((top, max(bottom, piece.bottom), [*held, piece]))
        else:
            bands.append((piece.top, piece.bottom, [piece]))
    return bands


def _at_the_top(labels: Sequence[Band], rows: Sequence[Band]) -> bool:
    """True if the first row has a label, and each label stands on the first line of a row."""
    tops = [top for top, _, _ in rows]
    return abs(labels[0][0] - tops[0]) <= LEVEL and all(any(abs(top - t) <= LEVEL for t in tops) for top, _, _ in labels)
