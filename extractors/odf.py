"""What OpenDocument texts and sheets share: the package opened with care, styles with all that they inherit, plain text.

Font sizes are in half-points. Reading a broken part raises archives.UnsafeOrBroken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from extractors.archives import Package, UnsafeOrBroken, open_package
from extractors.drawn import Drawn
from extractors.list_numbers import Depth
from extractors.odf_drawn import objects_in
from extractors.text import stated_title, tidy

_NS = "{urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, STYLE, TEXT, TABLE = (f"{_NS}{name}:1.0}}" for name in ("office", "style", "text", "table"))
DRAW, NUMBER, FO = f"{_NS}drawing:1.0}}", f"{_NS}datastyle:1.0}}", f"{_NS}xsl-fo-compatible:1.0}}"

CREATOR = "{http://purl.org/dc/elements/1.1/}creator"

_HEADING = re.compile(r"^heading (\d)$")
_DATE_PARTS = {"day": "d", "month": "m", "year": "y", "hours": "h"}
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_LONGEST_CHAIN = 50

OUTLINE = "\0outline"
"""The list of the headings; no style has that name."""


@dataclass(frozen=True, slots=True)
class OdfStyle:
    """A style with all that it inherits. None means that it says nothing."""

    name: str = ""
    level: int = 0
    title: bool = False
    bold: bool | None = None
    hidden: bool | None = None
    capitals: bool | None = None
    size: int = 0
    turns_page: bool = False
    shaded: bool = False
    shown: bool = True
    """Only for tables: the sheet is not hidden."""
    date: str = ""
    """Only for cells: the parts of a date that they show."""


@dataclass(slots=True)
class Styles:
    """Styles by family and name, and how lists are numbered at each depth, from 0; the list OUTLINE is that of the headings."""

    own: dict[tuple[str, str], OdfStyle] = field(default_factory=dict)
    lists: dict[str, dict[int, Depth]] = field(default_factory=dict)

    def get(self, family: str, name: str | None) -> OdfStyle:
        return self.own.get((family, name or ""), OdfStyle())


@dataclass(frozen=True, slots=True)
class OdfFile:
    """An OpenDocument file read into its parts."""

    body: etree._Element
    styles: Styles
    running: tuple[etree._Element, ...]
    """Headers and footers of the master pages."""
    title: str
    objects: dict[str, Drawn]
    """Charts and other files within it, by the reference to them."""


def open_odf(path: Path, kind: str) -> OdfFile:
    """Opens an OpenDocument file; `kind` is "text" or "spreadsheet". Raises UnsafeOrBroken."""
    office = f"OpenDocument {kind}"
    with open_package(path, office) as package:
        if b"encryption-data" in (package.read("META-INF/manifest.xml") or b""):
            raise UnsafeOrBroken(
                f"This {office} is protected by a password.", "Ask the sender for the password, save a copy without one and add that."
            )
        content, shared = package.xml("content.xml"), package.xml("styles.xml")
        body = None if content is None else content.find(f"{OFFICE}body/{OFFICE}{kind}")
        if content is None or body is None:
            raise UnsafeOrBroken(
                f"This file is not an {office}, whatever its name says.",
                "Open it, save it as a Word document or an Excel workbook and send it again, or ask the force for a sound copy.",
            )
        roots = [root for root in (shared, content) if root is not None]
        running = tuple(part for root in roots for page in root.iter(STYLE + "master-page") for part in page)
        return OdfFile(body, _styles(roots), running, _title(package), objects_in(package, content))


def _title(package: Package) -> str:
    root = package.xml("meta.xml")
    return "" if root is None else stated_title(root.findtext(".//{http://purl.org/dc/elements/1.1/}title") or "")


def _styles(roots: list[etree._Element]) -> Styles:
    found = Styles()
    raw: dict[tuple[str, str], etree._Element] = {}
    dates: dict[str, str] = {}
    for root in roots:
        for style in root.iter(STYLE + "style"):
            raw[style.get(STYLE + "family", ""), style.get(STYLE + "name", "")] = style
        for shown in root.iter(NUMBER + "date-style", NUMBER + "time-style"):
            names = (str(part.tag).removeprefix(NUMBER) for part in shown)
            dates[shown.get(STYLE + "name", "")] = "".join(_DATE_PARTS.get(name, "") for name in names)
        for levels in root.iter(TEXT + "list-style", TEXT + "outline-style"):
            name = OUTLINE if levels.tag == TEXT + "outline-style" else levels.get(STYLE + "name", "")
            found.lists[name] = {whole(level.get(TEXT + "level"), 1) - 1: _depth(level) for level in levels if isinstance(level.tag, str)}

    def resolve(key: tuple[str, str], above: frozenset[str]) -> OdfStyle:
        element = raw.get(key)
        if key in found.own:
            return found.own[key]
        # A style that is its own parent, or stands at the end of a very long chain, inherits no further.
        if element is None or key[1] in above or len(above) > _LONGEST_CHAIN:
            return OdfStyle()
        parent = element.get(STYLE + "parent-style-name")
        base = resolve((key[0], parent), above | {key[1]}) if parent else OdfStyle()
        found.own[key] = _own(element, base, dates)
        return found.own[key]

    for key in raw:
        resolve(key, frozenset())
    return found


def _depth(level: etree._Element) -> Depth:
    """How one depth of a list is numbered."""
    form = _FORMS.get(level.get(STYLE + "num-format", ""), "none")
    if level.tag == TEXT + "list-level-style-bullet":
        return Depth("bullet")
    last = whole(level.get(TEXT + "level"), 1)
    shown = min(max(whole(level.get(TEXT + "display-levels"), 1), 1), last)
    number = ".".join(f"%{n}" for n in range(last - shown + 1, last + 1))
    text = level.get(STYLE + "num-prefix", "") + number + level.get(STYLE + "num-suffix", "")
    return Depth(form, text, whole(level.get(TEXT + "start-value"), 1))


def _own(element: etree._Element, base: OdfStyle, dates: dict[str, str]) -> OdfStyle:
    name = tidy(element.get(STYLE + "display-name") or element.get(STYLE + "name", "").replace("_20_", " ")).lower()
    about = {str(key): str(value) for part in element if isinstance(part.tag, str) for key, value in part.attrib.items()}
    heading = _HEADING.match(name)
    level = int(heading[1]) if heading else whole(element.get(STYLE + "default-outline-level"), base.level)
    return replace(
        base,
        # An automatic style goes by the name of the one that a person chose.
        name=name if element.get(STYLE + "display-name") or not base.name else base.name,
        level=1 if name == "title" else level,
        title=base.title or name == "title",
        bold=_said(about.get(FO + "font-weight"), ("bold", "600", "700", "800", "900"), base.bold),
        hidden=_said(about.get(TEXT + "display"), ("none",), base.hidden),
        capitals=_said(about.get(FO + "text-transform"), ("uppercase",), base.capitals),
        size=_size(about.get(FO + "font-size"), base.size),
        turns_page=about.get(FO + "break-before") == "page" or bool(element.get(STYLE + "master-page-name")),
        shaded=about.get(FO + "background-color", "transparent").lower() not in ("transparent", "#ffffff"),
        shown=about.get(TABLE + "display", "true") != "false",
        date=dates.get(element.get(STYLE + "data-style-name", ""), base.date),
    )


def _said(value: str | None, yes: tuple[str, ...], inherited: bool | None) -> bool | None:
    return inherited if value is None else value in yes


def _size(text: str | None, inherited: int) -> int:
    found = re.match(r"^(\d{1,3}(?:\.\d{1,2})?)(pt|%)$", text or "")
    if not found:
        return inherited
    return round(float(found[1]) * (2 if found[2] == "pt" else inherited / 100))


def whole(text: str | None, otherwise: int) -> int:
    """A whole number as OpenDocument writes it, `otherwise` for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def repeats(element: etree._Element, what: str) -> int:
    """How often a row or column stands there ("rows-repeated"), or how far a cell spans ("columns-spanned")."""
    return max(1, whole(element.get(f"{TABLE}number-{what}"), 1))


def rows_of(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table with whether they are marked as headers, groups of rows opened."""
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child, table.tag == TABLE + "table-header-rows"
        elif child.tag in (TABLE + "table-header-rows", TABLE + "table-rows", TABLE + "table-row-group"):
            yield from rows_of(child)
