"""Running text on its way to blocks, the same for every format: lines become headings, list items or paragraphs, tables become rows.

A format's reader only says what its markup says; what a line is, what a table's headers are and what the document is
called is settled here. Pages are 1-based, font sizes in half-points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from extractors.document import CELL_BREAK, BlockKind, Extract, Place, Problem
from extractors.drawn import DESCRIBED, Drawn, drafts_of
from extractors.grids import FlowRow, joined
from extractors.tables import Line as TableLine
from extractors.tables import shape
from extractors.text import PAGE_MARK, Draft, guess_of, is_lettered, join_placed, place_pages, settle, tidy, without_bullet

MAX_STYLED_HEADING_WORDS = 40
"""A paragraph in a heading style that is longer than this is prose in the wrong style."""

MAX_FUSED_WORDS = 10
"""Words in a heading that stands in one line with its text."""

MIN_AFTER_FUSED = 12
"""Words that follow it: with fewer it is a label and its value."""


@dataclass(slots=True)
class Line:
    """A paragraph as its file has it: `raw` uncleaned, with newlines at line breaks and a PAGE_MARK at each page end.

    `level` is the heading level that the author gave (0 for none); `listed`: the author made it a list item, `bulleted` with a
    bullet and not a number; `bold`, `capitals`: all of its text is shown so.
    """

    raw: str
    page: int = 1
    level: int = 0
    title: bool = False
    listed: bool = False
    bulleted: bool = True
    bold: bool = False
    capitals: bool = False
    size: int = 0
    hidden: bool = False
    lead: str = ""
    """What `raw` begins with in bold."""
    label: str = ""
    """The number that the program gives it by itself."""
    series: str = ""
    """The list, and the depth in it, that it is an item of."""


@dataclass(slots=True)
class Flow:
    """Collects drafts of blocks in reading order."""

    drafts: list[Draft] = field(default_factory=list)
    title: str = ""
    """The text of the first line in the style for titles."""
    styles: bool = True
    """False for a format in which nobody can say by a style what is a heading."""
    tables: int = 0
    level: int = 0
    """Level of the last heading that has a given level."""
    unread: list[tuple[int, str]] = field(default_factory=list)
    """What of the drawings was not read, with its page."""

    @contextmanager
    def apart(self) -> Iterator[list[Draft]]:
        """What is added meanwhile goes into the list given: a cell is read so."""
        outer, level = self.drafts, self.level
        inside: list[Draft] = []
        self.drafts = inside
        try:
            yield inside
        finally:
            self.drafts, self.level = outer, level

    def line(self, line: Line) -> None:
        if line.hidden:
            self.hidden(line.raw, line.page)
            return
        page, whole, label = line.page, line.raw, line.label
        if _is_fused(line):
            text, places = place_pages(line.lead, page)
            self.drafts.append(Draft("paragraph", text, places, guess="fused", bold=True, size=line.size))
            page += line.lead.count(PAGE_MARK)
            whole = whole[len(line.lead) :]
        for raw in _lines(whole):
            bare = None if line.level else without_bullet(raw.lstrip(PAGE_MARK))
            text, places = place_pages(raw if bare is None else PAGE_MARK * _leading(raw) + bare, page)
            page += raw.count(PAGE_MARK)
            if not text:
                continue
            draft = Draft("paragraph", text, places, bold=line.bold, size=line.size, series=line.series)
            if line.level and len(text.split()) <= MAX_STYLED_HEADING_WORDS and any(c.isalnum() for c in text):
                draft.kind, draft.level, self.level = "heading", line.level, line.level
                self.title = self.title or (text if line.title else "")
            elif bare is not None or (line.listed and line.bulleted):
                draft.kind = "list_item"
                draft.series = line.series or raw.strip()[:1]
            else:
                draft.guess = guess_of(text, line.bold or (line.capitals and len(text) > 4))
                if line.listed:
                    # An automatic number says list or section; only bold or capitals make it a section.
                    draft.kind = "list_item"
                    draft.guess = draft.guess if line.bold or draft.guess == "capitals" else ""
                elif is_lettered(text) and not line.bold:
                    draft.kind, draft.guess = "list_item", ""
            if label and (draft.kind == "heading" or draft.guess):
                # What a heading is numbered belongs to its words, as in a PDF; a list's numbers do not.
                draft.text, draft.places = join_placed([(label, ()), (text, places)], " ")
                label = ""
            self.drafts.append(draft)

    def hidden(self, raw: str, page: int = 1) -> None:
        """Text that its reader does not see."""
        text = tidy(raw)
        if text:
            self.drafts.append(Draft("paragraph", text, (Place(0, len(text), page=page),), hidden=True))

    def note(self, paragraphs: Sequence[str], page: int = 1, remark_by: str | None = None) -> None:
        """A foot- or endnote, or a speaker's notes: right after what refers to them.

        What someone remarked in the margin (`remark_by` "" where it does not say who) is not what the force says: read, shown, hidden.
        """
        texts = [tidy(raw.replace(PAGE_MARK, "")) for raw in paragraphs]
        if remark_by is not None:
            texts.insert(0, f"Comment by {tidy(remark_by) or 'someone'}:")
        placed = join_placed([(text, (Place(0, len(text), page=page),)) for text in texts if text], " ")
        if placed[0]:
            self.drafts.append(Draft("note", *placed, hidden=remark_by is not None))

    def says_anything(self) -> bool:
        """Something was read beside descriptions of pictures."""
        return not all(draft.text.startswith(DESCRIBED) for draft in self.drafts)

    def drawn(self, one: Drawn, page: int = 1) -> None:
        """A chart, a diagram or a picture, after the paragraph that holds it."""
        self.tables += bool(one.rows)
        self.drafts += drafts_of(one, self.tables, page)
        if one.unread:
            self.unread.append((page, one.unread))

    def table(self, grid: Sequence[FlowRow]) -> None:
        if all(len(row.cells) <= 1 for row in grid):
            # One column is a frame drawn round prose, not a table.
            for draft, hidden in ((draft, row.hidden) for row in grid for cell in row.cells for draft in cell.inside):
                draft.hidden = draft.hidden or hidden
                self.level = draft.level if draft.kind == "heading" else self.level
                self.drafts.append(draft)
            return
        read = [joined(row) for row in grid]
        table = shape([row for row, _ in read])
        self.tables += 1
        number = self.tables
        done = 0  # rows of which what hangs on them was added
        for line in table.lines:
            for _, hanging in read[done : line.row]:
                self.drafts += hanging
            self._row(line, grid[line.row].hidden, table.columns, number)
            self.drafts += read[line.row][1]
            done = line.row + 1
        for _, hanging in read[done:]:
            self.drafts += hanging

    def _row(self, line: TableLine, hidden: bool, columns: tuple[str, ...], table: int) -> None:
        text, places = join_placed(line.cells, CELL_BREAK)
        if not text:
            return
        if line.heading or len(line.cells) == 1:
            kind: BlockKind = "heading" if line.heading else "paragraph"
            below = min(self.level + 1, 9) if line.heading else 0
            self.drafts.append(Draft(kind, text, places, below, hidden=hidden))
        else:
            cells = tuple(cell for cell, _ in line.cells)
            self.drafts.append(Draft("table_row", text, places, cells=cells, columns=columns, table=table, hidden=hidden))

    def extract(self, name: str, pages: int, title: str, running: Sequence[str] = (), problems: Sequence[Problem] = ()) -> Extract:
        """What was read; `title` is the one in the file's properties, which goes before the one that the text shows."""
        if self.styles:
            _unguess_labels(self.drafts)
        blocks = settle(self.drafts)
        if not self.says_anything():
            if all(problem.outcome == "flagged" for problem in problems):
                problems = (Problem(name, "This document holds no text.", "Check that the right file was sent."), *problems)
            return Extract((), pages, 0, title, tuple(running), tuple(problems))
        first = next((block.text for block in blocks if block.kind == "heading" and not block.hidden), "")
        return Extract(blocks, pages, pages, title or self.title or first, tuple(running), tuple(problems))


def _unguess_labels(drafts: Sequence[Draft]) -> None:
    """Where most headings are such by their style, lines in capitals and nothing more only look like further ones."""
    seen = [draft for draft in drafts if not draft.hidden]
    sizes = Counter[int]()
    for draft in seen:
        sizes[draft.size] += len(draft.text)
    usual = max(sizes, key=sizes.__getitem__, default=0)
    plain = [draft for draft in seen if draft.guess == "capitals" and not draft.bold and draft.size <= usual]
    if sum(draft.kind == "heading" for draft in seen) > len(plain):
        for draft in plain:
            draft.guess = ""


def running_texts(texts: Iterable[str]) -> tuple[str, ...]:
    """Running heads and feet, each text once, without what is left of "Page 3 of 12" once its numbers are gone."""
    found: dict[str, None] = {}
    for raw in texts:
        text = tidy(raw).strip("|-–— ")
        if text and not text.isdigit() and text.lower() not in ("page", "page of", "of", "p", "pages"):
            found.setdefault(text.removesuffix(" Page of").removesuffix(" Page").strip("|-–— "))
    return tuple(text for text in found if text)


def _is_fused(line: Line) -> bool:
    """The line begins with its heading, bold and closed by a stop or a dash. A colon closes a label, which its text needs."""
    lead = tidy(line.lead)
    if line.level or line.listed or line.bold or not lead.endswith((".", "–", "—", "?")):
        return False
    return len(lead.split()) <= MAX_FUSED_WORDS and len(line.raw[len(line.lead) :].split()) >= MIN_AFTER_FUSED


def _leading(raw: str) -> int:
    return len(raw) - len(raw.lstrip(PAGE_MARK))


def _lines(raw: str) -> list[str]:
    """Parts of a paragraph: line breaks count only where they part typed bullets."""
    lines = raw.split("\n")
    if not any(without_bullet(line) is not None for line in lines[1:]):
        return [raw]
    parts: list[str] = []
    for line in lines:
        # Once there is a part, a line without a bullet goes on from the one above.
        if parts and without_bullet(line) is None:
            parts[-1] += f" {line}"
        else:
            parts.append(line)
    return parts
