"""What a document's tags are worth, and the tables that they tell.

Tags tell headings, the ends of paragraphs and the cells of tables without rules, where they hold up. The order of reading is
not taken from them: layout programs often tag in the order of drawing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
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

MOST_HEADINGS: Final = 0.5
"""Share of the tagged words that headings may hold: more means that everything was tagged as one."""


def tags_hold(pages: Sequence[PageContent]) -> bool:
    """True if nearly all words are tagged, paragraphs end where sentences do, and headings are the lesser part."""
    words = tagged = blocks = cut = headings = 0
    for page in pages:
        if not page.tags:
            words += len(page.words)
            continue
        marked = [(page.tags.get(word.mark), word) for word in page.words]
        words += len(marked)
        tagged += sum(tag is not None for tag, _ in marked)
        headings += sum(tag is not None and tag.kind == "heading" for tag, _ in marked)
        for (before, last), (after, first) in pairwise(marked):
            if before and after and before.element != after.element and before.kind == after.kind == "paragraph":
                blocks += 1
                cut += first.text[:1].islower() and last.text[-1:].isalnum()
    return tagged > LEAST_TAGGED * words and cut <= MOST_CUT * blocks and headings <= MOST_HEADINGS * tagged


@dataclass(frozen=True, slots=True)
class Head:
    """The words of a table's header rows, by which they are known where they are repeated overleaf, and the table."""

    words: tuple[str, ...]
    table: Table


def find_tagged(
    page: PageContent, words: list[Word], styles: Sequence[Style], known: Head | None
) -> tuple[list[Table], list[Word], Head | None]:
    """The page's tables as their tags have them, the words outside them, and the headers that may be repeated on the next page.

    Programs tag a header once only: where it is repeated above the rest of the table, it has no tag (`known`).
    """
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
        if not table:
            continue
        above = _repeated(known, table, [word for word in words if word.mark not in page.tags]) if known else []
        if known and above:
            table = _under(known.table, table, above)
            taken.update(map(id, above))
        else:
            top = set(sorted({row for row, _ in cells})[table.first : table.heads])
            inside = {id(word) for spot, some in cells.items() if spot[0] in top for word in some}
            known = Head(tuple(word.text for word in words if id(word) in inside), table) if inside else None
        tables.append(table)
        taken.update(id(word) for some in cells.values() for word in some)
    return tables, [word for word in words if id(word) not in taken] if taken else words, known


def _repeated(known: Head, table: Table, bare: Sequence[Word]) -> list[Word]:
    """The words without tags above a table that say again what heads another with as many columns."""
    above = [word for word in bare if word.bottom <= table.box[1] + SLACK]
    count = len(known.words)
    starts = range(len(above) - count, -1, -1) if len(table.edges) == len(known.table.edges) else ()
    found = (above[start : start + count] for start in starts)
    return next((some for some in found if tuple(word.text for word in some) == known.words), [])


def _under(known: Table, table: Table, above: Sequence[Word]) -> Table:
    """The table with the header rows of the one that it continues."""
    heads = known.rows[known.first : known.heads]
    box = lines_box([word[:4] for word in above])
    down = box[1] - min(cell.box[1] for row in heads for cell in row if cell.text)
    rows = (tuple(replace(c, box=(c.box[0], c.box[1] + down, c.box[2], c.box[3] + down)) for c in row) for row in heads)
    return replace(
        table, box=lines_box([box, table.box]), edges=known.edges, rows=(*rows, *table.rows), first=0, heads=len(heads), clear=True
    )


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
