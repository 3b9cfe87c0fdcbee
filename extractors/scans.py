"""Which pages have no text that can be used, and what stands for them once OCR has looked.

Tried by OCR: a page without words, a page that is mostly a picture under a stamp or a running head, a page whose letters
are wrong (no Unicode for its font's glyphs, or the wrong one). OCR's reading stands only where it is the better one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final, Literal

from PIL import Image

from extractors.document import Problem, Scan
from extractors.ocr import SURE, Sight, see
from extractors.pdf_content import PageContent, Styles
from extractors.pdf_running import ZONE
from extractors.tesseract import LOOK, OcrError


class Doubt(StrEnum):
    """Why the words that a page gave may not do, as the second half of a sentence."""

    NONE = ""
    PICTURE = "is a picture without text"
    STAMPED = "is a picture with a few words over it"
    SCRAMBLED = "has a text layer of wrong letters"


LARGE_PICTURE: Final = 0.4
"""Share of the page: pictures at least this large may be a scan, or a photograph on a cover."""

FEW_WORDS: Final = 40
"""Words over a large picture: more are the page's own text, fewer may be a stamp, a running head or a title."""

SAMPLE: Final = 200
"""Words of a page that are looked at: wrong letters are wrong throughout."""

LEAST_LETTERS: Final = 60
"""Fewer letters say nothing by their frequencies."""

LIKE_ENGLISH: Final = 0.72
"""Cosine between a page's frequencies of letters and those of English. The least of our own pages is 0.81; of letters
exchanged for others 19 in 20 are below 0.7."""

MOST_UNKNOWN: Final = 0.03
"""Share of letters that are none: glyphs without Unicode, bars that stood for l and i."""

MOST_FOREIGN: Final = 0.2
"""Share of signs beyond ASCII: text in English or Welsh has hardly any."""

LEAST_SURE: Final = 0.5
"""Mean confidence of a page's words below which they are no words: a blurred page or a photograph reads so."""

_ODD: Final = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff|¦]|\(cid:\d+\)")
_ENGLISH: Final = dict(
    zip(
        b"etaoinshrdlucmwfgypbvkjxqz",
        (127, 91, 82, 75, 70, 67, 63, 61, 60, 43, 40, 28, 28, 24, 24, 22, 20, 20, 19, 15, 10, 8, 2, 2, 1, 1),
        strict=True,
    )
)
"""Letters in a thousand."""
_NORM: Final = sqrt(sum(n * n for n in _ENGLISH.values()))

_CHECK: Final = "Check what is quoted from it against the page."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands for a page in the end: its content, the scan if that is OCR's, and a problem if there is one."""

    content: PageContent
    scan: Scan | None = None
    problem: Problem | None = None


def doubt(content: PageContent) -> Doubt:
    """Whether the words that a page gave will do."""
    if not content.words:
        return Doubt.PICTURE if content.marks else Doubt.NONE
    if content.picture >= LARGE_PICTURE and len(content.words) < FEW_WORDS:
        return Doubt.STAMPED
    return Doubt.SCRAMBLED if _scrambled(content) else Doubt.NONE


def _scrambled(content: PageContent) -> bool:
    text = " ".join([word.text for word in content.words[:SAMPLE]]).lower()
    plain = text.encode("ascii", "ignore")
    foreign = len(text) - len(plain)
    own = [plain.count(letter) for letter in _ENGLISH]
    letters = sum(own) + foreign
    unknown = _unknown(text)
    if unknown > 2 and unknown > MOST_UNKNOWN * (letters + unknown):
        return True
    if letters < LEAST_LETTERS:
        return False
    if foreign > MOST_FOREIGN * letters:
        return True
    product = sum(n * m for n, m in zip(_ENGLISH.values(), own, strict=True))
    return product < LIKE_ENGLISH * _NORM * sqrt(sum(n * n for n in own))


def _unknown(text: str) -> int:
    """How many signs are none: glyphs without Unicode, and bars in words. One that stands alone is a bullet or a divider."""
    text = f" {text} "
    return sum(text[found.start() - 1 : found.end() + 1].strip() != found.group() for found in _ODD.finditer(text))


def look_again(
    layer: PageContent, why: Doubt, draw: Callable[[], Image.Image], size: tuple[float, float], styles: Styles, file: str
) -> Outcome:
    """Tries OCR on a page of `size` points whose own words, its `layer`, are in doubt. Never raises OcrError."""
    titled = why is Doubt.STAMPED and not _only_running(layer)
    kept = PageContent(layer.number, layer.width, layer.height) if why is Doubt.SCRAMBLED else layer

    def problem(message: str, remedy: str, outcome: Literal["failed", "skipped", "flagged"]) -> Problem:
        return Problem(file, f"The page {why}{message}", remedy, layer.number, "flagged" if titled else outcome)

    try:
        seen = see(draw(), layer.number, size, styles)
    except OcrError as error:
        return Outcome(kept, None, problem(f", and {error}", error.remedy, "skipped" if error.missing else "failed"))
    if seen is None or (titled and len(seen.words) < 2 * len(layer.words)):
        return Outcome(kept)
    if why is Doubt.SCRAMBLED and _agree(layer, seen):
        return Outcome(layer)
    scan = Scan(layer.number, seen.confidence, seen.words)
    if seen.confidence >= SURE:
        return Outcome(seen.content, scan)
    if not seen.words:
        return Outcome(seen.content, scan, problem(", and OCR made out no words in it.", LOOK, "flagged"))
    if seen.confidence < LEAST_SURE:
        return Outcome(kept, None, problem(", and OCR could not make it out.", LOOK, "failed"))
    unsure = problem(f"; OCR read it with a confidence of only {seen.confidence:.0%}.", _CHECK, "flagged")
    return Outcome(seen.content, scan, unsure)


def _agree(layer: PageContent, seen: Sight) -> bool:
    """True if most words of the text layer are what OCR sees too: then it was sound, a list of abbreviations perhaps."""
    words, there = {word.text for word in layer.words}, {word.text for word in seen.words}
    return len(words & there) > len(words) / 2 and not _unknown(" ".join(words))


def _only_running(content: PageContent) -> bool:
    """True if all words stand where running heads and feet do."""
    return all(w.bottom <= content.height * ZONE or w.top >= content.height * (1 - ZONE) for w in content.words)
