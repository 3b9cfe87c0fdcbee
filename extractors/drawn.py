"""What is read of a drawing in a document of any format: a diagram, a chart, a picture; and how it becomes blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from extractors.document import CELL_BREAK, Place
from extractors.text import Draft, tidy

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DESCRIBED: Final = "Description of a picture: "


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is read of a drawing: its texts, the table that a chart shows, what describes it to those who cannot see it."""

    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    described: str = ""
    unread: str = ""
    """A sentence that says what of it was not read."""


def texts(shape: etree._Element) -> Iterator[str]:
    """The paragraphs in a shape."""
    for paragraph in shape.iter(A + "p"):
        if text := tidy("".join(piece.text or "" for piece in paragraph.iter(A + "t"))):
            yield text


def drafts_of(drawn: Drawn, table: int, page: int | None = None, sheet: str | None = None) -> Iterator[Draft]:
    """A drawing as blocks to be; the rows of a chart are those of the document's table with that number."""

    def whole(text: str) -> tuple[Place, ...]:
        return (Place(0, len(text), page=page, sheet=sheet),)

    yield from (Draft("paragraph", text, whole(text)) for text in drawn.lines)
    for cells in drawn.rows:
        text = CELL_BREAK.join(filter(None, cells))
        yield Draft("table_row", text, whole(text), cells=cells, columns=drawn.columns, table=table)
    if drawn.described:
        text = DESCRIBED + drawn.described
        yield Draft("note", text, whole(text), hidden=True)
