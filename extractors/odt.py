"""OpenDocument texts (ODT) -> Extract: the body is walked once, in reading order.

Tracked changes: what was deleted stands apart in the file and is not read, what was inserted is read. Comments are kept
apart.
Pages are 1-based and counted from the page ends that the file states; one that states none has one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from extractors.archives import UnsafeOrBroken, unread
from extractors.document import Extract, Problem
from extractors.drawings import unread_problems
from extractors.drawn import Drawn
from extractors.flow import Flow, Line, running_texts
from extractors.grids import Grid
from extractors.list_numbers import Numbers, Shape
from extractors.odf import CREATOR, DRAW, OFFICE, OUTLINE, TABLE, TEXT, OdfStyle, Styles, open_odf, repeats, rows_of, whole
from extractors.odf_drawn import FRAME, drawn_by
from extractors.text import PAGE_MARK

MOST_REPEATED = 100
"""Rows or cells of a text's table that are alike and stand there in the file once only."""

_UNREAD = {TEXT + "tracked-changes", OFFICE + "annotation-end", TEXT + "ruby-text", OFFICE + "forms"}
_PAGE_FIELDS = {TEXT + "page-number", TEXT + "page-count", TEXT + "page-continuation", TEXT + "file-name"}
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_SPACES = {TEXT + "s": " ", TEXT + "tab": "\t", TEXT + "line-break": "\n"}
_INDEXES = {
    TEXT + name for name in ("table-of-content", "alphabetical-index", "illustration-index", "table-index", "user-index", "object-index")
}


def read_odt(path: Path, name: str) -> Extract:
    """Read an OpenDocument text; `name` is what Problems call it. Never raises for bad input."""
    try:
        file = open_odf(path, "text")
        walk = _Walk(file.styles, file.objects)
        walk.through(file.body)
        heads = [
            walk.paragraph(element, fields=False).raw
            for part in file.running
            for element in part.iter(TEXT + "p", TEXT + "h")
        ]  # fmt: skip
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    except RecursionError:
        return unread(
            name,
            "This document nests tables or text boxes too deeply to be read.",
            "Open it in Word, save it as a Word document and send it again, or ask the force for a sound copy.",
        )
    problems: list[Problem] = []
    if not walk.flow.says_anything() and file.body.find(f".//{DRAW}image") is not None:
        problems.append(Problem(name, "This document holds only pictures, no text.", "Ask the sender for the text itself."))
    problems += unread_problems(name, walk.flow.unread)
    return walk.flow.extract(name, walk.page, file.title, running_texts(heads), problems)


@dataclass(slots=True)
class _Para:
    """A paragraph while it is read."""

    raw: str = ""
    hidden: str = ""
    bold: bool = True
    capitals: bool = True
    size: int = 0
    notes: list[etree._Element] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)

    def say(self, text: str, look: OdfStyle) -> None:
        if look.hidden:
            self.hidden += text
            return
        self.raw += text
        if text.strip():
            self.bold, self.capitals = self.bold and bool(look.bold), self.capitals and bool(look.capitals)
            self.size = max(self.size, look.size)


@dataclass(frozen=True, slots=True)
class _List:
    """A list while it is read: its style, with which lists it counts on, how deep its items stand, from 0."""

    style: str = ""
    count: str = ""
    depth: int = -1

    @property
    def key(self) -> str:
        return f"{self.count} {self.style}"


_NO_LIST = _List()


@dataclass(slots=True)
class _Walk:
    styles: Styles
    objects: Mapping[str, Drawn]
    flow: Flow = field(default_factory=Flow)
    page: int = 1
    begun: bool = False
    """Something stands on the page already."""
    item: bool = False
    """A list item has begun and has no text yet."""
    numbers: Numbers = field(default_factory=lambda: Numbers({}))
    counts: dict[str, str] = field(default_factory=dict)
    """By the id of a list, and by its style for the last list of that style: with what it counts on."""

    def __post_init__(self) -> None:
        self.numbers.shapes[OUTLINE] = Shape(OUTLINE, self.styles.lists.get(OUTLINE, {}))

    def through(self, container: etree._Element, around: _List = _NO_LIST) -> None:
        """Reads blocks; `around` is the list that they stand in."""
        for child in container:
            tag = child.tag
            if not isinstance(tag, str) or tag in _UNREAD or tag in _INDEXES:
                continue
            if tag in (TEXT + "p", TEXT + "h"):
                self.block(child, around)
            elif tag == TEXT + "list":
                self.through(child, self._list(child, around))
            elif tag in (TEXT + "list-item", TEXT + "numbered-paragraph"):
                self.item = True
                if start := whole(child.get(TEXT + "start-value"), 0):
                    self.numbers.begin(around.key, around.depth, start)
                self.through(child, around)
                self.item = False
            elif tag == TABLE + "table":
                self.table(child)
            elif tag == TEXT + "soft-page-break":
                self.page += 1
            elif tag == TEXT + "section" and child.get(TEXT + "display") == "none":
                self.aside(child, hidden=True)
            elif tag.startswith(DRAW):
                self.aside(child)
            else:
                self.through(child, around)

    def _list(self, element: etree._Element, around: _List) -> _List:
        """The list that begins here: inside another one, counting on from an earlier one, or anew."""
        style = element.get(TEXT + "style-name") or around.style
        if around.style:
            count = around.count
        elif (earlier := element.get(TEXT + "continue-list")) in self.counts:
            count = self.counts[earlier or ""]
        elif element.get(TEXT + "continue-numbering") == "true" and style in self.counts:
            count = self.counts[style]
        else:
            count = f"{len(self.numbers.shapes)}"
        self.counts[style] = self.counts[element.get(XML_ID, style)] = count
        found = _List(style, count, around.depth + 1)
        self.numbers.shapes.setdefault(found.key, Shape(count, self.styles.lists.get(style, {})))
        return found

    def aside(self, element: etree._Element, hidden: bool = False) -> None:
        """What stands in a box, or is hidden as a whole."""
        with self.flow.apart() as inside:
            self.through(element)
            for one in drawn_by(element, self.objects) if element.tag == FRAME else ():
                self.flow.drawn(one, self.page)
        self.flow.drafts += [replace(draft, hidden=draft.hidden or hidden) for draft in inside]

    def block(self, element: etree._Element, around: _List) -> None:
        style = self.styles.get("paragraph", element.get(TEXT + "style-name"))
        if style.turns_page and self.begun:
            self.page += 1
        start = self.page
        para = self.paragraph(element)
        self.begun = self.begun or bool(para.raw.strip())
        if not style.name.startswith("contents "):
            level = min(max(whole(element.get(TEXT + "outline-level"), 1), 1), 9) if element.tag == TEXT + "h" else style.level
            key, depth = (around.key, around.depth) if self.item else (OUTLINE, level - 1)
            counted = bool(para.raw.strip()) and (self.item or element.tag == TEXT + "h")
            bulleted = not self.item or self.numbers.is_bullet(key, depth)
            label = self.numbers.label(key, depth) if counted else ""
            look = para.bold, para.capitals, para.size
            self.flow.line(Line(para.raw, start, level, style.title, self.item, bulleted, *look, label=label, series=f"{key} {depth}"))
            self.item = self.item and not para.raw.strip()
            self.flow.hidden(para.hidden, start)
        for note in para.notes:
            remark_by = (note.findtext(CREATOR) or "") if note.tag == OFFICE + "annotation" else None
            body = note.find(TEXT + "note-body") if remark_by is None else note
            self.flow.note([self.paragraph(p).raw for p in (() if body is None else body.iter(TEXT + "p"))], start, remark_by)
        for box in para.boxes:
            self.aside(box)

    def paragraph(self, element: etree._Element, fields: bool = True) -> _Para:
        """Reads a paragraph; without `fields`, numbers of pages are left out."""
        style = self.styles.get("paragraph", element.get(TEXT + "style-name"))
        para = _Para()
        self._inline(element, style, para, fields)
        return para

    def _inline(self, element: etree._Element, look: OdfStyle, para: _Para, fields: bool) -> None:
        para.say(_flat(element.text), look)
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or tag in _UNREAD or (tag in _PAGE_FIELDS and not fields):
                pass
            elif tag == TEXT + "soft-page-break":
                self.page += 1
                para.raw += PAGE_MARK
            elif tag in _SPACES:
                para.say(_SPACES[tag], look)
            elif tag in (TEXT + "note", OFFICE + "annotation"):
                para.notes.append(child)
            elif tag.startswith(DRAW) and tag != DRAW + "a":
                para.boxes.append(child)
            else:
                self._inline(child, self._over(look, child), para, fields)
            para.say(_flat(child.tail), look)

    def _over(self, look: OdfStyle, element: etree._Element) -> OdfStyle:
        """The look inside a span: what its style says, over what the text around it has."""
        if element.get(TEXT + "is-hidden") == "true":
            return replace(look, hidden=True)
        own = self.styles.get("text", element.get(TEXT + "style-name")) if element.tag == TEXT + "span" else OdfStyle()
        return replace(
            look,
            bold=look.bold if own.bold is None else own.bold,
            hidden=look.hidden if own.hidden is None else own.hidden,
            capitals=look.capitals if own.capitals is None else own.capitals,
            size=own.size or look.size,
        )

    def table(self, element: etree._Element) -> None:
        grid = Grid()
        for row, marked in rows_of(element):
            first = last = self.page
            for _ in range(min(repeats(row, "rows-repeated"), MOST_REPEATED)):
                grid.row(marked)
                for cell in row.iterchildren(TABLE + "table-cell"):
                    shaded = self.styles.get("table-cell", cell.get(TABLE + "style-name")).shaded
                    for _ in range(min(repeats(cell, "columns-repeated"), MOST_REPEATED)):
                        # Cells stand side by side: each begins on the page where the row does.
                        self.page = first
                        with self.flow.apart() as inside:
                            self.through(cell)
                        grid.cell(inside, repeats(cell, "columns-spanned"), repeats(cell, "rows-spanned"), shaded=shaded)
                        last = max(last, self.page)
                self.page = last
        self.flow.table(grid.rows)


def _flat(text: str | None) -> str:
    """Text in which line ends are only the file's own; the author's are elements."""
    return (text or "").replace("\n", " ").replace(PAGE_MARK, " ")
