"""Word documents (DOCX) -> Extract: the body's XML is walked once, in reading order.

Pages are 1-based and come from the page ends that Word last drew; a file never laid out by Word has one page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lxml import etree

from extractors.archives import UnsafeOrBroken, open_package, unread
from extractors.document import CELL_BREAK, BlockKind, Extract, Place, Problem
from extractors.docx_parts import Surroundings, W, flag, read_surroundings, value, whole
from extractors.docx_tables import Cell, Row, shape
from extractors.docx_text import Fields, Pager, Para, Reader, children
from extractors.text import (
    PAGE_MARK,
    Draft,
    Placed,
    guess_of,
    is_lettered,
    join_placed,
    place_pages,
    settle,
    tidy,
    without_bullet,
)

MAX_STYLED_HEADING_WORDS = 40
"""A paragraph in a heading style that is longer than this is prose in the wrong style."""


def read_docx(path: Path, name: str) -> Extract:
    """Read a Word document; `name` is what Problems call it. Never raises for bad input."""
    try:
        with open_package(path, "Word document") as package:
            main = package.main_part("word/document.xml")
            root = package.xml(main)
            body = None if root is None else root.find(W + "body")
            if root is None or body is None:
                return unread(
                    name,
                    "This file is not a Word document, whatever its name says.",
                    "Open it, save it as a Word document and send it again, or ask the force for a sound copy.",
                )
            return _extract(body, read_surroundings(package, main), name)
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    except RecursionError:
        return unread(
            name,
            "This document nests tables or text boxes too deeply to be read.",
            "Open it in Word, save it as a new file and send it again, or ask the force for a sound copy.",
        )


def _extract(body: etree._Element, around: Surroundings, name: str) -> Extract:
    reader = Reader(around, fields=Fields(trusted=_fields_match(body)))
    walk = _Walk(reader, sections=_section_breaks(body))
    walk.through(body)
    blocks = settle(walk.drafts)
    pages = reader.pager.last
    problems: list[Problem] = []
    if not blocks:
        pictures = any(True for _ in body.iter(W + "drawing", W + "pict"))
        problems.append(
            Problem(
                name,
                "This document holds only pictures, no text." if pictures else "This document holds no text.",
                "Ask the sender for the text itself." if pictures else "Check that the right file was sent.",
            )
        )
        return Extract((), pages, 0, around.title, _running(around), tuple(problems))
    if walk.embedded:
        problems.append(
            Problem(
                name,
                "Part of this document is a file embedded in it, which was not read.",
                "Open it in Word, save it as a new Word document and send it again, or ask the force for a sound copy.",
            )
        )
    first = next((block.text for block in blocks if block.kind == "heading" and not block.hidden), "")
    title = around.title or walk.title or first
    return Extract(blocks, pages, pages, title, _running(around), tuple(problems))


def _fields_match(body: etree._Element) -> bool:
    marks = [mark.get(W + "fldCharType") for mark in body.iter(W + "fldChar")]
    return marks.count("begin") == marks.count("end")


def _section_breaks(body: etree._Element) -> set[etree._Element]:
    """The section ends after which a new page begins: the kind of break is said by the section that follows."""
    ends = list(body.iter(W + "sectPr"))
    return {end for end, later in pairwise(ends) if value(later, "type") not in ("continuous", "nextColumn")}


def _running(around: Surroundings) -> tuple[str, ...]:
    """Running heads and feet, each text once, without page numbers."""
    found: dict[str, None] = {}
    for part in around.running:
        reader = Reader(around, skip_pages=True)
        for element in part.iter(W + "p"):
            text = tidy(reader.paragraph(element).raw).strip("|-–— ")
            # What is left of "Page 3 of 12" once its numbers are gone, or a number typed by hand.
            if text and not text.isdigit() and text.lower() not in ("page", "page of", "of", "p", "pages"):
                found.setdefault(text.removesuffix(" Page of").removesuffix(" Page").strip("|-–— "))
    return tuple(text for text in found if text)


@dataclass(slots=True)
class _Walk:
    """Collects drafts of blocks while walking the body, a cell or a text box."""

    reader: Reader
    sections: set[etree._Element] = field(default_factory=set)
    drafts: list[Draft] = field(default_factory=list)
    title: str = ""
    embedded: bool = False
    tables: int = 0
    level: int = 0
    """Level of the last heading that has a given level."""
    glued: Para | None = None

    def through(self, container: etree._Element) -> None:
        for child in children(container):
            if child.tag == W + "p":
                para = self.reader.paragraph(child)
                self.paragraph(para, child)
                if (end := child.find(f"{W}pPr/{W}sectPr")) is not None and end in self.sections:
                    self.reader.pager.turn()
            elif child.tag == W + "tbl":
                self.table(child)
            elif child.tag == W + "altChunk":
                self.embedded = True

    def paragraph(self, para: Para, element: etree._Element) -> None:
        if self.glued is not None:
            start = self.glued
            self.glued = None
            start.raw += para.raw
            start.hidden += para.hidden
            start.bold, start.size, start.style = start.bold and para.bold, para.size, para.style
            start.notes += para.notes
            start.boxes += para.boxes
            start.glued = para.glued
            para = start
        if para.glued:
            self.glued = para
            return
        if not para.contents:
            self._emit(para, element)
        self._aside(para)

    def _emit(self, para: Para, element: etree._Element) -> None:
        properties = element.find(W + "pPr")
        outline = value(properties, "outlineLvl")
        level = para.style.level
        if outline is not None and not level:
            level = whole(outline, 9) + 1 if whole(outline, 9) < 9 else 0
        number = value(properties, "numPr/numId") or para.style.number or "0"
        depth = value(properties, "numPr/ilvl") or para.style.depth
        listed = number != "0" or (para.style.listed and value(properties, "numPr/numId") != "0")
        bulleted = self.reader.around.bullets.get((number, depth), True)
        page = para.page
        for raw in _lines(para.raw):
            bare = None if level else without_bullet(raw.lstrip(PAGE_MARK))
            text, places = place_pages(raw if bare is None else PAGE_MARK * _leading(raw) + bare, page)
            page += raw.count(PAGE_MARK)
            if not text:
                continue
            draft = Draft("paragraph", text, places, bold=para.bold, size=para.size)
            if level and len(text.split()) <= MAX_STYLED_HEADING_WORDS and any(c.isalnum() for c in text):
                draft.kind, draft.level, self.level = "heading", level, level
                self.title = self.title or (text if para.style.title else "")
            elif bare is not None or (listed and bulleted):
                draft.kind = "list_item"
            else:
                draft.guess = guess_of(text, para.bold or (para.capitals and len(text) > 4))
                if listed:
                    # An automatic number says list or section; only bold or capitals make it a section.
                    draft.kind = "list_item"
                    draft.guess = draft.guess if para.bold or draft.guess == "capitals" else ""
                elif is_lettered(text) and not para.bold:
                    draft.kind, draft.guess = "list_item", ""
            self.drafts.append(draft)
        self._hidden(para)

    def _hidden(self, para: Para) -> None:
        text = tidy(para.hidden)
        if text:
            self.drafts.append(Draft("paragraph", text, (Place(0, len(text), page=para.page),), hidden=True))

    def _aside(self, para: Para) -> None:
        """Notes and text boxes, after the paragraph that refers to them."""
        for key in para.notes:
            placed = self._note(key, para.page)
            if placed[0]:
                self.drafts.append(Draft("note", *placed))
        for box, page in para.boxes:
            self._inside(box, page)

    def _note(self, key: tuple[str, str], page: int) -> Placed:
        note = self.reader.around.notes.get(key)
        if note is None:
            return "", ()
        reader = Reader(self.reader.around, Pager(page=page))
        texts = (tidy(reader.paragraph(element).raw.replace(PAGE_MARK, "")) for element in note.iter(W + "p"))
        return join_placed([(text, (Place(0, len(text), page=page),)) for text in texts if text], " ")

    def _inside(self, box: etree._Element, page: int) -> None:
        """Walk a text box as it stands on its page, without moving the count of pages."""
        outer = self.reader
        self.reader = Reader(outer.around, Pager(page=page, fresh=False))
        self.through(box)
        self.reader = outer

    def table(self, element: etree._Element) -> None:
        grid = [row for row in children(element) if row.tag == W + "tr"]
        grid = [row for row in grid if row.find(f"{W}trPr/{W}del") is None]
        if all(len(_cells(row)) <= 1 for row in grid):
            # One column is a frame drawn round prose, not a table.
            for row in grid:
                for cell in _cells(row):
                    self.through(cell)
            return
        after: list[list[Draft]] = []
        rows = [self._row(row, after) for row in grid]
        table = shape(rows)
        self.tables += 1
        number = self.tables
        waiting = dict(enumerate(after))
        for line in table.lines:
            for above in [key for key in waiting if key < line.row]:
                self.drafts += waiting.pop(above)
            text, places = join_placed(line.cells, CELL_BREAK)
            if not text:
                continue
            if line.heading or len(line.cells) == 1:
                kind: BlockKind = "heading" if line.heading else "paragraph"
                below = min(self.level + 1, 9) if line.heading else 0
                self.drafts.append(Draft(kind, text, places, below))
            else:
                cells = tuple(cell for cell, _ in line.cells)
                self.drafts.append(Draft("table_row", text, places, cells=cells, columns=table.columns, table=number))
            self.drafts += waiting.pop(line.row, [])
        for late in waiting.values():
            self.drafts += late

    def _row(self, element: etree._Element, after: list[list[Draft]]) -> Row:
        """Read a row; what hangs on it (inner tables, notes, hidden text) is added to `after`, one list for each row."""
        properties = element.find(W + "trPr")
        position = whole(value(properties, "gridBefore"))
        outer, level = self.drafts, self.level
        first = last = self.reader.pager.page
        cells: list[Cell] = []
        hanging: list[Draft] = []
        for cell in _cells(element):
            # Cells stand side by side: each begins on the page where the row does.
            self.reader.pager.page = first
            cell_properties = cell.find(W + "tcPr")
            span = max(1, whole(value(cell_properties, "gridSpan"), 1))
            merge = None if cell_properties is None else cell_properties.find(W + "vMerge")
            below = merge is not None and merge.get(W + "val", "continue") == "continue"
            self.drafts = []
            self.through(cell)
            inside: list[Draft] = []
            for draft in self.drafts:
                apart = draft.hidden or draft.table or draft.kind in ("table_row", "note")
                (hanging if apart else inside).append(draft)
            bold = bool(inside) and all(draft.bold or draft.kind == "heading" for draft in inside)
            cells.append(Cell(position, position + span, _joined(inside), bold, _shaded(cell_properties), below))
            position += span
            last = max(last, self.reader.pager.page)
        self.reader.pager.page = last
        self.drafts, self.level = outer, level
        after.append(hanging)
        return Row(cells, bool(flag(properties, "tblHeader")))


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in children(row) if cell.tag == W + "tc"]


def _joined(inside: list[Draft]) -> Placed:
    """The paragraphs of a cell as one text: list items parted by "; ", paragraphs by a space."""
    joined: Placed = ("", ())
    for number, draft in enumerate(inside):
        listed = draft.kind == "list_item" and number and inside[number - 1].kind == "list_item"
        separator = "; " if listed and joined[0][-1:] not in ";.:" else " "
        joined = join_placed([joined, (draft.text, draft.places)], separator)
    return joined


def _shaded(properties: etree._Element | None) -> bool:
    shade = None if properties is None else properties.find(W + "shd")
    return shade is not None and shade.get(W + "fill", "auto").lower() not in ("auto", "ffffff", "")


def _leading(raw: str) -> int:
    return len(raw) - len(raw.lstrip(PAGE_MARK))


def _lines(raw: str) -> list[str]:
    """Parts of a paragraph: line breaks count only where they part typed bullets."""
    lines = raw.split("\n")
    if not any(without_bullet(line) is not None for line in lines[1:]):
        return [raw]
    parts: list[str] = []
    bulleted = False
    for line in lines:
        mark = without_bullet(line) is not None
        # Once a list has begun, a line without a bullet goes on from the one above.
        if parts and not mark and (bulleted or parts):
            parts[-1] += f" {line}"
        else:
            parts.append(line)
        bulleted = bulleted or mark
    return parts
