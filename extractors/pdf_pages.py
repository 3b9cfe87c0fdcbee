"""Pages that were read, from a PDF or by OCR, into blocks.

The order of work: ruled tables; running heads and feet (told across pages); tables by alignment; reading order; paragraphs and
headings; continued tables joined; repairs to the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Final, TypeVar

from extractors import progress
from extractors.clean import build_vocabulary, clean, is_suspect
from extractors.document import CELL_BREAK, Block, Box, Extract, Place, Problem, Scan
from extractors.ocr import settle_sizes
from extractors.pdf_aligned import Heads, find_aligned
from extractors.pdf_blocks import drafts_of, join_broken
from extractors.pdf_content import PageContent, Styles
from extractors.pdf_headings import find_numbered, rank
from extractors.pdf_layout import Gutter, Leaf, Piece, pieces_of, read_layout
from extractors.pdf_lines import Body, Draft, Line, make_line, measure_body
from extractors.pdf_margins import set_margin_heads
from extractors.pdf_notes import find_notes
from extractors.pdf_ruled import find_ruled
from extractors.pdf_running import split_running
from extractors.pdf_stitch import FullTable, Part, stitch
from extractors.pdf_tables import PageTable, Table
from extractors.pdf_tagged import Head, find_tagged, tags_hold
from extractors.scans import Outcome
from extractors.split_words import Vocabulary
from extractors.tables import is_subheading

MOST_TITLE: Final = 200
"""Characters in a title."""

INDENTED: Final = 6.0
"""Points by which a list in a list is set in at the least."""

_WORD: Final = re.compile(r"\w+")

BAD_PAGE: Final = "Open the page in a PDF reader and print it to a new PDF, or ask the force for the original document."

Run = tuple[list[Line] | PageTable, bool]
"""Lines or a table, and whether they stand beside the main text."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Reading:
    """What is gathered while a file is read."""

    name: str
    styles: Styles = field(default_factory=Styles)
    pages: list[PageContent] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    heads: set[Heads] = field(default_factory=set)
    """The column headings of the tables without rulings so far."""
    tagged_head: Head | None = None
    """What heads the last table that its tags tell."""
    gutters: list[Gutter] = field(default_factory=list)
    """The white between columns on the pages so far, the last first."""

    def problem(self, message: str, remedy: str, page: int | None = None) -> None:
        self.problems.append(Problem(self.name, message, remedy, page))

    def add(self, outcome: Outcome) -> None:
        self.pages.append(outcome.content)
        self.scans += [outcome.scan] if outcome.scan else []
        self.problems += [outcome.problem] if outcome.problem else []


def attempt(read: Callable[[], _T]) -> _T | None:
    """What a reader gives, or None: damaged pages make the libraries raise almost anything."""
    try:
        return read()
    except Exception:
        return None


def lay_out_pages(reading: Reading, pages: Sequence[PageContent]) -> list[Run]:
    """Lines and tables of some pages in reading order, without running heads and feet; their words are then let go."""
    settle_sizes(reading.styles, pages)
    styles = reading.styles.all
    ruled: list[list[Table]] = []
    pieces: list[list[Piece]] = []
    tagged = tags_hold(pages)
    for page in pages:
        progress.step(page.number)
        tables, words = attempt(partial(find_ruled, page, styles)) or ([], page.words)
        if tagged:
            found = attempt(partial(find_tagged, page, words, styles, reading.tagged_head))
            more, words, reading.tagged_head = found or ([], words, None)
            tables += more
        ruled.append(tables)
        pieces.append(pieces_of(words))
    bodies, running = split_running(pieces, [page.height for page in pages])
    reading.running += (text for text in running if text not in reading.running)
    runs: list[Run] = []
    for page, tables, kept in zip(pages, ruled, bodies, strict=False):
        progress.step(page.number)
        leaves = attempt(partial(_lay_out, page, kept, tables, reading))
        if leaves is None:
            reading.problem("The layout of the page could not be understood.", BAD_PAGE, page.number)
        for leaf in leaves or ():
            lines: list[Line] = []
            for row in leaf.rows:
                if isinstance(row, Table):
                    runs += [(lines, leaf.side), (PageTable(row, page.number), leaf.side)]
                    lines = []
                else:
                    lines.append(make_line(row, page.number, styles, page.tags if tagged else {}))
            runs.append((lines, leaf.side))
        page.words, page.edges, page.rects, page.tags = [], [], [], {}
    return runs


def assemble(reading: Reading, runs: Sequence[Run], count: int, title: str) -> Extract:
    """The blocks of the pages that were gathered, and the ledger of the `count` pages that there are."""
    heights = [page.height for page in reading.pages]
    body = measure_body([run for run, _ in runs if isinstance(run, list)])
    items = find_notes(_items(runs, body), body)
    find_numbered(items)
    rank([item for item in items if isinstance(item, Draft) and item.kind == "heading"])
    whole = stitch(join_broken(items), heights)
    vocabulary = _vocabulary(whole)
    ways = {page.number: page.place for page in reading.pages if page.place}
    blocks = tuple(_on_pages(block, ways) for block in (*_blocks(whole, vocabulary), *_remarks(reading.pages)))
    problems = tuple(sorted(reading.problems, key=lambda p: p.page or 0))
    read = count - len({p.page for p in problems if p.outcome != "flagged"})
    heads = tuple(clean(text, vocabulary).text for text in reading.running)
    return Extract(blocks, count, read, title or _largest(whole, vocabulary), heads, problems, tuple(reading.scans))


def _on_pages(block: Block, ways: Mapping[int, Callable[[Box], Box]]) -> Block:
    """The block with its boxes where they are on the visible page: scans are laid out turned and straightened."""
    if not any(place.page in ways for place in block.places):
        return block
    places = (replace(p, box=ways[p.page](p.box)) if p.page and p.box and p.page in ways else p for p in block.places)
    return replace(block, places=tuple(places))


def _lay_out(page: PageContent, pieces: list[Piece], tables: list[Table], reading: Reading) -> list[Leaf]:
    aligned, rest = find_aligned(page, pieces, reading.styles.all, reading.heads)
    return read_layout(page, set_margin_heads(rest, reading.styles.all), [*tables, *aligned], reading.gutters)


def _items(runs: Sequence[Run], body: Body) -> list[Draft | PageTable]:
    items: list[Draft | PageTable] = []
    for (run, side), (after, _) in pairwise([*runs, ([], False)]):
        if isinstance(run, PageTable):
            items.append(run)
        else:
            items += drafts_of(run, side, body, isinstance(after, PageTable))
    return items


def _vocabulary(items: Sequence[Draft | FullTable]) -> Vocabulary:
    """The document's own words; empty when nothing in it needs repair."""
    texts: list[str] = []
    for item in items:
        if isinstance(item, Draft):
            texts.append("\n".join(item.texts))
        else:
            texts += ("\n".join(p.text for p in cell) for row in item.rows for cell in row.cells)
    whole = "\n\n".join(texts)
    return build_vocabulary(whole) if any(map(is_suspect, texts)) else {}


def _blocks(items: Sequence[Draft | FullTable], vocabulary: Vocabulary) -> Iterator[Block]:
    table = level = 0
    for item in items:
        if isinstance(item, Draft):
            block = _text_block(item, vocabulary)
            level = block.level if block.kind == "heading" else level
            if block.text:
                yield block
        else:
            table += 1
            columns = tuple(clean(name, vocabulary).text for name in item.columns)
            for row in item.rows:
                block = _row_block(row.cells, columns, table, vocabulary)
                yield _over(block, level) if row.over else block


def _over(row: Block, level: int) -> Block:
    """A row that stands over others, as the heading or the paragraph that it is; `level` is that of the last heading."""
    heading = is_subheading(row.text)
    return replace(
        row, kind="heading" if heading else "paragraph", level=min(level + 1, 9) if heading else 0, cells=(), columns=(), table=0
    )


def _text_block(draft: Draft, vocabulary: Vocabulary) -> Block:
    source = "\n".join(draft.texts)
    cleaned = clean(source, vocabulary)
    places: list[Place] = []
    here = 0
    for line, text in zip(draft.lines, draft.texts, strict=False):
        start, end = cleaned.cleaned_range(here, here + len(text))
        places.append(Place(start, end, line.page, line.box))
        here += len(text) + 1
    raw = "" if cleaned.text == source.replace("\n", " ") else source
    series = f"{_WORD.sub('#', draft.marker)} {draft.lines[0].box[0] // INDENTED:.0f}" if draft.kind == "list_item" else ""
    return Block(draft.kind, cleaned.text, tuple(places), draft.level, source=raw, series=series)


def _row_block(row: Sequence[Sequence[Part]], columns: tuple[str, ...], table: int, vocabulary: Vocabulary) -> Block:
    cells: list[str] = []
    places: list[Place] = []
    sources: list[str] = []
    changed = False
    here = 0
    for parts in row:
        source = "\n".join(part.text for part in parts)
        cleaned = clean(source, vocabulary)
        cells.append(cleaned.text)
        if not cleaned.text:
            continue
        changed = changed or cleaned.text != source.replace("\n", " ")
        sources.append(source)
        begin = 0
        for part in parts:
            start, end = cleaned.cleaned_range(begin, begin + len(part.text))
            places.append(Place(here + start, here + end, part.page, part.box))
            begin += len(part.text) + 1
        here += len(cleaned.text) + len(CELL_BREAK)
    text = CELL_BREAK.join(cell for cell in cells if cell)
    raw = CELL_BREAK.join(sources) if changed else ""
    return Block("table_row", text, tuple(places), 0, tuple(cells), columns, table, source=raw)


def _remarks(pages: Sequence[PageContent]) -> Iterator[Block]:
    """The pages' comments: read, marked hidden, never evidence. What a viewer writes onto the page by itself is text like any other."""
    for page in pages:
        for remark in page.remarks:
            text, shown = clean(remark.text).text, remark.kind == "shown"
            if remark.kind != "file":
                places = (Place(0, len(text), page.number, remark.box),)
                yield Block("paragraph" if shown else "note", text, places, hidden=not shown)


def _largest(items: Sequence[Draft | FullTable], vocabulary: Vocabulary) -> str:
    """The largest text on the first page that has any."""
    drafts = [item for item in items if isinstance(item, Draft)]
    if not drafts:
        return ""
    first = drafts[0].lines[0].page
    drafts = [d for d in drafts if d.lines[0].page == first]
    best = max(drafts, key=lambda d: (d.lines[0].size, d.lines[0].bold))
    return clean("\n".join(best.texts), vocabulary).text[:MOST_TITLE]
