"""Where office files draw instead of writing: diagrams (SmartArt), charts, pictures, embedded files. Each has a part of its own.

The words of diagrams and charts are read. A picture that may hold words and a file that is embedded are not: they are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lxml import etree

from extractors.archives import Package, UnsafeOrBroken
from extractors.charts import read_chart
from extractors.document import Problem
from extractors.drawn import Drawn, texts
from extractors.text import tidy

DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

WIDE: Final = 3_600_000
HIGH: Final = 900_000
"""From 10 by 2.5 cm on, in EMU, a picture can hold a paragraph or a table."""
POINT: Final = 12_700
_SIDE: Final = re.compile(r"(?<![\w-])(width|height):(\d{1,5}(?:\.\d{1,6})?)pt")
EMBEDDED: Final = "A file is embedded here (such as a workbook, shown as a picture), which was not read."
PICTURE: Final = "A picture large enough to hold words was not read."
_REMEDY: Final = "Look at it yourself; if it matters, add it as a document of its own or add the whole as PDF."
_NEWER: Final = "A chart of a newer kind (such as a treemap or a waterfall) was not read."


def drawn_in(package: Package, links: Mapping[str, tuple[str, str]]) -> dict[str, Drawn]:
    """The drawings that a part refers to, by the relationship. One that is damaged costs itself."""
    found: dict[str, Drawn] = {}
    for link, (kind, part) in links.items():
        if kind == "chartEx":
            found[link] = Drawn(unread=_NEWER)
        elif kind in ("oleObject", "package"):
            found[link] = Drawn(unread=EMBEDDED)
        elif kind in ("diagramData", "chart"):
            try:
                found[link] = _read(package, kind, part)
            except UnsafeOrBroken as error:
                found[link] = Drawn(unread=f"A {'chart' if kind == 'chart' else 'diagram'} was not read. {error.message}")
    return found


def _read(package: Package, kind: str, part: str) -> Drawn:
    root = package.xml(part)
    if root is None:
        return Drawn(unread="A drawing is missing from the file.")
    if kind == "chart":
        return read_chart(root)
    return Drawn(tuple(text for shape in root.iter(DGM + "t") for text in texts(shape)))


def seen_in(shape: etree._Element, known: Mapping[str, Drawn]) -> Iterator[Drawn]:
    """What a shape shows: drawings of the part that it stands in (`known`), or else its pictures; and how it is described."""
    links = dict.fromkeys(one.get(key, "") for one in _parts(shape) for key in (R + "id", R + "dm"))
    drawings = [known[link] for link in links if link in known]
    yield from drawings or pictures(shape)
    yield from described(shape)


def pictures(shape: etree._Element) -> Iterator[Drawn]:
    """Names each picture that is large enough to hold words."""
    for one in _parts(shape):
        if (_name(one) == "pic" and _is_large(one)) or (_name(one) == "imagedata" and _is_large_in_points(one)):
            yield Drawn(unread=PICTURE)


def _is_large(picture: etree._Element) -> bool:
    # The size stands in the picture's frame, or in what anchors it to a cell.
    around = picture.getparent()
    sizes = [size for size in (*picture.iter(), *(() if around is None else around)) if size.get("cx")]
    return any(_whole(size.get("cx")) >= WIDE and _whole(size.get("cy")) >= HIGH for size in sizes)


def _is_large_in_points(picture: etree._Element) -> bool:
    """The same for a picture as Word 97-2003 writes it, whose shape has a style as web pages have it."""
    around = picture.getparent()
    sides = dict(_SIDE.findall("" if around is None else around.get("style", "")))
    return all(float(sides.get(side, 0)) * POINT >= least for side, least in (("width", WIDE), ("height", HIGH)))


def described(shape: etree._Element) -> Iterator[Drawn]:
    """What is said of shapes to those who cannot see them."""
    said = dict.fromkeys(tidy(one.get("descr", "")) for one in _parts(shape) if _name(one) in ("docPr", "cNvPr"))
    # Programs put the name of a picture's file there, which says nothing.
    yield from (Drawn(described=text) for text in said if " " in text)


def _parts(shape: etree._Element) -> Iterator[etree._Element]:
    """A shape and what is in it, without text boxes, which are read on their own, and with one branch of each choice."""
    yield shape
    for child in shape:
        if _name(child) not in ("txbxContent", "Fallback"):
            yield from _parts(child)


def unread_problems(name: str, found: Iterable[tuple[int, str]], what: str = "page") -> list[Problem]:
    """A problem for each thing that was not read, with the pages (`what` they are called) on which it stands."""
    pages: dict[str, dict[int, None]] = {}
    for page, message in found:
        pages.setdefault(message, {})[page] = None
    return [
        Problem(name, message + _also(on, what), _REMEDY, min(on), outcome="flagged")
        for message, on in pages.items()
    ]  # fmt: skip


def _also(pages: Iterable[int], what: str) -> str:
    further = [f"{page}" for page in sorted(pages)][1:]
    return f" The same on {what} {', '.join(further)}." if further else ""


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0
