"""A Word document that an accessibility check passes: real headings, captions, header rows that repeat, pictures with their words."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from pipeline.publish.drawing import Drawing
from pipeline.sheets import FIXED, same_bytes
from pipeline.words import clean

FONT: Final = "Arial"
WIDTH: Final = Cm(17.0)
PICTURE: Final = Cm(15.4)
SIZES: Final = {
    "Normal": 10.5, "Title": 24, "Heading 1": 16, "Heading 2": 13, "Heading 3": 11, "Caption": 9.5, "Intense Quote": 11,
}  # fmt: skip
"""Points, by style."""
WHOLE: Final = 12
"""Rows up to which a table is kept on one page."""
HEAD: Final = "F3F2F1"


class Chapter:
    """A document being written. Every text is cleaned of characters that Word cannot hold."""

    def __init__(self, title: str, status: str, marking: str) -> None:
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.0)
        section.top_margin = section.bottom_margin = Cm(2.2)
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

    def heading(self, text: str, level: int = 1) -> None:
        self.document.add_heading(clean(text), level)

    def say(self, text: str, style: str = "Normal", keep: bool = False) -> None:
        """A paragraph; nothing for an empty text. `keep` holds it on the page of what follows."""
        if text:
            self.document.add_paragraph(clean(text), style=style).paragraph_format.keep_with_next = keep or None

    def points(self, texts: Sequence[str]) -> None:
        for text in texts:
            self.say(text, "List Bullet")

    def picture(self, drawing: Drawing) -> None:
        """A chart above its caption, with its words for those who cannot see it."""
        chart, paragraph = drawing.chart, self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(BytesIO(drawing.png), width=PICTURE)
        shape._inline.docPr.set("descr", clean(chart.description))
        shape._inline.docPr.set("title", clean(chart.title))
        self.document.add_paragraph(clean(chart.title), style="Caption")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float], size: float = 8.5) -> None:
        """A table below its caption; `widths` are parts of the page's width. Numbers stand to the right."""
        caption = self.document.add_paragraph(clean(title), style="Caption")
        caption.paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=0, cols=len(columns), style="Table Grid")
        table.autofit = False
        table._tbl.tblPr.append(_element("w:tblCaption", val=clean(title)))
        spans = [int(WIDTH * width / sum(widths)) for width in widths]
        for column, span in zip(table.columns, spans, strict=True):
            column.width = span
        for number, values in enumerate([columns, *rows]):
            cells = table.add_row().cells
            for cell, value, span in zip(cells, values, spans, strict=True):
                cell.width = span
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(0)
                paragraph.paragraph_format.keep_with_next = number < len(rows) <= WHOLE
                run = paragraph.add_run("–" if value is None else clean(str(value)))
                run.font.size = Pt(size)
                run.bold = number == 0
                if isinstance(value, int):
                    paragraph.alignment = 2  # right
                if number == 0:
                    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", fill=HEAD))
            row = table.rows[-1]._tr.get_or_add_trPr()
            row.append(_element("w:cantSplit"))
            if number == 0:
                row.append(_element("w:tblHeader"))
        self.document.add_paragraph()

    def content(self) -> bytes:
        """The document as a file; equal documents give equal bytes."""
        self.document.save(packed := BytesIO())
        return same_bytes(packed.getvalue())


def _font(style: Any, size: float) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    style.font.color.rgb = RGBColor(0x0B, 0x0C, 0x0C)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), FONT)
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(name), None)


def _element(name: str, **values: str) -> Any:
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
