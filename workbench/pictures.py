"""Pages of a PDF as pictures, and where each character stands on them. Kept beside the store: a page is drawn once."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Final

import pypdfium2 as pdfium
from pypdfium2 import raw

from extractors.document import Box
from extractors.pdf_words import transform
from pipeline.store import write_whole

SCALE: Final = 2.0
"""Pixels for each PDF point: sharp on a good screen, some 150 kB a page."""
_LARGEST: Final = 2_400
"""Pixels: the longest side of a picture, whatever size a page claims to have."""
_PDFIUM: Final = Lock()
"""pdfium may be used by one thread at a time."""

Character = tuple[str, Box]


class NoPicture(ValueError):
    """The page cannot be drawn: it is not there, or the file is damaged or locked."""


def picture(original: Path, sha256: str, page: int, folder: Path) -> Path:
    """The page (1-based) as a PNG file in `folder`, drawn if it is not there yet. Raises NoPicture."""
    kept = folder / f"{sha256}-{page}.png"
    if not kept.exists():
        write_whole(kept, _draw(original, page))
    return kept


def _draw(original: Path, page: int) -> bytes:
    with _PDFIUM:
        document = _open(original, page)
        try:
            sheet = document[page - 1]
            scale = min(SCALE, _LARGEST / max(1.0, *sheet.get_size()))
            out = BytesIO()
            sheet.render(scale=scale).to_pil().convert("P", palette=1, colors=64).save(out, "PNG", optimize=True)
            return out.getvalue()
        except (pdfium.PdfiumError, MemoryError) as error:
            raise NoPicture(str(error)) from error
        finally:
            document.close()


@lru_cache(maxsize=256)
def page_size(original: Path, page: int) -> tuple[float, float]:
    """Width and height of the visible page in points. Raises NoPicture."""
    with _PDFIUM:
        document = _open(original, page)
        try:
            width, height = document[page - 1].get_size()
            return float(width), float(height)
        finally:
            document.close()


@lru_cache(maxsize=256)
def characters(original: Path, page: int) -> tuple[Character, ...]:
    """The page's visible characters in the order of its text, each with its box in points from the top left. Raises NoPicture."""
    with _PDFIUM:
        document = _open(original, page)
        try:
            sheet = document[page - 1]
            place = transform(sheet.get_rotation(), tuple(sheet.get_bbox()))
            text = sheet.get_textpage()
            found = []
            for index in range(text.count_chars()):
                sign = chr(raw.FPDFText_GetUnicode(text.raw, index))
                if sign.strip():
                    found.append((sign, place(*text.get_charbox(index, loose=True))))
            return tuple(found)
        except pdfium.PdfiumError as error:
            raise NoPicture(str(error)) from error
        finally:
            document.close()


def _open(original: Path, page: int) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(original)
    except (pdfium.PdfiumError, OSError) as error:
        raise NoPicture(str(error)) from error
    if not 1 <= page <= len(document):
        document.close()
        raise NoPicture(f"page {page} is not in the file")
    return document
