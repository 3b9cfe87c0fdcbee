"""What OpenDocument files draw: charts, which are files within the file, are read; large pictures and other embedded files are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from extractors.archives import Package, UnsafeOrBroken
from extractors.charts import MOST_CELLS
from extractors.drawings import EMBEDDED, HIGH, PICTURE, POINT, WIDE
from extractors.drawn import Drawn
from extractors.text import tidy

_NS: Final = "{urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT, _TABLE = (f"{_NS}{name}:1.0}}" for name in ("office", "text", "table"))
_DRAW, _CHART, _SVG = (f"{_NS}{name}:1.0}}" for name in ("drawing", "chart", "svg-compatible"))
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
FRAME: Final = _DRAW + "frame"
_LENGTH: Final = re.compile(r"(\d{1,5}(?:\.\d{1,6})?)(cm|mm|in|pt)")
_EMU: Final = {"cm": 360_000, "mm": 36_000, "in": 914_400, "pt": POINT}


def objects_in(package: Package, content: etree._Element) -> dict[str, Drawn]:
    """The files within a file, by the reference to them. One that is damaged costs itself."""
    found: dict[str, Drawn] = {}
    for one in content.iter(_DRAW + "object"):
        reference = one.get(_HREF, "")
        try:
            root = package.xml(f"{reference.removeprefix('./')}/content.xml")
            chart = None if root is None else root.find(f"{_OFFICE}body/{_OFFICE}chart")
            found[reference] = Drawn(unread=EMBEDDED) if chart is None else _chart(chart)
        except UnsafeOrBroken as error:
            found[reference] = Drawn(unread=f"A chart or a file embedded here was not read. {error.message}")
    return found


def drawn_by(frame: etree._Element, objects: Mapping[str, Drawn]) -> Iterator[Drawn]:
    """What a frame shows: a chart, or a picture that may hold words; and how it is described."""
    embedded = [one for one in frame if one.tag in (_DRAW + "object", _DRAW + "object-ole")]
    if embedded:
        yield objects.get(embedded[0].get(_HREF, ""), Drawn(unread=EMBEDDED))
    elif frame.find(_DRAW + "image") is not None and _length(frame, "width") >= WIDE and _length(frame, "height") >= HIGH:
        yield Drawn(unread=PICTURE)
    for said in frame.iterchildren(_SVG + "title", _SVG + "desc"):
        if " " in (text := tidy(said.text or "")):
            yield Drawn(described=text)


def _chart(body: etree._Element) -> Drawn:
    axis = next((_said(title) for one in body.iter(_CHART + "axis") if one.get(_CHART + "dimension") == "x" for title in one), "")
    titles = (_said(one) for one in body.iter(_CHART + "title", _CHART + "subtitle"))
    lines = tuple(text for text in titles if text and text != axis)
    rows = [[_said(cell) for cell in row.iterchildren(_TABLE + "table-cell")] for row in body.iter(_TABLE + "table-row")]
    if not rows or sum(map(len, rows)) > MOST_CELLS:
        return Drawn(lines, unread=f"A chart's values were not read: it keeps none, or more than {MOST_CELLS:,}.")
    columns = (rows[0][0] or axis, *rows[0][1:]) if rows[0] else ()
    # What it keeps may be longer in one row than in another, and the file says so of a cell that is none.
    filled = (tuple((row + [""] * len(columns))[: len(columns)]) for row in rows[1:])
    return Drawn(lines, columns, tuple(row for row in filled if any(row)))


def _said(element: etree._Element) -> str:
    return tidy(" ".join("".join(str(piece) for piece in p.itertext()) for p in element.iter(_TEXT + "p")))


def _length(frame: etree._Element, side: str) -> float:
    found = _LENGTH.fullmatch(frame.get(_SVG + side, ""))
    return float(found[1]) * _EMU[found[2]] if found else 0
