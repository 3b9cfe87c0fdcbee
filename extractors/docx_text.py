"""The text of Word paragraphs, run by run: fields, revisions, breaks, symbols, text boxes, hidden text.

Pages are 1-based and counted from the breaks that Word left in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extractors.docx_fields import PAGE_FIELDS, Fields, empty_cells, is_unfilled
from extractors.docx_parts import Style, Surroundings, W, flag, value, whole
from extractors.drawings import seen_in
from extractors.drawn import Drawn
from extractors.text import PAGE_MARK

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATHS_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"

_DELETED = {W + "del", W + "moveFrom"}
_ASIDE = {W + "rPr", W + "pPr", W + "sdtPr", W + "sdtEndPr", W + "tcPr", W + "trPr", W + "tblPr", W + "tblGrid"}


@dataclass(slots=True)
class Pager:
    """Counts pages. Word marks one page end twice (the break itself, then where it last drew the next page)."""

    page: int = 1
    fresh: bool = True
    last: int = 1

    def turn(self) -> None:
        self.page += 1
        self.fresh = True
        self.last = max(self.last, self.page)

    def drawn(self) -> bool:
        """A page end that Word drew; False where it only repeats the break just counted."""
        if self.fresh and self.page > 1:
            self.fresh = False
            return False
        self.turn()
        self.fresh = False
        return True


@dataclass(slots=True)
class Para:
    """A paragraph read: `raw` uncleaned with PAGE_MARKs and newlines at line breaks, from page `page` on."""

    style: Style
    page: int
    raw: str = ""
    hidden: str = ""
    bold: bool = True
    """All its visible text is bold; True for none, so ask only where there is text."""
    capitals: bool = True
    """All of it is shown in capitals by its format, whatever was typed; True for no text."""
    size: int = 0
    lead: str = ""
    """What `raw` begins with in bold."""
    led: bool = False
    """The bold beginning is over."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Footnotes, endnotes and comments that hang here: (kind, id)."""
    boxes: list[tuple[etree._Element, int]] = field(default_factory=list)
    drawn: list[tuple[Drawn, int]] = field(default_factory=list)
    """Diagrams, charts and pictures with their pages."""
    glued: bool = False
    """The next paragraph goes on in this one: a dropped capital or a deleted paragraph mark."""
    contents: bool = False


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Child elements as the reader sees them: wrappers opened, deletions and what unfilled form fields say left out, one
    branch of each choice."""
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _DELETED or tag in _ASIDE:
            continue
        if is_unfilled(child):
            yield from empty_cells(child)
        elif tag in _WRAPPERS:
            yield from children(child)
        elif tag == MC + "AlternateContent":
            branch = child.find(MC + "Choice")
            branch = child.find(MC + "Fallback") if branch is None else branch
            if branch is not None:
                yield from children(branch)
        else:
            yield child


_WRAPPERS = {
    W + name
    for name in (
        "hyperlink", "smartTag", "sdt", "sdtContent", "customXml", "ins", "moveTo", "dir", "bdo", "ruby", "rubyBase",
    )
}  # fmt: skip


@dataclass(slots=True)
class Reader:
    """Reads paragraphs in order, carrying the page and the open fields from one to the next."""

    around: Surroundings
    pager: Pager = field(default_factory=Pager)
    fields: Fields = field(default_factory=Fields)
    skip_pages: bool = False
    """Leave out the results of page-number fields (in running heads and feet)."""

    def paragraph(self, element: etree._Element) -> Para:
        properties = element.find(W + "pPr")
        style = self.around.style(value(properties, "pStyle"))
        if flag(properties, "pageBreakBefore") and not self.pager.fresh:
            self.pager.turn()
        if not self.fields.trusted:
            self.fields.open.clear()
        para = Para(style, self.pager.page)
        para.contents = style.contents or self.fields.in_contents()
        self._read(element, para)
        para.contents = para.contents or self.fields.in_contents()
        if properties is not None:
            frame = properties.find(W + "framePr")
            para.glued = frame is not None and frame.get(W + "dropCap", "none") != "none"
            para.glued = para.glued or properties.find(f"{W}rPr/{W}del") is not None
        return para

    def _read(self, element: etree._Element, para: Para) -> None:
        for child in children(element):
            tag = child.tag
            if tag == W + "r":
                self._run(child, para)
            elif tag == W + "fldSimple":
                words = child.get(W + "instr", "").split()
                if not (self.skip_pages and words and words[0].upper() in PAGE_FIELDS):
                    self._read(child, para)
            elif isinstance(tag, str) and "officeDocument/2006/math" in tag:
                para.raw += "".join(str(text.text or "") for text in child.iter(_MATHS_TEXT))

    def _run(self, run: etree._Element, para: Para) -> None:
        properties = run.find(W + "rPr")
        named = value(properties, "rStyle")
        own = self.around.styles.get(named, Style()) if named else Style()

        def holds(name: str, from_run_style: bool | None, from_style: bool | None) -> bool:
            said = flag(properties, name)
            if said is None:
                said = from_style if from_run_style is None else from_run_style
            return bool(said)

        hidden = holds("vanish", own.hidden, para.style.hidden)
        pieces: list[str] = []
        for child in children(run):
            self._piece(child, pieces, para, hidden)
        text = "".join(pieces)
        if not text:
            return
        seen = bool(text.strip())
        if seen:
            self.pager.fresh = False
        if hidden:
            # Page ends inside hidden text still turn the page for what follows.
            para.raw += PAGE_MARK * text.count(PAGE_MARK)
            para.hidden += text.replace(PAGE_MARK, "")
            return
        para.raw += text
        bold = holds("b", own.bold, para.style.bold)
        para.led = para.led or (seen and not bold)
        para.lead += "" if para.led else text
        if seen:
            para.capitals = para.capitals and holds("caps", own.capitals, para.style.capitals)
            para.bold = para.bold and bold
            para.size = max(para.size, whole(value(properties, "sz"), own.size or para.style.size))

    def _piece(self, child: etree._Element, pieces: list[str], para: Para, hidden: bool) -> None:
        name = str(child.tag)
        if name == W + "fldChar":
            pieces.append(self.fields.mark(child))
        elif name == W + "instrText":
            self.fields.instruct(child.text or "")
        elif name == W + "lastRenderedPageBreak":
            if self.pager.drawn():
                pieces.append(PAGE_MARK)
        elif name == W + "br" and child.get(W + "type") == "page":
            self.pager.turn()
            pieces.append(PAGE_MARK)
        elif name in (W + "footnoteReference", W + "endnoteReference", W + "commentReference"):
            if not hidden:
                para.notes.append((name[len(W) : -len("Reference")], child.get(W + "id", "")))
        elif name in (W + "drawing", W + "pict", W + "object"):
            para.boxes.extend((box, self.pager.page) for box in outer_boxes(child))
            para.drawn += ((one, self.pager.page) for one in seen_in(child, self.around.drawn))
            if self.skip_pages:
                # A watermark in the header often carries the marking: it is Word art, not text.
                pieces.extend(f" {art.get('string', '')} " for art in child.iter(_WORD_ART))
        elif self.fields.reads(self.skip_pages):
            pieces.append(self.fields.text(_plain(child, name)))


def _plain(child: etree._Element, name: str) -> str:
    if name == W + "t":
        return (child.text or "").replace(PAGE_MARK, " ")
    if name in (W + "tab", W + "ptab"):
        return "\t"
    if name in (W + "br", W + "cr"):
        return "\n"
    if name == W + "noBreakHyphen":
        return "-"
    if name == W + "sym":
        code = child.get(W + "char", "")
        try:
            number = int(code, 16)
        except ValueError:
            return ""
        # Symbol fonts are addressed both as F0B7 and as B7.
        return chr(number | 0xF000 if number < 0x100 else number) if number < 0x110000 else ""
    if name == W + "r":  # the base text under a ruby
        return "".join(str(text.text or "") for text in child.iter(W + "t"))
    return ""


def outer_boxes(element: etree._Element) -> list[etree._Element]:
    """Text boxes in a drawing, once each: not those inside another, and one branch of each choice of drawing."""
    found: list[etree._Element] = []
    for child in children(element):
        if child.tag == W + "txbxContent":
            found.append(child)
        else:
            found.extend(outer_boxes(child))
    return found
