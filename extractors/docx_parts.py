"""What stands beside a Word document's text: styles, numbering, notes, running heads, title.

Font sizes are in half-points, heading levels 1 to 9. Reading a broken part raises archives.UnsafeOrBroken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from extractors.archives import Package
from extractors.drawings import drawn_in
from extractors.drawn import Drawn
from extractors.text import tidy

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_HEADING = re.compile(r"^heading (\d)$")
_CONTENTS = re.compile(r"^(?:toc \d|toc heading|table of figures|contents heading|tocheading)$")


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph or character style with all that it inherits. None means that it says nothing."""

    name: str = ""
    level: int = 0
    """Heading level, 0 for none."""
    title: bool = False
    contents: bool = False
    bold: bool | None = None
    hidden: bool | None = None
    capitals: bool | None = None
    size: int = 0
    number: str | None = None
    depth: str = "0"
    listed: bool = False


def flag(properties: etree._Element | None, name: str) -> bool | None:
    """An on/off property such as bold: None where it is not mentioned."""
    found = None if properties is None else properties.find(W + name)
    if found is None:
        return None
    return found.get(W + "val", "true") not in ("0", "false", "off", "none")


def value(properties: etree._Element | None, path: str) -> str | None:
    """The w:val of the element at `path` (names joined by "/"), None where there is none."""
    if properties is None:
        return None
    found = properties.find("/".join(W + step for step in path.split("/")))
    return None if found is None else found.get(W + "val")


def whole(text: str | None, otherwise: int = 0) -> int:
    """A whole number as Office writes it ("2", "2.0"), `otherwise` for anything else."""
    try:
        return int(float(text)) if text else otherwise
    except (ValueError, OverflowError):
        return otherwise


@dataclass(slots=True)
class Surroundings:
    """Everything that the text of the document refers to."""

    styles: dict[str, Style] = field(default_factory=dict)
    default: Style = Style()
    numbering: etree._Element | None = None
    notes: dict[tuple[str, str], etree._Element] = field(default_factory=dict)
    """("footnote", "endnote" or "comment", id) -> its element."""
    drawn: dict[str, Drawn] = field(default_factory=dict)
    """Diagrams, charts and embedded files, by the relationship."""
    running: list[etree._Element] = field(default_factory=list)
    title: str = ""

    def style(self, name: str | None) -> Style:
        return self.default if name is None else self.styles.get(name, self.default)


def read_surroundings(package: Package, main: str) -> Surroundings:
    """Read the parts that the main part `main` refers to. Raises UnsafeOrBroken."""
    links = package.links(main)
    found = Surroundings(drawn=drawn_in(package, links))
    for kind, part in links.values():
        if kind == "styles":
            _read_styles(package.xml(part), found)
        elif kind == "numbering":
            found.numbering = package.xml(part)
        elif kind in ("footnotes", "endnotes", "comments"):
            root = package.xml(part)
            for note in () if root is None else root:
                # The separators that Word keeps among the notes have a type; real notes have none.
                if isinstance(note.tag, str) and note.get(W + "type", "normal") == "normal":
                    found.notes[kind[:-1], note.get(W + "id", "")] = note
        elif kind in ("header", "footer"):
            root = package.xml(part)
            if root is not None:
                found.running.append(root)
    found.title = package.title()
    return found


def _read_styles(root: etree._Element | None, found: Surroundings) -> None:
    if root is None:
        return
    raw = {style.get(W + "styleId", ""): style for style in root.iter(W + "style")}
    done: dict[str, Style] = {}

    def resolve(name: str, above: frozenset[str]) -> Style:
        if name in done:
            return done[name]
        element = raw.get(name)
        # A style based on itself, directly or round a loop, or on a very long chain inherits no further.
        if element is None or name in above or len(above) > 50:
            return Style()
        based = value(element, "basedOn")
        style = _own(element, resolve(based, above | {name}) if based else Style())
        done[name] = style
        return style

    found.styles = {name: resolve(name, frozenset()) for name in raw}
    for name, element in raw.items():
        if element.get(W + "type") == "paragraph" and element.get(W + "default") in ("1", "true", "on"):
            found.default = found.styles[name]


def _own(element: etree._Element, base: Style) -> Style:
    name = tidy(value(element, "name") or "").lower()
    text, lines = element.find(W + "rPr"), element.find(W + "pPr")
    heading = _HEADING.match(name)
    outline = value(lines, "outlineLvl")
    level = base.level
    if heading:
        level = max(1, int(heading[1]))
    elif outline is not None:
        level = whole(outline, 9) + 1 if whole(outline, 9) < 9 else 0
    elif name == "title":
        level = 1
    contents = base.contents or bool(_CONTENTS.match(name))

    def mine(property_name: str, inherited: bool | None) -> bool | None:
        own = flag(text, property_name)
        return inherited if own is None else own

    number = value(lines, "numPr/numId")
    return replace(
        base,
        name=name,
        level=0 if contents else level,
        title=base.title or name == "title",
        contents=contents,
        bold=mine("b", base.bold),
        hidden=mine("vanish", base.hidden),
        capitals=mine("caps", base.capitals),
        size=whole(value(text, "sz"), base.size),
        number=base.number if number is None else number,
        depth=value(lines, "numPr/ilvl") or base.depth,
        listed=base.listed or name.startswith(("list bullet", "list number")),
    )
