"""Pages of a PDF as pictures, drawn once and kept, and where each character stands on them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Final

import pypdfium2 as pdfium
from pypdfium2 import raw

from extractors.document import Box
from extractors.pdf_content import transform
from pipeline import drawing
from pipeline.drawing import NoDrawing
from pipeline.store import write_whole

WIDTH: Final = 1_200
"""Pixels: sharp on a good screen, some 200 kB a page."""
_PDFIUM: Final = Lock()
"""pdfium may be used by one thread at a time."""

Character = tuple[str, Box]


def picture(original: Path, sha256: str, page: int, folder: Path) -> Path:
    """The page (1-based) as a PNG file in `folder`, drawn if it is not there yet. Raises NoDrawing."""
    kept = folder / f"{sha256}-{page}.png"
    if not kept.exists():
        with _PDFIUM:
            content = drawing.page_image(original, page, WIDTH)
        write_whole(kept, content)
    return kept


@lru_cache(maxsize=256)
def page_size(original: Path, page: int) -> tuple[float, float]:
    """Width and height of the visible page in points. Raises NoDrawing."""
    with _PDFIUM:
        return drawing.page_size(original, page)


@lru_cache(maxsize=256)
def characters(original: Path, page: int) -> tuple[Character, ...]:
    """The page's visible characters in the order of its text, each with its box in points from the top left. Raises NoDrawing."""
    with _PDFIUM:
        try:
            document = pdfium.PdfDocument(original)
            sheet = document[page - 1]
            place = transform(sheet.get_rotation(), tuple(sheet.get_bbox()))
            text = sheet.get_textpage()
            signs = [(chr(raw.FPDFText_GetUnicode(text.raw, n)), n) for n in range(text.count_chars())]
            return tuple((sign, place(*text.get_charbox(n, loose=True))) for sign, n in signs if sign.strip())
        except (pdfium.PdfiumError, OSError) as error:
            raise NoDrawing(f"{original.name}, page {page}: {error}") from None
