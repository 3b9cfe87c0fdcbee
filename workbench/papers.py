"""A document as the reviewer sees it: the words of a page with the evidence marked, a sheet as a grid, other files as running text.

A place in a document is a range of characters of its text (all blocks joined by newlines), as in matrix.json's `range`. Lengths on
a page are PDF points from the top left of the visible page.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extractors.document import Box, Document, Passage, Place
from pipeline.words import marked
from workbench.pictures import Character, characters

Range = tuple[int, int]
Piece = tuple[str, bool]

LEAST_QUOTE: Final = 12
"""Characters that a reviewer's quote must have at least: fewer stand in too many places."""
MOST_HITS: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand in one line of a page, for selecting and for readers of the screen."""

    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: the rows that hold anything, by their own numbers; `marked` are the cells that are evidence."""

    name: str
    columns: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    marked: frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that holds the words looked for."""

    file: str
    page: int | None
    sheet: str | None
    cell: str | None
    pieces: list[Piece]
    start: int
    end: int


def lines(document: Document, page: int) -> list[Line]:
    """The lines of a page, in reading order."""
    return [
        Line(place.box, passage.text[place.start : place.end])
        for passage in document.passages
        for place in passage.places
        if place.page == page and place.box
    ]


def boxes(original: Path, document: Document, page: int, ranges: Iterable[Range]) -> list[Box]:
    """Where on the page the words of the ranges stand: exactly where pdfium or OCR found the same signs, else the whole line."""
    wanted, found = list(ranges), []
    for passage in document.passages:
        for place in passage.places:
            if place.page != page or not place.box:
                continue
            own = [(max(a - passage.start, place.start), min(b - passage.start, place.end)) for a, b in wanted]
            own = [(a, b) for a, b in own if a < b]
            if own:
                text = passage.text[place.start : place.end]
                signs = _signs(scanned(document, page) or characters(original, page), place.box)
                found += [_words(place.box, text, a - place.start, b - place.start, signs) for a, b in own]
    return found


def scanned(document: Document, page: int) -> list[Character]:
    """The signs of a page that was read by OCR, each a like share of its word's box; none of another page."""
    words = [word for scan in document.scans if scan.page == page for word in scan.words]
    return [
        (sign, (left + (right - left) * n / len(text), top, left + (right - left) * (n + 1) / len(text), bottom))
        for (left, top, right, bottom), text, _ in words
        for n, sign in enumerate(text)
    ]


def _signs(all_of_page: Sequence[Character], line: Box) -> list[Character]:
    left, top, right, bottom = line
    return [
        (sign, box)
        for sign, box in all_of_page
        if left - 1 <= (box[0] + box[2]) / 2 <= right + 1 and top - 1 <= (box[1] + box[3]) / 2 <= bottom + 1
    ]


def _words(line: Box, text: str, start: int, end: int, signs: Sequence[Character]) -> Box:
    plain = "".join(text.split())
    if "".join(sign for sign, _ in signs) != plain:
        return line
    first = len("".join(text[:start].split()))
    own = signs[first : first + len("".join(text[start:end].split()))]
    return (min(b[0] for _, b in own), line[1], max(b[2] for _, b in own), line[3]) if own else line


def sheets(document: Document, ranges: Sequence[Range] = ()) -> list[Sheet]:
    """The workbook's sheets as grids, in their order."""
    names = dict.fromkeys(place.sheet for passage in document.passages for place in passage.places if place.sheet)
    return [_sheet(document, name, ranges) for name in names]


def _sheet(document: Document, name: str, ranges: Sequence[Range]) -> Sheet:
    cells: dict[int, dict[str, str]] = {}
    headers: dict[str, str] = {}
    marked = set()
    for passage in document.passages:
        own = [place for place in passage.places if place.sheet == name and place.cell]
        for place in own:
            column, row = _split(place.cell or "")
            cells.setdefault(row, {})[column] = passage.text[place.start : place.end]
            if any(a < passage.start + place.end and passage.start + place.start < b for a, b in ranges):
                marked.add((row, column))
        headers |= {column: header for column, header in _headers(passage, own) if header}
    columns = tuple(sorted({c for row in cells.values() for c in row}, key=lambda c: (len(c), c)))
    return Sheet(
        name,
        columns,
        tuple(headers.get(c, "") for c in columns),
        tuple((row, tuple(cells[row].get(c, "") for c in columns)) for row in sorted(cells)),
        frozenset(marked),
    )


def _headers(passage: Passage, places: Sequence[Place]) -> Iterable[tuple[str, str]]:
    """The column letters of a row's filled cells, each with its header."""
    filled = [index for index, text in enumerate(passage.cells) if text.strip()]
    if len(filled) == len(places):
        for index, place in zip(filled, places, strict=True):
            yield _split(place.cell or "")[0], passage.columns[index] if index < len(passage.columns) else ""


def _split(cell: str) -> tuple[str, int]:
    """A cell's column letters and row number: "B7" -> ("B", 7); of a merged range the first cell counts."""
    match = re.match(r"([A-Z]+)(\d+)", cell)
    return (match[1], int(match[2])) if match else ("A", 0)


def pieces(passage: Passage, ranges: Iterable[Range]) -> list[Piece]:
    """The passage's text cut at the edges of the ranges, each piece with whether it is marked."""
    return marked(passage.text, [(a - passage.start, b - passage.start) for a, b in ranges])


def passage_at(document: Document, start: int) -> Passage | None:
    """The passage in which the character stands."""
    index = bisect_right([p.start for p in document.passages], start) - 1
    return document.passages[index] if index >= 0 and start < document.passages[index].end else None


def search(documents: Iterable[Document], words: str) -> list[Hit]:
    """The passages that hold all the words (whatever their case), up to MOST_HITS."""
    terms = [re.escape(word) for word in words.split()]
    if not terms:
        return []
    sought, hits = re.compile("|".join(terms), re.IGNORECASE), []
    for document in documents:
        for passage in document.passages:
            low = passage.text.casefold()
            if all(word.casefold() in low for word in words.split()):
                spans = [(passage.start + m.start(), passage.start + m.end()) for m in sought.finditer(passage.text)]
                hits.append(_hit(document, passage, spans))
                if len(hits) == MOST_HITS:
                    return hits
    return hits


def _hit(document: Document, passage: Passage, spans: Sequence[Range]) -> Hit:
    place = passage.places[0] if passage.places else Place(0, 0)
    return Hit(document.file, place.page, place.sheet, place.cell, pieces(passage, spans), passage.start, passage.end)


def find_quote(document: Document, quote: str, page: int | None = None) -> Range | None:
    """Where the quote stands in the document, blanks and line ends aside; on `page` if it stands there. None where it does not stand."""
    plain = "".join(quote.split())
    if len(plain) < LEAST_QUOTE:
        return None
    signs, offsets = [], []
    for passage in document.passages:
        for index, sign in enumerate(passage.text):
            if not sign.isspace():
                signs.append(sign)
                offsets.append(passage.start + index)
    text, found = "".join(signs), []
    at = text.find(plain)
    while at >= 0:
        found.append((offsets[at], offsets[at + len(plain) - 1] + 1))
        at = text.find(plain, at + 1)
    return next((r for r in found if page_of(document, r) == page), found[0]) if found else None


def page_of(document: Document, where: Range) -> int | None:
    """The page on which a range begins."""
    passage = passage_at(document, where[0])
    places = passage.places if passage else ()
    return next((p.page for p in places if passage and passage.start + p.end > where[0]), None)


def text_of(document: Document, where: Range) -> str:
    """The words of a range, passages parted by newlines."""
    parts = [p.text[max(0, where[0] - p.start) : where[1] - p.start] for p in document.passages if p.start < where[1] and where[0] < p.end]
    return "\n".join(parts)


def place_of(document: Document, where: Range) -> Place:
    """The place in which a range begins: page and box, or sheet and cell."""
    passage = passage_at(document, where[0])
    places = passage.places if passage else ()
    return next((p for p in places if passage and passage.start + p.end > where[0]), Place(0, 0))
