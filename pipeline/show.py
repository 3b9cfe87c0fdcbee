"""`readacross show`: a drawing of what was found in one file, for a person who wonders why a passage was cut where it was.

PDF pages are drawn with their marks over them; sheets as grids; other formats as the run of their passages.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from extractors.document import Document, Passage
from extractors.kinds import kind_of
from extractors.read import read_document, sha256_of
from extractors.text import is_marking
from pipeline.drawing import DRAWN, Mark, MarkKind, NoDrawing, page_image, page_marks, page_size, unread_marks

WIDTH: Final = 1100
"""Pixels of a page's picture."""

KINDS: Final[dict[MarkKind, tuple[str, str, str]]] = {
    "heading": ("H", "heading", "#0b5394"),
    "paragraph": ("P", "paragraph", "#2e7d32"),
    "list_item": ("L", "list item", "#00838f"),
    "table": ("", "table", "#b45f06"),
    "table_row": ("R", "table row", "#b45f06"),
    "cell": ("", "cell", "#e69138"),
    "columns": ("C", "column headers of a table", "#7f6000"),
    "note": ("N", "note", "#6a1b9a"),
    "hidden": ("X", "hidden text: read, never evidence", "#ad1457"),
    "running": ("", "running head, foot or page number: taken away", "#757575"),
    "left_out": ("?", "in no passage", "#d50000"),
}
"""Letter, name and colour of each kind of mark; letters tell kinds apart where colours do not."""

NUMBERED: Final = ("heading", "paragraph", "list_item", "table_row", "note", "hidden")


@dataclass(frozen=True, slots=True)
class Item:
    """A passage in the run of passages beside a page; `cells` are (header, text) pairs of a row."""

    number: int
    kind: MarkKind
    passage: Passage
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One page or sheet: its picture with marks (PDF), or its grid of (text, kind, number) cells (sheet), and its passages."""

    title: str
    items: Sequence[Item]
    picture: str = ""
    size: tuple[float, float] = (0.0, 0.0)
    marks: Sequence[Mark] = ()
    grid: Sequence[Sequence[tuple[str, str, int]]] = ()

    @property
    def runs(self) -> list[tuple[int, list[Item]]]:
        """The passages, the rows of a table together: (table or 0, passages)."""
        return [(table, list(run)) for table, run in groupby(self.items, key=lambda item: item.passage.table)]

    @property
    def path(self) -> str:
        """The order of reading as a line through the numbered marks, in the form of an SVG polyline."""
        return " ".join(f"{mark.box[0]:.0f},{mark.box[1] + 5:.0f}" for mark in self.marks if mark.kind in NUMBERED)


def show(file: Path, page: int | None, out: Path, report: Callable[[int, int], None]) -> Document:
    """Draws `file` into `out` (.html all pages or one, .png or .svg one page of a PDF or scan). Raises NoDrawing and OSError."""
    if not file.is_file():
        raise NoDrawing(f"{file}: {'is a folder' if file.is_dir() else 'there is no such file'}. Give one document.")
    document = read_document(file, file.name, sha256_of(file))
    if not document.passages:
        raise NoDrawing(" ".join(str(problem) for problem in document.problems))
    if out.suffix == ".html":
        out.write_text(_html(file, document, page, report), encoding="utf-8")
    elif out.suffix not in (".png", ".svg"):
        raise NoDrawing(f"{out.name}: a drawing is an .html, .png or .svg file. Choose one of these with --out.")
    elif not _has_pages(file, document):
        raise NoDrawing(f"{file.name}: has no pages that could be a picture. Choose an .html file with --out.")
    elif out.suffix == ".png":
        out.write_bytes(_png(file, document, page or 1))
    else:
        out.write_text(_rendered("show.svg.j2", view=_page_view(file, document, page or 1)), encoding="utf-8")
    return document


def _has_pages(file: Path, document: Document) -> bool:
    return kind_of(file) in DRAWN and any(place.box for passage in document.passages for place in passage.places)


def _rendered(template: str, **values: object) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return environment.get_template(template).render(kinds=KINDS, **values)


def _html(file: Path, document: Document, page: int | None, report: Callable[[int, int], None]) -> str:
    if _has_pages(file, document):
        pages = [page] if page else range(1, document.pages + 1)
        views = []
        for done, number in enumerate(pages, 1):
            views.append(_page_view(file, document, number))
            report(done, len(pages))
    else:
        views = list(_sheet_views(document)) or [View("", _items(document))]
    marking = next((text for text in document.running if is_marking(text)), "")
    return _rendered("show.html.j2", document=document, views=views, marking=marking)


def _page_view(file: Path, document: Document, page: int) -> View:
    marks = page_marks(document, page)
    marks += unread_marks(file, document, page, marks)
    picture = base64.b64encode(page_image(file, page, WIDTH)).decode()
    items = [item for item in _items(document) if any(place.page == page for place in item.passage.places)]
    return View(f"Page {page}", items, picture, page_size(file, page), marks)


def _items(document: Document) -> list[Item]:
    items = []
    for number, passage in enumerate(document.passages, 1):
        kind: MarkKind = "hidden" if passage.role == "hidden" else passage.kind
        columns = (*passage.columns, *[""] * len(passage.cells))
        items.append(Item(number, kind, passage, tuple(zip(columns, passage.cells, strict=False))))
    return items


_SPOT: Final = re.compile(r"([A-Z]+)(\d+)$")


def _sheet_views(document: Document) -> Iterator[View]:
    """A grid for each sheet; the headers of a table stand in the row above its first, where the file has them."""
    sheets = {place.sheet: None for passage in document.passages for place in passage.places if place.sheet}
    for sheet in sheets:
        items = [item for item in _items(document) if any(place.sheet == sheet for place in item.passage.places)]
        spots: dict[tuple[int, int], tuple[str, str, int]] = {}
        for _, run in groupby(items, key=lambda item: item.passage.table):
            for first, item in zip([True, *[False] * len(items)], run, strict=False):
                for place in item.passage.places:
                    found = _SPOT.match(place.cell or "")
                    if not found:
                        continue
                    row, column = int(found[2]), _column(found[1])
                    text = item.passage.text[place.start : place.end]
                    spots[row, column] = (text, item.kind, item.number)
                    header = next((name for name, cell in item.cells if cell == text), "")
                    if first and header:
                        spots.setdefault((row - 1, column), (header, "columns", 0))
        last = max((column for _, column in spots), default=0)
        rows = sorted({row for row, _ in spots})
        yield View(
            f"Sheet “{sheet}”", items, grid=[[spots.get((row, column), ("", "", 0)) for column in range(1, last + 1)] for row in rows]
        )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _png(file: Path, document: Document, page: int) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    marks = page_marks(document, page)
    marks += unread_marks(file, document, page, marks)
    picture = Image.open(io.BytesIO(page_image(file, page, WIDTH))).convert("RGB")
    scale = picture.width / page_size(file, page)[0]
    pen = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.load_default(13)
    for mark in marks:
        colour = KINDS[mark.kind][2]
        x0, top, x1, bottom = (round(side * scale) for side in mark.box)
        fill = colour + ("00" if mark.kind in ("table", "table_row") else "1f")
        pen.rectangle((x0 - 3, top - 3, x1 + 3, bottom + 3), None, "#ffffffa0", 4)
        pen.rectangle((x0 - 2, top - 2, x1 + 2, bottom + 2), fill, colour, 1 if mark.kind == "cell" else 2)
    numbered = [mark for mark in marks if mark.kind in NUMBERED]
    pen.line([(mark.box[0] * scale, (mark.box[1] + 5) * scale) for mark in numbered], "#00000070", 2)
    for mark in numbered:
        label = f"{mark.number}{KINDS[mark.kind][0]}"
        x, y = mark.box[0] * scale, mark.box[1] * scale
        pen.rectangle((x - 8 * len(label) - 4, y - 2, x - 2, y + 14), KINDS[mark.kind][2])
        pen.text((x - 8 * len(label) - 1, y - 2), label, "#ffffff", font)
    legend = [kind for kind in KINDS if any(mark.kind == kind for mark in marks)]
    whole = Image.new("RGB", (picture.width, picture.height + 20 * len(legend) + 12), "#ffffff")
    whole.paste(picture, (0, 0))
    pen = ImageDraw.Draw(whole)
    for row, kind in enumerate(legend):
        letter, name, colour = KINDS[kind]
        y = picture.height + 6 + 20 * row
        pen.rectangle((10, y, 28, y + 14), colour)
        pen.text((13, y - 1), letter, "#ffffff", font)
        pen.text((36, y - 1), name, "#000000", font)
    out = io.BytesIO()
    whole.save(out, "PNG")
    return out.getvalue()
