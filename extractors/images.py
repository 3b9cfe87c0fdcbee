"""Reads a picture of pages (PNG, JPEG, TIFF with one page or many) by OCR, into what a scanned PDF gives.

A page's size in points follows from the picture's dots an inch, or is A4's where it states none that can be true.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from extractors import progress
from extractors.archives import unread
from extractors.document import Extract, Problem
from extractors.ocr import drawing_scale
from extractors.pdf_content import PageContent
from extractors.pdf_pages import Reading, assemble, lay_out_pages
from extractors.scans import Doubt, Outcome, look_again

MOST_PIXELS: Final = 150_000_000
"""A3 at 800 dots an inch. A larger picture is no page, and unpacking it could take all the memory there is."""

LONG_SIDE: Final = 842.0
"""Points: A4's, for pictures that do not say how large they are."""

POINTS: Final = (200.0, 2400.0)
"""The long side of a page, from a postcard to A1; a camera's 72 dots an inch make it larger."""

_AGAIN: Final = "Open it in a picture viewer, save it anew and resend it, or ask the force for the original document."


def read_image(path: Path, name: str) -> Extract:
    """Reads a picture; `name` is what problems call it. Never raises for what is in the file."""
    reading = Reading(name)
    try:
        with warnings.catch_warnings(), Image.open(path, formats=["PNG", "JPEG", "TIFF"]) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MOST_PIXELS says what is too large
            count = getattr(picture, "n_frames", 1)
            for index in range(count):
                progress.step(index + 1, count)
                reading.add(_read_one(picture, index, reading))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        large = isinstance(error, Image.DecompressionBombError)
        message = "The picture is too large to be a page." if large else "The picture is damaged, or is no PNG, JPEG or TIFF."
        return unread(name, message, _AGAIN)
    return assemble(reading, lay_out_pages(reading, reading.pages), count, "")


def upright(picture: Image.Image, index: int) -> tuple[Image.Image, tuple[float, float]]:
    """A page (from 0) of an opened picture in grey, the right way up, and its size in points. Raises OSError, ValueError, SyntaxError."""
    picture.seek(index)
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("it is too large to be a page")
    size, grey = _points(picture), _grey(picture)
    if (grey.width > grey.height) != (size[0] > size[1]):  # the camera was held on its side
        size = (size[1], size[0])
    return grey, size


def _read_one(picture: Image.Image, index: int, reading: Reading) -> Outcome:
    layer = PageContent(index + 1, 1.0, 1.0, marks=1)
    try:
        grey, size = upright(picture, index)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        return Outcome(layer, None, Problem(reading.name, f"The page could not be unpacked ({error}).", _AGAIN, index + 1))
    layer.width, layer.height = size
    scale = drawing_scale(size)

    def draw() -> Image.Image:
        return grey.resize((round(size[0] * scale), round(size[1] * scale)), Image.Resampling.BICUBIC)

    return look_again(layer, Doubt.PICTURE, draw, size, reading.styles, reading.name)


def _points(picture: Image.Image) -> tuple[float, float]:
    """The width and height of the page."""
    across, down = picture.info.get("dpi", (0, 0))
    if across > 0 and down > 0:
        width, height = picture.width * 72 / float(across), picture.height * 72 / float(down)
        if POINTS[0] <= max(width, height) <= POINTS[1]:
            return (width, height)
    scale = LONG_SIDE / max(picture.width, picture.height)
    return (picture.width * scale, picture.height * scale)


def _grey(picture: Image.Image) -> Image.Image:
    """The picture as a person sees it on white paper: grey, the right way up for the camera that took it."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(turned) >> 8).astype(np.uint8))
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned)
    return turned.convert("L")
