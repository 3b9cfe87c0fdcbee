"""PowerPoint presentations (PPTX) -> Extract: each slide is a page, its title a heading, what the speaker says a note.

Hidden slides and shapes are read and marked hidden. Pages are 1-based.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from extractors import progress
from extractors.archives import Package, UnsafeOrBroken, open_package, unread
from extractors.document import Extract, Problem
from extractors.drawings import R, drawn_in, seen_in, unread_problems
from extractors.drawn import A, Drawn, texts
from extractors.flow import Flow, Line, running_texts
from extractors.grids import Grid
from extractors.text import is_short, tidy

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_TRUE = ("1", "true", "on")
_TITLES = ("title", "ctrTitle")
_BULLETED = ("body", "obj", "")
"""Placeholders whose text is bulleted unless it says otherwise; "" is what PowerPoint writes for a slide's main content."""
_AROUND_NOTES = ("sldImg", "sldNum", "hdr", "ftr", "dt")


def read_pptx(path: Path, name: str) -> Extract:
    """Read a presentation; `name` is what Problems call it. Never raises for bad input."""
    problems: list[Problem] = []
    walk = _Walk()
    try:
        with open_package(path, "PowerPoint presentation") as package:
            main = package.main_part("ppt/presentation.xml")
            root = package.xml(main)
            if root is None or root.tag != P + "presentation":
                return unread(
                    name,
                    "This file is not a PowerPoint presentation, whatever its name says.",
                    "Open it, save it as a PowerPoint presentation (.pptx) and send it again, or ask the force for a sound copy.",
                )
            links = package.links(main)
            slides = [links.get(slide.get(R + "id", ""), ("", ""))[1] for slide in root.iter(P + "sldId")]
            for walk.page, part in enumerate(slides, start=1):
                progress.step(walk.page, len(slides))
                try:
                    walk.slide(package, part)
                except UnsafeOrBroken as error:
                    problems.append(Problem(name, error.message, error.remedy, walk.page))
                except RecursionError:
                    remedy = "Ungroup its shapes in PowerPoint and send it again, or ask for the presentation as PDF."
                    problems.append(Problem(name, "This slide nests its shapes too deeply to be read.", remedy, walk.page))
            lost = {problem.page for problem in problems}
            seen = unread_problems(name, (one for one in walk.flow.unread if one[0] not in lost), "slide")
            extract = walk.flow.extract(name, max(1, len(slides)), package.title(), running_texts(walk.running), [*problems, *seen])
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    return replace(extract, pages_read=len(slides) - len(problems)) if extract.blocks or problems else extract


@dataclass(slots=True)
class _Walk:
    flow: Flow = field(default_factory=Flow)
    running: list[str] = field(default_factory=list)
    page: int = 1

    def slide(self, package: Package, part: str) -> None:
        """Reads one slide and its notes. Raises UnsafeOrBroken."""
        root = package.xml(part) if part else None
        if root is None:
            raise UnsafeOrBroken("This slide is missing from the file.", "Ask the force for a sound copy.")
        links = package.links(part)
        known = drawn_in(package, links)
        with self.flow.apart() as inside:
            shapes = list(_shapes(root))
            title = next((shape for shape in shapes if _placeholder(shape) in _TITLES), None)
            title = _largest(shapes) if title is None else title
            # A slide's title may stand anywhere in the file, but it is read first.
            for shape in sorted(shapes, key=lambda shape: shape is not title):
                with self.flow.apart() as drawn:
                    self._shape(shape, known, shape is title)
                hidden = any(about.get("hidden") in _TRUE for about in shape.iter(P + "cNvPr"))
                self.flow.drafts += [replace(draft, hidden=draft.hidden or hidden) for draft in drawn]
            self._notes(package, links)
            blank = not self.flow.says_anything()
        if blank and any(True for _ in root.iter(P + "pic", P + "graphicFrame")):
            remedy = "Look at it yourself, or add the presentation as PDF, so that text in its pictures can be read."
            raise UnsafeOrBroken("This slide holds only pictures, which were not read.", remedy)
        with self.flow.apart() as remarks:
            self._comments(package, links)
        inside += remarks
        shut = root.get("show", "1") not in _TRUE
        self.flow.drafts += [replace(draft, hidden=draft.hidden or shut) for draft in inside]

    def _shape(self, shape: etree._Element, known: Mapping[str, Drawn], title: bool) -> None:
        kind = _placeholder(shape)
        if kind == "ftr":
            self.running += [_text(paragraph) for paragraph in shape.iter(A + "p")]
        elif kind in ("dt", "sldNum", "hdr"):
            return
        elif (table := shape.find(f".//{A}tbl")) is not None:
            self._table(table)
        for body in shape.iterchildren(P + "txBody"):
            self._paragraphs(body, kind, title)
        for one in seen_in(shape, known):
            self.flow.drawn(one, self.page)

    def _paragraphs(self, body: etree._Element, kind: str | None = None, title: bool = False) -> None:
        for paragraph in body.iterchildren(A + "p"):
            about = paragraph.find(A + "pPr")
            line = Line(_text(paragraph), self.page)
            runs = [run for run in paragraph.iterchildren(A + "r") if (run.findtext(A + "t") or "").strip()]
            looks = [look for run in runs if (look := run.find(A + "rPr")) is not None]
            line.bold = bool(runs) and len(looks) == len(runs) and all(look.get("b", "0") in _TRUE for look in looks)
            if title:
                line.level, line.title = 1, kind == "ctrTitle"
            else:
                marks = set() if about is None else {str(mark.tag) for mark in about}
                typed = bool(marks & {A + "buChar", A + "buAutoNum", A + "buBlip"})
                line.listed = typed or (kind in _BULLETED and A + "buNone" not in marks)
                line.bulleted = A + "buAutoNum" not in marks
                line.series = "" if about is None else about.get("lvl", "0")
            self.flow.line(line)

    def _table(self, table: etree._Element) -> None:
        about = table.find(A + "tblPr")
        headed = about is not None and about.get("firstRow", "0") in _TRUE
        grid = Grid()
        for number, row in enumerate(table.iterchildren(A + "tr")):
            grid.row()
            for cell in row.iterchildren(A + "tc"):
                if cell.get("hMerge", "0") in _TRUE or cell.get("vMerge", "0") in _TRUE:
                    continue
                with self.flow.apart() as inside:
                    for body in cell.iterchildren(A + "txBody"):
                        self._paragraphs(body)
                grid.cell(inside, _whole(cell.get("gridSpan")), _whole(cell.get("rowSpan")), header=headed and number == 0)
        self.flow.table(grid.rows)

    def _notes(self, package: Package, links: dict[str, tuple[str, str]]) -> None:
        """What the speaker means to say."""
        for kind, part in links.values():
            root = package.xml(part) if kind == "notesSlide" else None
            bodies = [] if root is None else [shape for shape in _shapes(root) if _placeholder(shape) not in _AROUND_NOTES]
            self.flow.note([_text(paragraph) for body in bodies for paragraph in body.iter(A + "p")], self.page)

    def _comments(self, package: Package, links: dict[str, tuple[str, str]]) -> None:
        """What someone remarked on the slide, as older and as newer versions of PowerPoint keep it."""
        for kind, part in links.values():
            root = package.xml(part) if kind == "comments" else None
            for remark in () if root is None else root.iter():
                if str(remark.tag).endswith(("}cm", "}reply")):
                    bodies = [child for child in remark if str(child.tag).endswith("}txBody")]
                    said = [text for body in bodies for text in texts(body)] or [remark.findtext(P + "text") or ""]
                    self.flow.note(said if any(map(str.strip, said)) else [], self.page, "")


def _shapes(root: etree._Element) -> Iterator[etree._Element]:
    """Shapes and frames in the order of the file, groups opened, one branch of each choice."""
    for child in root:
        if child.tag in (P + "sp", P + "graphicFrame", P + "cxnSp", P + "pic"):
            yield child
        elif child.tag == MC + "AlternateContent":
            branch = child.find(MC + "Choice")
            branch = child.find(MC + "Fallback") if branch is None else branch
            yield from () if branch is None else _shapes(branch)
        elif child.tag in (P + "cSld", P + "spTree", P + "grpSp"):
            yield from _shapes(child)


def _placeholder(shape: etree._Element) -> str | None:
    """The kind of a placeholder, None for a shape that is none."""
    found = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return None if found is None else found.get("type", "")


def _largest(shapes: Sequence[etree._Element]) -> etree._Element | None:
    """The one short line in larger type than all else: the title of a slide that was not made from a layout."""

    def size(shape: etree._Element) -> int:
        return max((_whole(run.get("sz")) for run in shape.iter(A + "rPr") if run.get("sz")), default=0)

    sizes = sorted((size(shape) for shape in shapes), reverse=True)
    best = max(shapes, key=size, default=None)
    if best is None or sizes[0] == 0 or sizes[:2].count(sizes[0]) > 1:
        return None
    lines = [text for paragraph in best.iter(A + "p") if (text := tidy(_text(paragraph)))]
    return best if len(lines) == 1 and is_short(lines[0]) else None


def _text(paragraph: etree._Element) -> str:
    pieces: list[str] = []
    for child in paragraph:
        if child.tag == A + "br":
            pieces.append("\n")
        elif child.tag == A + "r" or (child.tag == A + "fld" and child.get("type", "") != "slidenum"):
            pieces.append((child.findtext(A + "t") or "").replace("\n", " "))
    return "".join(pieces)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
