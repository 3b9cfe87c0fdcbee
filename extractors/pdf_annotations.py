"""What stands on a PDF page beside its content: fields that someone filled in are text, remarks in the margin are kept apart."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from extractors.document import Box

MOST: Final = 2000
"""Annotations of one page that are looked at."""

_SHOWN: Final = frozenset((raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT))
_REMARKS: Final = frozenset(
    (raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT)
)


class Remark(NamedTuple):
    """A comment on a page, with the place that it is about: (left, bottom, right, top) in PDF space until it is placed."""

    text: str
    box: Box


def open_page(document: pdfium.PdfDocument, index: int) -> tuple[pdfium.PdfPage, list[Remark]]:
    """The page with what was filled into its fields, or typed onto it, as part of its text; and its comments."""
    page = document[index]
    kinds = {raw.FPDFAnnot_GetSubtype(one) for one in _annotations(page)}
    remarks = list(_remarks(page)) if kinds & _REMARKS else []
    if kinds & _SHOWN:
        raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)  # in memory only; seen once the page is opened anew
        page.close()
        page = document[index]
    return page, remarks


def _remarks(page: pdfium.PdfPage) -> Iterator[Remark]:
    rect = raw.FS_RECTF()
    for one in _annotations(page):
        text = _string(one, b"Contents").strip() if raw.FPDFAnnot_GetSubtype(one) in _REMARKS else ""
        if text and raw.FPDFAnnot_GetRect(one, ctypes.byref(rect)):
            who = _string(one, b"T").strip() or "someone"
            yield Remark(f"Comment by {who}: {text}", (rect.left, rect.bottom, rect.right, rect.top))


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
