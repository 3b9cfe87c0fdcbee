"""What was found on a page, as marks over its picture: why a passage was cut where it was.

Boxes are in PDF points from the top left of the visible page, as in extractors.document; pages count from 1.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pypdfium2 as pdfium
from PIL import Image

from extractors.document import Box, Document, Passage, Place
from extractors.images import upright
from extractors.kinds import kind_of
from extractors.pdf_content import Styles, lines_box
from extractors.pdf_layout import pieces_of
from extractors.pdf_words import read_page
from pipeline.words import count_words

LARGEST_SIDE: Final = 4000
"""Pixels: a page that claims to be larger is drawn smaller."""

DRAWN: Final = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
"""Kinds of file that have pages to be drawn."""

TOUCH: Final = 14.0
"""Points between two lines of one region at the most; further apart the text goes on in another column."""

MarkKind = Literal["heading", "paragraph", "list_item", "table", "table_row", "cell", "note", "hidden", "columns", "running", "left_out"]


class NoDrawing(ValueError):
    """The page or file cannot be drawn; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a page. `number` is the passage's in the document, from 1 in reading order; 0 for what is no passage.

    A passage that goes on in another column or page has a mark in each. `columns` are the headers of a table, `running` the heads,
    feet and page numbers that were taken away, `left_out` words that are in no passage for any other reason.
    """

    kind: MarkKind
    box: Box
    text: str
    number: int = 0


def page_image(path: Path, page: int, width: int) -> bytes:
    """The page of a PDF or a scan as a PNG, `width` pixels wide. Raises NoDrawing."""
    try:
        if kind_of(path) == ".pdf":
            sheet = _page(path, page)
            wide, high = sheet.get_size()
            picture = sheet.render(scale=min(width / max(wide, 1.0), LARGEST_SIDE / max(wide, high, 1.0))).to_pil()
        else:
            scan, _ = _scan(path, page)
            picture = scan.resize((width, min(LARGEST_SIDE, round(width * scan.height / scan.width))))
        out = io.BytesIO()
        picture.save(out, "PNG")
    except (pdfium.PdfiumError, MemoryError) as error:
        raise NoDrawing(f"{path.name}, page {page}: the page cannot be drawn ({error}). Open it in a PDF reader.") from None
    return out.getvalue()


def page_size(path: Path, page: int) -> tuple[float, float]:
    """Width and height of the visible page in points. Raises NoDrawing."""
    wide, high = _page(path, page).get_size() if kind_of(path) == ".pdf" else _scan(path, page)[1]
    return float(wide), float(high)


def _page(path: Path, page: int) -> pdfium.PdfPage:
    try:
        document = pdfium.PdfDocument(path)
    except (pdfium.PdfiumError, OSError) as error:
        raise NoDrawing(f"{path.name}: the file cannot be drawn ({error}). Open it in a PDF reader and save it anew.") from None
    if not 1 <= page <= len(document):
        raise NoDrawing(f"{path.name}: there is no page {page}. It has {count_words(len(document), 'page')}.")
    return document[page - 1]


def _scan(path: Path, page: int) -> tuple[Image.Image, tuple[float, float]]:
    try:
        with Image.open(path, formats=["PNG", "JPEG", "TIFF"]) as picture:
            return upright(picture, page - 1)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise NoDrawing(f"{path.name}: there is no page {page} to be drawn ({error}).") from None


def page_marks(document: Document, page: int) -> list[Mark]:
    """The passages on one page, in reading order; each table before its rows, each row before its cells."""
    marks: list[Mark] = []
    tables: dict[int, int] = {}
    for number, passage in enumerate(document.passages, 1):
        here = [place for place in passage.places if place.page == page and place.box]
        if not here:
            continue
        kind = "hidden" if passage.role == "hidden" else passage.kind
        if not passage.table:
            marks += [Mark(kind, box, passage.text, number) for box in regions(here)]
            continue
        row = _around(here)
        if passage.table not in tables:
            tables[passage.table] = len(marks)
            marks.append(Mark("table", row, _table_text(passage)))
        at = tables[passage.table]
        marks[at] = Mark("table", lines_box([marks[at].box, row]), marks[at].text)
        marks.append(Mark(kind, row, passage.text, number))
        marks += [Mark("cell", _around([place]), passage.text[place.start : place.end]) for place in here]
    return marks


def _table_text(passage: Passage) -> str:
    return f"table {passage.table}: {' | '.join(passage.columns)}" if any(passage.columns) else f"table {passage.table}, no headers found"


def _around(places: Sequence[Place]) -> Box:
    return lines_box([place.box for place in places if place.box])


def regions(places: Sequence[Place]) -> list[Box]:
    """The boxes around lines that stand under one another; a new one where the text goes on in another column."""
    found: list[Box] = []
    for place in places:
        if not (box := place.box):
            continue
        last = found[-1] if found else None
        under = last and box[3] >= last[3] - 2 and box[1] - last[3] <= TOUCH
        if last and under and box[0] < last[2] and box[2] > last[0]:
            found[-1] = lines_box([last, box])
        else:
            found.append(box)
    return found


_DIGITS: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(r"(?:page\s*)?\W*(?:\d{1,4}|[ivxl]{1,5})\W*(?:(?:of|/)\s*\d{1,4})?\W*$", re.IGNORECASE)


def unread_marks(path: Path, document: Document, page: int, marks: Sequence[Mark]) -> list[Mark]:
    """The words on a page that stand in none of its marks: headers of tables, running heads, and whatever else. Raises NoDrawing."""
    if kind_of(path) != ".pdf":
        return []  # of a scan there are no words but those that were read
    content = read_page(_page(path, page), page, Styles())
    boxes = [mark.box for mark in marks]
    seen: Callable[[Box], Box] = content.place or (lambda box: box)
    words = [word for word in content.words if not _inside(seen(word[:4]), boxes)]
    running = {_DIGITS.sub("#", text) for text in document.running}
    headers = {word for passage in document.passages if passage.table for name in passage.columns for word in name.split()}
    found: dict[MarkKind, list[Mark]] = defaultdict(list)
    for piece in pieces_of(words):
        text = " ".join(word.text for word in piece.words)
        kind: MarkKind = "left_out"
        if _DIGITS.sub("#", text) in running or _PAGE_NUMBER.match(text):
            kind = "running"
        elif all(word.text in headers for word in piece.words):
            kind = "columns"
        found[kind].append(Mark(kind, seen(piece[:4]), text))
    return [mark for kind in ("columns", "running", "left_out") for mark in found[kind]]


def _inside(box: Box, boxes: Sequence[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1 for left, top, right, bottom in boxes)
