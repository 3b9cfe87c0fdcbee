"""What stands on a page, before anyone says what it means: words, rulings, rectangles. Boxes are in points from the top left."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from extractors.document import Box
from extractors.pdf_annotations import Remark
from extractors.pdf_tags import Tag

RULE_THICKNESS: Final = 3.0
"""Points. A path no thicker than this is a ruling, not a box: table borders are seldom over 2.25 points."""

RULE_LENGTH: Final = 4.0
"""Points. Shorter strokes are dots and ticks."""

_BOLD: Final = re.compile(r"bold|black|heavy|semibd|demi|(?:^|[-,])bd", re.IGNORECASE)


class Word(NamedTuple):
    """A word: its box, its text, the number of its style in the document's `Styles` and that of its marked run on the page, if any."""

    x0: float
    top: float
    x1: float
    bottom: float
    text: str
    style: int
    mark: int = -1


class Style(NamedTuple):
    """A font at a size in points; bold is told by the font's name, as pdfium's weights are not to be trusted."""

    font: str
    size: float
    bold: bool
    turn: int = 0
    """Degrees clockwise by which the page would have to be turned to read it."""


class Edge(NamedTuple):
    """A ruling: `position` is its top if horizontal, its left if not; it runs from `start` to `end`."""

    horizontal: bool
    position: float
    start: float
    end: float


class Rect(NamedTuple):
    """A drawn rectangle; `shade` is 0 (no fill, or white) to 255 (black)."""

    box: Box
    shade: int


class Styles:
    """The styles of a document, numbered as they are met."""

    def __init__(self) -> None:
        self.all: list[Style] = []
        self._numbers: dict[tuple[str, float, int], int] = {}

    def number(self, font: str, size: float, turn: int = 0) -> int:
        key = (font, round(size * 2) / 2, turn)
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(Style(font, key[1], bool(_BOLD.search(font)), turn))
        return self._numbers[key]


@dataclass(slots=True)
class PageContent:
    """What stands on a page, before anyone says what it means."""

    number: int
    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    rects: list[Rect] = field(default_factory=list)
    picture: float = 0.0
    """Share of the page that its pictures cover; scanners often cut a page into strips."""
    marks: int = 0
    """Paths, pictures and texts; a page with no words and no marks is blank, not a scan."""
    failed: bool = False
    remarks: list[Remark] = field(default_factory=list)
    """Comments, kept apart from the text."""
    tags: dict[int, Tag] = field(default_factory=dict)
    """By the numbers of marked runs."""
    place: Callable[[Box], Box] | None = None
    """From a box here to one on the visible page, where a page was turned or a scan straightened to be read."""


Transform = Callable[[float, float, float, float], Box]


def transform(rotation: int, bounds: Box) -> Transform:
    """A function from (left, bottom, right, top) in PDF space to a box on the visible page. Rotation in degrees."""
    left, bottom, right, top = bounds
    if rotation == 90:
        return lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
    if rotation == 180:
        return lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom)
    if rotation == 270:
        return lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0)
    return lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0)


def lines_box(lines: list[Box]) -> Box:
    """The box around some boxes."""
    lefts, tops, rights, bottoms = zip(*lines, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def add_rulings(content: PageContent, box: Box) -> None:
    """Adds a thin box to the page's rulings; a thicker one is left alone."""
    x0, top, x1, bottom = box
    if bottom - top <= RULE_THICKNESS and x1 - x0 >= RULE_LENGTH:
        content.edges.append(Edge(True, (top + bottom) / 2, x0, x1))
    elif x1 - x0 <= RULE_THICKNESS and bottom - top >= RULE_LENGTH:
        content.edges.append(Edge(False, (x0 + x1) / 2, top, bottom))


def add_rect(content: PageContent, box: Box, shade: int) -> None:
    """Adds a rectangle and its four sides."""
    x0, top, x1, bottom = box
    if (x1 - x0) * (bottom - top) > 0.9 * content.width * content.height:
        return
    content.rects.append(Rect(box, shade))
    content.edges += [
        Edge(True, top, x0, x1),
        Edge(True, bottom, x0, x1),
        Edge(False, x0, top, bottom),
        Edge(False, x1, top, bottom),
    ]
