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
    """Writes one file for each table that has a row."""
    for listing in listings(picture):
        text = StringIO()
        table = csv.writer(text)
        table.writerow([harmless(name) for name, _ in listing.columns])
        table.writerows([harmless(value) for value in row] for row in listing.rows)
        write_whole(folder / f"{listing.id}.csv", text.getvalue().encode("utf-8-sig"))
