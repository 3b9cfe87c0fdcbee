"""How a web page's element looks: bold, large, hidden, a heading, a list item, by its tag, its style and Word's own marks.

Font sizes are in half-points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from lxml import etree

LARGE = 28
"""Half-points: a short line in type of this size stands over what follows."""

_HEADING = re.compile(r"^h([1-6])$")
_BRACE = re.compile(r"[{}]")
_CLASS = re.compile(r"^(?:(\w+)|\*)?\.([\w-]+)$")
_HIDES = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_BOLD = re.compile(r"(?:^|;)\s*font-weight\s*:\s*(bold|bolder|[6-9]00|normal|[1-5]00)", re.IGNORECASE)
_SIZE = re.compile(r"(?:^|;)\s*font-size\s*:\s*([\d.]{1,6})\s*(pt|px)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*(?!none|transparent|white|#fff(?:fff)?\b)[\w#]", re.IGNORECASE)
_LIST_MARK = re.compile(r"mso-list\s*:\s*(?!none|ignore)(\w[\w ]*)", re.IGNORECASE)
_IGNORED_MARK = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_CONTENTS = re.compile(r"\bmsotoc\d|\btoc\b", re.IGNORECASE)
_FONT_SIZES = {"1": 15, "2": 20, "3": 24, "4": 27, "5": 36, "6": 48, "7": 72}


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks here; an element inherits it from the one around it."""

    level: int = 0
    title: bool = False
    bulleted: bool = True
    list: str = ""
    """The lists around it, "ol" or "ul" for each; or what Word calls its list."""
    marked: bool = False
    """A paragraph that Word numbers or bullets itself."""
    bold: bool = False
    size: int = 0
    hidden: bool = False

    @property
    def large(self) -> bool:
        return self.size >= LARGE


@dataclass(frozen=True, slots=True)
class Styles:
    """The declarations that the page's own style sheet makes for each tag ("" for all) and class, but not for print or small screens."""

    classes: dict[tuple[str, str], str]

    @classmethod
    def of(cls, root: etree._Element) -> Self:
        classes: dict[tuple[str, str], str] = {}
        for style in root.iter("style"):
            for selectors, declarations in _rules("".join(map(str, style.itertext()))):
                for selector in selectors.split(","):
                    found = _CLASS.match(selector.strip())
                    if found:
                        key = ((found[1] or "").lower(), found[2])
                        classes[key] = f"{classes.get(key, '')};{declarations}"
        return cls(classes)

    def _declared(self, element: etree._Element) -> str:
        tags = ("", str(element.tag).lower())
        classes = (self.classes.get((tag, name), "") for name in element.get("class", "").split() for tag in tags)
        return ";".join((*classes, element.get("style", "")))

    def look(self, element: etree._Element, tag: str, outer: Look) -> Look:
        """The look inside `element`, which stands where text looks like `outer`."""
        style = self._declared(element)
        heading = _HEADING.match(tag)
        level = int(heading[1]) if heading else outer.level
        if element.get("role", "").lower() == "heading":
            level = min(max(int(stated), 1), 9) if (stated := element.get("aria-level", "2")).isdigit() and len(stated) < 3 else 2
        title = "msotitle" in element.get("class", "").lower()
        marked = _LIST_MARK.search(style)
        weight, size = _BOLD.findall(style), _SIZE.findall(style)
        bold = outer.bold or tag in ("b", "strong", "th", "dt") or level > outer.level
        if weight:
            bold = weight[-1].lower() in ("bold", "bolder", "600", "700", "800", "900")
        points = outer.size
        if size:
            points = _half_points(*size[-1])
        elif tag == "font":
            points = _FONT_SIZES.get(element.get("size", ""), outer.size)
        return replace(
            outer,
            level=1 if title else level,
            title=title or outer.title,
            bulleted=tag != "ol" if tag in ("ol", "ul") else outer.bulleted,
            list=f"{outer.list} {tag}".strip() if tag in ("ol", "ul") else marked[1] if marked else outer.list,
            marked=outer.marked or bool(marked),
            bold=bold,
            size=points,
            hidden=outer.hidden or element.get("hidden") is not None or bool(_HIDES.search(style)),
        )

    def is_contents(self, element: etree._Element) -> bool:
        """A line of a contents list that Word made, or the number that it typed before a list item."""
        return bool(_CONTENTS.search(element.get("class", "")) or _IGNORED_MARK.search(element.get("style", "")))

    def is_running(self, element: etree._Element, tag: str) -> bool:
        """A running head or foot: LibreOffice names them by title; a page's own footer is one too."""
        named = tag == "div" and element.get("title", "") in ("header", "footer")
        return named or (tag == "footer" and next(element.iterancestors("article", "main", "section"), None) is None)

    def is_shaded(self, element: etree._Element) -> bool:
        return bool(element.get("bgcolor", "").lower() not in ("", "white", "#ffffff") or _BACKGROUND.search(self._declared(element)))


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of a style sheet, without those that are for print or small screens only."""
    first, *others = sheet.replace("<!--", " ").replace("-->", " ").split("/*")
    sheet = first + " ".join(other.partition("*/")[2] for other in others)
    depth, start, selectors = 0, 0, ""
    for brace in _BRACE.finditer(sheet):
        if brace[0] == "{":
            if not depth:
                selectors, start = sheet[start : brace.start()], brace.end()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                if "@" not in selectors:
                    yield selectors, sheet[start : brace.start()]
                start = brace.end()


def _half_points(number: str, unit: str) -> int:
    try:
        return round(float(number) * (2 if unit.lower() == "pt" else 1.5))
    except ValueError:
        return 0
