"""Excel 97-2003 workbooks (XLS) -> Extract: read by xlrd, then in the same hands as newer ones. Macros are never looked at."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import xlrd

from extractors.archives import UnsafeOrBroken, read_whole, unread
from extractors.document import Extract, Problem
from extractors.figures import BUILT_IN_CODES, BUILT_IN_DATES, date_parts, from_serial, number_text
from extractors.sheet_cells import Remark, Sheet, Shown
from extractors.sheets import read_sheets
from extractors.text import tidy
from extractors.xls_beside import add_beside

_BOLD_FROM = 600
_BESIDE_FROM = 80
"""Excel 97: in the files of earlier ones boxes and heads are written in another way."""


def read_xls(path: Path, name: str) -> Extract:
    """Read a workbook; `name` is what Problems call it. Never raises for bad input."""
    try:
        book = _open(read_whole(path, "workbook"))
        sheets = [(tidy(title) or f"Sheet {number + 1}", number) for number, title in enumerate(book.sheet_names())]
        extract = read_sheets(name, "", [(title, partial(_sheet, book, title, number)) for title, number in sheets])
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    lost = book._all_sheets_map.count(-1)  # those that are no worksheets: xlrd does not open them, and says so nowhere else
    if not lost:
        return extract
    what = "1 sheet that holds only a chart or a macro was" if lost == 1 else f"{lost} sheets that hold only a chart or a macro were"
    problem = Problem(name, f"{what} not read.", "Open it in Excel, save it as .xlsx and add that.", outcome="flagged")
    return replace(extract, problems=(*extract.problems, problem))


def _open(data: bytes) -> Any:
    try:
        return xlrd.open_workbook(file_contents=data, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO())
    except MemoryError:
        raise
    except Exception as error:  # xlrd lets whatever a damaged file causes through: IndexError, struct.error, AssertionError ...
        if "encrypted" in str(error):
            raise UnsafeOrBroken(
                "This workbook is protected by a password.", "Ask the sender for the password, save a copy without one and add that."
            ) from error
        raise _damaged() from error


def _damaged() -> UnsafeOrBroken:
    return UnsafeOrBroken(
        "This file is damaged, or no Excel workbook whatever its name says.",
        "Open it in Excel, save it as .xlsx and send it again, or ask the force for a sound copy.",
    )


def _sheet(book: Any, name: str, number: int) -> Sheet:
    """Reads one sheet. Raises UnsafeOrBroken."""
    try:
        return _read(book, name, number)
    except MemoryError:
        raise
    except Exception as error:  # as above
        raise _damaged() from error


def _read(book: Any, name: str, number: int) -> Sheet:
    start = book._sh_abs_posn[number]  # where its records begin: xlrd has no other name for it, and its version is locked
    raw = book.sheet_by_index(number)
    sheet = Sheet(name, hidden=raw.visibility != 0)
    sheet.hidden_rows = {row + 1 for row, about in raw.rowinfo_map.items() if about.hidden}
    sheet.hidden_columns = [range(column + 1, column + 2) for column, about in raw.colinfo_map.items() if about.hidden]
    sheet.merges = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in raw.merged_cells]
    for row in range(raw.nrows):
        for column, cell in enumerate(raw.row(row)):
            shown = _shown(book, cell)
            sheet.errors += cell.ctype == xlrd.XL_CELL_ERROR
            if shown.text:
                sheet.cells[row + 1, column + 1] = shown
    for (row, column), note in raw.cell_note_map.items():
        author = tidy(note.author or "")
        if text := tidy(note.text or "").removeprefix(f"{author}:").strip():
            sheet.remarks.append(Remark(row + 1, column + 1, author, text))
    if book.biff_version >= _BESIDE_FROM:
        add_beside(sheet, book.mem, start)
    return sheet


def _shown(book: Any, cell: Any) -> Shown:
    look = book.xf_list[cell.xf_index]
    bold = book.font_list[look.font_index].weight >= _BOLD_FROM
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return Shown(tidy(cell.value), "text", bold)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Shown("TRUE" if cell.value else "FALSE", "text", bold)
    if cell.ctype not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return Shown("", "text", bold)
    raw, key = f"{cell.value:.15g}", look.format_key
    code = BUILT_IN_CODES.get(key) or book.format_map[key].format_str
    parts = BUILT_IN_DATES.get(key, "") if key in BUILT_IN_DATES else date_parts(code)
    if parts and (text := from_serial(raw, parts, bool(book.datemode))):
        return Shown(text, "date", bold)
    return Shown(number_text(raw, code), "number", bold)
