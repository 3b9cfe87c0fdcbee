"""The picture of a page -> its words with their boxes, sizes and confidence, and its rulings, through Tesseract.

Tesseract is an optional system program. It runs on one thread and within a time limit, page by page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, log, radians, sin
from statistics import median
from typing import Any, Final

from PIL import Image, ImageOps

from extractors.document import Box, ScanWord
from extractors.ocr_picture import Ink, dark_bands, ink_of, is_blank, rulings_of, skew_of, stroke_of
from extractors.pdf_words import Edge, PageContent, Style, Styles, Word, add_rect, lines_box

LANGUAGE: Final = "eng"

DPI: Final = 300
"""What Tesseract reads best; finer pictures take longer and are read no better."""

SECONDS: Final = 60
"""The longest that Tesseract may take for one look at a page; a full one takes two."""

SURE: Final = 0.85
"""Mean confidence of a page's words. Below it the page may lie on its side or head, and what is read is flagged."""

LEAST_SURE: Final = 0.3
"""A word below this confidence is a speck or a scribble unless the page is full of such words."""

SAME_SIZE: Final = 1.12
"""Two sizes of scanned text within this ratio are one: the measure of a line wavers with its letters."""

BOLD: Final = 1.2
"""Of the page's usual stroke: a line of heavier strokes is bold."""

BAND: Final = 200
"""The shade of a dark band, from 0 to 255."""

FONT: Final = "scan"

INSTALL: Final = "Install tesseract-ocr with its English data (`readacross doctor` says how) and run the same command again."

_NUMBERS: Final = re.compile(r"(bbox|baseline|x_size|x_descenders|x_wconf|textangle) ((?:-?[\d.]+ ?)+)")
_SPECK: Final = re.compile(r"[^\w£€$%&]+$")
_BULLET: Final = re.compile(r"[e°©®¢«»*·+¤o§]$")
"""What a bullet at the beginning of a line is taken for."""


class OcrError(Exception):
    """A page could not be looked at. `missing` is true if something is not installed on this machine."""

    def __init__(self, message: str, remedy: str, missing: bool = False) -> None:
        super().__init__(message)
        self.message, self.remedy, self.missing = message, remedy, missing


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen on a page: its content for the layout, its words where they stand on the visible page, how surely."""

    content: PageContent
    words: tuple[ScanWord, ...]
    confidence: float
    sideways: bool = False
    """True if most of the text runs up or down the picture."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line as Tesseract gives it, in pixels; its words are (left, right, text, confidence)."""

    box: tuple[int, int, int, int]
    top: float
    bottom: float
    size: float
    words: list[tuple[float, float, str, float]]
    angle: float


def see(picture: Image.Image, number: int, size: tuple[float, float], styles: Styles) -> Sight | None:
    """Reads the picture of a page that is `size` points wide and high; None if the page is blank. Raises OcrError.

    A page that lies on its side or its head is turned: the content stands upright, and `content.place` leads back.
    """
    grey = picture.convert("L")
    if is_blank(ink_of(grey)):
        return None
    best = _look(grey, 0, number, size, styles)
    if best.confidence < SURE or best.sideways:
        turn = _turn(grey)
        for other in {turn} - {0}:
            again = _look(grey, other, number, size, styles)
            best = max(again, best, key=lambda sight: (not sight.sideways, sight.confidence))
    return best


def _turn(grey: Image.Image) -> int:
    """Degrees clockwise by which Tesseract would turn the page to stand it upright; 0 where it cannot tell."""
    try:
        said = str(_tesseract("image_to_osd", grey, lang="osd", config=f"--psm 0 --dpi {DPI}"))
    except OcrError:
        return 0
    found = re.search(r"Rotate: (\d+)", said)
    return int(found[1]) % 360 if found else 0


def _look(grey: Image.Image, turn: int, number: int, size: tuple[float, float], styles: Styles) -> Sight:
    turned = grey.rotate(-turn, expand=True)
    skew = skew_of(ink_of(turned))
    level = turned.rotate(skew, Image.Resampling.BILINEAR, expand=True, fillcolor=255) if skew else turned
    ink = ink_of(level)
    scale = size[0] / grey.width
    bands = dark_bands(ink, 72 / scale)
    for left, top, right, bottom in bands:
        level.paste(ImageOps.invert(level.crop((left, top, right, bottom))), (left, top))
        ink[top:bottom, left:right] ^= True
    lines, ruled = rulings_of(ink, 72 / scale)
    level.paste(255, mask=Image.fromarray(ruled))
    rows = list(_rows(_tesseract("image_to_pdf_or_hocr", level, lang=LANGUAGE, config=f"--psm 3 --dpi {DPI}", extension="hocr")))
    content = PageContent(number, level.width * scale, level.height * scale)
    content.edges = [Edge(line.horizontal, line.at * scale, line.start * scale, line.end * scale) for line in lines]
    for left, top, right, bottom in bands:
        add_rect(content, (left * scale, top * scale, right * scale, bottom * scale), BAND)
    place = _way_back((level.width * scale, level.height * scale), size, skew - turn)
    content.place = place
    words: list[ScanWord] = []
    for row, bold in zip(rows, _bold(ink & ~ruled, rows), strict=True):
        style = styles.number(FONT + "-bold" * bold, row.size * scale)
        for left, right, text, confidence in row.words:
            box = (left * scale, row.top * scale, right * scale, row.bottom * scale)
            content.words.append(Word(*box, text, style))
            words.append(ScanWord(place(box), text, confidence))
    letters = sum(len(w.text) for w in words)
    sure = sum(w.confidence * len(w.text) for w in words) / letters if letters else 0.0
    sideways = sum(len(r.words) for r in rows if r.angle) > len(words) / 2
    return Sight(content, tuple(words), round(sure, 3), sideways)


def _tesseract(function: str, picture: Image.Image, **options: Any) -> Any:
    import pytesseract

    os.environ["OMP_THREAD_LIMIT"] = "1"  # the workers share the processors already
    picture.format = "PPM"  # written out for Tesseract as it is: packing it would take longer than reading it
    try:
        return getattr(pytesseract, function)(picture, timeout=SECONDS, **options)
    except pytesseract.TesseractNotFoundError:
        raise OcrError("no OCR program is installed to read it.", INSTALL, missing=True) from None
    except pytesseract.TesseractError as error:
        if "traineddata" in str(error.message):
            raise OcrError("the OCR program lacks its English data.", INSTALL, missing=True) from None
        raise OcrError("the OCR program failed on it.", "Look at the page; ask the force for the original document.") from None
    except RuntimeError:
        message = f"the OCR program took longer than {SECONDS} seconds."
        raise OcrError(message, "Look at the page; ask the force for the original document.") from None


def _rows(hocr: bytes) -> Iterator[_Row]:
    """The lines of Tesseract's own XML, without specks."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(hocr, parser)
    lines: dict[Any, list[tuple[dict[str, list[float]], str]]] = {}
    for item in root.iter("{*}span"):
        text = "".join(map(str, item.itertext())).strip()
        if item.get("class") == "ocrx_word" and text:
            lines.setdefault(item.getparent(), []).append((_told(item), text))
    for line, held in lines.items():
        about = _told(line)
        x0, y0, x1, y1 = about["bbox"]
        words = [(w["bbox"][0], w["bbox"][2], text, w["x_wconf"][0] / 100) for w, text in held]
        if len(words) > 1 and _BULLET.match(words[0][2]):
            words[0] = (*words[0][:2], "•", words[0][3])
        words = [w for w in words if w[2] == "•" or not (_SPECK.match(w[2]) and w[3] < 0.6) and w[3] >= LEAST_SURE]
        if not words:
            continue
        size = about.get("x_size", [y1 - y0])[0]
        slope, offset = about.get("baseline", [0.0, 0.0])
        base = y1 + offset + slope * (x1 - x0) / 2
        bottom = base + about.get("x_descenders", [size / 4])[0]
        yield _Row((int(x0), int(y0), int(x1), int(y1)), bottom - size, bottom, size, words, about.get("textangle", [0.0])[0])


def _told(item: Any) -> dict[str, list[float]]:
    return {name: [float(n) for n in numbers.split()] for name, numbers in _NUMBERS.findall(item.get("title", ""))}


def _bold(ink: Ink, rows: Sequence[_Row]) -> list[bool]:
    """For each line, whether its strokes are heavier for its size than the page's usual ones."""
    weights = [stroke_of(ink, row.box) / row.size for row in rows]
    usual = median(w for w, row in zip(weights, rows, strict=True) for _ in row.words) if rows else 0.0
    return [weight > BOLD * usual for weight in weights]


def _way_back(frame: tuple[float, float], page: tuple[float, float], degrees: float) -> Any:
    """From a box in a picture that was turned anticlockwise by `degrees` to the box around it on the page, in points."""
    c, s = cos(radians(degrees)), sin(radians(degrees))

    def place(box: Box) -> Box:
        points: list[Box] = []
        for x, y in ((box[0], box[1]), (box[2], box[1]), (box[0], box[3]), (box[2], box[3])):
            dx, dy = x - frame[0] / 2, y - frame[1] / 2
            x, y = page[0] / 2 + dx * c - dy * s, page[1] / 2 + dx * s + dy * c
            x, y = round(min(max(x, 0.0), page[0]), 2), round(min(max(y, 0.0), page[1]), 2)
            points.append((x, y, x, y))
        return lines_box(points)

    return place


def settle_sizes(styles: Styles, pages: Sequence[PageContent]) -> None:
    """Gives the scanned text of a document few sizes: the usual one, and steps up and down from it."""
    sizes = sorted(styles.all[w.style].size for page in pages for w in page.words if styles.all[w.style].font.startswith(FONT))
    if not sizes:
        return
    body = sizes[len(sizes) // 2]
    for number, style in enumerate(styles.all):
        if style.font.startswith(FONT) and style.size:
            steps = round(log(style.size / body) / log(SAME_SIZE))
            styles.all[number] = Style(style.font, round(body * SAME_SIZE**steps, 1), style.bold)
