"""One PDF page -> its content, its words first, through pdfium's raw interface.

Everything that leaves this module is in points from the top left of the visible page, whatever /Rotate and CropBox say.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections import Counter
from collections.abc import Sequence
from functools import partial
from math import hypot
from typing import Any, Final

import pypdfium2 as pdfium
from pypdfium2 import raw

from extractors.document import Box
from extractors.pdf_annotations import Remark
from extractors.pdf_content import PageContent, Styles, Transform, Word, transform
from extractors.pdf_marks import read_marks
from extractors.pdf_tags import read_tags

_WORD: Final = re.compile(r"[^\s\ufffe]+\ufffe?|\ufffe")
_EIGHT: Final = struct.Struct("8f").unpack


_DIGITS: Final = frozenset("0123456789")
RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Small raised figures are read as what they are: they refer to notes, or are powers."""

SMALL: Final = 0.8
"""Of the height of the letters before it: a raised figure is no higher."""


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
    read_marks(page.raw, content, place)
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
        words, upright, new = content.words, page.get_rotation() == 0, tuple.__new__
        left, _, _, over = place(0.0, 0.0, 0.0, 0.0)
        wide, high = 2 * content.width, 2 * content.height
        for match in _WORD.finditer(text):
            start, end = match.span()
            end -= 1
            if not same_index:
                start, end = _char_index(handle, start), _char_index(handle, end)
                if start < 0 or end < 0:
                    continue
            if not _char_box(address, start, first) or not _char_box(address, end, last):
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
                word = match.group()
                if upright and word[-1] in _DIGITS:
                    if end > start and _is_raised(f - h, b - f, b - d):
                        word = _with_raised(word, address, start)
                    elif words and word.isdigit() and _stands_by(words[-1], x0, top, bottom):
                        before = words[-1]
                        words[-1] = before._replace(x1=x1, text=before.text + word.translate(RAISED))
                        continue
                words.append(new(Word, (x0, top, x1, bottom, word, style, mark)))  # half the cost of Word(...)
    finally:
        textpage.close()
    return fonts.turns


def _is_raised(height: float, drop: float, before: float) -> bool:
    """Whether a letter is small and stands high beside one of height `before`; `drop` is how far its top is below that one's."""
    return 0 < height < SMALL * before and height + drop < 0.95 * before and -0.5 * before < drop


def _with_raised(word: str, page: int, start: int) -> str:
    """The word with the raised figures at its end as such; `start` is the number of its first letter."""
    box = ctypes.create_string_buffer(32)
    address = ctypes.addressof(box)
    _char_box(page, start, address)
    count = len(word)
    while count > 1 and word[count - 1] in _DIGITS and _char_box(page, start + count - 1, address + 16):
        _, b, _, d, _, f, _, h = _EIGHT(box)
        if not _is_raised(f - h, b - f, b - d):
            break
        count -= 1
    return word[:count] + word[count:].translate(RAISED)


def _stands_by(before: Word, x0: float, top: float, bottom: float) -> bool:
    """Whether a figure of its own stands raised at the end of the word before it."""
    height = before.bottom - before.top
    return -0.1 * height < x0 - before.x1 < 0.3 * height and _is_raised(bottom - top, top - before.top, height)


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
