"""The fill-in plans as workbooks, and the points-based need matrix: what belongs in a cell is its prompt, not its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.sheets import A3, A4, FIXED, same_bytes
from rules.pack import Criterion, Guidance, NeedMatrix, Pack, Template

AREA: Final = "Service area"
FONT: Final = "Arial"
KEY: Final = "Key"
SPARE: Final = 25
"""Rows below the areas for further actions."""
RAG: Final = (("Red", "8F1D16", "FFFFFF"), ("Amber", "F6C95C", "0B0C0C"), ("Green", "B9DFB3", "0B0C0C"))
_LINE: Final = Side(style="thin", color="B1B4B6")


def asked_of(pack: Pack, criterion: Criterion) -> list[Guidance]:
    """What is asked under a criterion, element by element; the hint says which of them the standard requires."""
    result = []
    for one in criterion.elements:
        guidance = pack.guidance.get(f"{criterion.id}.{one.id}") or Guidance(says="", column=one.short, hint=one.name)
        needed = "Required" if one.required else "For the highest grade"
        result.append(guidance.model_copy(update={"hint": f"{needed}. {guidance.hint}"[:255]}))
    return result


def plan_workbook(pack: Pack, template: Template) -> bytes:
    """A template as a workbook: a sheet for each criterion."""
    book = _book(template.name)
    _front(book.worksheets[0], pack, template.name)
    for identifier in template.criteria:
        criterion = next(c for c in pack.criteria if c.id == identifier)
        asked = asked_of(pack, criterion)
        sheet = book.create_sheet(criterion.short[:31])
        last = len(pack.areas) + 1 + SPARE
        _header(sheet, [(AREA, 24), *((one.column, 22) for one in asked)])
        for row, area in enumerate(pack.areas, 2):
            sheet.cell(row, 1, area.name)
        for column, one in enumerate(asked, 2):
            _ask(sheet, column, last, one.column, one.hint, one.options)
        _finish(sheet, last, len(asked) + 1)
    return _saved(book)


def need_workbook(pack: Pack, matrix: NeedMatrix) -> bytes:
    """The points-based need matrix, with formulas from the points to the levels."""
    book = _book(matrix.name)
    _front(book.worksheets[0], pack, matrix.name)
    sheet, last, width = book.create_sheet(matrix.name[:31]), len(pack.areas) + 1, len(matrix.columns) + 1
    _header(sheet, [(AREA, 24), *((one.column, 11 if one.most or one.formula else 22) for one in matrix.columns)])
    _finish(sheet, last, width)
    for row, area in enumerate(pack.areas, 2):
        sheet.cell(row, 1, area.name)
    for column, one in enumerate(matrix.columns, 2):
        if not one.formula:
            _ask(sheet, column, last, one.column, one.hint, (), one.least, one.most)
        for row in range(2, last + 1) if one.formula else ():
            sheet.cell(row, column, _worked(matrix, one.formula, row)).protection = Protection(locked=True)
    for name, fill, ink in RAG:
        rule = CellIsRule(operator="equal", formula=[f'"{name}"'], fill=PatternFill(bgColor=fill), font=Font(color=ink, bold=True))
        sheet.conditional_formatting.add(f"B2:{get_column_letter(width)}{last}", rule)
    sheet.protection.sheet = True  # without a password: it keeps formulas from slips, not from their owners
    _header(keys := book.create_sheet(KEY), [("Figure", 60), ("Value", 12)])
    _finish(keys, len(matrix.key) + 1, 2)
    for row, figure in enumerate(matrix.key, 2):
        keys.cell(row, 1, figure.name)
        keys.cell(row, 2, figure.value)
    return _saved(book, A3)


def _worked(matrix: NeedMatrix, formula: str, row: int) -> str:
    """The pack's formula for one row, empty until all columns that must be filled in hold a number."""
    places = {one.id: f"{get_column_letter(column)}{row}" for column, one in enumerate(matrix.columns, 2)}
    places |= {f"key.{one.id}": f"{KEY}!$B${line}" for line, one in enumerate(matrix.key, 2)}
    musts = [places[one.id] for one in matrix.columns if one.must]
    worked = re.sub(r"\{([\w.]+)\}", lambda m: places[m[1]], formula)
    return f'=IF(COUNT({",".join(musts)})={len(musts)},{worked},"")'


def _book(title: str) -> Workbook:
    book = Workbook()
    book.properties.title, book.properties.creator, book.properties.language = title, "", "en-GB"
    book.properties.created = FIXED
    return book


def _front(sheet: Worksheet, pack: Pack, title: str) -> None:
    """The first sheet: what the workbook is, whose it is and how it is marked."""
    sheet.title = "Front"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 50
    sheet["A1"] = title
    sheet["A1"].font = Font(FONT, bold=True, size=16)
    for row, label in enumerate(("FORCE:", "PROTECTIVE MARKING:", "DATE:"), 3):
        sheet.cell(row, 1, label).font = Font(FONT, bold=True)
        sheet.cell(row, 2).border = Border(_LINE, _LINE, _LINE, _LINE)
    if pack.markings:
        hint = "The marking of this plan. Select a cell on the other sheets for what belongs there."
        _ask(sheet, 2, 4, "Protective marking", hint, pack.markings, first=4)


def _header(sheet: Worksheet, heads: Sequence[tuple[str, int]]) -> None:
    for column, (text, width) in enumerate(heads, 1):
        cell = sheet.cell(1, column, text)
        cell.font, cell.fill = Font(FONT, size=10, bold=True), PatternFill("solid", fgColor="F3F2F1")
        cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), Border(_LINE, _LINE, _LINE, _LINE)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[1].height, sheet.freeze_panes = 30, "B2"
    sheet.print_title_rows = "1:1"


def _ask(
    sheet: Worksheet,
    column: int,
    last: int,
    title: str,
    hint: str,
    options: Sequence[str] = (),
    least: int = 0,
    most: int = 0,
    first: int = 2,
) -> None:
    """The prompt for a column's cells, and what they may hold."""
    if options:
        rule = DataValidation(type="list", formula1='"' + ",".join(options) + '"', allow_blank=True)
    elif most:
        rule = DataValidation(type="whole", operator="between", formula1=str(least), formula2=str(most), allow_blank=True)
        rule.error = f"A whole number from {least} to {most}."
    else:
        rule = DataValidation(allow_blank=True)
    rule.promptTitle, rule.prompt, rule.showInputMessage = title[:32], hint, True
    rule.showErrorMessage = bool(most)
    sheet.add_data_validation(rule)
    letter = get_column_letter(column)
    rule.add(f"{letter}{first}:{letter}{last}")


def _finish(sheet: Worksheet, last: int, columns: int) -> None:
    """Borders, wrapped text, cells open to be written in."""
    for row in sheet.iter_rows(min_row=2, max_row=last, max_col=columns):
        for cell in row:
            cell.font, cell.border = Font(FONT, size=10), Border(_LINE, _LINE, _LINE, _LINE)
            cell.alignment, cell.protection = Alignment(wrap_text=True, vertical="top"), Protection(locked=False)


def _saved(book: Workbook, paper: int = A4) -> bytes:
    """The workbook's bytes, every sheet set to print on its side, on A4 or the paper given."""
    for sheet in book.worksheets:
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.center.text = "&A, page &P of &N"
    book.save(packed := BytesIO())
    return same_bytes(packed.getvalue())
