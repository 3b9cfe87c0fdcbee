"""Charts in office files: their titles, and the values that they show as a table, categories by series.

The values are those that the file keeps beside the references to its workbook; neither a workbook nor a link is opened for them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from lxml import etree

from extractors.drawn import Drawn, texts
from extractors.figures import date_parts, from_serial, number_text
from extractors.text import tidy

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"

NOT_KEPT: Final = "A chart's values are not kept in the file, so they were not read."
MOST_CELLS: Final = 20_000
"""No chart for people shows more values."""
_CATEGORIES: Final = ("cat", "xVal")
_VALUES: Final = ("val", "yVal", "bubbleSize")
_KEPT: Final = (C + "strCache", C + "numCache", C + "strLit", C + "numLit")


def read_chart(root: etree._Element) -> Drawn:
    """What a chart's part shows."""
    axis = next((text for kind in ("catAx", "dateAx") for one in root.iter(C + kind) for text in _titles(one)), "")
    lines = tuple(text for one in root.iter(C + "title", C + "dLbl") for text in _said(one) if text != axis)
    rows: dict[tuple[int, str], dict[int, str]] = {}
    names: dict[int, str] = {}
    columns: list[str] = []
    series = list(root.iter(C + "ser"))
    for number, one in enumerate(series, start=1):
        own = {at: text for kind in _CATEGORIES for at, text in _points(one.find(C + kind), root)}
        names = own | names
        label = next((text for tx in one.iterchildren(C + "tx") for text in _said(tx)), f"Series {number}")
        for values in (one.find(C + kind) for kind in _VALUES):
            if values is None:
                continue
            columns.append(label)
            for at, text in _points(values, root):
                # The points of a scatter chart have their own place in each series, the bars of a bar chart share theirs.
                rows.setdefault((at, own.get(at) or names.get(at) or f"{at + 1}"), {})[len(columns) - 1] = text
    if len(rows) * len(columns) > MOST_CELLS:
        return Drawn(lines, unread=f"A chart shows more than {MOST_CELLS:,} values, of which only the titles were read.")
    table = tuple(
        (name, *(values.get(column, "") for column in range(len(columns))))
        for (_, name), values in sorted(rows.items(), key=lambda row: row[0][0])
    )  # fmt: skip
    return Drawn(lines, (axis, *columns) if table else (), table, unread="" if table or not series else NOT_KEPT)


def _titles(axis: etree._Element) -> Iterator[str]:
    for title in axis.iterchildren(C + "title"):
        yield from _said(title)


def _said(element: etree._Element) -> Iterator[str]:
    """The texts of a title, a label or a series' name: typed there, or kept from the cells that it shows."""
    yield from texts(element)
    for kept in element.iter(C + "strCache"):
        yield from filter(None, (tidy(point.findtext(C + "v") or "") for point in kept.iter(C + "pt")))
    if element.tag == C + "tx" and (typed := tidy(element.findtext(C + "v") or "")):
        yield typed


def _points(data: etree._Element | None, root: etree._Element) -> Iterator[tuple[int, str]]:
    """The points of categories or values by their place, as the chart shows them; names on several levels joined, the outermost first."""
    if data is None:
        return
    early = root.find(C + "date1904")
    from_1904 = early is not None and early.get("val", "1") not in ("0", "false")
    levels: list[dict[int, str]] = []
    for level in list(data.iter(C + "lvl")) or list(data.iter(*_KEPT)):
        code = level.findtext(C + "formatCode") or ""
        levels.append(dict(sorted((_place(point), _shown(point, code, from_1904)) for point in level.iterchildren(C + "pt"))))
    if not levels:
        return
    outer = [(level, list(level)) for level in reversed(levels[1:])]
    for at, text in levels[0].items():
        # An outer name stands once, at the first of those that belong to it.
        over = [level[places[spot - 1]] for level, places in outer if (spot := bisect_right(places, at))]
        yield at, ", ".join([*over, text])


def _place(point: etree._Element) -> int:
    index = point.get("idx", "")
    return int(index) if index.isascii() and index.isdigit() and len(index) < 8 else 0


def _shown(point: etree._Element, code: str, from_1904: bool) -> str:
    raw, code = point.findtext(C + "v") or "", point.get("formatCode") or code
    if not code:
        return tidy(raw)
    parts = date_parts(code)
    return (from_serial(raw, parts, from_1904) if parts else "") or number_text(raw, code)
