"""The picture as an Excel workbook: every figure leads to the forces and cells behind it. Equal pictures give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.publish.behind import FOLLOWS, ORIENTATION, behind
from pipeline.publish.listing import AREAS, CELLS, FINDINGS, FORCE_FINDINGS, NEEDS, PLANNING, Listing, listings
from pipeline.publish.picture import LOWEST, Picture
from pipeline.publish.sentences import STATUS, STATUS_WORDS
from pipeline.publish.tables import Table
from pipeline.sheets import FIXED, fit_rows, font, header, print_setup, put, same_bytes, title
from pipeline.store import write_whole

BEHIND: Final = "Behind"
COLUMNS: Final = (("Table", 10), ("Row", 24), ("Column", 42), ("Force", 30), ("Area", 42), ("Criterion", 28), ("Grade or level", 8))
TOP: Final = 4
"""The row of a table's headings; above it stand the title and what the grades are."""


def write_national_workbook(picture: Picture, path: Path) -> None:
    """Writes the workbook whole."""
    book = Workbook()
    _about(book.worksheets[0], picture)
    rows = list(behind(picture))
    starts = _starts(rows)
    tables = {f"table-{t.number}": t for t in picture.tables}
    made = {listing.id: listing for listing in listings(picture)}
    for listing in made.values():
        sheet = book.create_sheet(listing.sheet)
        _fill(sheet, listing, STATUS[picture.basis])
        if listing.id in tables:
            _lead(sheet, tables[listing.id], starts)
        if listing.id == FINDINGS:
            _lead_findings(sheet, listing, starts)
        if listing.id == PLANNING:
            _lead_to_elements(sheet, picture)
    _behind(book.create_sheet(BEHIND), rows, made)
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
        ("Not counted", "\n".join(picture.left_out) or "None"),
        ("Roll-up", "Strict: the lowest cell" if picture.rule == LOWEST else "The mean of the cells, rounded half up"),
        ("Per cents", "Whole numbers, rounded half up. Inadequate is grade 0 or 1; compliant is grade 2 or 3."),
        (
            "Behind the figures",
            f"Select a figure of Tables 1 to 6 or of Findings: it leads to its rows in the sheet {BEHIND}, and the force there "
            "to its cells, levels or findings. A figure of Planning model leads to Planning cells.",
        ),
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


def _lead(sheet: Worksheet, table: Table, starts: Mapping[tuple[str, ...], int]) -> None:
    """Each figure leads to its first row in the sheet behind, in per cent and in number; a total to the first of its row's figures."""
    for row, name in enumerate(table.row_names, TOP + 1):
        whole = (f"Table {table.number}", name)
        wanted = [(*whole, column) for column in table.column_names] + [whole] * (bool(table.totals) + bool(table.forces))
        for x, key in enumerate(wanted, 3):
            for y in (row, row + len(table.rows)) if key in starts else ():
                _link(sheet, y, x, BEHIND, starts[key])


def _lead_findings(sheet: Worksheet, listing: Listing, starts: Mapping[tuple[str, ...], int]) -> None:
    """The number of forces and its per cent lead to the forces."""
    for y, (kind, words, *_) in enumerate(listing.rows, TOP + 1):
        for x in (3, 5) if (kind, words) in starts else ():
            _link(sheet, y, x, BEHIND, starts[kind, words])


def _lead_to_elements(sheet: Worksheet, picture: Picture) -> None:
    """Each force's figures lead to the cells that they count; the figures of all forces lead to those of each, below them."""
    areas, stages = list(picture.areas), len(picture.planning)
    line, start = TOP + 1, TOP + 1
    for _ in picture.planning:
        for column in range(3, 3 + len(areas) + 1):
            _link(sheet, line, column, sheet.title, TOP + 1 + stages)
        line += 1
    for force in picture.names:
        for view in picture.planning:
            _link(sheet, line, 3 + len(areas), "Planning cells", start)
            for column, area in enumerate(areas, 3):
                if view.cells[force, area]:
                    _link(sheet, line, column, "Planning cells", start)
                start += len(view.cells[force, area])
            line += 1
    sheet.auto_filter.ref = f"A{TOP}:{get_column_letter(sheet.max_column)}{sheet.max_row}"


def _link(sheet: Worksheet, row: int, column: int, to: str, line: int) -> None:
    cell = sheet.cell(row=row, column=column)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{to}'!A{line}")
    cell.font = font(color="1D70B8", underline="single")


def _starts(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, ...], int]:
    """(table, row, column) of each figure, and (table, row) of all of a row's -> the first row in the sheet behind."""
    starts: dict[tuple[str, ...], int] = {}
    for line, (table, row, column, *_) in enumerate(rows, 2):
        starts.setdefault((table, row, column), line)
        starts.setdefault((table, row), line)
    return starts


def _behind(sheet: Worksheet, rows: Sequence[tuple[Any, ...]], made: Mapping[str, Listing]) -> None:
    """The rows, each leading on to the cells, levels or findings of its force."""
    header(sheet, 1, COLUMNS)
    ends = {name: _ends(made[name]) for name in (CELLS, AREAS, NEEDS, FORCE_FINDINGS) if name in made}
    for line, values in enumerate(rows, 2):
        for column, value in enumerate(values, 1):
            put(sheet, line, column, value)
        table, row, _, force, area, criterion, _ = values
        if table in ("Table 1", "Table 2") or (table == "Table 6" and not criterion):
            name, key = AREAS, (force, area, "")
        elif area or criterion:
            name, key = CELLS, (force, area, criterion)
        elif table == FOLLOWS:
            name, key = NEEDS, (force, "", "")
        else:
            name, key = FORCE_FINDINGS, (force, ORIENTATION if table == ORIENTATION else row, "")
        if key in ends.get(name, ()):
            _link(sheet, line, 4, made[name].sheet, ends[name][key])
    sheet.auto_filter.ref = f"A1:G{sheet.max_row}"


def _ends(listing: Listing) -> dict[tuple[str, str, str], int]:
    """Where a link to a force, to its area or criterion or finding, or to a cell of it ends: the first such row."""
    ends: dict[tuple[str, str, str], int] = {}
    for line, (force, *place) in enumerate(listing.rows, TOP + 1):
        first, second = (str(part) for part in place[:2])
        for key in ((force, first, second), (force, first, ""), (force, "", second), (force, "", "")):
            ends.setdefault(key, line)
    return ends
