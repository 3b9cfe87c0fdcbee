"""What an accessibility check of a Word document would send back: the rules of Office's own checker, and the contrast of WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEAST_CONTRAST = 4.5


def shortfalls(document: Any, smallest: float = 8.5) -> list[str]:
    """Everything that falls short, in words; empty where nothing does. `smallest` is the least size of print, in points."""
    return [*_whole(document), *_headings(document), *_tables(document), *_pictures(document), *_words(document, smallest)]


def _whole(document: Any) -> Iterator[str]:
    core = document.core_properties
    if not core.title.strip() or core.language != "en-GB":
        yield f"title {core.title!r}, language {core.language!r}"
    spoken = {one.get(f"{W}val") for one in document.styles.element.iter(f"{W}lang")}
    if spoken - {"en-GB"} or not spoken:
        yield f"the styles are in {spoken or 'no language'}"


def _headings(document: Any) -> Iterator[str]:
    found = [p for p in document.paragraphs if p.style.name.startswith("Heading")]
    levels = [int(p.style.name.split()[-1]) for p in found]
    if not levels or levels[0] != 1 or any(b > a + 1 for a, b in pairwise(levels)):
        yield f"headings are out of order: {levels}"
    yield from (f"empty {p.style.name}" for p in found if not p.text.strip())


def _tables(document: Any) -> Iterator[str]:
    for number, table in enumerate(document.tables, 1):
        name, head = table._tbl.tblPr.find(f"{W}tblCaption"), table.rows[0]
        if name is None or not name.get(f"{W}val").strip():
            yield f"table {number} has no name"
        if head._tr.find(f"{W}trPr/{W}tblHeader") is None:
            yield f"table {number}: the header row is not marked"
        blank = [n for n, cell in enumerate(head._tr.iter(f"{W}tc"), 1) if not _text(cell).strip()]
        if blank:
            yield f"table {number}: empty headings over columns {blank}"
        if len({len(row._tr.tc_lst) for row in table.rows}) > 1 or next(table._tbl.iter(f"{W}vMerge"), None) is not None:
            yield f"table {number}: merged or split cells"


def _pictures(document: Any) -> Iterator[str]:
    for shape in document.element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
        if len(shape.get("descr") or "") < 40:
            yield f"picture {shape.get('name')}: no words for those who cannot see it"


def _words(document: Any, smallest: float) -> Iterator[str]:
    used = {one.get(f"{W}val") for one in document.element.body.iter(f"{W}pStyle", f"{W}rStyle")}
    for style in (s for s in document.styles if s.style_id in used):
        if style.font.size is not None and style.font.size.pt < smallest:
            yield f"the style {style.name} is set in {style.font.size.pt} points"
        ink = style.font.color.rgb if style.font.color is not None else None
        if ink is not None and contrast(str(ink), "FFFFFF") < LEAST_CONTRAST:
            yield f"the style {style.name} is set in {ink} on white"
    for run in document.element.body.iter(f"{W}r"):
        size, colour = run.find(f"{W}rPr/{W}sz"), run.find(f"{W}rPr/{W}color")
        if size is not None and int(size.get(f"{W}val")) / 2 < smallest and _text(run):
            yield f"{_text(run)!r} is set in {int(size.get(f'{W}val')) / 2} points"
        cell = next(run.iterancestors(f"{W}tc"), None)
        shade = None if cell is None else cell.find(f"{W}tcPr/{W}shd")
        ink, paper = "000000" if colour is None else colour.get(f"{W}val"), "FFFFFF" if shade is None else shade.get(f"{W}fill")
        if contrast(ink, paper) < LEAST_CONTRAST:
            yield f"{_text(run)!r}: {ink} on {paper} has a contrast of {contrast(ink, paper):.1f}"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, given as six hexadecimal digits."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _text(element: Any) -> str:
    return "".join(t.text or "" for t in element.iter(f"{W}t"))
