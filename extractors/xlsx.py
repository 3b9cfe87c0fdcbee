"""Workbooks (XLSX) -> Extract: the cells of each sheet as Excel shows them, read from its XML parts.

The sheet's XML is walked directly: number formats, hidden rows and columns, bold and merges all stand there, and a
sparse reading cannot be made to fill memory by one cell in the last corner. Rows and columns are 1-based.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from lxml import etree

from extractors.archives import Package, UnsafeOrBroken, open_package, unread
from extractors.document import Extract
from extractors.figures import BUILT_IN_CODES, BUILT_IN_DATES, ERRORS, date_parts, date_text, from_serial, number_text
from extractors.sheet_cells import Sheet, Shown
from extractors.sheets import read_sheets
from extractors.text import tidy
from extractors.xlsx_beside import S, add_beside, address, people, printed, rich_text, unescaped

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_TRUE = ("1", "true", "on")


def read_xlsx(path: Path, name: str) -> Extract:
    """Read a workbook; `name` is what Problems call it. Never raises for bad input."""
    try:
        with open_package(path, "Excel workbook") as package:
            book = read_workbook(package)
            if book is None or not book.sheets:
                return unread(
                    name,
                    "This file is not an Excel workbook with sheets, whatever its name says.",
                    "Open it, save it as an Excel workbook (.xlsx) and send it again, or ask the force for a sound copy.",
                )
            return read_sheets(name, package.title(), [(sheet[0], partial(read_sheet, package, book, *sheet)) for sheet in book.sheets])
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)


@dataclass(frozen=True, slots=True)
class Look:
    """A cell format: its number format's code, the parts of a date it shows ("" for no date), and bold."""

    code: str = ""
    date: str = ""
    bold: bool = False


@dataclass(slots=True)
class Workbook:
    """What all sheets share."""

    strings: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    from_1904: bool = False
    people: dict[str, str] = field(default_factory=dict)
    """Who may have remarked on something: names by their ids."""
    sheets: list[tuple[str, bool, str]] = field(default_factory=list)
    """(name, hidden, part) of each worksheet, in the order of the tabs."""


def read_workbook(package: Package) -> Workbook | None:
    """What the sheets share; None where the package holds no workbook. Raises UnsafeOrBroken."""
    main = package.main_part("xl/workbook.xml")
    root = package.xml(main)
    if root is None or root.tag != S + "workbook":
        return None
    book = Workbook()
    properties = root.find(S + "workbookPr")
    book.from_1904 = properties is not None and properties.get("date1904", "0").lower() in _TRUE
    links = package.links(main)
    for sheet in root.iter(S + "sheet"):
        kind, part = links.get(sheet.get(R + "id", ""), ("", ""))
        if kind in ("worksheet", "chartsheet"):
            hidden = sheet.get("state", "visible") != "visible"
            book.sheets.append((tidy(sheet.get("name", "")) or f"Sheet {len(book.sheets) + 1}", hidden, part))
    for kind, part in links.values():
        shared = package.xml(part) if kind in ("sharedStrings", "styles", "person") else None
        if shared is None:
            continue
        if kind == "person":
            book.people |= people(shared)
        elif kind == "styles":
            book.looks = _looks(shared)
        else:
            book.strings = [rich_text(item) for item in shared.iter(S + "si")]
    return book


def _looks(root: etree._Element) -> list[Look]:
    codes = {fmt.get("numFmtId", ""): fmt.get("formatCode", "") for fmt in root.iter(S + "numFmt")}
    fonts = root.find(S + "fonts")
    bold = [
        (mark := font.find(S + "b")) is not None and mark.get("val", "1").lower() in _TRUE
        for font in (() if fonts is None else fonts.iter(S + "font"))
    ]
    formats = root.find(S + "cellXfs")
    looks: list[Look] = []
    for one in () if formats is None else formats.iter(S + "xf"):
        number, font_id = one.get("numFmtId", "0"), _whole(one.get("fontId"))
        builtin = _whole(number)
        code = codes.get(number) or BUILT_IN_CODES.get(builtin, "")
        date = date_parts(codes[number]) if number in codes else BUILT_IN_DATES.get(builtin, "")
        looks.append(Look(code, date, 0 <= font_id < len(bold) and bold[font_id]))
    return looks


def _whole(text: str | None, otherwise: int = 0) -> int:
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise


def read_sheet(package: Package, book: Workbook, name: str, hidden: bool, part: str) -> Sheet:
    """Read one worksheet. Raises UnsafeOrBroken."""
    sheet = Sheet(name, hidden)
    root = package.xml(part)
    if root is None:
        return sheet
    for columns in root.iter(S + "col"):
        if columns.get("hidden", "0").lower() in _TRUE:
            sheet.hidden_columns.append(range(_whole(columns.get("min"), 1), _whole(columns.get("max"), 1) + 1))
    row_number = 0
    for row in root.iter(S + "row"):
        row_number = _whole(row.get("r"), row_number + 1)
        if row.get("hidden", "0").lower() in _TRUE:
            sheet.hidden_rows.add(row_number)
        column = 0
        for cell in row:
            if cell.tag != S + "c":
                continue
            where = address(cell.get("r", ""))
            column = where[1] if where else column + 1
            shown = _shown(cell, book)
            sheet.uncomputed += cell.find(S + "f") is not None and cell.get("t", "n") == "n" and not cell.findtext(S + "v")
            sheet.errors += cell.get("t") in ("e", "str") and (cell.findtext(S + "v") or "") in ERRORS
            if shown.text:
                sheet.cells[row_number, column] = shown
    add_beside(sheet, package, part, book.people)
    sheet.running += printed(root)
    for merge in root.iter(S + "mergeCell"):
        start, _, end = merge.get("ref", "").partition(":")
        corner, opposite = address(start), address(end)
        if corner and opposite:
            sheet.merges.append((*corner, *opposite))
    return sheet


def _shown(cell: etree._Element, book: Workbook) -> Shown:
    kind = cell.get("t", "n")
    index = _whole(cell.get("s"))
    look = book.looks[index] if 0 <= index < len(book.looks) else Look()
    if kind == "inlineStr":
        inline = cell.find(S + "is")
        return Shown("" if inline is None else rich_text(inline), "text", look.bold)
    raw = cell.findtext(S + "v") or ""
    if kind == "s":
        at = _whole(raw, -1)
        return Shown(book.strings[at] if 0 <= at < len(book.strings) else "", "text", look.bold)
    if kind == "str":
        return Shown("" if raw in ERRORS else tidy(unescaped(raw)), "text", look.bold)
    if kind == "b":
        return Shown("TRUE" if raw == "1" else "FALSE", "text", look.bold)
    if kind == "e" or not raw:
        return Shown("", "text", look.bold)
    if kind == "d":
        try:
            return Shown(date_text(datetime.fromisoformat(raw.removesuffix("Z")), look.date or "dmy"), "date", look.bold)
        except ValueError:
            return Shown(tidy(raw), "text", look.bold)
    if look.date:
        text = from_serial(raw, look.date, book.from_1904)
        if text:
            return Shown(text, "date", look.bold)
    return Shown(number_text(raw, look.code), "number", look.bold)
