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
