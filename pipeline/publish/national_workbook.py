"""The picture as an Excel workbook: every figure leads to the forces and cells behind it. Equal pictures give equal bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.publish.behind import FOLLOWS, ORIENTATION, behind
from pipeline.publish.listing import AREAS, CELLS, FINDINGS, FORCE_FINDINGS, NEEDS, PLANNING, PROPORTIONS, Listing, listings
from pipeline.publish.picture import LOWEST, Picture
from pipeline.publish.sentences import STATUS, STATUS_WORDS
from pipeline.publish.tables import Table
from pipeline.sheets import Book, Sheet, Shown

BEHIND: Final = "Behind"
COLUMNS: Final = (("Table", 10), ("Row", 24), ("Column", 42), ("Force", 30), ("Area", 42), ("Criterion", 28), ("Grade or level", 8))
TOP: Final = 4
"""The row of a table's headings; above it stand the title and what the grades are."""


def write_national_workbook(picture: Picture, path: Path) -> None:
    """Writes the workbook whole."""
    rows = list(behind(picture))
    starts = _starts(rows)
    tables = {f"table-{t.number}": t for t in picture.tables}
    made = {listing.id: listing for listing in listings(picture) if listing.rows}
    with Book(path, "National picture", picture.marking, STATUS[picture.basis]) as book:
        _about(book, picture)
        for listing in made.values():
            links: dict[tuple[int, int], str] = {}
            if listing.id in tables:
                links = dict(_lead(tables[listing.id], starts))
            if listing.id == FINDINGS:
                links = dict(_lead_findings(listing, starts))
            if listing.id == PLANNING:
                links = dict(_lead_to_elements(listing, picture))
            if listing.id == NEEDS:
                links = dict(_lead_to_levels(listing, made[AREAS]))
            if listing.id == PROPORTIONS:
                links = dict(_lead_to_indices(listing, starts))
            _fill(book, listing, links)
        _behind(book, rows, made)


def _about(book: Book, picture: Picture) -> None:
    sheet = Sheet(book, "About", (("National picture", 30), ("", 100)))
    rows = (
        *picture.source,
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
    for name, value in rows:
        sheet.add(Shown(name, "Name"), value)


def _fill(book: Book, listing: Listing, links: Mapping[tuple[int, int], str]) -> None:
    """A table on a sheet of its own; `links` say where the cells lead that lead anywhere, by row and column."""
    sheet = Sheet(book, listing.sheet, listing.columns, listing.title, book.state)
    for row, values in enumerate(listing.rows, TOP + 1):
        sheet.add(*(Shown(value, "Leads on", links[row, x]) if (row, x) in links else value for x, value in enumerate(values, 1)))
    if listing.id == PLANNING:
        sheet.filtered()
    sheet.close()


Links = Iterator[tuple[tuple[int, int], str]]
"""Rows and columns of a sheet, each with the place that it leads to."""


def _lead(table: Table, starts: Mapping[tuple[str, ...], int]) -> Links:
    """Each figure leads to its first row in the sheet behind, in per cent and in number; a total to the first of its row's figures."""
    for row, name in enumerate(table.row_names, TOP + 1):
        whole = (f"Table {table.number}", name)
        wanted = [(*whole, column) for column in table.column_names] + [whole] * (bool(table.totals) + bool(table.forces))
        for x, key in enumerate(wanted, 3):
            for y in (row, row + len(table.rows)) if key in starts else ():
                yield (y, x), _place(BEHIND, starts[key])


def _lead_findings(listing: Listing, starts: Mapping[tuple[str, ...], int]) -> Links:
    """The number of forces and its per cent lead to the forces."""
    for y, (kind, words, *_) in enumerate(listing.rows, TOP + 1):
        for x in (3, 5) if (kind, words) in starts else ():
            yield (y, x), _place(BEHIND, starts[kind, words])


def _lead_to_elements(listing: Listing, picture: Picture) -> Links:
    """Each force's figures lead to the cells that they count; the figures of all forces lead to those of each, below them."""
    areas, stages = list(picture.areas), len(picture.planning)
    line, start = TOP + 1, TOP + 1
    for _ in picture.planning:
        for column in range(3, 3 + len(areas) + 1):
            yield (line, column), _place(listing.sheet, TOP + 1 + stages)
        line += 1
    for force in picture.names:
        for view in picture.planning:
            yield (line, 3 + len(areas)), _place("Planning cells", start)
            for column, area in enumerate(areas, 3):
                if view.cells[force, area]:
                    yield (line, column), _place("Planning cells", start)
                start += len(view.cells[force, area])
            line += 1


def _lead_to_levels(listing: Listing, levels: Listing) -> Links:
    """Each agreement leads to the force's levels and area grades."""
    ends = _ends(levels)
    for y, (force, need, _, threat, *_) in enumerate(listing.rows, TOP + 1):
        for x in [x for x, tau in ((2, need), (4, threat)) if tau is not None]:
            yield (y, x), _place(levels.sheet, ends[force, "", ""])


def _lead_to_indices(listing: Listing, starts: Mapping[tuple[str, ...], int]) -> Links:
    """Each index leads to what it is counted from, and the ratio to the table of the indices."""
    for y, (area, *_, ratio, _) in enumerate(listing.rows, TOP + 1):
        for x, row in ((2, "Need"), (3, "Provision")):
            if ("Table 6", row, area) in starts:
                yield (y, x), _place(BEHIND, starts["Table 6", row, area])
        if ratio is not None:
            yield (y, 4), _place("Table 6", TOP)


def _place(sheet: str, row: int) -> str:
    return f"'{sheet}'!A{row}"


def _starts(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, ...], int]:
    """(table, row, column) of each figure, and (table, row) of all of a row's -> the first row in the sheet behind."""
    starts: dict[tuple[str, ...], int] = {}
    for line, (table, row, column, *_) in enumerate(rows, 2):
        starts.setdefault((table, row, column), line)
        starts.setdefault((table, row), line)
    return starts


def _behind(book: Book, rows: Sequence[tuple[Any, ...]], made: Mapping[str, Listing]) -> None:
    """The rows, each leading on to the cells, levels or findings of its force."""
    sheet = Sheet(book, BEHIND, COLUMNS)
    ends = {name: _ends(made[name]) for name in (CELLS, AREAS, NEEDS, FORCE_FINDINGS) if name in made}
    for table, row, column, force, area, criterion, grade in rows:
        if table in ("Table 1", "Table 2") or (table == "Table 6" and not criterion):
            name, key = AREAS, (force, area, "")
        elif area or criterion:
            name, key = CELLS, (force, area, criterion)
        elif table == FOLLOWS:
            name, key = NEEDS, (force, "", "")
        else:
            name, key = FORCE_FINDINGS, (force, ORIENTATION if table == ORIENTATION else row, "")
        leads = key in ends.get(name, ())
        led = Shown(force, "Leads on", _place(made[name].sheet, ends[name][key])) if leads else force
        sheet.add(table, row, column, led, area, criterion, grade)
    sheet.filtered()


def _ends(listing: Listing) -> dict[tuple[str, str, str], int]:
    """Where a link to a force, to its area or criterion or finding, or to a cell of it ends: the first such row."""
    ends: dict[tuple[str, str, str], int] = {}
    for line, (force, *place) in enumerate(listing.rows, TOP + 1):
        first, second = (str(part) for part in place[:2])
        for key in ((force, first, second), (force, first, ""), (force, "", second), (force, "", "")):
            ends.setdefault(key, line)
    return ends
