"""Web pages, and what office programs save as web pages (HTML) -> Extract, read as a browser without scripts shows them.

Scripts, styles, menus and forms' controls are nobody's words and are left out; what a style hides is read and marked hidden.
A page on the web has no pages: all of it is page 1.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from extractors.archives import UnsafeOrBroken, read_whole, unread
from extractors.document import Extract, Problem
from extractors.flow import Flow, Line
from extractors.grids import Grid
from extractors.html_looks import Look, Styles
from extractors.text import stated_title, tidy
from extractors.txt import decoded, text_drafts

_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_LATIN = ("iso8859-1", "ascii", "iso8859-15")
_UNSEEN = frozenset((
    "head", "title", "script", "style", "template", "noscript", "nav", "menu", "iframe", "object", "embed", "applet", "svg", "canvas",
    "audio", "video", "map", "button", "select", "input", "textarea", "datalist", "del", "colgroup", "col",
))  # fmt: skip
_UNSEEN_ROLES = frozenset(("navigation", "menu", "menubar", "search", "doc-toc"))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li",
    "main", "ol", "p", "section", "summary", "td", "th", "tr", "ul",
))  # fmt: skip
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_NOTE_ID = re.compile(r"^_?(?:(?:sd)?(?:foot|end)note|ftn|edn|fn)[-:_]?(\w+?)(?:sym)?$", re.IGNORECASE)


def read_html(path: Path, name: str) -> Extract:
    """Read a web page; `name` is what Problems call it. Never raises for bad input."""
    try:
        text = _text(read_whole(path, "web page"))
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    if text is None:
        return unread(name, "This file is not a web page, whatever its name says.", "Ask the force for a sound copy as Word or PDF.")
    flow = Flow()
    page = add_markup(flow, text)
    remedy = "Open it in a browser, print it to PDF and add that."
    problems = [Problem(name, message, remedy) for message in page.problems]
    return flow.extract(name, 1, page.title, page.running, problems)


@dataclass(frozen=True, slots=True)
class Page:
    """What a web page says beside its text: the title that it states, its running head and foot, what could not be read."""

    title: str = ""
    running: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def add_markup(flow: Flow, text: str) -> Page:
    """Adds what a web page says to `flow`; an e-mail's body is one too."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    root: etree._Element | None = None
    with suppress(etree.XMLSyntaxError, ValueError):
        root = etree.fromstring(_without_doctype(text).encode("utf-8", "replace"), parser)
    if root is None:
        return Page()
    notes = _notes(root)
    walk = _Walk(Styles.of(root), notes, frozenset(notes.values()), flow)
    walk.inside(root, Look())
    walk.referred += walk.notes.values()  # those that nothing refers to
    walk.flush(Look())
    too_deep = any("depth" in entry.message.lower() for entry in parser.error_log)
    problems = ("This web page nests its parts too deeply; what stands in the innermost was not read.",) if too_deep else ()
    return Page(stated_title(root.findtext(".//title") or ""), tuple(walk.running), problems)


def _without_doctype(text: str) -> str:
    """What declares entities at the head of a page is no text of it."""
    return _DOCTYPE.sub("", text[:20_000], count=1) + text[20_000:]


def _text(data: bytes) -> str | None:
    """The page's text: by its byte order mark, by the encoding that it states if that is possible, else as any text."""
    stated = _CHARSET.search(data[:4096])
    if stated and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" not in data:
        try:
            coding = codecs.lookup(stated[1].decode("ascii")).name
            # Browsers read pages that say Latin-1 as Windows-1252, which is what they are.
            return data.decode("cp1252" if coding in _LATIN else coding, "replace" if coding in _LATIN else "strict")
        except (LookupError, UnicodeError, ValueError):
            pass
    return decoded(data)


def _notes(root: etree._Element) -> dict[str, etree._Element]:
    """Foot- and endnotes by their number, as Word, LibreOffice and page makers mark them; they are read where they are referred to."""
    found: dict[str, etree._Element] = {}
    for element in root.iter("div", "li", "p", "aside"):
        match = _NOTE_ID.match(element.get("id", ""))
        if match:
            found.setdefault(_key(match[0]), element)
    return found


def _key(name: str) -> str:
    """What the name of a note and of the link to it have in common: "ftn1", "sdfootnote1"."""
    return name.lower().lstrip("#_").removesuffix("sym")


@dataclass(slots=True)
class _Walk:
    """Walks the page in reading order; `pieces` is the paragraph being read, each piece with its look."""

    styles: Styles
    notes: dict[str, etree._Element]
    """Notes to which nothing has referred so far."""
    aside: frozenset[etree._Element]
    """All notes: they are not read where they stand."""
    flow: Flow
    pieces: list[tuple[str, Look]] = field(default_factory=list)
    referred: list[etree._Element] = field(default_factory=list)
    running: dict[str, None] = field(default_factory=dict)
    item: bool = False
    """A list item has begun and has no text yet."""

    def inside(self, element: etree._Element, look: Look) -> None:
        self.say(element.text, look)
        for child in element:
            if isinstance(child.tag, str) and child not in self.aside:
                self.element(child, look)
            self.say(child.tail, look)

    def say(self, text: str | None, look: Look) -> None:
        if text:
            self.pieces.append((re.sub(r"\s+", " ", text), look))

    def element(self, element: etree._Element, outer: Look) -> None:
        tag = str(element.tag).lower()
        if tag in _UNSEEN or element.get("role", "").lower() in _UNSEEN_ROLES or self.styles.is_contents(element):
            return
        look = self.styles.look(element, tag, outer)
        if tag == "br":
            if "".join(text for text, _ in self.pieces).rstrip(" ").endswith("\n"):
                self.flush(outer)  # an empty line ends a paragraph
            else:
                self.pieces.append(("\n", look))
        elif tag == "table":
            self.flush(outer)
            self.table(element, look)
        elif tag in ("pre", "listing", "xmp", "plaintext"):
            self.flush(outer)
            drafts = list(text_drafts(_said(element)))
            self.flow.drafts += [replace(draft, hidden=draft.hidden or look.hidden) for draft in drafts]
        elif self.styles.is_running(element, tag):
            self.running.setdefault(tidy(_said(element)), None)
        elif tag in _BLOCKS:
            self.flush(outer)
            begins = tag == "li" or (look.marked and not outer.marked)
            self.item = self.item or begins
            self.inside(element, look)
            self.flush(look)
            self.item = self.item and not begins
        elif tag == "a" and (note := self.notes.pop(_key(element.get("href", "")), None)) is not None:
            self.referred.append(note)
        else:
            self.inside(element, look)

    def flush(self, look: Look) -> None:
        """Ends the paragraph; `look` is that of the block that it stands in."""
        pieces, self.pieces = self.pieces, []
        seen = [(text, of) for text, of in pieces if not of.hidden]
        solid = [of for text, of in seen if text.strip()]
        if solid:
            line = Line("".join(text for text, _ in seen), level=look.level, title=look.title, listed=self.item, bulleted=look.bulleted)
            line.series = look.list
            line.bold = all(of.bold or of.large for of in solid)
            line.size = max(of.size for of in solid)
            self.flow.line(line)
            self.item = False
        self.flow.hidden("".join(text for text, of in pieces if of.hidden))
        referred, self.referred = self.referred, []
        for note in referred:
            words = tidy(_said(note))
            # The note begins with its own number, which leads back to the text.
            back = next((tidy(_said(link)) for link in note.iter("a") if link.get("href", "").startswith("#")), "")
            words = words.removeprefix(back).removesuffix("↩").removesuffix("↩︎") if len(back) <= 6 else words
            self.flow.note([words])

    def table(self, element: etree._Element, look: Look) -> None:
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element]
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        for caption in element.findall("caption"):
            self.element(caption, look)
        laid_out = element.get("role", "").lower() in ("presentation", "none") or (
            element.find(".//table") is not None and element.find(".//th") is None
        )
        if laid_out:
            for one in (cell for row in cells for cell in row):
                self.element(one, look)
            return
        grid = Grid()
        for row, own in zip(rows, cells, strict=True):
            mine = self.styles.look(row, "tr", look)
            grid.row(marked=_in_head(row, own), hidden=mine.hidden)
            for cell in own:
                with self.flow.apart() as inside:
                    self.element(cell, replace(mine, hidden=False))
                shaded = self.styles.is_shaded(cell)
                grid.cell(inside, _span(cell, "colspan"), _span(cell, "rowspan"), shaded=shaded, header=cell.tag == "th")
        self.flow.table(grid.rows)


def _said(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())


def _in_head(row: etree._Element, cells: list[etree._Element]) -> bool:
    up = row.getparent()
    # Headers of rows reach down beside the rows that they head; headers of columns do so only in the first row.
    reaches = any(_span(cell, "rowspan") > 1 for cell in cells) and row.getprevious() is not None
    return len(cells) > 1 and ((up is not None and up.tag == "thead") or (all(cell.tag == "th" for cell in cells) and not reaches))


def _span(cell: etree._Element, name: str) -> int:
    stated = cell.get(name, "1").strip()
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 6 else 1
