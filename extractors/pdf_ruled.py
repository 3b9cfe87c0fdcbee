"""Ruled tables: a page's rulings -> cells, by pdfplumber's own pure functions but one; words go to cells by their centres."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pdfplumber.table import cells_to_tables, edges_to_intersections, merge_edges

from extractors.document import Box
from extractors.pdf_content import Edge, PageContent, Rect, Style, Word
from extractors.pdf_tables import Cell, Table, make_cell, with_heads

TOLERANCE: Final = 3.0
"""Points. pdfplumber's own default for rulings that are meant to meet."""

MOST_EDGES: Final = 1500
"""Rulings after merging beyond which a page is a chart or a map: finding cells takes time by the square of them."""

LEAST_FILLED: Final = 0.2
"""Share of cells that must hold words: the grid of a chart holds hardly any."""


def find_ruled(page: PageContent, styles: Sequence[Style]) -> tuple[list[Table], list[Word]]:
    """The page's ruled tables and the words outside them."""
    if len(page.edges) < 4 or not page.words:
        return [], page.words
    if not (_distinct(page.edges, True) and _distinct(page.edges, False)):
        return [], page.words
    edges = merge_edges([_as_dict(e) for e in page.edges], *[TOLERANCE] * 4)
    if len(edges) > MOST_EDGES:
        return [], page.words
    groups = cells_to_tables(_cells(edges_to_intersections(edges, TOLERANCE, TOLERANCE)))
    tables: list[Table] = []
    words = page.words
    for boxes in groups:
        table, rest = _fill([_box(b) for b in boxes], words, page.rects, styles)
        if table:
            tables.append(table)
            words = rest
    return tables, words


def _cells(crossings: Mapping[tuple[float, float], Mapping[str, Sequence[Any]]]) -> list[Box]:
    """The smallest cell below and to the right of each crossing of rulings, where rulings run all round it.

    It gives what pdfplumber's function for it gives: that one makes its sets anew for each pair of crossings, which cost a sixth of
    the time for pages of tables.
    """
    upright = {spot: {(e["x0"], e["top"], e["x1"], e["bottom"]) for e in edges["v"]} for spot, edges in crossings.items()}
    level = {spot: {(e["x0"], e["top"], e["x1"], e["bottom"]) for e in edges["h"]} for spot, edges in crossings.items()}
    under: dict[float, list[tuple[float, float]]] = defaultdict(list)
    beside: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for spot in sorted(crossings):
        under[spot[0]].append(spot)
        beside[spot[1]].append(spot)
    cells: list[Box] = []
    for x, top in sorted(crossings):
        down = [spot for spot in under[x] if spot[1] > top and not upright[x, top].isdisjoint(upright[spot])]
        right = [spot for spot in beside[top] if spot[0] > x and not level[x, top].isdisjoint(level[spot])]
        corners = (
            (low[1], far[0])
            for low in down
            for far in right
            if (far[0], low[1]) in crossings
            and not upright[far[0], low[1]].isdisjoint(upright[far])
            and not level[far[0], low[1]].isdisjoint(level[low])
        )
        if corner := next(corners, None):
            cells.append((x, top, corner[1], corner[0]))
    return cells


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
        x0, top, x1, low, *_ = word
        x, y = (x0 + x1) / 2, (top + low) / 2
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
    shaded = [rect for rect in rects if rect.shade]
    for key, box in spots.items():
        shade = max([rect.shade for rect in shaded if _covers(rect.box, box)], default=0)
        span, across = _reach(cover, key, (1, 0)), _reach(cover, key, (0, 1))
        cells[key] = make_cell(held.get(key, []), box, styles, shade, span, across)
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


def _reach(cover: Mapping[tuple[int, int], tuple[int, int]], key: tuple[int, int], step: tuple[int, int]) -> int:
    """How many rows, or columns, a cell covers from its own place on."""
    row, col = key
    count = 0
    while cover.get((row, col)) == key:
        row, col, count = row + step[0], col + step[1], count + 1
    return count


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
