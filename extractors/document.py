"""The one shape that every file format is read into: Document -> Block, and from blocks the Passages.

Boxes are (left, top, right, bottom) in PDF points, origin at the top left of the visible page.
Character ranges are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "note"]
Role = Literal["body", "contents", "glossary", "hidden"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the characters `start:end` of a block's text stand in its file.

    A PDF gives a page (1-based) and a box for each line; a sheet gives `sheet` and `cell` for each cell;
    a Word or text file gives the page where one is known.
    """

    start: int
    end: int
    page: int | None = None
    box: Box | None = None
    sheet: str | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table row or note, in reading order.

    A table row's `text` is its non-empty cells joined by CELL_BREAK; `cells` holds every cell, empty ones too, and
    `columns` the column headers, one for each cell ("" where a column has none).
    `level` is 1 for the highest heading; 0 for anything that is not a heading.
    `table` numbers the table that a row belongs to (1-based in the document), 0 outside tables.
    `source` is the text as the file holds it where repairs changed it ("" where none did).
    `series` names the list, and the depth in it, that a list item belongs to: items that go on counting have the same.
    """

    kind: BlockKind
    text: str
    places: tuple[Place, ...] = ()
    level: int = 0
    cells: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    table: int = 0
    hidden: bool = False
    source: str = ""
    series: str = ""


CELL_BREAK = " | "


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: says which file and page, what happened and what to do about it.

    `outcome` is failed for what cannot be read, skipped for what is not read for want of a program or a password on this
    machine (and is tried again by every run), flagged for what was read and needs a look.
    """

    file: str
    message: str
    remedy: str
    page: int | None = None
    outcome: Literal["failed", "skipped", "flagged"] = "failed"

    def __str__(self) -> str:
        where = f"{self.file}, page {self.page}" if self.page else self.file
        return f"{where}: {self.message} {self.remedy}"


class ScanWord(NamedTuple):
    """A word as OCR read it: its box on the visible page, its text and a confidence from 0 to 1."""

    box: Box
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Scan:
    """A page that was read by OCR: its number (1-based), the mean confidence of its words and the words themselves."""

    page: int
    confidence: float
    words: tuple[ScanWord, ...]

    def confidence_in(self, box: Box) -> float:
        """The mean confidence of the words whose middles lie in a box; the page's where none does."""
        inside = [w.confidence for w in self.words if _holds(box, (w.box[0] + w.box[2]) / 2, (w.box[1] + w.box[3]) / 2)]
        return round(sum(inside) / len(inside), 3) if inside else self.confidence


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


@dataclass(frozen=True, slots=True)
class Extract:
    """What a format's extractor returns. pages == pages_read + pages named in problems that are not only flagged.

    A file of which nobody can tell how many pages it has counts as one, and `pages_known` is False.
    """

    blocks: tuple[Block, ...]
    pages: int
    pages_read: int
    title: str = ""
    running: tuple[str, ...] = ()
    """Running heads and feet, once each: they carry the protective marking, never evidence."""
    problems: tuple[Problem, ...] = ()
    scans: tuple[Scan, ...] = ()
    pages_known: bool = True


@dataclass(frozen=True, slots=True)
class Passage:
    """A block with its context: what the classifiers read and what evidence is quoted from.

    `headings` runs from the outermost to the nearest; `lead_in` is what introduces a list: the sentence
    before it and, for a list inside a list, the item above it.
    `start:end` is its range in the document's text (all blocks joined by newlines).
    """

    text: str
    kind: BlockKind
    role: Role
    headings: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[str, ...]
    lead_in: str
    places: tuple[Place, ...]
    table: int
    start: int
    end: int


def full_title(title: str, file: str) -> str:
    """What a document is called: its title and its file's name, which often is the only place that names an area."""
    return f"{title} - {Path(file).stem.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a submission, read. `file` is its path inside the submission's folder, with forward slashes.

    `pages` is 1 where nobody can tell how many it has: `pages_known` is False.
    """

    file: str
    sha256: str
    title: str
    pages: int
    pages_read: int
    passages: tuple[Passage, ...]
    running: tuple[str, ...]
    problems: tuple[Problem, ...]
    scans: tuple[Scan, ...] = ()
    pages_known: bool = True

    @property
    def pages_skipped(self) -> int:
        """Pages not read for want of something on this machine; pages == pages_read + pages_skipped + pages_failed."""
        skipped = {problem.page for problem in self.problems if problem.outcome == "skipped"}
        lost = self.pages - self.pages_read
        return lost if None in skipped else min(lost, len(skipped))

    @property
    def pages_failed(self) -> int:
        """Pages that could not be read."""
        return self.pages - self.pages_read - self.pages_skipped
