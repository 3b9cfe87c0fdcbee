"""The picture's tables as CSV files, which no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from pipeline.publish.listing import listings
from pipeline.publish.picture import Picture
from pipeline.store import write_whole
from pipeline.words import harmless


def write_csv(picture: Picture, folder: Path) -> None:
    """Writes one file for each table that has a row, each row with the marking: such files are passed on one by one."""
    head, mark = (("Protective marking",), (picture.marking,)) if picture.marking else ((), ())
    for listing in filter(lambda one: one.rows, listings(picture)):
        text = StringIO()
        table = csv.writer(text)
        table.writerow([harmless(name) for name in (*(name for name, _ in listing.columns), *head)])
        for row in listing.rows:
            unsaid = [""] * (len(listing.columns) - len(row))
            table.writerow([harmless(value) for value in (*row, *unsaid, *mark)])
        write_whole(folder / f"{listing.id}.csv", text.getvalue().encode("utf-8-sig"))
