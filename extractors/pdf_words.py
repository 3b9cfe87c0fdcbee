"""One PDF page -> its words, rulings and rectangles, through pdfium's raw interface.

Everything that leaves this module is in points from the top left of the visible page, whatever /Rotate and CropBox say.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import hypot
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from extractors.document import Box
from extractors.pdf_annotations import Remark
from extractors.pdf_tags import Tag, read_tags

RULE_THICKNESS: Final = 3.0
"""Points. A path no thicker than this is a ruling, not a box: table borders are seldom over 2.25 points."""

RULE_LENGTH: Final = 4.0
"""Points. Shorter strokes are dots and ticks."""

MOST_PATHS: Final = 4000
"""Paths on one page beyond which it is a map or a chart: no rulings are taken, so that one page cannot stall a run."""

DEEPEST_FORM: Final = 12
"""Forms in forms beyond which nothing is looked for: no program nests them so."""

MOST_SEGMENTS: Final = 400
"""Segments of one path beyond which it is a drawing."""

ROUNDED_SEGMENTS: Final = 20
"""Segments of a rectangle with round corners at the most."""

_WORD: Final = re.compile(r"[^\s\ufffe]+\ufffe?|\ufffe")
_EIGHT: Final = struct.Struct("8f").unpack
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


def _turned_back(turned: int, wide: float, high: float, box: Box) -> Box:
    """A box on a page of that size, turned by so many degrees clockwise to be read, as it stands on the page that a person sees."""
    x0, top, x1, bottom = box
    if turned == 90:
        return (top, wide - x1, bottom, wide - x0)
    if turned == 180:
        return (wide - x1, high - bottom, wide - x0, high - top)
    return (high - bottom, x0, high - top, x1)


def read_page(page: pdfium.PdfPage, number: int, styles: Styles, remarks: Sequence[Remark] = ()) -> PageContent:
    """The words, rulings and rectangles of one page, in the order of its content stream; sideways text is set upright."""
    content, upright = _read_as_is(page, number, styles, remarks)
    rotation = page.get_rotation()
    if upright != rotation:
        page.set_rotation(upright)
        try:
            content, _ = _read_as_is(page, number, styles, remarks)
        finally:
            page.set_rotation(rotation)
        content.place = partial(_turned_back, (upright - rotation) % 360, content.width, content.height)
    return content


def _read_as_is(page: pdfium.PdfPage, number: int, styles: Styles, remarks: Sequence[Remark]) -> tuple[PageContent, int]:
    """The page as it stands, and the rotation at which most of its text would be upright."""
    rotation = page.get_rotation()
    rect = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(rect))
    bounds = (rect.left, rect.bottom, rect.right, rect.top)
    width, height = rect.right - rect.left, rect.top - rect.bottom
    if rotation in (90, 270):
        width, height = height, width
    content = PageContent(number, width, height)
    place = transform(rotation, bounds)
    if raw.FPDFCatalog_IsTagged(page.pdf.raw):
        content.tags = read_tags(page.raw)
    turns = _read_words(page, content, styles, place)
    _read_marks(page.raw, content, place)
    content.remarks = [remark._replace(box=place(*remark.box)) for remark in remarks]
    return content, turns.most_common(1)[0][0] if turns else rotation


def _read_words(page: pdfium.PdfPage, content: PageContent, styles: Styles, place: Transform) -> Counter[int]:
    """Reads the words; gives for each rotation of the page how many runs of text it would set upright."""
    textpage = page.get_textpage()
    fonts = _Fonts(styles, page.get_rotation())
    try:
        handle = textpage.raw
        count = raw.FPDFText_CountChars(handle)
        if count <= 0:
            return fonts.turns
        buffer = (ctypes.c_ushort * (2 * count + 2))()
        got = raw.FPDFText_GetText(handle, 0, count, buffer)
        text = bytes(buffer)[: max(0, got - 1) * 2].decode("utf-16-le", "replace")
        same_index = len(text) == count
        address = _address(handle)
        boxes = ctypes.create_string_buffer(32)
        first = ctypes.addressof(boxes)
        last = first + 16
        style, mark, previous = 0, -1, None
        tagged = bool(content.tags)
        words, upright = content.words, page.get_rotation() == 0
        left, _, _, over = place(0.0, 0.0, 0.0, 0.0)
        wide, high = 2 * content.width, 2 * content.height
        for match in _WORD.finditer(text):
            start, end = match.span()
            end -= 1
            if not same_index:
                start, end = _char_index(handle, start), _char_index(handle, end)
            if start < 0 or end < 0 or not _char_box(address, start, first) or not _char_box(address, end, last):
                continue
            owner = _text_object(address, start)
            if owner != previous:
                previous = owner
                style = fonts.style(owner, address, start) if owner else style
                mark = _object_mark(owner) if owner and tagged else -1
            # Each box is left, top, right, bottom, with y upwards.
            a, b, c, d, e, f, g, h = _EIGHT(boxes)
            x0, top, x1, bottom = a if a < e else e, b if b > f else f, c if c > g else g, d if d < h else h  # a call of min costs more
            if upright:
                x0, top, x1, bottom = x0 + left, over - top, x1 + left, over - bottom
            else:
                x0, top, x1, bottom = place(x0, bottom, x1, top)
            if 0 <= x0 + x1 <= wide and 0 <= top + bottom <= high:
                words.append(Word(x0, top, x1, bottom, match.group(), style, mark))
    finally:
        textpage.close()
    return fonts.turns


def _char_index(handle: Any, index: int) -> int:
    return int(raw.FPDFText_GetCharIndexFromTextIndex(handle, index))


def _address(pointer: Any) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def _plain(function: Any, result: Any, *arguments: Any) -> Any:
    """The same pdfium function with bare addresses for pointers: half the cost of a typed call."""
    return ctypes.CFUNCTYPE(result, *arguments)(_address(function))


_P: Final = ctypes.c_void_p
_char_box: Final = _plain(raw.FPDFText_GetLooseCharBox, ctypes.c_int, _P, ctypes.c_int, _P)
_text_object: Final = _plain(raw.FPDFText_GetTextObject, _P, _P, ctypes.c_int)
_object_font: Final = _plain(raw.FPDFTextObj_GetFont, _P, _P)
_object_size: Final = _plain(raw.FPDFTextObj_GetFontSize, ctypes.c_int, _P, _P)
_char_matrix: Final = _plain(raw.FPDFText_GetMatrix, ctypes.c_int, _P, ctypes.c_int, _P)
_object_mark: Final = _plain(raw.FPDFPageObj_GetMarkedContentID, ctypes.c_int, _P)
_font_name: Final = _plain(raw.FPDFFont_GetBaseFontName, ctypes.c_size_t, _P, _P, ctypes.c_size_t)


class _Fonts:
    """The style of each text object of one page; each font's name is asked for once."""

    def __init__(self, styles: Styles, rotation: int) -> None:
        self._styles, self._rotation = styles, rotation
        self._known: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self.turns: Counter[int] = Counter()
        self._size, self._matrix = ctypes.c_float(), raw.FS_MATRIX()

    def style(self, owner: int, page: int, char: int) -> int:
        """The style of a text object, told at one of its characters."""
        if owner not in self._known:
            font = _object_font(owner) or 0
            if font not in self._names:
                name = ctypes.create_string_buffer(256)
                if font:
                    _font_name(font, ctypes.addressof(name), 255)
                self._names[font] = name.value.decode("utf-8", "replace")
            size, matrix = self._size, self._matrix
            _object_size(owner, ctypes.addressof(size))
            _char_matrix(page, char, ctypes.addressof(matrix))  # with the scale of the forms that the text is in
            scale = hypot(matrix.c, matrix.d) or 1.0
            upright = _upright(matrix.a, matrix.b)
            self.turns[upright] += 1
            self._known[owner] = self._styles.number(self._names[font], size.value * scale, (upright - self._rotation) % 360)
        return self._known[owner]


def _upright(a: float, b: float) -> int:
    """The rotation of the page, in degrees clockwise, at which text that runs along (a, b) is read from left to right."""
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 180
    return 90 if b > 0 else 270


def _read_marks(page: Any, content: PageContent, place: Transform) -> None:
    paths: list[tuple[Any, Transform]] = []
    area = max(1.0, content.width * content.height)
    for item, what, here in _objects(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, place):
        content.marks += 1
        if what == raw.FPDF_PAGEOBJ_PATH and len(paths) <= MOST_PATHS:
            paths.append((item, here))
        elif what in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
            box = _bounds(item, here)
            content.picture = min(1.0, content.picture + (box[2] - box[0]) * (box[3] - box[1]) / area)
    if len(paths) <= MOST_PATHS:
        for item, here in paths:
            _read_path(item, content, here)


def _objects(holder: Any, count: Any, get: Any, place: Transform, depth: int = 0) -> Iterator[tuple[Any, int, Transform]]:
    """The objects of a page, those of its Form XObjects among them: each with its kind and what sets its bounds on the page."""
    for index in range(count(holder)):
        item = get(holder, index)
        what = raw.FPDFPageObj_GetType(item)
        if what != raw.FPDF_PAGEOBJ_FORM:
            yield item, what, place
        elif depth < DEEPEST_FORM:
            yield from _objects(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, _within(item, place), depth + 1)


def _within(form: Any, place: Transform) -> Transform:
    """From the space of a Form XObject to the visible page."""
    m = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(form, ctypes.byref(m))

    def inside(x0: float, y0: float, x1: float, y1: float) -> Box:
        across = [m.a * x + m.c * y + m.e for x in (x0, x1) for y in (y0, y1)]
        up = [m.b * x + m.d * y + m.f for x in (x0, x1) for y in (y0, y1)]
        return place(min(across), min(up), max(across), max(up))

    return inside


def _bounds(item: Any, place: Transform) -> Box:
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(side) for side in sides))
    return place(*(side.value for side in sides))


def _read_path(item: Any, content: PageContent, place: Transform) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    box = _bounds(item, place)
    add_rulings(content, box)
    if box[2] - box[0] <= RULE_THICKNESS or box[3] - box[1] <= RULE_THICKNESS:
        return
    segments = raw.FPDFPath_CountSegments(item)
    if not 2 <= segments <= MOST_SEGMENTS:
        return
    lines = _straight_lines(item, segments, place)
    if lines is None:
        if segments <= ROUNDED_SEGMENTS and _is_rounded(item, segments):
            content.rects.append(Rect(box, _shade(item) if fill.value else 0))
        return
    if segments <= 6 and len(lines) >= 4:
        shade = _shade(item) if fill.value else 0
        if shade or stroke.value:
            add_rect(content, lines_box(lines), shade)
        return
    for line in lines:
        add_rulings(content, line)


def lines_box(lines: list[Box]) -> Box:
    """The box around some boxes."""
    lefts, tops, rights, bottoms = zip(*lines, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _straight_lines(item: Any, segments: int, place: Transform) -> list[Box] | None:
    """The path's straight lines along the axes; None if it has a curve or a slanting line."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    x, y = ctypes.c_float(), ctypes.c_float()
    lines: list[Box] = []
    start = here = (0.0, 0.0)
    for index in range(segments):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        what = raw.FPDFPathSegment_GetType(segment)
        if what == raw.FPDF_SEGMENT_BEZIERTO:
            return None
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        steps = []
        if what == raw.FPDF_SEGMENT_LINETO:
            steps.append((here, point))
        else:
            start = point
        if raw.FPDFPathSegment_GetClose(segment):
            steps.append((point, start))
        here = point
        for (ax, ay), (bx, by) in steps:
            if abs(ax - bx) > 0.5 and abs(ay - by) > 0.5:
                return None
            lines.append(place(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    return lines


def _is_rounded(item: Any, segments: int) -> bool:
    """True for a rectangle with round corners: four straight sides, level or upright, and four curves."""
    x, y = ctypes.c_float(), ctypes.c_float()
    here = (0.0, 0.0)
    sides = curves = 0
    for index in range(segments):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        what = raw.FPDFPathSegment_GetType(segment)
        if what == raw.FPDF_SEGMENT_LINETO:
            if abs(here[0] - x.value) > 0.5 and abs(here[1] - y.value) > 0.5:
                return False
            sides += 1
        curves += what == raw.FPDF_SEGMENT_BEZIERTO
        here = (x.value, y.value)
    return sides >= 3 and curves == 12  # three points to a curve; closing may draw the last side


def _shade(item: Any) -> int:
    parts = [ctypes.c_uint() for _ in range(4)]
    raw.FPDFPageObj_GetFillColor(item, *(ctypes.byref(part) for part in parts))
    return 255 - min(part.value for part in parts[:3]) if parts[3].value else 0


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
