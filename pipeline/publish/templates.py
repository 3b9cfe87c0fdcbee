"""Fill-in plans generated from the pack: for each a Word document and a workbook, with a table for each criterion, and the need matrix.

What belongs in a column stands in Word as the placeholder of a form field, in Excel as a cell's prompt: neither is text of the
document, so an unfilled template is an empty plan, and a filled one reads back column by column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Cm, Pt, RGBColor
from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.publish.word import FIXED, element
from pipeline.store import write_whole
from pipeline.workbook import same_bytes
from rules.pack import Criterion, Guidance, NeedMatrix, Pack, Template

AREA: Final = "Service area"
FONT: Final = "Arial"
A3: Final = 8
GREY: Final = "595959"
ROOM: Final = 430
"""The least height of a row to write in, in twentieths of a point."""
SPARE: Final = 30
"""Rows below the areas for further actions."""
RAG: Final = (("Red", "8F1D16", "FFFFFF"), ("Amber", "F6C95C", "0B0C0C"), ("Green", "B9DFB3", "0B0C0C"))
_LINE: Final = Side(style="thin", color="B1B4B6")


class NoTemplates(ValueError):
    """The pack has nothing to make templates of."""


def write_templates(pack: Pack, folder: Path) -> list[Path]:
    """Writes all templates of the pack and returns their paths. Raises NoTemplates, and OSError where the folder cannot be written to."""
    if not pack.templates and not pack.need_matrix:
        raise NoTemplates(f"The pack {pack.id} defines no templates. Add `templates:` and `guidance:` to it.")
    made: dict[str, bytes] = {}
    for template in pack.templates:
        made[f"{template.id}.docx"] = plan_document(pack, template)
        made[f"{template.id}.xlsx"] = plan_workbook(pack, template)
    if pack.need_matrix:
        made["need-matrix.xlsx"] = need_workbook(pack, pack.need_matrix)
    for name, content in made.items():
        write_whole(folder / name, content)
    return [folder / name for name in made]


def columns(pack: Pack, criterion: Criterion) -> list[Guidance]:
    """What is asked under a criterion, element by element; the hint says which of them the standard requires."""
    result = []
    for one in criterion.elements:
        guidance = pack.guidance.get(f"{criterion.id}.{one.id}") or Guidance(says="", column=one.short, hint=one.name)
        needed = "Required" if one.required else "For the highest grade"
        result.append(guidance.model_copy(update={"hint": f"{needed}. {guidance.hint}"[:255]}))
    return result


def plan_document(pack: Pack, template: Template) -> bytes:
    """A template as a Word document."""
    document = Document()
    _page(document)
    section = document.sections[0]
    _field(section.header.paragraphs[0], "Protective marking, in capitals", pack.markings)
    document.add_paragraph(template.name, style="Title")
    _field(document.add_paragraph("Force: "), "Name of the force")
    _field(document.add_paragraph(), f"This plan says {template.purpose}. Grey words tell what to write and vanish as you write; "
           "rows may be added and left empty.", locked=True)  # fmt: skip
    for criterion in template.criteria:
        _table(document, pack, next(c for c in pack.criteria if c.id == criterion))
    core = document.core_properties
    core.title, core.author, core.last_modified_by, core.language = template.name, "", "", "en-GB"
    core.comments, core.created, core.modified = "", FIXED, FIXED
    document.save(packed := BytesIO())
    return packed.getvalue()


def _page(document: Any) -> None:
    """A4 on its side, Arial, and a style for what vanishes."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.8)
    for name, size in (("Normal", 9.5), ("Title", 20), ("Heading 1", 13)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        for fonts in style.element.rPr.iter(f"{{{style.element.nsmap['w']}}}rFonts"):
            for attribute in list(fonts.attrib):
                del fonts.attrib[attribute]
        style.font.name = FONT
    document.styles["Heading 1"].font.color.rgb = document.styles["Title"].font.color.rgb = RGBColor(0x1F, 0x3F, 0x5B)
    grey = document.styles.add_style("Placeholder Text", WD_STYLE_TYPE.CHARACTER)
    grey.font.color.rgb = RGBColor.from_string(GREY)


def _table(document: Any, pack: Pack, criterion: Criterion) -> None:
    asked = columns(pack, criterion)
    heading = document.add_heading(criterion.short, 1)
    heading.paragraph_format.page_break_before = bool(document.tables)
    table = document.add_table(rows=2 + len(pack.areas), cols=1 + len(asked), style="Table Grid")
    head, guide, *rows = table._tbl.tr_lst
    for number, text in enumerate([AREA, *(one.column for one in asked)]):
        head.tc_lst[number].p_lst[0].add_r().text = text
        head.tc_lst[number].p_lst[0].r_lst[0].get_or_add_rPr().append(element("w:b"))
        head.tc_lst[number].get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill="F3F2F1"))
    head.get_or_add_trPr().append(element("w:tblHeader"))
    for number, hint in enumerate(["What to write", *(one.hint for one in asked)]):
        guide.tc_lst[number].p_lst[0].append(_control(hint, (), locked=True))
    for row, area in zip(rows, pack.areas, strict=True):
        row.tc_lst[0].p_lst[0].add_r().text = area.name
        row.get_or_add_trPr().append(element("w:cantSplit"))
        row.get_or_add_trPr().append(element("w:trHeight", val=str(ROOM), hRule="atLeast"))
        for cell, one in zip(row.tc_lst[1:], asked, strict=True):
            cell.p_lst[0].append(_control("Choose" if one.options else "Write here", one.options, title=f"{area.name}: {one.column}"))
    table._tbl.tblPr.append(element("w:tblCaption", val=criterion.name))
    table._tbl.tblPr.append(element("w:tblDescription", val=f"A row for each area; columns: {', '.join(one.column for one in asked)}."))


def _field(paragraph: Any, hint: str, options: Sequence[str] = (), locked: bool = False) -> None:
    paragraph._p.append(_control(hint, options, locked, title="" if locked else hint))


def _control(hint: str, options: Sequence[str], locked: bool = False, title: str = "") -> Any:
    """A form field that shows its hint until something is written in it or chosen."""
    control, properties, content, run = (element(f"w:{tag}") for tag in ("sdt", "sdtPr", "sdtContent", "r"))
    if title:
        properties.append(element("w:alias", val=title[:64]))
    if locked:
        properties.append(element("w:lock", val="sdtContentLocked"))
    properties.append(element("w:showingPlcHdr"))
    if options:
        properties.append(choice := element("w:dropDownList"))
        choice.extend(element("w:listItem", displayText=option, value=option) for option in options)
    style, text = element("w:rPr"), element("w:t")
    style.extend((element("w:rStyle", val="PlaceholderText"), element("w:color", val=GREY)))
    text.text = hint
    run.extend((style, text))
    content.append(run)
    control.extend((properties, content))
    return control


def plan_workbook(pack: Pack, template: Template) -> bytes:
    """A template as a workbook: a sheet for each criterion."""
    book = _book(template.name)
    _front(book.worksheets[0], pack, template.name)
    for identifier in template.criteria:
        criterion = next(c for c in pack.criteria if c.id == identifier)
        asked = columns(pack, criterion)
        sheet = book.create_sheet(criterion.short[:31])
        last = len(pack.areas) + 1 + SPARE
        _header(sheet, [(AREA, 30), *((one.column, 30) for one in asked)])
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
    sheet, last = book.create_sheet(matrix.name[:31]), len(pack.areas) + 1
    letters = {one.id: get_column_letter(number) for number, one in enumerate(matrix.columns, 2)}
    key = {f"key.{one.id}": f"Key!$B${row}" for row, one in enumerate(matrix.key, 2)}
    musts = [letters[one.id] for one in matrix.columns if one.must]
    _header(sheet, [(AREA, 24), *((one.column, 11 if one.most or one.formula else 22) for one in matrix.columns)])
    for row, area in enumerate(pack.areas, 2):
        sheet.cell(row, 1, area.name)
        places = key | {name: f"{letter}{row}" for name, letter in letters.items()}
        filled = f"COUNT({','.join(f'{letter}{row}' for letter in musts)})={len(musts)}"
        for one in matrix.columns:
            if one.formula:
                worked = re.sub(r"\{([\w.]+)\}", lambda m, at=places: at[m[1]], one.formula)  # type: ignore[misc]
                sheet[f"{letters[one.id]}{row}"] = f'=IF({filled},{worked},"")'
    for column, one in enumerate(matrix.columns, 2):
        if not one.formula:
            _ask(sheet, column, last, one.column, one.hint, (), one.least, one.most)
    _finish(sheet, last, len(matrix.columns) + 1)
    for name, fill, ink in RAG:
        rule = CellIsRule(operator="equal", formula=[f'"{name}"'], fill=PatternFill(bgColor=fill), font=Font(color=ink, bold=True))
        sheet.conditional_formatting.add(f"B2:{get_column_letter(len(matrix.columns) + 1)}{last}", rule)
    for one in matrix.columns:
        for row in range(2, last + 1) if one.formula else ():
            sheet[f"{letters[one.id]}{row}"].protection = Protection(locked=True)
    sheet.protection.sheet = True  # without a password: it keeps formulas from slips, not from their owners
    _header(keys := book.create_sheet("Key"), [("Figure", 60), ("Value", 12)])
    for row, figure in enumerate(matrix.key, 2):
        keys.cell(row, 1, figure.name)
        keys.cell(row, 2, figure.value)
    _finish(keys, len(matrix.key) + 1, 2)
    return _saved(book, A3)


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
        _ask(
            sheet,
            2,
            4,
            "Protective marking",
            "The marking of this plan. Select a cell on the other sheets for what belongs there.",
            pack.markings,
            first=4,
        )


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


def _saved(book: Workbook, paper: int = 9) -> bytes:
    """The workbook's bytes, every sheet set to print on its side, on A4 or the paper given."""
    for sheet in book.worksheets:
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.center.text = "&A, page &P of &N"
    book.save(packed := BytesIO())
    return same_bytes(packed.getvalue())
