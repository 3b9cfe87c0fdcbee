"""A sheet of any format before anyone says what it means: its cells, what is hidden, what lies on it. Rows and columns are 1-based."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from extractors.drawn import Drawn
from extractors.text import tidy

_PARTS = re.compile("&[LCR]")
_CODES = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d+|[A-Z])')
"""Fonts, colours, sizes, page numbers in the text of a head or foot."""
CellKind = Literal["text", "number", "date"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is shown."""

    text: str
    kind: CellKind
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What someone remarked on a cell: no part of what the force says. `by` is "" where it does not say who."""

    row: int
    column: int
    by: str
    text: str


@dataclass(slots=True)
class Sheet:
    """One worksheet: filled cells by (row, column), what is hidden, and merged ranges (top, left, bottom, right)."""

    name: str
    hidden: bool
    cells: dict[tuple[int, int], Shown] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    """Texts in boxes and shapes that lie on the sheet."""
    drawn: list[Drawn] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    """What is printed at the head and foot of its pages."""
    uncomputed: int = 0
    """Formulas without a value: no program has worked them out since they were written."""
    errors: int = 0
    """Cells that show only that a formula failed ("#REF!"): nobody wrote that, so they are read as empty."""

    def hides(self, column: int) -> bool:
        return any(column in columns for columns in self.hidden_columns)


def column_letters(column: int) -> str:
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def printed_texts(coded: str) -> Iterator[str]:
    """The texts in what Excel keeps of a head or foot: left, centre and right apart."""
    for part in _PARTS.split(coded.replace("&&", "\0")):
        if text := tidy(_CODES.sub("", part).replace("\0", "&")):
            yield text
