"""What our workbooks are made with: sheets written row by row, text that is never a formula, row heights, print, equal bytes."""

import math
import re
import zipfile
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, NamedTuple, Self

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter

from pipeline.store import write_pieces
from pipeline.words import calculates, clean

FIXED = datetime(2000, 1, 1)  # a file's own dates, so that equal results give equal files
A4, A3 = 9, 8
"""Papers, as Excel numbers them."""
BROAD = 190
"""Characters across from which a sheet is printed on A3: on A4 its print would be too small to read."""
LONGEST = 32_767  # characters that Excel allows in one cell
COLOURS = (("8F1D16", "FFFFFF"), ("F6C95C", "0B0C0C"), ("B9DFB3", "0B0C0C"), ("1A6B3C", "FFFFFF"))
"""Fill and ink of the grades, lowest first."""
_LINE = Side(style="thin", color="B1B4B6")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="F3F2F1")
_YOURS = PatternFill("solid", fgColor="FFF7BF")


class Shown(NamedTuple):
    """What stands in a cell: its value, its look (one of `styles`) and the place in the workbook that it leads to."""

    value: Any
    style: str = "Text"
    link: str = ""


class Book:
    """A workbook that is written to `path` at the end of the block. Its sheets may be filled by turns."""

    def __init__(self, path: Path, title: str, marking: str, state: str) -> None:
        """`marking` stands at the head and foot of each page in print, and what the grades are (`state`) beside it."""
        self.path, self.marking, self.state = path, marking, state
        self.book = Workbook(write_only=True)
        self.looks = {style.name: style for style in styles()}
        for style in self.looks.values():
            self.book.add_named_style(style)
        own = self.book.properties
        own.title, own.creator, own.created, own.modified = title, "Read-across", FIXED, FIXED

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            with TemporaryFile() as packed:
                ExcelWriter(self.book, _Archive(packed, "w")).save()
                packed.seek(0)
                write_pieces(self.path, iter(partial(packed.read, 1 << 20), b""))


class Sheet:
    """A table that is written row by row: it is not held in memory. Its headings stay in sight and are repeated in print."""

    def __init__(
        self,
        book: Book,
        name: str,
        headings: Sequence[tuple[str, int]],
        title: str = "",
        notice: str = "",
        lines: int = 1,
        first: int = 1,
        hidden: Collection[str] = (),
        place: int | None = None,
    ) -> None:
        """Headings with their columns' widths in characters; a title above them, and a notice of so many `lines`.

        `first` columns stay in sight, `hidden` ones nobody sees; `place` is the sheet's among the others, the last if not given.
        """
        self.sheet, self._looks = book.book.create_sheet(name, place), book.looks
        self._widths = [width for _, width in headings]
        self.row = 0
        """The last that was written."""
        for column, (heading, width) in enumerate(headings, 1):
            dimension = self.sheet.column_dimensions[get_column_letter(column)]
            dimension.width, dimension.hidden = width, heading in hidden
        self.top = 4 if title else 1
        """The row of the headings."""
        self.sheet.freeze_panes = f"{get_column_letter(first + 1)}{self.top + 1}"
        self.sheet.print_title_rows = f"{self.top}:{self.top}"
        _print_setup(self.sheet, book.marking, book.state)
        if title:
            self.add(Shown(title, "Sheet title"), height=24)
            self.add(Shown(notice, "Notice" if lines == 1 else "Long notice"), height=18 if lines == 1 else 17 * lines)
            if lines > 1:
                self.merge(1, len(headings) - len(hidden))
            self.add()
        self.add(*(Shown(heading, "Heading") for heading, _ in headings))

    def add(self, *cells: Any, height: float | None = None) -> int:
        """Writes a row, as high as its longest wrapped text, and gives its number. What is not `Shown` looks like text."""
        self.row += 1
        shown = [one if isinstance(one, Shown) else Shown(one) for one in cells]
        row = [self._cell(column, one) for column, one in enumerate(shown, 1)]
        heights = [
            text_height(cell.value, width)
            for cell, one, width in zip(row, shown, self._widths, strict=False)
            if isinstance(one.value, str) and self._looks[one.style].alignment.wrap_text
        ]
        if height or heights:  # not every program works it out on opening
            self.sheet.row_dimensions[self.row].height = height or max(heights)
        self.sheet.append(row)
        self.sheet.row_dimensions.pop(self.row, None)
        return self.row

    def merge(self, first: int, last: int) -> None:
        """Makes one cell of those of the last row from column to column."""
        self.sheet.merged_cells.add(f"{get_column_letter(first)}{self.row}:{get_column_letter(last)}{self.row}")

    def filtered(self) -> None:
        """Lets the reader choose rows by what stands in them."""
        self.sheet.auto_filter.ref = f"A{self.top}:{get_column_letter(len(self._widths))}{self.row}"

    def close(self) -> None:
        """Says that it is whole: each sheet that is not holds a file open."""
        self.sheet.close()

    def _cell(self, column: int, shown: Shown) -> Cell:
        """Text is always text, never a formula, whatever it begins with."""
        cell = Cell(self.sheet, self.row, column, style_array=self._looks[shown.style].as_tuple())
        if isinstance(shown.value, str):
            text = "\n".join(clean(shown.value).splitlines())
            cell.value = text if len(text) <= LONGEST else text[: LONGEST - 6] + " [cut]"
            cell.data_type = "s"
            if calculates(shown.value):
                cell.quotePrefix = True
        else:
            cell.value = shown.value
            if isinstance(shown.value, float) and cell.number_format == "General":
                cell.number_format = "0.00"
        if shown.link:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=shown.link)
        return cell


def font(size: int = 11, **more: Any) -> Font:
    """A font with its name: without one, some programs take a serif."""
    return Font(name="Calibri", size=size, **more)


def styles() -> list[NamedStyle]:
    """The looks of cells, by name: setting each cell's own font, fill and border would take most of the time that a workbook takes.

    To fill in is the only one that a protected sheet lets be changed; Grade 0 and on have the lowest colour first.
    """
    top, centre = Alignment(vertical="top", wrap_text=True), Alignment(horizontal="center", vertical="top")
    framed = [
        NamedStyle("Text", font(), alignment=top),
        NamedStyle("Per cent", font(), alignment=top, number_format="0%"),
        NamedStyle("Name", font(bold=True), alignment=top),
        NamedStyle("Heading", font(bold=True), _HEAD, alignment=top),
        NamedStyle("Leads on", font(color="1D70B8", underline="single"), alignment=top),
        NamedStyle("No grade", font(), alignment=centre),
        NamedStyle("To fill in", font(), _YOURS, alignment=top, protection=Protection(locked=False)),
        *(NamedStyle(f"Grade {n}", font(bold=True, color=ink), PatternFill("solid", fgColor=fill), alignment=centre)
          for n, (fill, ink) in enumerate(COLOURS)),
    ]  # fmt: skip
    for style in framed:
        style.border = _BORDER
    return [
        *framed,
        NamedStyle("Plain", font()),
        NamedStyle("Sheet title", font(bold=True, size=16), alignment=Alignment(vertical="top")),
        NamedStyle("Notice", font(italic=True), alignment=Alignment(vertical="top")),
        NamedStyle("Long notice", font(italic=True), alignment=top),
    ]


def text_height(text: str, width: float) -> float:
    """Points that a wrapped text takes in a column of that width."""
    lines = sum(max(1, math.ceil(len(line) / (width - 2))) for line in text.split("\n"))
    return min(409.0, 15.0 * lines)  # 409 is the most that Excel allows


def same_bytes(packed: bytes) -> bytes:
    """The same archive with every date fixed: openpyxl stamps the time of saving."""
    stamp, out = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as source, _Archive(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            target.writestr(name, content)
    return out.getvalue()


class _Archive(zipfile.ZipFile):
    """A zip in which every file has the same date."""

    def writestr(self, name: Any, content: Any, *_: Any) -> None:
        super().writestr(_entry(name), content)

    def write(self, file: Any, name: Any = None, *_: Any) -> None:
        with Path(file).open("rb") as source, self.open(_entry(name), "w") as target:
            copyfileobj(source, target)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return entry


def _print_setup(sheet: Any, marking: str, state: str) -> None:
    """Across, as wide as the page, the marking at head and foot, what the grades are beside it; A4, a broad sheet A3."""
    across = sum(dimension.width for dimension in sheet.column_dimensions.values() if not dimension.hidden)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A3 if across > BROAD else A4
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = clean(marking)[:60].replace("&", "&&")
    sheet.oddHeader.left.text, sheet.oddFooter.left.text = state, "&A"
    sheet.oddFooter.right.text = "Page &P of &N"
