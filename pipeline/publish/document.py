"""A Word document that an accessibility check passes: real headings, captions, header rows that repeat, pictures with their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph

from pipeline.publish.drawing import Drawing
from pipeline.sheets import FIXED, same_bytes
from pipeline.words import clean

FONT: Final = "Arial"
WIDTH: Final = Cm(17.4)
ACROSS: Final = Cm(26.1)
SIZES: Final = {
    "Normal": 10.5, "Title": 24, "Heading 1": 16, "Heading 2": 13, "Heading 3": 11, "Caption": 9.5, "Intense Quote": 11,
}  # fmt: skip
"""Points, by style."""
WHOLE: Final = 16
"""Rows up to which a table is kept on one page."""
HEAD: Final = "F3F2F1"
LINK: Final = "1D70B8"
NAMES: Final = nsdecls("w")
SMALL: Final = 8.5
"""Points of tables and of long lists: the smallest print."""
NARROW: Final = "Ifijlrt"
"""Letters about half as broad as the others."""
ROOM: Final = "30"
"""Above and below the words of a cell, in twentieths of a point."""
SIDES: Final = "85"
"""Left and right of them."""
_NUMBER: Final = re.compile("−?[0-9.,]+")


@dataclass(frozen=True, slots=True)
class Link:
    """A value that leads to a bookmark of the document; to nothing where `to` is empty."""

    value: Any
    to: str


Content = str | Link


class Chapter:
    """A document being written. Every text is cleaned of characters that Word cannot hold."""

    def __init__(self, title: str, status: str, marking: str) -> None:
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(1.8)
        section.top_margin = section.bottom_margin = Cm(2.0)
        for name, size in SIZES.items():
            _font(self.document.styles[name], size)
        for spoken in self.document.styles.element.iter(qn("w:lang")):
            spoken.set(qn("w:val"), "en-GB")
        for running in (section.header, section.footer):
            paragraph = running.paragraphs[0]
            paragraph.alignment = 1  # centred
            paragraph.add_run(clean(marking)).bold = True
            if running is section.footer:
                paragraph.add_run(f"  {status}. Page ")
                _page_number(paragraph)
        properties = self.document.core_properties
        properties.title, properties.author, properties.language = title, "Read-across", "en-GB"
        properties.created = properties.modified = FIXED
        self.document.add_paragraph(title, style="Title")
        self._width, self._bookmarks = WIDTH, 0

    def heading(self, text: str, level: int = 1, mark: str = "") -> None:
        """A heading, a bookmark where `mark` names one."""
        self._mark(self.document.add_heading(clean(text), level), mark)

    def say(self, *texts: Content, style: str = "Normal", keep: bool = False) -> None:
        """A paragraph; nothing for empty texts. `keep` holds it on the page of what follows, as what ends with a colon is held."""
        if any(texts):
            paragraph = self.document.add_paragraph(style=style)
            leads = isinstance(texts[-1], str) and texts[-1].rstrip().endswith(":")
            paragraph.paragraph_format.keep_with_next = keep or leads or None
            _fill(paragraph, *map(_run, texts))

    def points(self, texts: Sequence[Content | Sequence[Content]]) -> None:
        for text in texts:
            self.say(*((text,) if isinstance(text, str | Link) else text), style="List Bullet")

    def entry(self, mark: str, name: str, texts: Sequence[Content]) -> None:
        """A bookmarked paragraph in small print: its name in bold, then the texts."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(3)
        _fill(paragraph, _run(name, SMALL, bold=True), *(_run(text, SMALL) for text in texts))
        self._mark(paragraph, mark)

    def turn(self) -> None:
        """What follows stands on pages across, in a section of its own."""
        section = self.document.add_section()
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
        self._width = ACROSS

    def picture(self, drawing: Drawing) -> None:
        """A chart above its caption, with its words for those who cannot see it."""
        chart, paragraph = drawing.chart, self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(BytesIO(drawing.png), width=WIDTH)
        shape._inline.docPr.set("descr", clean(chart.description))
        shape._inline.docPr.set("title", clean(chart.title))
        self.document.add_paragraph(clean(chart.title), style="Caption")

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        widths: Sequence[float],
        mark: str = "",
        marks: Sequence[str] = (),
    ) -> None:
        """A table below its caption; `widths` are parts of the page's width. Numbers stand to the right. `mark` is the caption's bookmark,
        `marks` are the columns'."""
        caption = self.document.add_paragraph(clean(title), style="Caption")
        caption.paragraph_format.keep_with_next = True
        self._mark(caption, mark)
        table = self.document.add_table(rows=0, cols=len(columns), style="Table Grid")
        table.autofit = False
        table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins := _element("w:tblCellMar"))
        margins.extend(_element(f"w:{side}", w=SIDES, type="dxa") for side in ("left", "right"))
        table._tbl.tblPr.append(_element("w:tblCaption", val=clean(title)))
        spans = [int(self._width * width / sum(widths)) for width in widths]
        for column, span in zip(table.columns, spans, strict=True):
            column.width = span
        for number, values in enumerate([columns, *rows]):
            keep = "<w:keepNext/>" if number < len(rows) <= WHOLE else ""
            cells = [_cell(value, span, keep, not number) for value, span in zip(values, spans, strict=True)]
            heads = "" if number else "<w:tblHeader/>"
            line: Any = parse_xml(f"<w:tr {NAMES}><w:trPr><w:cantSplit/>{heads}</w:trPr>{''.join(cells)}</w:tr>")
            table._tbl.append(line)
            for cell, name in zip(line.tc_lst, () if number else marks, strict=False):
                self._mark(Paragraph(cell.p_lst[0], table), name)
        apart = self.document.add_paragraph().paragraph_format
        apart.space_after, apart.line_spacing = Pt(0), Pt(8)

    def content(self) -> bytes:
        """The document as a file; equal documents give equal bytes."""
        self.document.save(packed := BytesIO())
        return same_bytes(packed.getvalue())

    def _mark(self, paragraph: Any, name: str) -> None:
        if name:
            self._bookmarks += 1
            first = next((n for n, part in enumerate(paragraph._p) if part.tag != qn("w:pPr")), len(paragraph._p))
            paragraph._p.insert(first, _element("w:bookmarkStart", id=str(self._bookmarks), name=name))
            paragraph._p.append(_element("w:bookmarkEnd", id=str(self._bookmarks)))


def breadth(heading: str) -> float:
    """Centimetres that a column needs so that no word of its heading is broken."""
    return 0.4 + 0.19 * max(3.0, *(len(word) - 0.45 * sum(map(word.count, NARROW)) for word in heading.split()))


def _run(content: Any, size: float | None = None, bold: bool = False) -> str:
    """The markup of a text; a link is blue and underlined. Made as text: an annex has a hundred thousand of them, and python-docx puts a
    thousand together in a second."""
    value, to = (content.value, content.to) if isinstance(content, Link) else (content, "")
    text = escape("–" if value is None else clean(str(value)))
    for sign, markup in (("\n", "<w:br/>"), ("\t", "<w:tab/>")):
        text = text.replace(sign, f'</w:t>{markup}<w:t xml:space="preserve">')
    looks = (
        "<w:b/>" * bold,
        f'<w:color w:val="{LINK}"/>' * bool(to),
        f'<w:sz w:val="{2 * size:.0f}"/>' if size else "",
        '<w:u w:val="single"/>' * bool(to),
    )
    run = f'<w:r><w:rPr>{"".join(looks)}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
    return f'<w:hyperlink w:anchor={quoteattr(to)} w:history="1">{run}</w:hyperlink>' if to else run


def _fill(paragraph: Any, *runs: str) -> None:
    paragraph._p.extend(parse_xml(f"<w:p {NAMES}>{''.join(runs)}</w:p>"))


def _cell(value: Any, span: int, keep: str, head: bool) -> str:
    """The markup of a table's cell, numbers to the right."""
    shade = f'<w:shd w:val="clear" w:fill="{HEAD}"/>' * head
    right = '<w:jc w:val="right"/>' * bool(_NUMBER.fullmatch(str(value.value if isinstance(value, Link) else value)))
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{Emu(span).twips}"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr>{keep}<w:spacing w:before="{ROOM}" w:after="{ROOM}"/>{right}</w:pPr>{_run(value, SMALL, head)}</w:p></w:tc>'
    )


def _font(style: Any, size: float) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    style.font.color.rgb = RGBColor(0x0B, 0x0C, 0x0C)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), FONT)
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(name), None)


def _element(name: str, /, **values: str) -> Any:
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _page_number(paragraph: Any) -> None:
    field = _element("w:fldSimple", instr="PAGE")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)
