"""Fields of Word documents: tables of contents, page numbers, and those that somebody fills in, content controls and older form fields.

A form field that still shows its placeholder is empty: what stands in it says what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from extractors.docx_parts import W, flag, value, whole

TICKED, UNTICKED = "☒", "☐"
PAGE_FIELDS: Final = {"PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION", "FILENAME"}
_TOC_FIELDS: Final = {"TOC", "TOA", "INDEX"}
_CONTROL: Final = W + "sdt"


@dataclass(slots=True)
class Field:
    """An open field: its instruction so far, whether its result has begun, and what it shows unless text stands there."""

    words: list[str] = field(default_factory=list)
    result: bool = False
    shows: str = ""


@dataclass(slots=True)
class Fields:
    """Open fields, innermost last. They may run over many paragraphs."""

    open: list[Field] = field(default_factory=list)
    trusted: bool = True
    """False where begins and ends do not match, so that a lost end must not swallow the rest of the document."""

    def mark(self, mark: etree._Element) -> str:
        """Takes note of a field's begin, middle or end; gives what a form field shows that holds no text."""
        kind = mark.get(W + "fldCharType", "")
        if kind == "begin":
            self.open.append(Field(shows=chosen(mark)))
        elif kind == "separate" and self.open:
            self.open[-1].result = True
        elif kind == "end" and self.open:
            return self.open.pop().shows
        return ""

    def text(self, text: str) -> str:
        """Takes note of text that a reader sees."""
        if self.open and text.strip():
            self.open[-1].shows = ""
        return text

    def instruct(self, text: str) -> None:
        if self.open and not self.open[-1].result:
            self.open[-1].words.append(text)

    def names(self) -> set[str]:
        instructions = ("".join(one.words).split() for one in self.open)
        return {words[0].upper() for words in instructions if words}

    def reads(self, skip_pages: bool) -> bool:
        """Is the text here one that a reader sees?"""
        if not all(one.result for one in self.open):
            return False
        return not (skip_pages and self.names() & PAGE_FIELDS)

    def in_contents(self) -> bool:
        return self.trusted and bool(self.names() & _TOC_FIELDS)


def is_unfilled(element: etree._Element) -> bool:
    """Whether it is a content control that shows its placeholder."""
    return element.tag == _CONTROL and bool(flag(element.find(W + "sdtPr"), "showingPlcHdr"))


def empty_cells(control: etree._Element) -> Iterator[etree._Element]:
    """The table cells that an unfilled control stands around, without the placeholder: a row keeps its columns.

    Word puts a control that is all there is in a cell around the cell.
    """
    for cell in control.iterfind(f"{W}sdtContent/{W}tc"):
        empty = etree.Element(W + "tc")
        empty.extend(deepcopy(properties) for properties in cell.findall(W + "tcPr"))
        yield empty


def paragraphs(part: etree._Element) -> Iterator[etree._Element]:
    """Every paragraph of a running head or foot, but for unfilled controls."""
    return (p for p in part.iter(W + "p") if not any(map(is_unfilled, p.iterancestors(_CONTROL))))


def chosen(mark: etree._Element) -> str:
    """What an older form field shows that holds no text of its own: the entry chosen from its list, or its box, ticked or not."""
    data = mark.find(W + "ffData")
    choices = None if data is None else data.find(W + "ddList")
    if choices is not None:
        entries = [entry.get(W + "val", "") for entry in choices.iterfind(W + "listEntry")]
        number = whole(value(choices, "result") or value(choices, "default"))
        return entries[number] if 0 <= number < len(entries) else ""
    box = None if data is None else data.find(W + "checkBox")
    if box is None:
        return ""
    ticked = flag(box, "checked")
    return TICKED if (flag(box, "default") if ticked is None else ticked) else UNTICKED
