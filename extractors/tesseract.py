"""Tesseract, the OCR program, asked for the lines of a picture and for the way up that it lies.

It is an optional system program. It runs on one thread, within a time limit, and only on pictures that we drew ourselves.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from PIL import Image

LANGUAGE: Final = "eng"
TURNS: Final = "osd"
"""The data by which Tesseract tells which way up a page lies."""

DPI: Final = 300
"""What Tesseract reads best; finer pictures take longer and are read no better."""

SECONDS: Final = 35
"""The longest that Tesseract may take for one look at a page, of which there are three at most; a full one takes two."""

SPECK_SURE: Final = 0.6
"""What has neither letter nor figure and is read less surely is a speck or a scribble, and a bar on the line is a rule's
rest; a word is kept however unsure."""

INSTALL: Final = "Install tesseract-ocr with its English data (`readacross doctor` says how) and run the same command again."
LOOK: Final = "Look at the page; ask the force for the original document if it matters."

_NUMBERS: Final = re.compile(r"(bbox|baseline|x_size|x_wconf) ((?:-?[\d.]+ ?)+)")
_SPECK: Final = re.compile(r"[^\w£€$%&]+$")
_BULLET: Final = re.compile(r"[e°©®¢«»*·+¤o§]$")
"""What a bullet at the beginning of a line is taken for."""
_MISREAD: Final = (
    (re.compile("—"), "–"),  # OCR cannot tell the dashes apart; plans use the shorter
    (re.compile(r"(?<=[A-Z])l(?=[A-Z])|(?<=[A-Z]{2})l(?=s?$)"), "I"),  # SlOs and DCls are SIOs and DCIs
    (re.compile(r"^\$(?=[A-Z])"), "S"),
)
"""What is taken for something else within a word, and what it is."""


class OcrError(Exception):
    """A page could not be looked at. `missing` is true if something is not installed on this machine."""

    def __init__(self, message: str, remedy: str, missing: bool = False) -> None:
        super().__init__(message)
        self.remedy, self.missing = remedy, missing


def installed() -> tuple[str, ...]:
    """Tesseract's version and its languages; empty if it is not installed."""
    import pytesseract

    return _asked(pytesseract.pytesseract.tesseract_cmd)


@cache
def _asked(command: str) -> tuple[str, ...]:
    import pytesseract

    try:
        return (str(pytesseract.get_tesseract_version()), *sorted(pytesseract.get_languages()))
    except (pytesseract.TesseractNotFoundError, OSError, SystemExit):
        return ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A word as Tesseract read it: its left and right in pixels, its text, its confidence from 0 to 1."""

    left: float
    right: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of a picture, in pixels: the box around its ink, its baseline, the size of its type. `upright` unless it runs up or down."""

    box: tuple[int, int, int, int]
    base: float
    size: float
    words: tuple[Seen, ...]
    upright: bool


def lines_of(picture: Image.Image) -> list[SeenLine]:
    """The lines of a picture at 300 dots an inch, specks left out. Raises OcrError."""
    from lxml import etree

    hocr = _ask("image_to_pdf_or_hocr", picture, lang=LANGUAGE, config=f"--psm 3 --dpi {DPI}", extension="hocr")
    root = etree.fromstring(hocr, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True))
    held: dict[Any, list[Seen]] = {}
    for item in root.iter("{*}span"):
        text = "".join(map(str, item.itertext())).strip()
        if item.get("class") == "ocrx_word" and text:
            about = _told(item)
            held.setdefault(item.getparent(), []).append(Seen(about["bbox"][0], about["bbox"][2], text, about["x_wconf"][0] / 100))
    return [line for item, words in held.items() if (line := _line(_told(item), words)).words]


def turn_of(picture: Image.Image) -> int:
    """Degrees clockwise by which the picture must be turned to stand upright; 0 where that cannot be told."""
    try:
        said = _ask("image_to_osd", picture, lang=TURNS, config=f"--psm 0 --dpi {DPI}")
    except OcrError:
        return 0
    found = re.search(rb"Rotate: (\d+)", said)
    return int(found[1]) % 360 if found else 0


def keep_in(folder: Path | None) -> None:
    """Has whatever is said of a picture from now on kept in `folder`, by the picture's content, so that no page is read twice."""
    _kept[:] = [folder] if folder else []


_kept: list[Path] = []


def _ask(function: str, picture: Image.Image, **options: str) -> bytes:
    """What pytesseract's function says of a picture, or said before. Raises OcrError."""
    content = hashlib.sha256(repr((function, options, installed(), picture.size)).encode())
    content.update(picture.tobytes())
    asked = content.hexdigest()
    for folder in _kept:
        with suppress(OSError, zlib.error):
            return zlib.decompress((folder / asked).read_bytes())
    said = _run(function, picture, **options)
    for folder in _kept:
        with suppress(OSError):  # a full disk is for those to report who must write
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f"{asked}.{os.getpid()}"
            part.write_bytes(zlib.compress(said))
            part.replace(folder / asked)
    return said


def _run(function: str, picture: Image.Image, **options: str) -> bytes:
    import pytesseract

    os.environ["OMP_THREAD_LIMIT"] = "1"  # the workers share the processors already
    picture.format = "PPM"  # written out for Tesseract as it is: packing it would take longer than reading it
    try:
        said = getattr(pytesseract, function)(picture, timeout=SECONDS, **options)
        return said if isinstance(said, bytes) else str(said).encode()
    except pytesseract.TesseractNotFoundError:
        raise OcrError("no OCR program is installed to read it.", INSTALL, missing=True) from None
    except pytesseract.TesseractError as error:
        if "traineddata" in str(error.message):
            raise OcrError("the OCR program lacks its English data.", INSTALL, missing=True) from None
        raise OcrError("the OCR program failed on it.", LOOK) from None
    except RuntimeError:
        raise OcrError(f"the OCR program took longer than {SECONDS} seconds.", LOOK) from None


def _line(about: dict[str, list[float]], words: Sequence[Seen]) -> SeenLine:
    left, top, right, bottom = map(int, about["bbox"])
    size = about.get("x_size", [float(bottom - top)])[0]
    slope, offset = about.get("baseline", [0.0, 0.0])
    base = bottom + offset + slope * (right - left) / 2
    upright = right - left > bottom - top or sum(len(word.text) for word in words) < 4
    return SeenLine((left, top, right, bottom), base, max(size, 1.0), tuple(_mended(words, size)), upright)


def _mended(words: Sequence[Seen], size: float) -> Iterator[Seen]:
    """A line's words with the usual misreadings of a bullet and of the word I put right, and without specks."""
    for index, word in enumerate(words):
        text, after = word.text, words[index + 1] if index + 1 < len(words) else None
        if index == 0 and after and _BULLET.match(text):
            text = "•"
        elif text == "|" and after and after.text[:1].islower() and after.left - word.right < size:
            text = "I"
        elif not text.strip("_") or (_SPECK.match(text) and word.confidence < SPECK_SURE):
            continue
        for wrong, right in _MISREAD:
            text = wrong.sub(right, text)
        yield Seen(word.left, word.right, text, word.confidence)


def _told(item: Any) -> dict[str, list[float]]:
    return {name: [float(n) for n in numbers.split()] for name, numbers in _NUMBERS.findall(item.get("title", ""))}
