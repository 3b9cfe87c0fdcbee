"""The picture of a page -> its words with their boxes, sizes and confidence, and its rulings: what a PDF page with text gives.

The picture is turned upright and straightened, its rulings are taken out and its dark bands inverted before it is read. Words
and rulings are in points of the straightened page, for the layout; `PageContent.place` leads back to the page as it is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from statistics import median
from typing import Final

from PIL import Image, ImageOps

from extractors.document import Box, ScanWord
from extractors.ocr_picture import Ink, dark_bands, ink_of, is_blank, paper_of, rulings_of, skew_of, stroke_of, through
from extractors.pdf_content import Edge, PageContent, Style, Styles, Word, add_rect, lines_box
from extractors.tesseract import DPI, SeenLine, lines_of, turn_of

SURE: Final = 0.85
"""Mean confidence of a page's words. Below it the page may lie on its side or head, and what is read is flagged."""

SAME_SIZE: Final = 1.15
"""Two sizes of scanned text within this ratio are one: the measure of a line wavers with its letters."""

BOLD: Final = 1.2
"""Of the page's usual stroke: a line of heavier strokes is bold."""

BAND: Final = 200
"""The shade of a dark band, from 0 to 255."""

ON_RULING: Final = 3.0
"""Points. No letter in a cell stands nearer to its border."""

FONT: Final = "scan"

MOST_PIXELS: Final = 24_000_000
"""In the picture of a page: A3 at 300 dots an inch is 17 million. Larger pages are drawn more coarsely."""

ASCENT: Final = 0.76
"""Of the size of a font: what stands above the baseline."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen on a page: its content for the layout, its words where they stand on the visible page, how surely."""

    content: PageContent
    words: tuple[ScanWord, ...]
    confidence: float
    upright: bool
    """False if most of the text runs up or down the picture."""


def drawing_scale(size: tuple[float, float]) -> float:
    """The pixels for each point at which a page of a size in points is to be drawn."""
    return min(DPI / 72, sqrt(MOST_PIXELS / max(1.0, size[0] * size[1])))


def see(picture: Image.Image, number: int, size: tuple[float, float], styles: Styles) -> Sight | None:
    """Reads the picture of a page that is `size` points wide and high; None if the page is blank. Raises OcrError."""
    grey = picture.convert("L")
    if is_blank(ink_of(grey)):
        return None
    sight = _look(grey, 0, number, size, styles)
    if sight.confidence < SURE or not sight.upright:
        turn = turn_of(grey)
        again = _look(grey, turn, number, size, styles) if turn else sight
        sight = max(sight, again, key=lambda s: (s.upright, s.confidence))
    return sight


def _look(grey: Image.Image, turn: int, number: int, size: tuple[float, float], styles: Styles) -> Sight:
    """Reads the picture turned clockwise by some right angles."""
    scale = size[0] / grey.width
    picture = grey.rotate(-turn, expand=True)
    skew = skew_of(ink_of(picture))
    if skew:
        picture = picture.rotate(skew, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    content = PageContent(number, picture.width * scale, picture.height * scale)
    content.place = place = _way_back((content.width, content.height), size, skew - turn)
    ink = _take_out_rulings(picture, content, scale)
    lines = lines_of(picture)
    heavy = _bold(ink, lines)
    sizes = _few(Counter(line.size for line in lines for _ in line.words))
    words: list[ScanWord] = []
    for line, bold in zip(lines, heavy, strict=True):
        height = sizes[line.size] * scale
        style = styles.number(FONT + "-bold" * bold, height)
        top = line.base * scale - ASCENT * height
        for word in line.words:
            box = (word.left * scale, top, word.right * scale, top + height)
            if word.text in ("|", "I") and _on_ruling(content, box):
                continue
            content.words.append(Word(*box, word.text, style))
            words.append(ScanWord(place(box), word.text, word.confidence))
    letters = sum(len(word.text) for word in words)
    sure = sum(word.confidence * len(word.text) for word in words) / max(1, letters)
    upright = sum(len(line.words) for line in lines if line.upright) >= len(words) / 2
    return Sight(content, tuple(words), round(sure, 3), upright)


def _take_out_rulings(picture: Image.Image, content: PageContent, scale: float) -> Ink:
    """Moves the rulings from the picture to the content, makes dark bands light, and gives the ink that is left."""
    ink, dpi = ink_of(picture), 72 / scale
    bands = dark_bands(ink, dpi)
    for left, top, right, bottom in bands:
        picture.paste(ImageOps.invert(picture.crop((left, top, right, bottom))), (left, top))
        ink[top:bottom, left:right] ^= True
        add_rect(content, (left * scale, top * scale, right * scale, bottom * scale), BAND)
    lines, ruled = rulings_of(ink, dpi)
    content.edges += [Edge(one.horizontal, one.at * scale, one.start * scale, one.end * scale) for one in through(lines, bands, dpi)]
    picture.paste(paper_of(picture, ink), mask=Image.fromarray(ruled))  # white would stand out from grey paper as a stroke does
    return ink & ~ruled


def _on_ruling(content: PageContent, box: Box) -> bool:
    """True if an upright ruling runs through the place of a word or close by: then it is the ruling's rest."""
    left, right = box[0] - ON_RULING, box[2] + ON_RULING
    return any(not e.horizontal and left < e.position < right and e.start < box[3] and e.end > box[1] for e in content.edges)


def _bold(ink: Ink, lines: Sequence[SeenLine]) -> list[bool]:
    """For each line, whether its strokes are heavier for its size than the page's usual ones."""
    weights = [stroke_of(ink, line.box) / line.size for line in lines]
    usual = median([weight for weight, line in zip(weights, lines, strict=True) for _ in line.words] or [0.0])
    return [weight > BOLD * usual for weight in weights]


def _way_back(frame: tuple[float, float], page: tuple[float, float], degrees: float) -> Callable[[Box], Box]:
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


def _few(sizes: Counter[float]) -> dict[float, float]:
    """For each size, counted by its words, the one that stands for it and those about it."""
    if not sizes:
        return {}
    body = median(sizes.elements())
    few = {size: body for size in sizes if body / SAME_SIZE <= size <= body * SAME_SIZE}
    rest = sorted(set(sizes) - set(few))
    while rest:
        group = [size for size in rest if size <= rest[0] * SAME_SIZE]
        few |= dict.fromkeys(group, median(Counter({size: sizes[size] for size in group}).elements()))
        rest = rest[len(group) :]
    return few


def settle_sizes(styles: Styles, pages: Sequence[PageContent]) -> None:
    """Gives the scanned text of a whole document few sizes."""
    if not any(style.font.startswith(FONT) for style in styles.all):
        return
    words = (styles.all[word.style] for page in pages for word in page.words)
    few = _few(Counter(style.size for style in words if style.font.startswith(FONT)))
    for number, style in enumerate(styles.all):
        if style.font.startswith(FONT) and style.size in few:
            styles.all[number] = Style(style.font, few[style.size], style.bold)
