"""PDFs whose structure is known: the corpus's own texts set in the layouts that forces' papers come in."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.generic import RectangleObject
from reportlab import platypus as rl
from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from extractors.document import Block

INK: Final = HexColor("#1F3F5B")
CROP: Final = 40.0
"""Points by which a cropped page is smaller on each side than its sheet."""

PAGE_LENGTH: Final = 3800
"""Characters of text that a page holds at the most: one footnote for each."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a document is set. `aside` is what stands beside the main text."""

    columns: int = 1
    landscape: bool = False
    rules: Literal["grid", "rows", "none"] = "grid"
    headings: Literal["large", "bold", "tight", "capitals", "numbered", "fused"] = "large"
    font: Literal["Helvetica", "Times"] = "Helvetica"
    indented: bool = False
    """Paragraphs are told by their first lines alone, set in and justified."""
    nested: bool = False
    numbered: bool = False
    centred: bool = False
    """Cells stand in the middle of their rows, headers in the type of the text."""
    merged: bool = False
    """The first cells of rows are merged in pairs, their text turned upwards."""
    aside: Literal["", "box", "quote", "notes", "shapes"] = ""
    turned: Literal["", "flag", "sideways"] = ""
    cropped: bool = False


LOOKS: Final[dict[str, Look]] = {
    "prose, indented and justified": Look(font="Times", indented=True),
    "two columns": Look(columns=2),
    "three columns, landscape": Look(columns=3, landscape=True, font="Times"),
    "landscape tables": Look(landscape=True),
    "tables with horizontal rules": Look(rules="rows"),
    "tables without rules": Look(rules="none"),
    "tables without rules, landscape": Look(rules="none", landscape=True, font="Times"),
    "tables without rules, cells in the middle": Look(rules="none", centred=True),
    "tables with rules, cells in the middle": Look(centred=True, landscape=True),
    "merged and vertical cells": Look(merged=True, landscape=True),
    "nested bullets": Look(nested=True),
    "numbered paragraphs": Look(numbered=True, headings="bold"),
    "side boxes": Look(aside="box"),
    "pull quotes": Look(columns=2, aside="quote", font="Times"),
    "footnotes": Look(aside="notes"),
    "text in shapes": Look(aside="shapes"),
    "rotated pages": Look(landscape=True, turned="flag"),
    "sideways pages": Look(landscape=True, turned="sideways"),
    "cropped pages": Look(cropped=True),
    "headings fused with text": Look(headings="fused"),
    "headings bold only": Look(headings="bold", font="Times"),
    "headings bold, no white above": Look(headings="tight"),
    "headings in capitals": Look(headings="capitals"),
    "headings only numbered": Look(headings="numbered"),
}

NO_TABLES: Final = {"two columns", "three columns, landscape", "pull quotes", "prose, indented and justified"}


def write_pdf(path: Path, blocks: Sequence[Block], look: Look) -> list[Block]:
    """Sets the blocks in that look; returns what a reader should find, in order."""
    setting = _Setting(look)
    truth: list[Block] = []
    story: list[Any] = []
    for flows, found in setting.pieces(blocks):
        story += flows
        truth += found
    setting.build(path, story)
    if look.turned or look.cropped:
        _turn(path, look)
    return truth


class _Setting:
    """The styles and the page of one look."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.size = landscape(A4) if look.landscape else A4
        self.notes: list[str] = []
        self.length = 0
        bold = {"Helvetica": "Helvetica-Bold", "Times": "Times-Bold"}[look.font]
        face = {"Helvetica": "Helvetica", "Times": "Times-Roman"}[look.font]
        indented = {"spaceAfter": 0, "firstLineIndent": 14, "alignment": 4} if look.indented else {"spaceAfter": 7}
        self.body = ParagraphStyle("body", fontName=face, fontSize=10, leading=13, **indented)
        self.plain = ParagraphStyle("plain", self.body, firstLineIndent=0)
        self.item = ParagraphStyle("item", self.plain, leftIndent=16, bulletIndent=4, spaceAfter=3)
        self.deep = ParagraphStyle("deep", self.item, leftIndent=34, bulletIndent=22)
        self.number = ParagraphStyle("number", self.plain, leftIndent=30, bulletIndent=0)
        self.cell = ParagraphStyle("cell", self.plain, fontSize=9, leading=11, spaceAfter=0)
        self.head = ParagraphStyle("head", self.cell, fontName=bold)
        self.quote = ParagraphStyle("quote", self.plain, fontSize=14, leading=18, spaceBefore=10, spaceAfter=12, alignment=1)
        self.note = ParagraphStyle("note", self.plain, fontSize=8, leading=9.5)
        air = {"spaceBefore": 0, "spaceAfter": 0} if look.headings == "tight" else {"spaceBefore": 8, "spaceAfter": 4}
        weight = face if look.headings in ("numbered", "capitals") else bold
        small = ParagraphStyle("small", self.plain, fontName=weight, keepWithNext=1, **air)
        large = look.headings in ("large", "fused")
        self.headings = (ParagraphStyle("large", small, fontSize=16, leading=20), ParagraphStyle("middle", small, fontSize=12, leading=15))
        self.headings = self.headings if large else (small, small)
        self.width = (self.size[0] - 112 - 20 * (look.columns - 1)) / look.columns - (170 if look.aside == "box" else 0)

    def pieces(self, blocks: Sequence[Block]) -> Iterator[tuple[list[Any], list[Block]]]:
        """What is set, with what a reader should find of it."""
        waiting: Block | None = None
        numbers = [0, 0]
        count = items = 0
        for table, run in groupby(blocks, key=lambda b: b.table):
            if table:
                yield self._table(list(run))
                continue
            for block, after in pairwise([*run, None]):
                if block is None:
                    break
                text = escape(block.text)
                if block.kind == "heading":
                    top = block.level <= 1
                    numbers = [numbers[0] + 1, 0] if top else [max(1, numbers[0]), numbers[1] + 1]
                    if self.look.headings == "fused" and not top and after and after.kind == "paragraph":
                        waiting = block
                        continue
                    if self.look.headings == "numbered" and not text[0].isdigit():
                        text = f"{numbers[0]}. {text}" if top else f"{numbers[0]}.{numbers[1]} {text}"
                    text = text.upper() if self.look.headings == "capitals" else text
                    yield [rl.Paragraph(text, self.headings[not top])], [block]
                elif block.kind == "list_item":
                    items += 1
                    deep = self.look.nested and items % 4 in (2, 3)
                    yield [rl.Paragraph(text, self.deep if deep else self.item, bulletText="–" if deep else "•")], [block]
                elif waiting:
                    yield [rl.Paragraph(f"<b>{escape(waiting.text.rstrip('.'))}.</b> {text}", self.body)], [waiting, block]
                    waiting = None
                else:
                    count += 1
                    yield self._paragraph(block, text, count, max(1, numbers[0]))

    def _paragraph(self, block: Block, text: str, count: int, section: int) -> tuple[list[Any], list[Block]]:
        look = self.look
        self.length += len(text)
        if look.numbered:
            return [rl.Paragraph(text, self.number, bulletText=f"{section}.{count}")], [block]
        if look.aside == "quote" and count % 9 == 5:
            quoted = f"“{block.text.split('. ')[0].rstrip('.')}”"
            rule = rl.HRFlowable("100%", 1, color=INK, spaceBefore=6, spaceAfter=0)
            return [rule, rl.Paragraph(escape(quoted), self.quote), rule, rl.Spacer(1, 10)], [Block("note", quoted)]
        if look.aside == "notes" and self.length > PAGE_LENGTH * (len(self.notes) + 1) and len(text) < 500:
            self.notes.append(text)
            return [], [replace(block, kind="note")]
        if look.aside == "box" and count % 8 == 4 and len(text) < 450:
            return [rl.CondPageBreak(200), _Box(text, self.cell, 150, self.width + 20)], [replace(block, kind="note")]
        if look.aside == "shapes" and count % 5 == 2:
            return [_Box(text, self.cell, self.width * 0.6)], [block]
        return [rl.Paragraph(text, self.body)], [block]

    def _table(self, rows: list[Block]) -> tuple[list[Any], list[Block]]:
        header = any(rows[0].columns)
        if self.look.merged:
            firsts = [rows[i - i % 2].cells[0] for i in range(len(rows))]
            rows = [replace(row, cells=(first, *row.cells[1:])) for first, row in zip(firsts, rows, strict=True)]
        lines = [list(rows[0].columns)] * header + [list(row.cells) for row in rows]
        many = max(map(len, lines))
        lines = [line + [""] * (many - len(line)) for line in lines]
        columns = list(zip(*lines, strict=True))
        least = [
            14 + max(stringWidth(word, self.head.fontName, 9) for text in column for word in (text or "-").split()) for column in columns
        ]
        weights = [max(min(len(text), 60) for text in column) for column in columns]
        spare = max(0.0, self.width - sum(least))
        widths = [low + spare * weight / sum(weights) for low, weight in zip(least, weights, strict=True)]
        cells: list[list[Any]] = [
            [rl.Paragraph(escape(text), self.head if header and not i and not self.look.centred else self.cell) for text in line]
            for i, line in enumerate(lines)
        ]
        rule = {"grid": [("GRID", (0, 0), (-1, -1), 0.5, black)], "rows": [("LINEBELOW", (0, 0), (-1, -1), 0.5, black)], "none": []}
        style: list[tuple[Any, ...]] = [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE" if self.look.centred else "TOP"),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 30 if self.look.merged else 6),
            *rule[self.look.rules],
        ]
        if self.look.merged:
            for top in range(header, len(lines), 2):
                last = min(top + 1, len(lines) - 1)
                cells[top][0] = _Upwards(lines[top][0], self.cell)
                style += [("SPAN", (0, top), (0, last)), ("NOSPLIT", (0, top), (0, last))]
        return [rl.Table(cells, widths, repeatRows=int(header), style=style, spaceBefore=6, spaceAfter=12)], rows

    def build(self, path: Path, story: list[Any]) -> None:
        look, (wide, high) = self.look, self.size
        bottom = 130 if look.aside == "notes" else 60
        frames = [rl.Frame(56 + i * (self.width + 20), bottom, self.width, high - 70 - bottom, 0, 0, 0, 0) for i in range(look.columns)]

        def running(canvas: Any, document: Any) -> None:
            page = document.page
            canvas.setFont("Helvetica", 8)
            canvas.drawCentredString(wide / 2, high - 36, "NOT PROTECTIVELY MARKED")
            canvas.drawString(56, 30, f"Policing plan 2008-11    {page}")
            if page <= len(self.notes):
                canvas.line(56, 122, 200, 122)
                note = rl.Paragraph(f"<super>{page}</super> {self.notes[page - 1]}", self.note)
                note.wrap(self.width, 80)
                note.drawOn(canvas, 56, 119 - note.height)

        document = rl.BaseDocTemplate(str(path), pagesize=self.size, invariant=1)
        document.addPageTemplates(rl.PageTemplate("page", frames, onPage=running))
        document.build(story)
        if document.page < len(self.notes):
            raise ValueError(f"{path.name}: {len(self.notes)} notes on {document.page} pages")


class _Box(rl.Flowable):  # type: ignore[misc]  # reportlab has no types
    """Text in a rounded shape: in the flow of the text, or beside it at `beside` points, where it takes no room."""

    def __init__(self, text: str, style: ParagraphStyle, width: float, beside: float | None = None) -> None:
        super().__init__()
        self.text, self.room, self.beside = rl.Paragraph(text, style), width, beside
        self.inner = 0.0

    def wrap(self, wide: float, high: float) -> tuple[float, float]:
        self.inner = self.text.wrap(self.room - 16, high)[1]
        return (wide, 0.0) if self.beside else (wide, self.inner + 26)

    def draw(self) -> None:
        left = self.beside or 20.0
        foot = -self.inner - 12 if self.beside else 5.0
        self.canv.setFillColor(HexColor("#E4EAF0"))
        self.canv.roundRect(left, foot, self.room, self.inner + 16, 0 if self.beside else 8, stroke=1, fill=1)
        self.text.drawOn(self.canv, left + 8, foot + 8)


class _Upwards(rl.Flowable):  # type: ignore[misc]
    """A cell's text turned to read upwards, on as many lines as it needs."""

    def __init__(self, text: str, style: ParagraphStyle) -> None:
        super().__init__()
        self.text, self.leading = simpleSplit(text, style.fontName, 9, 70), style.leading

    def wrap(self, wide: float, _: float) -> tuple[float, float]:
        return wide, 72.0

    def draw(self) -> None:
        self.canv.rotate(90)
        self.canv.setFont("Helvetica", 9)
        for number, line in enumerate(self.text):
            self.canv.drawString(2, -self.leading * (number + 1), line)


def _turn(path: Path, look: Look) -> None:
    """Turns each page by its /Rotate or for good, or crops it from a larger sheet with a printer's line outside."""
    writer = PdfWriter()
    for page in PdfReader(path).pages:
        wide, high = float(page.mediabox.width), float(page.mediabox.height)
        if look.cropped:
            page.add_transformation(Transformation().translate(CROP, CROP))
            page.mediabox = RectangleObject((0, 0, wide + 2 * CROP, high + 2 * CROP))
            page.cropbox = RectangleObject((CROP, CROP, wide + CROP, high + CROP))
            page.merge_page(_slug(wide + 2 * CROP, high + 2 * CROP))
        else:
            page.add_transformation(Transformation().rotate(90).translate(high, 0))
            page.mediabox = page.cropbox = RectangleObject((0, 0, high, wide))
            if look.turned == "flag":
                page.rotate(90)
        writer.add_page(page)
    writer.write(path)


def _slug(wide: float, high: float) -> PageObject:
    stream = io.BytesIO()
    canvas = Canvas(stream, (wide, high))
    canvas.drawString(CROP, high - 20, "Policing_Plan_final.indd   1   14/7/08   16:42:10")
    canvas.save()
    return PdfReader(stream).pages[0]
