"""The rulings, rectangles and pictures that are drawn on a page, by pdfium."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, Final

from pypdfium2 import raw

from extractors.document import Box
from extractors.pdf_content import RULE_THICKNESS, PageContent, Rect, Transform, add_rect, add_rulings, lines_box

MOST_PATHS: Final = 4000
"""Paths on one page beyond which it is a map or a chart: no rulings are taken, so that one page cannot stall a run."""

DEEPEST_FORM: Final = 12
"""Forms in forms beyond which nothing is looked for: no program nests them so."""

MOST_SEGMENTS: Final = 400
"""Segments of one path beyond which it is a drawing."""

ROUNDED_SEGMENTS: Final = 20
"""Segments of a rectangle with round corners at the most."""


def read_marks(page: Any, content: PageContent, place: Transform) -> None:
    """Adds the rulings and rectangles of a page, how much of it pictures cover, and how many marks there are."""
    paths: list[tuple[Any, Transform]] = []
    area = max(1.0, content.width * content.height)
    for item, what, here in _objects(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, place):
        content.marks += 1
        if what == raw.FPDF_PAGEOBJ_PATH and len(paths) <= MOST_PATHS:
            paths.append((item, here))
        elif what in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
            box = _bounds(item, here)
            content.picture = min(1.0, content.picture + (box[2] - box[0]) * (box[3] - box[1]) / area)
    if len(paths) <= MOST_PATHS:
        for item, here in paths:
            _read_path(item, content, here)


def _objects(holder: Any, count: Any, get: Any, place: Transform, depth: int = 0) -> Iterator[tuple[Any, int, Transform]]:
    """The objects of a page, those of its Form XObjects among them: each with its kind and what sets its bounds on the page."""
    for index in range(count(holder)):
        item = get(holder, index)
        what = raw.FPDFPageObj_GetType(item)
        if what != raw.FPDF_PAGEOBJ_FORM:
            yield item, what, place
        elif depth < DEEPEST_FORM:
            yield from _objects(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, _within(item, place), depth + 1)


def _within(form: Any, place: Transform) -> Transform:
    """From the space of a Form XObject to the visible page."""
    m = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(form, ctypes.byref(m))

    def inside(x0: float, y0: float, x1: float, y1: float) -> Box:
        across = [m.a * x + m.c * y + m.e for x in (x0, x1) for y in (y0, y1)]
        up = [m.b * x + m.d * y + m.f for x in (x0, x1) for y in (y0, y1)]
        return place(min(across), min(up), max(across), max(up))

    return inside


def _bounds(item: Any, place: Transform) -> Box:
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(side) for side in sides))
    return place(*(side.value for side in sides))


def _read_path(item: Any, content: PageContent, place: Transform) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    box = _bounds(item, place)
    add_rulings(content, box)
    if box[2] - box[0] <= RULE_THICKNESS or box[3] - box[1] <= RULE_THICKNESS:
        return
    segments = raw.FPDFPath_CountSegments(item)
    if not 2 <= segments <= MOST_SEGMENTS:
        return
    lines = _straight_lines(item, segments, place)
    if lines is None:
        if segments <= ROUNDED_SEGMENTS and _is_rounded(item, segments):
            content.rects.append(Rect(box, _shade(item) if fill.value else 0))
        return
    if segments <= 6 and len(lines) >= 4:
        shade = _shade(item) if fill.value else 0
        if shade or stroke.value:
            add_rect(content, lines_box(lines), shade)
        return
    for line in lines:
        add_rulings(content, line)


def _straight_lines(item: Any, segments: int, place: Transform) -> list[Box] | None:
    """The path's straight lines along the axes; None if it has a curve or a slanting line."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    x, y = ctypes.c_float(), ctypes.c_float()
    lines: list[Box] = []
    start = here = (0.0, 0.0)
    for index in range(segments):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        what = raw.FPDFPathSegment_GetType(segment)
        if what == raw.FPDF_SEGMENT_BEZIERTO:
            return None
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        steps = []
        if what == raw.FPDF_SEGMENT_LINETO:
            steps.append((here, point))
        else:
            start = point
        if raw.FPDFPathSegment_GetClose(segment):
            steps.append((point, start))
        here = point
        for (ax, ay), (bx, by) in steps:
            if abs(ax - bx) > 0.5 and abs(ay - by) > 0.5:
                return None
            lines.append(place(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    return lines


def _is_rounded(item: Any, segments: int) -> bool:
    """True for a rectangle with round corners: four straight sides, level or upright, and four curves."""
    x, y = ctypes.c_float(), ctypes.c_float()
    here = (0.0, 0.0)
    sides = curves = 0
    for index in range(segments):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        what = raw.FPDFPathSegment_GetType(segment)
        if what == raw.FPDF_SEGMENT_LINETO:
            if abs(here[0] - x.value) > 0.5 and abs(here[1] - y.value) > 0.5:
                return False
            sides += 1
        curves += what == raw.FPDF_SEGMENT_BEZIERTO
        here = (x.value, y.value)
    return sides >= 3 and curves == 12  # three points to a curve; closing may draw the last side


def _shade(item: Any) -> int:
    parts = [ctypes.c_uint() for _ in range(4)]
    raw.FPDFPageObj_GetFillColor(item, *(ctypes.byref(part) for part in parts))
    return 255 - min(part.value for part in parts[:3]) if parts[3].value else 0
