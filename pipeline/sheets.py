"""What every workbook of ours is made with: cells that are never formulas, headings, row heights, print, equal bytes."""

import math
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.words import calculates, clean

FIXED = datetime(2000, 1, 1)  # a file's own dates, so that equal results give equal files
LONGEST = 32_767  # characters that Excel allows in one cell
COLOURS = (("8F1D16", "FFFFFF"), ("F6C95C", "0B0C0C"), ("B9DFB3", "0B0C0C"), ("1A6B3C", "FFFFFF"))
"""Fill and ink of the grades, lowest first."""
_LINE = Side(style="thin", color="B1B4B6")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="F3F2F1")
_YOURS = PatternFill("solid", fgColor="FFF7BF")


def put(sheet: Worksheet, row: int, column: int, value: Any, style: str = "Text") -> Cell:
    """Set a cell; text is always text, never a formula, whatever it begins with. `style` is one of `styles`."""
    if style not in sheet.parent.named_styles:
        for one in styles():
            sheet.parent.add_named_style(one)
    cell: Cell = sheet.cell(row=row, column=column)
    cell.style = style
    if isinstance(value, str):
        text = "\n".join(clean(value).splitlines())
        cell.value = text if len(text) <= LONGEST else text[: LONGEST - 6] + " [cut]"
        cell.data_type = "s"
        cell.quotePrefix = calculates(value)
    else:
        cell.value = value
    return cell


def font(size: int = 11, **more: Any) -> Font:
    """A font with its name: without one, some programs take a serif."""
    return Font(name="Calibri", size=size, **more)


def styles() -> list[NamedStyle]:
    """The looks of cells, by name: setting each cell's own font, fill and border would take most of the time that a workbook takes.

    Text, No grade, Grade 0 and on (the lowest colour first), To fill in (the only one that a protected sheet lets be changed), Plain.
    """
    top, centre = Alignment(vertical="top", wrap_text=True), Alignment(horizontal="center", vertical="top")
    text, none = NamedStyle("Text", font(), border=_BORDER, alignment=top), NamedStyle("No grade", font(), border=_BORDER, alignment=centre)
    yours = NamedStyle("To fill in", font(), _YOURS, _BORDER, top, protection=Protection(locked=False))
    grades = [
        NamedStyle(f"Grade {n}", font(bold=True, color=ink), PatternFill("solid", fgColor=fill), _BORDER, centre)
        for n, (fill, ink) in enumerate(COLOURS)
    ]
    return [text, none, yours, NamedStyle("Plain", font()), *grades]


def title(sheet: Worksheet, text: str, notice: str) -> int:
    """A title and a notice above a table; gives the row of the table's header."""
    for row, words, face in ((1, text, font(bold=True, size=16)), (2, notice, font(italic=True))):
        sheet.row_dimensions[row].height = 24 if row == 1 else 18
        cell = put(sheet, row, 1, words)
        cell.font, cell.border, cell.alignment = face, Border(), Alignment(vertical="top")
    return 4


def header(sheet: Worksheet, row: int, headings: Sequence[tuple[str, int]]) -> None:
    """The headings of a table, each with its column's width in characters; they stay in sight and are repeated in print."""
    for column, (heading, width) in enumerate(headings, 1):
        cell = put(sheet, row, column, heading)
        cell.font, cell.fill = font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = sheet.cell(row=row + 1, column=2)
    sheet.print_title_rows = f"{row}:{row}"


def fit_rows(sheet: Worksheet) -> None:
    """Give each row the height of its longest wrapped text: not every program works it out on opening."""
    widths = {letter: dimension.width for letter, dimension in sheet.column_dimensions.items()}
    for row in sheet.iter_rows():
        texts = [cell for cell in row if isinstance(cell.value, str) and cell.alignment.wrap_text]
        dimension = sheet.row_dimensions[row[0].row]
        if texts and dimension.height is None:
            dimension.height = max(height(cell.value, widths.get(cell.column_letter, 13)) for cell in texts)


def height(text: str, width: float) -> float:
    """Points that a wrapped text takes in a column of that width."""
    lines = sum(max(1, math.ceil(len(line) / (width - 2))) for line in text.split("\n"))
    return min(409.0, 15.0 * lines)  # 409 is the most that Excel allows


def print_setup(sheet: Worksheet, marking: str, state: str) -> None:
    """A4 across, as wide as the page, the marking at head and foot, what the grades are beside it."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # 9: A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = clean(marking)[:60].replace("&", "&&")
    sheet.oddHeader.left.text, sheet.oddFooter.left.text = state, "&A"
    sheet.oddFooter.right.text = "Page &P of &N"


def same_bytes(packed: bytes) -> bytes:
    """The same archive with every date fixed: openpyxl stamps the time of saving."""
    stamp, out = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(entry, content)
    return out.getvalue()
