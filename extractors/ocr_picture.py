"""What can be told of a page's picture without reading it: whether it is blank, how it lies, its rulings, how heavy its strokes are.

Pictures are grey (0 black, 255 white); ink is an array of booleans, row by row. All measures are in pixels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Ink = NDArray[np.bool_]

LEAST_CONTRAST: Final = 40
"""Grey levels between paper and ink; a page with less holds no ink, only the paper's own grain."""

BLANK: Final = 0.0003
"""Share of a page: less ink is dust. One line of small print is three times as much."""

MOST_SKEW: Final = 8.0
"""Degrees. A page fed more askew than this is laid on the glass anew by anyone."""

RULING: Final = 0.4
"""Inches. No stroke of a letter in running text is as long."""

THICKEST: Final = 0.04
"""Inches. A thicker bar is a picture or a shaded band."""


TALLEST_BAND: Final = 1.0
"""Inches. Tesseract reads light letters on a large dark panel by itself; those in a table's dark header row it leaves out."""


class Line(NamedTuple):
    """A ruling: `at` is its row if horizontal, its column if not."""

    horizontal: bool
    at: float
    start: float
    end: float


def ink_of(picture: Image.Image) -> Ink:
    """Where there is ink, by Otsu's threshold."""
    counts = np.array(picture.histogram(), float)
    levels = np.arange(256)
    below, sums = np.cumsum(counts), np.cumsum(counts * levels)
    above = below[-1] - below
    dark = sums / np.maximum(below, 1)
    light = (sums[-1] - sums) / np.maximum(above, 1)
    best = int(np.argmax(below * above * (light - dark) ** 2))
    if light[best] - dark[best] < LEAST_CONTRAST:
        return np.zeros((picture.height, picture.width), bool)
    return np.asarray(picture) <= best


def paper_of(picture: Image.Image, ink: Ink) -> int:
    """The usual grey of the paper."""
    bare = np.asarray(picture)[::4, ::4][~ink[::4, ::4]]
    return int(np.median(bare)) if len(bare) else 255


def is_blank(ink: Ink) -> bool:
    """True if there is nothing on the page but single specks."""
    solid = ink[1:, 1:] & ink[:-1, 1:] & ink[1:, :-1] & ink[:-1, :-1]
    return float(solid.mean()) < BLANK


def skew_of(ink: Ink) -> float:
    """Degrees by which the lines of text fall to the right; 0 where it cannot be told."""
    # The feet of strokes stand in rows as the letters do, and a filled band has few.
    rows, columns = np.nonzero(ink[:-1] & ~ink[1:])
    if len(rows) < 200:
        return 0.0
    step = len(rows) // 60_000 + 1
    rows, columns = rows[::step], columns[::step]
    reach = int(ink.shape[1] * np.tan(np.radians(MOST_SKEW + 1))) + 1

    def sharpness(degrees: float) -> float:
        lands = (rows - columns * np.tan(np.radians(degrees)) + reach).astype(int)
        return float((np.bincount(lands // 2).astype(float) ** 2).sum())

    best = max(np.arange(-MOST_SKEW, MOST_SKEW + 0.1, 0.25), key=sharpness)
    best = max(best + np.arange(-0.25, 0.26, 0.05), key=sharpness)
    return float(best) if abs(best) < MOST_SKEW and sharpness(best) > 1.02 * sharpness(0.0) else 0.0


def rulings_of(ink: Ink, dpi: float) -> tuple[list[Line], Ink]:
    """The page's rulings, and where their ink is. Looked for at half the resolution: a quarter of the work."""
    high, wide = ink.shape[0] // 2 * 2, ink.shape[1] // 2 * 2
    half = ink[:high:2, :wide:2] | ink[1:high:2, :wide:2] | ink[:high:2, 1:wide:2] | ink[1:high:2, 1:wide:2]
    mask = np.zeros_like(half)
    lines: list[Line] = []
    for horizontal in (True, False):
        run = _long_runs(half if horizontal else half.T, int(RULING * dpi / 2))
        kept, bars = _bars(run, int(THICKEST * dpi / 2) + 1)
        lines += [Line(horizontal, *(2 * place + 0.5 for place in bar)) for bar in bars]
        mask |= kept if horizontal else kept.T
    spread = mask.copy()  # a ruling's edges are grey
    spread[1:] |= mask[:-1]
    spread[:-1] |= mask[1:]
    spread[:, 1:] |= mask[:, :-1]
    spread[:, :-1] |= mask[:, 1:]
    whole = np.zeros_like(ink)
    whole[:high, :wide] = spread.repeat(2, axis=0).repeat(2, axis=1)
    return lines, whole


def _long_runs(ink: Ink, length: int) -> Ink:
    """The ink that stands in horizontal runs of at least `length`; a run may step one pixel up or down on its way."""
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    thick[:-1] |= ink[1:]
    if length >= ink.shape[1]:
        return np.zeros_like(ink)
    sums = np.zeros((ink.shape[0], ink.shape[1] + 1), np.int32)
    np.cumsum(thick, axis=1, out=sums[:, 1:])
    whole = (sums[:, length:] - sums[:, :-length]) == length
    # Each start of a whole stretch covers the `length` pixels after it.
    starts = np.zeros((ink.shape[0], ink.shape[1] + 1), np.int32)
    starts[:, : whole.shape[1]] += whole
    starts[:, length : length + whole.shape[1]] -= whole
    covered = np.cumsum(starts[:, :-1], axis=1) > 0
    return np.asarray(covered & ink)


def _bars(run: Ink, thickest: int) -> tuple[Ink, list[tuple[float, float, float]]]:
    """The runs that make thin bars, and each bar's place, start and end."""
    kept = np.zeros_like(run)
    bars: list[tuple[float, float, float]] = []
    rows = np.flatnonzero(run.any(axis=1))
    for first, last in _stretches(rows):
        band = run[first : last + 1]
        columns = np.flatnonzero(band.any(axis=0))
        for left, right in _stretches(columns, gap=8):
            part = band[:, left : right + 1]
            here = np.flatnonzero(part.any(axis=1))
            if part.sum() > thickest * (right - left + 1):
                continue
            kept[first : last + 1, left : right + 1] |= part
            bars.append((first + float(here.mean()), float(left), float(right)))
    return kept, bars


def _stretches(numbers: NDArray[Any], gap: int = 1) -> list[tuple[int, int]]:
    """The first and last of each stretch of ascending numbers that stand no further apart than `gap`."""
    if not len(numbers):
        return []
    cuts = np.flatnonzero(np.diff(numbers) > gap)
    edges = [0, *(cuts + 1), len(numbers)]
    return [(int(numbers[a]), int(numbers[b - 1])) for a, b in pairwise(edges)]


def dark_bands(ink: Ink, dpi: float) -> list[tuple[int, int, int, int]]:
    """The filled dark rectangles (left, top, right, bottom) that may hold light letters, such as a table's header row."""
    step = max(2, int(dpi / 20))
    high, wide = ink.shape[0] // step, ink.shape[1] // step
    dark = ink[: high * step, : wide * step].reshape(high, step, wide, step).mean(axis=(1, 3)) > 0.8
    above, below = dark.copy(), dark.copy()
    for rows in range(1, 4):  # light letters have dark above them and below
        above[rows:] |= dark[:-rows]
        below[:-rows] |= dark[rows:]
    dark = above & below
    bands = []
    for first, last in _stretches(np.flatnonzero(dark.any(axis=1))):
        for left, right in _stretches(np.flatnonzero(dark[first : last + 1].any(axis=0))):
            box = _tight(ink, (left - 1) * step, (first - 1) * step, (right + 2) * step, (last + 2) * step)
            if box and step < box[3] - box[1] < TALLEST_BAND * dpi and box[2] - box[0] > 3 * step:
                bands.append(box)
    return bands


def through(lines: list[Line], bands: list[tuple[int, int, int, int]], dpi: float) -> list[Line]:
    """The rulings, those that end at a dark band led on through it, where they cannot be seen."""
    near = THICKEST * dpi * 2
    out = []
    for line in lines:
        for left, top, right, bottom in () if line.horizontal else bands:
            if left - near < line.at < right + near:
                line = line._replace(start=float(top)) if abs(line.start - bottom) < near else line
                line = line._replace(end=float(bottom)) if abs(line.end - top) < near else line
        out.append(line)
    return out


def _tight(ink: Ink, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int] | None:
    """The filled rectangle within bounds; None if its rim is not dark all around."""
    left, top = max(0, left), max(0, top)
    part = ink[top:bottom, left:right]
    rows, columns = np.flatnonzero(part.mean(axis=1) > 0.5), np.flatnonzero(part.mean(axis=0) > 0.5)
    if not len(rows) or not len(columns):
        return None
    part = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    rim = np.concatenate([part[:3].ravel(), part[-3:].ravel(), part[:, :3].ravel(), part[:, -3:].ravel()])
    if rim.mean() < 0.85:
        return None
    return (left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1)


def stroke_of(ink: Ink, box: tuple[int, int, int, int]) -> float:
    """The mean width of the strokes in a box (left, top, right, bottom); 0 without ink."""
    part = ink[max(0, box[1]) : box[3], max(0, box[0]) : box[2]]
    starts = (part[:, 1:] & ~part[:, :-1]).sum() + part[:, :1].sum()
    return float(part.sum() / starts) if starts else 0.0
