"""The picture's tables as CSV files, which no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from pipeline.publish.listing import listings
from pipeline.publish.picture import Picture
from pipeline.store import write_whole
from pipeline.words import clean


def write_csv(picture: Picture, folder: Path) -> None:
    """Writes one file for each table that has a row."""
    for listing in listings(picture):
        text = StringIO()
        table = csv.writer(text)
        table.writerow(_plain(name for name, _ in listing.columns))
        table.writerows(_plain(row) for row in listing.rows)
        write_whole(folder / f"{listing.id}.csv", text.getvalue().encode("utf-8-sig"))


def _plain(values: Iterable[Any]) -> list[Any]:
    """The values, with an apostrophe before texts that a spreadsheet would calculate."""
    texts = [clean(v) if isinstance(v, str) else v for v in values]
    return [f"'{t}" if isinstance(t, str) and t.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and t[:1] else t for t in texts]
