"""The picture as an Excel workbook: every figure leads to the forces and cells behind it. Equal pictures give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.publish.listing import Listing, behind, listings
from pipeline.publish.picture import LOWEST, Picture
from pipeline.publish.sentences import STATUS, STATUS_WORDS
from pipeline.publish.tables import Table
from pipeline.sheets import FIXED, fit_rows, font, header, print_setup, put, same_bytes, title
from pipeline.store import write_whole

BEHIND: Final = "Behind"
COLUMNS: Final = (("Table", 10), ("Row", 24), ("Column", 42), ("Force", 30), ("Area", 42), ("Criterion", 28), ("Grade", 8))
TOP: Final = 4
"""The row of a table's headings; above it stand the title and what the grades are."""


def write_national_workbook(picture: Picture, path: Path) -> None:
    """Writes the workbook whole."""
    book = Workbook()
    _about(book.worksheets[0], picture)
    starts = _starts(picture)
    tables = {f"table-{t.number}": t for t in picture.tables[:5]}
    for listing in listings(picture):
        sheet = book.create_sheet(listing.sheet)
        _fill(sheet, listing, STATUS[picture.basis])
        if listing.id in tables:
            _lead(sheet, tables[listing.id], starts)
    _behind(book.create_sheet(BEHIND), picture)
    for sheet in book.worksheets:
        fit_rows(sheet)
        print_setup(sheet, picture.marking, STATUS[picture.basis])
    book.properties.title, book.properties.creator, book.properties.created = "National picture", "Read-across", FIXED
    book.save(packed := BytesIO())
    write_whole(path, same_bytes(packed.getvalue()))


def _about(sheet: Worksheet, picture: Picture) -> None:
    sheet.title = "About"
    header(sheet, 1, (("National picture", 30), ("", 100)))
    rows = (
        ("Status", f"{STATUS[picture.basis]}. {STATUS_WORDS[picture.basis]}"),
        ("Protective marking", picture.marking or "The tables of grades name none"),
        ("Marking not read", picture.unmarked or "–"),
        ("Withheld", picture.withheld or "Nothing"),
        ("Forces", len(picture.forces)),
        ("Forces not graded", ", ".join(picture.ungraded) or "None"),
        ("Roll-up", "Strict: the lowest cell" if picture.rule == LOWEST else "The mean of the cells, rounded half up"),
        ("Per cents", "Whole numbers, rounded half up. Inadequate is grade 0 or 1; compliant is grade 2 or 3."),
        ("Behind the figures", f"Select a figure of Tables 1 to 5: it leads to its rows in the sheet {BEHIND}. Cells holds every grade."),
        ("Problems", "\n".join(picture.problems) or "None"),
        ("Framework pack", f"{picture.pack.id} {picture.pack.version}, SHA-256 {picture.pack.sha256}"),
        ("File dates", "Fixed at 1 January 2000, so that equal results give equal files."),
    )
    for row, (name, value) in enumerate(rows, 2):
        put(sheet, row, 1, name).font = font(bold=True)
        put(sheet, row, 2, value)


def _fill(sheet: Worksheet, listing: Listing, status: str) -> None:
    top = title(sheet, listing.title, status)
    header(sheet, top, listing.columns)
    for y, values in enumerate(listing.rows, top + 1):
        for x, value in enumerate(values, 1):
            put(sheet, y, x, value)


def _lead(sheet: Worksheet, table: Table, starts: Mapping[tuple[str, int, int], int]) -> None:
    """Each figure leads to its first row in the sheet behind, in per cent and in number."""
    height = len(table.rows)
    for (number, row, column), start in starts.items():
        if number == table.number:
            for y in (TOP + 1 + row, TOP + 1 + height + row):
                cell = sheet.cell(row=y, column=3 + column)
                cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{BEHIND}'!A{start}")
                cell.font = font(color="1D70B8", underline="single")


def _starts(picture: Picture) -> dict[tuple[str, int, int], int]:
    """(table, row, column) of each figure with something behind it -> its first row in the sheet behind."""
    starts, line = {}, 2
    for table in picture.tables[:5]:
        for row, figures in enumerate(table.figures):
            for column, figure in enumerate(figures):
                if figure.behind:
                    starts[table.number, row, column] = line
                    line += len(figure.behind)
    return starts


def _behind(sheet: Worksheet, picture: Picture) -> None:
    header(sheet, 1, COLUMNS)
    for row, values in enumerate(behind(picture), 2):
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value)
    sheet.auto_filter.ref = f"A1:G{sheet.max_row}"
