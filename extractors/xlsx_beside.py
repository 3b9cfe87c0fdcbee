"""What hangs on a sheet of a workbook beside its cells: remarks, new and old, texts in boxes and shapes, heads and feet in print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from extractors.archives import Package
from extractors.charts import NOT_KEPT
from extractors.drawings import described, drawn_in, pictures
from extractors.drawn import texts
from extractors.sheet_cells import Remark, Sheet, printed_texts
from extractors.text import tidy

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_THREADS = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_CELL = re.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7})$")


def add_beside(sheet: Sheet, package: Package, part: str, known: dict[str, str]) -> None:
    """Adds what hangs on a sheet; `known` are names by the ids of people. Raises UnsafeOrBroken."""
    links = package.links(part)
    sheet.drawn += drawn_in(package, links).values()
    for kind, target in links.values():
        root = package.xml(target) if kind in ("comments", "threadedComment", "drawing") else None
        if root is None:
            continue
        if kind == "drawing":
            sheet.boxes += _boxes(root)
            # A chart shows values of the workbook's own cells, which are read whether it keeps them or not.
            shown = drawn_in(package, package.links(target)).values()
            sheet.drawn += [replace(one, unread="") if one.unread == NOT_KEPT else one for one in shown]
            sheet.drawn += (*pictures(root), *described(root))
        else:
            sheet.remarks += _old(root) if kind == "comments" else _new(root, known)


def printed(root: etree._Element) -> Iterator[str]:
    """The texts at the head and foot of a sheet's printed pages, where Excel keeps the marking."""
    for coded in root.iterfind(f"{S}headerFooter/*"):
        yield from printed_texts(coded.text or "")


def people(root: etree._Element) -> dict[str, str]:
    """Names by the ids of people, as a workbook keeps them."""
    return {person.get("id", ""): tidy(person.get("displayName", "")) for person in root.iter(_THREADS + "person")}


def address(reference: str) -> tuple[int, int] | None:
    """(row, column) of "B7"; None for anything else."""
    found = _CELL.match(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def rich_text(item: etree._Element) -> str:
    """The text of a string item, its formatted runs joined, without phonetic guides."""
    texts = (text for text in item.iter(S + "t") if (up := text.getparent()) is None or up.tag != S + "rPh")
    return tidy("".join(unescaped(text.text or "") for text in texts))


def unescaped(text: str) -> str:
    # Excel writes characters that XML cannot hold as _x000D_.
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _old(root: etree._Element) -> Iterator[Remark]:
    """Notes. Excel puts one beside each newer remark, too, for older versions of itself: its author is "tc=" and an id."""
    authors = [author.text or "" for author in root.iter(S + "author")]
    for note in root.iter(S + "comment"):
        number = note.get("authorId", "")
        author = tidy(authors[int(number)]) if number.isdigit() and int(number) < len(authors) else ""
        said, spot = note.find(S + "text"), address(note.get("ref", ""))
        # Excel types the name of who writes before the words.
        text = "" if said is None else rich_text(said).removeprefix(f"{author}:").strip()
        if spot and text and not author.startswith("tc="):
            yield Remark(*spot, author, text)


def _new(root: etree._Element, known: dict[str, str]) -> Iterator[Remark]:
    for remark in root.iter(_THREADS + "threadedComment"):
        text, spot = tidy(remark.findtext(_THREADS + "text") or ""), address(remark.get("ref", ""))
        if spot and text:
            yield Remark(*spot, known.get(remark.get("personId", ""), ""), text)


def _boxes(root: etree._Element) -> Iterator[str]:
    for shape in root.iter(_XDR + "sp"):
        if next(shape.iterancestors(_FALLBACK), None) is None:
            yield from texts(shape)
