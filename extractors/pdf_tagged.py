"""What a document's tags are worth, and the tables that they tell.

Tags tell headings, the ends of paragraphs and the cells of tables without rules, where they hold up. The order of reading is
not taken from them: layout programs often tag in the order of drawing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from extractors.pdf_content import PageContent, Style, Word, lines_box
from extractors.pdf_tables import Cell, Table, make_cell, titles, with_heads
from extractors.pdf_tags import Tag

LEAST_TAGGED: Final = 0.8
"""Share of a document's words that must stand in tagged blocks."""

SLACK: Final = 3.0
"""Points by which words that are meant to align may miss."""

MOST_CUT: Final = 0.15
"""Share of tagged paragraphs that may begin in the middle of a sentence: more means that each line was tagged as one."""


def tags_hold(pages: Sequence[PageContent]) -> bool:
    """True if nearly all words are tagged, and paragraphs end where sentences do."""
    words = tagged = blocks = cut = 0
    for page in pages:
        if not page.tags:
            words += len(page.words)
            continue
        marked = [(page.tags.get(word.mark), word) for word in page.words]
        words += len(marked)
        tagged += sum(tag is not None for tag, _ in marked)
        for (before, last), (after, first) in pairwise(marked):
            if before and after and before.element != after.element and before.kind == after.kind == "paragraph":
                blocks += 1
                cut += first.text[:1].islower() and last.text[-1:].isalnum()
    return tagged > LEAST_TAGGED * words and cut <= MOST_CUT * blocks


def find_tagged(page: PageContent, words: list[Word], styles: Sequence[Style]) -> tuple[list[Table], list[Word]]:
    """The page's tables as their tags have them, and the words outside them."""
    held: dict[int, dict[tuple[int, int], list[Word]]] = defaultdict(lambda: defaultdict(list))
    tags: dict[tuple[int, int, int], Tag] = {}
    for word in words:
        tag = page.tags.get(word.mark)
        if tag and tag.table >= 0 and tag.column >= 0:
            held[tag.table][tag.row, tag.column].append(word)
            tags[tag.table, tag.row, tag.column] = tag
    tables: list[Table] = []
    taken: set[int] = set()
    for number, cells in held.items():
        table = _table(cells, {spot[1:]: tag for spot, tag in tags.items() if spot[0] == number}, styles)
        if table:
            tables.append(table)
            taken.update(id(word) for inside in cells.values() for word in inside)
    return tables, [word for word in words if id(word) not in taken] if taken else words


def _table(cells: dict[tuple[int, int], list[Word]], tags: dict[tuple[int, int], Tag], styles: Sequence[Style]) -> Table | None:
    count = max(tag.column + tag.across for tag in tags.values())
    covers = {(tag.row + r, tag.column + c): spot for spot, tag in tags.items() for r in range(tag.down) for c in range(tag.across)}
    rows = sorted({row for row, _ in cells})
    full = [row for row in rows if all((row, column) in covers for column in range(count))]
    lefts = [_left(column, full, cells, tags) for column in range(count)]
    if count < 2 or any(a >= b for a, b in pairwise(lefts)):
        return None
    cells = _by_place(cells, lefts, full)
    made = [tuple(_cell(row, column, cells, tags, covers, lefts, styles) for column in range(count)) for row in rows]
    box = lines_box([w[:4] for inside in cells.values() for w in inside])
    table = Table(box, (*lefts, box[2]), tuple(made), ruled=False)
    first = titles(table.rows)
    heads = first
    while heads < len(rows) - 1 and all(tag.head for (row, _), tag in tags.items() if row == rows[heads]):
        heads += 1
    return replace(table, first=first, heads=heads, clear=True) if first < heads <= first + 3 else with_heads(table)


def _left(column: int, rows: Sequence[int], cells: dict[tuple[int, int], list[Word]], tags: dict[tuple[int, int], Tag]) -> float:
    """Where a column begins, by the cells that stand in it alone."""
    held = [spot for row in rows if (spot := (row, column)) in tags]
    alone = [spot for spot in held if tags[spot].across == 1] or held
    return min((word.x0 for spot in alone for word in cells[spot]), default=0.0)


def _by_place(cells: dict[tuple[int, int], list[Word]], lefts: Sequence[float], full: Sequence[int]) -> dict[tuple[int, int], list[Word]]:
    """The cells in the columns where they stand: some programs leave out the tags of empty cells, so that a row is not full."""
    placed: dict[tuple[int, int], list[Word]] = {}
    for (row, column), inside in cells.items():
        seen = column if row in full else bisect_right(lefts, min(word.x0 for word in inside) + SLACK) - 1
        placed.setdefault((row, max(seen, column)), []).extend(inside)
    return placed


def _cell(
    row: int,
    column: int,
    cells: dict[tuple[int, int], list[Word]],
    tags: dict[tuple[int, int], Tag],
    covers: dict[tuple[int, int], tuple[int, int]],
    lefts: Sequence[float],
    styles: Sequence[Style],
) -> Cell:
    inside, tag = cells.get((row, column)), tags.get((row, column))
    if inside:
        return make_cell(inside, lines_box([w[:4] for w in inside]), styles, span=tag.down if tag else 1, across=tag.across if tag else 1)
    top = min(w.top for (r, _), words in cells.items() for w in words if r == row)
    owner = covers.get((row, column), (row, column))
    under = owner[0] < row and owner[1] == column
    return Cell("", (lefts[column], top, lefts[column], top), span=int(not under))
