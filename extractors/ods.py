"""OpenDocument sheets (ODS) -> Extract: the cells of each sheet as its program shows them, in the same hands as Excel's.

Rows and columns are 1-based. A sheet says "a million empty rows" in one word, and a hostile one says it of full rows: what is
alike is repeated MOST_REPEATED times at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from lxml import etree

from extractors.archives import UnsafeOrBroken, unread
from extractors.document import Extract
from extractors.drawn import Drawn
from extractors.figures import ERRORS, date_text
from extractors.flow import running_texts
from extractors.odf import CREATOR, DRAW, OFFICE, STYLE, TABLE, TEXT, OdfFile, Styles, open_odf, repeats, rows_of
from extractors.odf_drawn import FRAME, drawn_by
from extractors.sheet_cells import CellKind, Remark, Sheet, Shown
from extractors.sheets import read_sheets
from extractors.text import tidy

MOST_REPEATED = 500
"""Rows or cells that are alike and stand in the file once only; more of the same bears nothing new."""
MOST_CELLS = 2_000_000

_HIDDEN = ("collapse", "filter")
_KINDS: dict[str, CellKind] = {"float": "number", "percentage": "number", "currency": "number", "date": "date", "time": "date"}
_UNREAD = frozenset((OFFICE + "annotation", TABLE + "covered-table-cell"))
_FIELDS = _UNREAD | {TEXT + name for name in ("page-number", "page-count", "sheet-name", "date", "time", "file-name", "title")}


def read_ods(path: Path, name: str) -> Extract:
    """Read an OpenDocument sheet; `name` is what Problems call it. Never raises for bad input."""
    try:
        file = open_odf(path, "spreadsheet")
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    tables = [(tidy(table.get(TABLE + "name", "")) or f"Sheet {number}", table) for number, table in enumerate(_tables(file.body), start=1)]
    return read_sheets(name, file.title, [(title, partial(_sheet, title, table, file)) for title, table in tables])


def _tables(body: etree._Element) -> list[etree._Element]:
    return list(body.iterchildren(TABLE + "table"))


def _sheet(name: str, table: etree._Element, file: OdfFile) -> Sheet:
    """Reads one sheet. Raises UnsafeOrBroken when its full cells are repeated beyond measure."""
    styles = file.styles
    sheet = Sheet(name, hidden=not styles.get("table", table.get(TABLE + "style-name")).shown)
    sheet.running += running_texts(_printed(file))
    defaults = _columns(table, sheet)
    row = 0
    for element, _ in rows_of(table):
        times = repeats(element, "rows-repeated")
        cells = _cells(element, styles, defaults)
        sheet.remarks += _remarks(element, row + 1)
        for cell in element.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
            sheet.boxes += _boxes(cell)
            sheet.drawn += _drawn(cell, file)
            sheet.errors += _text(cell) in ERRORS
        copies = min(times, MOST_REPEATED) if cells else 0
        for number in range(row + 1, row + copies + 1):
            sheet.cells |= {(number, column): shown for column, (shown, _, _) in cells.items()}
            sheet.merges += [(number, c, number + down - 1, c + wide - 1) for c, (_, wide, down) in cells.items() if wide * down > 1]
            if element.get(TABLE + "visibility") in _HIDDEN:
                sheet.hidden_rows.add(number)
        if len(sheet.cells) > MOST_CELLS:
            raise UnsafeOrBroken(f"It holds more than {MOST_CELLS:,} cells.", "Ask for the part that matters, as a workbook of its own.")
        row += times
    for lying in table.iterchildren(TABLE + "shapes"):
        sheet.boxes += _boxes(lying)
        sheet.drawn += _drawn(lying, file)
    return sheet


def _boxes(held: etree._Element) -> list[str]:
    """The paragraphs in the shapes that lie on a sheet or hang on a cell."""
    shapes = (shape for shape in held if isinstance(shape.tag, str) and shape.tag.startswith(DRAW))
    return [text for shape in shapes for p in shape.iter(TEXT + "p") if (text := tidy(_said(p)))]


def _drawn(held: etree._Element, file: OdfFile) -> Iterator[Drawn]:
    for frame in held.iter(FRAME):
        yield from drawn_by(frame, file.objects)


def _printed(file: OdfFile) -> Iterator[str]:
    """The heads and feet of the printed pages, without their fields."""
    for part in file.running:
        if part.get(STYLE + "display") != "false":
            yield from (_said(p, _FIELDS) for p in part.iter(TEXT + "p"))


def _remarks(row: etree._Element, number: int) -> Iterator[Remark]:
    column = 1
    for cell in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
        for note in cell.iterchildren(OFFICE + "annotation"):
            if text := tidy(" ".join(_said(p) for p in note.iter(TEXT + "p"))):
                yield Remark(number, column, tidy(note.findtext(CREATOR) or ""), text)
        column += repeats(cell, "columns-repeated")


def _columns(table: etree._Element, sheet: Sheet) -> list[tuple[int, str]]:
    """Notes hidden columns; gives the default style of the cells by the last column that has it."""
    defaults: list[tuple[int, str]] = []
    column = 0
    for element in table.iter(TABLE + "table-column"):
        first, column = column + 1, column + repeats(element, "columns-repeated")
        if element.get(TABLE + "visibility") in _HIDDEN:
            sheet.hidden_columns.append(range(first, column + 1))
        defaults.append((column, element.get(TABLE + "default-cell-style-name", "")))
    return defaults


def _cells(row: etree._Element, styles: Styles, defaults: list[tuple[int, str]]) -> dict[int, tuple[Shown, int, int]]:
    """The filled cells of a row by column, each with how many columns and rows it is merged over."""
    cells: dict[int, tuple[Shown, int, int]] = {}
    column = 0
    for cell in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
        times = repeats(cell, "columns-repeated")
        if cell.tag not in _UNREAD and len(cell):
            usual = next((style for last, style in defaults if last > column), "")
            style = cell.get(TABLE + "style-name") or row.get(TABLE + "default-cell-style-name") or usual
            shown = _shown(cell, style, styles)
            wide, down = repeats(cell, "columns-spanned"), repeats(cell, "rows-spanned")
            for number in islice(range(column + 1, column + times + 1), MOST_REPEATED) if shown.text else ():
                cells[number] = (shown, wide, down)
        column += times
    return cells


def _shown(cell: etree._Element, style: str, styles: Styles) -> Shown:
    look = styles.get("table-cell", style)
    kind = _KINDS.get(cell.get(OFFICE + "value-type", ""), "text")
    if stated := cell.get(OFFICE + "date-value"):
        try:
            return Shown(date_text(datetime.fromisoformat(stated[:19]), look.date or "dmy"), "date", bool(look.bold))
        except ValueError:
            pass  # a date that is none: as the program shows it
    text = _text(cell)
    return Shown("" if text in ERRORS else text, kind, bool(look.bold))


def _text(cell: etree._Element) -> str:
    return tidy(" ".join(_said(p) for p in cell.iterchildren(TEXT + "p")))


def _said(paragraph: etree._Element, without: frozenset[str] = _UNREAD) -> str:
    """The text of a paragraph without the comments that hang on it."""
    parts = [paragraph.text or ""]
    for child in paragraph:
        if isinstance(child.tag, str) and child.tag not in without:
            parts.append(" " if child.tag in (TEXT + "s", TEXT + "tab", TEXT + "line-break") else _said(child, without))
        parts.append(child.tail or "")
    return "".join(parts)
