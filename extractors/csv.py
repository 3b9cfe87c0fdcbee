"""Lists saved as text (CSV, TSV) -> Extract: one sheet, its encoding and its separator found, its header row as columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from pathlib import Path

from extractors.archives import UnsafeOrBroken, read_whole, unread
from extractors.document import Extract
from extractors.sheet_cells import CellKind, Sheet, Shown
from extractors.sheets import read_sheets
from extractors.text import tidy
from extractors.txt import decoded

MOST_CELLS = 2_000_000
SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 200
"""Rows by which the separator is told."""

_STATED = re.compile(r"^\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_NUMBER = re.compile(r"^[-+(]?[£$€]?\s?-?\d[\d,]*(?:\.\d+)?\s?%?\)?$")
_DATE = re.compile(
    r"^(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{2}){1,2}|\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?|\d{1,2}[ -][A-Z][a-z]{2,8}[ -](?:\d{2}){1,2})$"
)


def read_csv(path: Path, name: str) -> Extract:
    """Read a list saved as text; `name` is what Problems call it. Never raises for bad input."""
    try:
        text = decoded(read_whole(path, "list"))
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    if text is None:
        return unread(
            name, "This file is not a list saved as text, whatever its name says.", "Save it as an Excel workbook (.xlsx) and add that."
        )
    title = tidy(Path(name).stem.replace("_", " "))
    return read_sheets(name, "", [(title, lambda: _sheet(title, text))])


def _sheet(name: str, text: str) -> Sheet:
    """Raises UnsafeOrBroken for more cells than any list has."""
    stated = _STATED.match(text)
    separator = stated[1] if stated else separator_of(text)
    sheet = Sheet(name, hidden=False)
    for number, row in enumerate(_rows(text[stated.end() :] if stated else text, separator), start=1):
        for column, raw in enumerate(row, start=1):
            if shown := tidy(raw):
                sheet.cells[number, column] = Shown(shown, _kind(shown))
        if len(sheet.cells) > MOST_CELLS:
            raise UnsafeOrBroken(f"It holds more than {MOST_CELLS:,} cells.", "Ask for the part that matters, as a file of its own.")
    return sheet


def separator_of(text: str) -> str:
    """The separator that cuts most rows into the same number of parts; a comma where none does."""
    start = text[:200_000]

    def agreement(separator: str) -> int:
        widths = Counter(len(row) for row in islice(_rows(start, separator), LOOKED_AT) if len(row) > 1)
        return max((width_of * rows for width_of, rows in widths.items()), default=0)

    return max(SEPARATORS, key=agreement)


def _rows(text: str, separator: str) -> list[list[str]]:
    """The rows; a quotation mark that is never closed does not swallow them."""
    lines = io.StringIO(text, newline="")
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return [line.split(separator) for line in text.splitlines()]


def _kind(text: str) -> CellKind:
    if _NUMBER.match(text):
        return "number"
    return "date" if _DATE.match(text) else "text"
