"""What stands on a PDF page beside its content: fields that someone filled in are text, remarks in the margin are kept apart."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from extractors.document import Box

MOST: Final = 2000
"""Annotations of one page that are looked at."""

_SHOWN: Final = frozenset((raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP))
_REMARKS: Final = frozenset(
    (raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT,
     raw.FPDF_ANNOT_CARET, raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_CIRCLE, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_INK,
     raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE, raw.FPDF_ANNOT_STAMP)
)  # fmt: skip
_WITHOUT_PICTURE: Final = {raw.FPDF_ANNOT_FREETEXT: b"Contents", raw.FPDF_ANNOT_STAMP: b"Name"}
"""What says what is shown where the file leaves its drawing to the viewer."""
_UNSEEN: Final = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW


_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Remark(NamedTuple):
    """A comment on a page, with the place that it is about: (left, bottom, right, top) in PDF space until it is placed.

    What is `shown` is no comment but stands on the page for all to see; a `file` is attached there.
    """

    text: str
    box: Box
    kind: Literal["comment", "shown", "file"] = "comment"


def open_page(document: pdfium.PdfDocument, index: int) -> tuple[pdfium.PdfPage, list[Remark]]:
    """The page with what was filled into its fields, or typed onto it, as part of its text; and its comments."""
    page = document[index]
    kinds = {raw.FPDFAnnot_GetSubtype(one) for one in _annotations(page)}
    remarks = list(_remarks(page)) if kinds - {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_WIDGET} else []
    if kinds & _SHOWN:
        raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)  # in memory only; seen once the page is opened anew
        page.close()
        page = document[index]
    return page, remarks


def _remarks(page: pdfium.PdfPage) -> Iterator[Remark]:
    rect = raw.FS_RECTF()
    for one in _annotations(page):
        kind = raw.FPDFAnnot_GetSubtype(one)
        if not raw.FPDFAnnot_GetRect(one, ctypes.byref(rect)):
            continue
        box = (rect.left, rect.bottom, rect.right, rect.top)
        if kind in _WITHOUT_PICTURE and not raw.FPDFAnnot_HasKey(one, b"AP") and not raw.FPDFAnnot_GetFlags(one) & _UNSEEN:
            # The names of stamps are written together: NotForPublicRelease.
            text = _JOINED.sub(" ", _string(one, _WITHOUT_PICTURE[kind]).strip())
            yield from [Remark(text, box, "shown")] if text else []
        if kind == raw.FPDF_ANNOT_FILEATTACHMENT:
            yield Remark(_string(one, b"Contents").strip(), box, "file")
        if kind in _REMARKS and (text := _string(one, b"Contents").strip()):
            yield Remark(f"Comment by {_string(one, b'T').strip() or 'someone'}: {text}", box)


def _annotations(page: pdfium.PdfPage) -> Iterator[Any]:
    for index in range(min(MOST, raw.FPDFPage_GetAnnotCount(page.raw))):
        one = raw.FPDFPage_GetAnnot(page.raw, index)
        if one:
            try:
                yield one
            finally:
                raw.FPDFPage_CloseAnnot(one)


def _string(annotation: Any, key: bytes) -> str:
    length = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < length < 100_000:
        return ""
    buffer = (ctypes.c_ushort * (length // 2))()
    raw.FPDFAnnot_GetStringValue(annotation, key, buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace")
