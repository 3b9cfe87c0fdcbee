"""Word documents (DOCX) -> Extract: the body's XML is walked once, in reading order.

Pages are 1-based and come from the page ends that Word last drew; a file never laid out by Word has one page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lxml import etree

from extractors.archives import UnsafeOrBroken, open_package, unread
from extractors.document import Extract, Problem
from extractors.docx_fields import Fields, paragraphs
from extractors.docx_numbers import read_shapes
from extractors.docx_parts import Surroundings, W, flag, read_surroundings, value, whole
from extractors.docx_text import Pager, Para, Reader, children
from extractors.drawings import unread_problems
from extractors.flow import Flow, Line, running_texts
from extractors.grids import FlowCell, FlowRow
from extractors.list_numbers import Numbers
from extractors.text import tidy


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
    walk = _Walk(reader, Numbers(read_shapes(around.numbering)), sections=_section_breaks(body))
    walk.through(body)
    problems: list[Problem] = []
    if not walk.flow.says_anything() and any(True for _ in body.iter(W + "drawing", W + "pict")):
        problems.append(Problem(name, "This document holds only pictures, no text.", "Ask the sender for the text itself."))
    if walk.embedded:
        problems.append(
            Problem(
                name,
                "Part of this document is a file embedded in it, which was not read.",
                "Open it in Word, save it as a new Word document and send it again, or ask the force for a sound copy.",
            )
        )
    problems += unread_problems(name, walk.flow.unread)
    return walk.flow.extract(name, reader.pager.last, around.title, _running(around), problems)


def _fields_match(body: etree._Element) -> bool:
    marks = [mark.get(W + "fldCharType") for mark in body.iter(W + "fldChar")]
    return marks.count("begin") == marks.count("end")


def _section_breaks(body: etree._Element) -> set[etree._Element]:
    """The section ends after which a new page begins: the kind of break is said by the section that follows."""
    ends = list(body.iter(W + "sectPr"))
    return {end for end, later in pairwise(ends) if value(later, "type") not in ("continuous", "nextColumn")}


def _running(around: Surroundings) -> tuple[str, ...]:
    """Running heads and feet, without page numbers."""
    return running_texts(
        reader.paragraph(element).raw
        for part in around.running
        for reader in (Reader(around, skip_pages=True),)
        for element in paragraphs(part)
    )


@dataclass(slots=True)
class _Walk:
    """Collects drafts of blocks while walking the body, a cell or a text box."""

    reader: Reader
    numbers: Numbers
    sections: set[etree._Element] = field(default_factory=set)
    flow: Flow = field(default_factory=Flow)
    embedded: bool = False
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
            start.drawn += para.drawn
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
        depth = whole(value(properties, "numPr/ilvl") or para.style.depth)
        listed = number != "0" or (para.style.listed and value(properties, "numPr/numId") != "0")
        bulleted = self.numbers.is_bullet(number, depth)
        label = self.numbers.label(number, depth) if listed and tidy(para.raw) else ""
        title, look = para.style.title, (para.bold, para.capitals, para.size)
        series = f"{number} {depth}" if number != "0" else f"{para.style.name} {depth}" if listed else ""
        self.flow.line(Line(para.raw, para.page, level, title, listed, bulleted, *look, lead=para.lead, label=label, series=series))
        self.flow.hidden(para.hidden, para.page)

    def _aside(self, para: Para) -> None:
        """Notes, text boxes and drawings, after the paragraph that refers to them."""
        for key in para.notes:
            note = self.reader.around.notes.get(key)
            if note is not None:
                reader = Reader(self.reader.around, Pager(page=para.page))
                remark_by = note.get(W + "author", "") if key[0] == "comment" else None
                self.flow.note([reader.paragraph(element).raw for element in note.iter(W + "p")], para.page, remark_by)
        for box, page in para.boxes:
            self._inside(box, page)
        for one, page in para.drawn:
            self.flow.drawn(one, page)

    def _inside(self, box: etree._Element, page: int) -> None:
        """Walk a text box as it stands on its page, without moving the count of pages."""
        outer = self.reader
        self.reader = Reader(outer.around, Pager(page=page, fresh=False))
        self.through(box)
        self.reader = outer

    def table(self, element: etree._Element) -> None:
        rows = [row for row in children(element) if row.tag == W + "tr" and row.find(f"{W}trPr/{W}del") is None]
        self.flow.table([self._row(row) for row in rows])

    def _row(self, element: etree._Element) -> FlowRow:
        properties = element.find(W + "trPr")
        position = whole(value(properties, "gridBefore"))
        first = last = self.reader.pager.page
        row = FlowRow(marked=bool(flag(properties, "tblHeader")))
        for cell in (child for child in children(element) if child.tag == W + "tc"):
            # Cells stand side by side: each begins on the page where the row does.
            self.reader.pager.page = first
            cell_properties = cell.find(W + "tcPr")
            span = max(1, whole(value(cell_properties, "gridSpan"), 1))
            merge = None if cell_properties is None else cell_properties.find(W + "vMerge")
            below = merge is not None and merge.get(W + "val", "continue") == "continue"
            with self.flow.apart() as inside:
                self.through(cell)
            row.cells.append(FlowCell(position, position + span, inside, _shaded(cell_properties), below))
            position += span
            last = max(last, self.reader.pager.page)
        self.reader.pager.page = last
        return row


def _shaded(properties: etree._Element | None) -> bool:
    shade = None if properties is None else properties.find(W + "shd")
    return shade is not None and shade.get(W + "fill", "auto").lower() not in ("auto", "ffffff", "")
