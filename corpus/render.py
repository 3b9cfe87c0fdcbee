"""Renders a force written in the corpus notation to the files a force would send: PDF, DOCX, XLSX and text.

`python -m corpus.render NOTATION_FOLDER OUT_FOLDER`. Labels are left behind. The same text always gives the same bytes.

A .plan header may say `file: NAME.pdf` (the suffix chooses the format), `subtitle`, `colour` (hex), `layout: two-column`,
`wide: HEADING; HEADING` and `box: HEADING` (PDF; sections with a table and those named run full width, the box is shaded),
`headings: bold` (DOCX; no heading styles) and `hidden: SHEET` (XLSX).
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from corpus.notation import CorpusError, LabelledPassage, Plan, read_force

WHEN = datetime(2008, 7, 14, 9, 0, 0)
COLOUR = "1F3F5B"
Block = LabelledPassage | list[LabelledPassage]


def render_force(folder: Path, out: Path) -> list[Path]:
    """Writes every document of the force in `folder` that names a file. Raises CorpusError."""
    force = read_force(folder)
    out.mkdir(parents=True, exist_ok=True)
    targets = [out / plan.options.get("file", Path(plan.file).with_suffix(".docx").name) for plan in force.plans]
    for plan, target in zip(force.plans, targets, strict=True):
        if target.suffix not in WRITERS:
            raise CorpusError(f"{folder / plan.file}: cannot write {target.suffix!r}. Use one of {', '.join(WRITERS)} in `file`.")
        WRITERS[target.suffix](plan, force.name, target)
    return targets


def _blocks(plan: Plan) -> Iterator[Block]:
    """The passages in order, the rows of one table together."""
    for table, run in groupby(plan.passages, key=lambda p: p.table if p.kind == "table_row" else 0):
        rows = list(run)
        yield from [rows] if table else rows


def _grid(rows: list[LabelledPassage]) -> tuple[bool, list[list[str]], list[float]]:
    """Whether there is a header line, all lines equally long, and each column's share of the width by its longest text."""
    lines = [list(rows[0].columns)] * any(rows[0].columns) + [list(row.cells) for row in rows]
    width = max(map(len, lines))
    lines = [(line + [""] * width)[:width] for line in lines]
    columns = zip(*lines, strict=True)
    weights = [max(13, *(max([min(len(text), 46), *(len(w) + 2 for w in text.split())]) for text in column)) for column in columns]
    return any(rows[0].columns), lines, [weight / sum(weights) for weight in weights]


def write_pdf(plan: Plan, force: str, target: Path) -> None:
    """A published plan: cover with a colour band, contents with page numbers, columns, ruled tables, running head."""
    pages: dict[str, int] = {}
    for _ in range(2):  # the first pass finds the page numbers that the contents page prints
        _build_pdf(plan, force, target, pages)


def _build_pdf(plan: Plan, force: str, target: Path, pages: dict[str, int]) -> None:
    from reportlab import platypus as rl
    from reportlab.lib.colors import Color, HexColor, white
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle

    page_width, page_height = A4
    margin, gap, top, bottom, full = 56.0, 22.0, 78.0, 62.0, page_width - 112.0
    two_column = plan.options.get("layout") == "two-column"
    column = (full - gap) / 2 if two_column else full
    ink = HexColor("#" + plan.options.get("colour", COLOUR))
    tint = Color(*(1 - (1 - part) / 9 for part in ink.rgb()))
    body = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=15.2, spaceAfter=8)
    item = ParagraphStyle("item", body, leftIndent=13, bulletIndent=2, spaceAfter=4)
    cell = ParagraphStyle("cell", body, fontSize=9, leading=11.5, spaceAfter=0)
    head = ParagraphStyle("head", cell, fontName="Helvetica-Bold", textColor=white)
    number = ParagraphStyle("number", body, alignment=2)
    h2 = ParagraphStyle("h2", body, fontName="Helvetica-Bold", fontSize=12.5, spaceBefore=9, spaceAfter=5, keepWithNext=1, textColor=ink)
    h1 = ParagraphStyle("h1", h2, fontSize=18, leading=22, spaceBefore=14, spaceAfter=10)

    class Document(rl.BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
        def afterFlowable(self, flowable: Any) -> None:
            if isinstance(flowable, rl.Paragraph) and flowable.style.name == "h1":
                pages[flowable.getPlainText()] = self.page

    def cover(canvas: Any, _: Any) -> None:
        canvas.setFillColor(ink)
        canvas.rect(0, page_height * 0.42, page_width, page_height * 0.58, stroke=0, fill=1)
        canvas.setFont("Helvetica", 13)
        canvas.drawString(margin, page_height * 0.34, plan.options.get("subtitle", ""))
        canvas.drawCentredString(page_width / 2, 34, plan.marking)
        for text, size, height in ((force, 15, page_height - 80), (plan.title, 38, page_height * 0.485)):
            title = rl.Paragraph(escape(text), ParagraphStyle("cover", head, fontSize=size, leading=size * 1.16))
            title.wrap(full * 0.85, page_height)
            title.drawOn(canvas, margin, height)

    def inner(canvas: Any, document: Any) -> None:
        canvas.setFillColor(ink)
        canvas.rect(0, page_height - 16, page_width, 16, stroke=0, fill=1)
        canvas.rect(margin, 44, full, 0.6, stroke=0, fill=1)
        canvas.setFont("Helvetica", 8)
        canvas.drawCentredString(page_width / 2, page_height - 38, plan.marking)
        canvas.drawString(margin, 31, f"{force}  |  {plan.title}")
        canvas.drawRightString(page_width - margin, 31, str(document.page))

    def frame(x: float, width: float) -> Any:
        return rl.Frame(x, bottom, width, page_height - top - bottom, 0, 0, 0, 0)

    def ruled(rows: list[LabelledPassage], width: float) -> Any:
        header, lines, shares = _grid(rows)
        cells = [[rl.Paragraph(escape(text), cell if i or not header else head) for text in line] for i, line in enumerate(lines)]
        style: list[tuple[Any, ...]] = [("GRID", (0, 0), (-1, -1), 0.5, ink), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        style += [("TOPPADDING", (0, 0), (-1, -1), 6), ("BOTTOMPADDING", (0, 0), (-1, -1), 8)]
        style += [("BACKGROUND", (0, 0), (-1, 0), ink)] if header else []
        return rl.Table(cells, [width * share for share in shares], repeatRows=int(header), style=style, spaceBefore=5, spaceAfter=14)

    def boxed(inside: list[Any]) -> Any:
        style = [("BACKGROUND", (0, 0), (-1, -1), tint), ("LINEBEFORE", (0, 0), (0, -1), 4, ink)]
        style += [("LEFTPADDING", (0, 0), (-1, -1), 13), ("RIGHTPADDING", (0, 0), (-1, -1), 9), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)]
        return rl.Table([[inside]], colWidths=[column], style=style, spaceBefore=6, spaceAfter=11)

    wide = {(*p.headings, "")[0] for p in plan.passages if p.kind == "table_row"}
    wide |= {"Contents", *plan.options.get("wide", "").split("; ")}
    story: list[Any] = [rl.NextPageTemplate("wide"), rl.PageBreak()]
    template, box, section = "wide", list[Any](), ""
    for block in _blocks(plan):
        if not isinstance(block, list) and block.kind == "heading":
            story, box = story + [boxed(box)] * bool(box), []
            if block.level == 1:
                wanted = "wide" if block.text in wide or not two_column else "columns"
                if wanted != template or section == "Contents":
                    story += [rl.NextPageTemplate(wanted), rl.PageBreak()]
                template, section = wanted, block.text
            title = rl.Paragraph(escape(block.text), h1 if block.level == 1 else h2)
            (box if block.text == plan.options.get("box") else story).append(title)
            continue
        if isinstance(block, list):
            flow = ruled(block, full if template == "wide" else column)
        elif section == "Contents":
            dots = [("LINEBELOW", (0, 0), (-1, -1), 0.5, ink, 1, (1, 2)), ("LEFTPADDING", (0, 0), (0, -1), 0)]
            entry = [rl.Paragraph(escape(block.text), body), rl.Paragraph(str(pages.get(block.text, "")), number)]
            flow = rl.Table([entry], colWidths=[full - 50, 50], style=dots, spaceAfter=6)
        else:
            listed = block.kind == "list_item"
            flow = rl.Paragraph(escape(block.text), item if listed else body, bulletText="\u2022" if listed else None)
        (box if box else story).append(flow)
    story += [boxed(box)] * bool(box)
    document = Document(str(target), pagesize=A4, title=plan.title, author=force, invariant=1)
    columns = [frame(margin, column), frame(margin + column + gap, column)] if two_column else [frame(margin, full)]
    document.addPageTemplates(rl.PageTemplate("cover", [frame(margin, full)], onPage=cover))
    document.addPageTemplates(rl.PageTemplate("wide", [frame(margin, full)], onPage=inner))
    document.addPageTemplates(rl.PageTemplate("columns", columns, onPage=inner))
    document.build([rl.Spacer(1, 1), *story])


def write_docx(plan: Plan, force: str, target: Path) -> None:
    """An internal plan: heading styles (or bold lines only), lists, grid tables, the marking at head and foot."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Cm, Pt

    document = Document()
    bold_only = plan.options.get("headings") == "bold"
    document.styles["Normal"].font.name = "Arial"
    document.styles["Normal"].font.size = Pt(10.5)
    page = document.sections[0]
    page.page_width, page.page_height, page.left_margin, page.right_margin = Cm(21), Cm(29.7), Cm(2.3), Cm(2.3)
    for edge in (page.header, page.footer):
        edge.paragraphs[0].text = plan.marking
        edge.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(force)
    document.add_paragraph(plan.title, style=None if bold_only else "Title")
    document.add_paragraph(plan.options.get("subtitle", ""))
    for block in _blocks(plan):
        if isinstance(block, list):
            header, lines, shares = _grid(block)
            table = document.add_table(rows=0, cols=len(lines[0]), style="Table Grid")
            table.autofit = False
            for number, texts in enumerate(lines):
                row = table.add_row()
                top = header and number == 0
                for holder, text, share in zip(row.cells, texts, shares, strict=True):
                    holder.width = Cm(16.4 * share)
                    run = holder.paragraphs[0].add_run(text)
                    run.font.size, run.bold = Pt(9), top
                    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:fill="{"D9E2EA" if top else "FFFFFF"}"/>'
                    holder._tc.get_or_add_tcPr().append(parse_xml(shade))
                if top:
                    row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
            document.add_paragraph()
        elif block.kind == "heading":
            style = None if bold_only else f"Heading {block.level}"
            document.add_paragraph(style=style).add_run(block.text).bold = True
        else:
            document.add_paragraph(block.text, style="List Bullet" if block.kind == "list_item" else None)
    core = document.core_properties
    core.title, core.author, core.comments, core.created, core.modified = plan.title, force, "", WHEN, WHEN
    document.save(str(target))
    _settle(target)


def write_xlsx(plan: Plan, _: str, target: Path) -> None:
    """A workbook: a sheet for each first-level heading, text down column A, tables under a shaded header row."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    sheet: Any = None
    for block in _blocks(plan):
        opens = not isinstance(block, list) and block.kind == "heading" and block.level == 1
        if opens or sheet is None:
            name = block.text if opens else plan.title  # type: ignore[union-attr]  # a heading is no list
            sheet, row = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", name)[:31].strip()), 1
            sheet.sheet_state = "hidden" if sheet.title == plan.options.get("hidden") else "visible"
            sheet.column_dimensions["A"].width = 95
            sheet.oddHeader.center.text = plan.marking
        if opens:
            continue
        if isinstance(block, list):
            header, lines, shares = _grid(block)
            for number, texts in enumerate(lines):
                for column, text in enumerate(texts, 1):
                    place = sheet.cell(row, column, int(text) if re.fullmatch(r"\d+", text) else text or None)
                    place.alignment = Alignment(wrap_text=True, vertical="top")
                    if header and number == 0:
                        place.font = Font(bold=True, color="FFFFFF")
                        place.fill = PatternFill("solid", fgColor=plan.options.get("colour", COLOUR))
                row += 1
            for column, share in enumerate(shares, 1):
                sheet.column_dimensions[get_column_letter(column)].width = round(26 * len(shares) * share, 1)
        else:
            place = sheet.cell(row, 1, block.text)
            place.font = Font(bold=block.kind == "heading")
            place.alignment = Alignment(wrap_text=sheet.column_dimensions["A"].width > 90, vertical="top")
            row += 1
    book.properties.title, book.properties.creator, book.properties.created = plan.title, "Read-across corpus", WHEN
    book.save(target)
    _settle(target)


def _settle(target: Path) -> None:
    """Rewrites an Office file with fixed dates, so that the same text gives the same bytes."""
    with zipfile.ZipFile(target) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + WHEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), data)
            archive.writestr(zipfile.ZipInfo(name, WHEN.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)


def write_txt(plan: Plan, force: str, target: Path) -> None:
    """Plain text as a mail program saves it: headings in capitals, bars between cells."""
    lines = [plan.title, f"{force}  {plan.marking}", ""]
    for passage in plan.passages:
        if passage.kind == "heading":
            lines += ["", passage.text.upper(), ""]
        elif passage.kind == "table_row":
            lines.append(" | ".join(passage.cells))
        else:
            lines += [("* " if passage.kind == "list_item" else "") + passage.text, ""]
    target.write_text("\n".join(lines), encoding="utf-8")


WRITERS: dict[str, Callable[[Plan, str, Path], None]] = {".pdf": write_pdf, ".docx": write_docx, ".xlsx": write_xlsx, ".txt": write_txt}

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m corpus.render NOTATION_FOLDER OUT_FOLDER")
    print(*render_force(Path(sys.argv[1]), Path(sys.argv[2])), sep="\n")
