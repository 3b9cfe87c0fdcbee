"""Fill-in plans generated from the pack: for each a Word document and a workbook, with a table for each criterion, and the need matrix.

What belongs in a column stands in Word as the placeholder of a form field, in Excel as a cell's prompt: neither is text of the
document, so an unfilled template is an empty plan, and a filled one reads back column by column.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from pipeline.publish.template_books import AREA, FONT, asked_of, need_workbook, plan_workbook
from pipeline.publish.word import element
from pipeline.sheets import FIXED
from pipeline.store import write_whole
from rules.pack import Criterion, Pack, Template

GREY: Final = "595959"
ROOM: Final = 430
"""The least height of a row to write in, in twentieths of a point."""


class NoTemplates(ValueError):
    """The pack has nothing to make templates of."""


def write_templates(pack: Pack, folder: Path) -> list[Path]:
    """Writes all templates of the pack and returns their paths. Raises NoTemplates, and OSError where the folder cannot be written to."""
    if not pack.templates and not pack.need_matrix:
        raise NoTemplates(f"The pack {pack.id} defines no templates. Add `templates:` and `guidance:` to it.")
    made: dict[str, bytes] = {}
    for template in pack.templates:
        made[f"{template.id}.docx"] = plan_document(pack, template)
        made[f"{template.id}.xlsx"] = plan_workbook(pack, template)
    if pack.need_matrix:
        made["need-matrix.xlsx"] = need_workbook(pack, pack.need_matrix)
    for name, content in made.items():
        write_whole(folder / name, content)
    return [folder / name for name in made]


def plan_document(pack: Pack, template: Template) -> bytes:
    """A template as a Word document."""
    document = Document()
    _page(document)
    section = document.sections[0]
    _field(section.header.paragraphs[0], "Protective marking, in capitals", pack.markings)
    document.add_paragraph(template.name, style="Title")
    _field(document.add_paragraph("Force: "), "Name of the force")
    _field(document.add_paragraph(), f"This plan says {template.purpose}. Grey words tell what to write and vanish as you write; "
           "rows may be added and left empty.", locked=True)  # fmt: skip
    for criterion in template.criteria:
        _table(document, pack, next(c for c in pack.criteria if c.id == criterion))
    core = document.core_properties
    core.title, core.author, core.last_modified_by, core.language = template.name, "", "", "en-GB"
    core.comments, core.created, core.modified = "", FIXED, FIXED
    document.save(packed := BytesIO())
    return packed.getvalue()


def _page(document: Any) -> None:
    """A4 on its side, Arial, and a style for what vanishes."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.8)
    for name, size in (("Normal", 9.5), ("Title", 20), ("Heading 1", 13)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        for fonts in style.element.rPr.iter(f"{{{style.element.nsmap['w']}}}rFonts"):
            for attribute in list(fonts.attrib):
                del fonts.attrib[attribute]
        style.font.name = FONT
    document.styles["Heading 1"].font.color.rgb = document.styles["Title"].font.color.rgb = RGBColor(0x1F, 0x3F, 0x5B)
    for spoken in document.styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:val"), "en-GB")
    grey = document.styles.add_style("Placeholder Text", WD_STYLE_TYPE.CHARACTER)
    grey.font.color.rgb = RGBColor.from_string(GREY)


def _table(document: Any, pack: Pack, criterion: Criterion) -> None:
    asked = asked_of(pack, criterion)
    heading = document.add_heading(criterion.short, 1)
    heading.paragraph_format.page_break_before = bool(document.tables)
    table = document.add_table(rows=2 + len(pack.areas), cols=1 + len(asked), style="Table Grid")
    head, guide, *rows = table._tbl.tr_lst
    for number, text in enumerate([AREA, *(one.column for one in asked)]):
        head.tc_lst[number].p_lst[0].add_r().text = text
        head.tc_lst[number].p_lst[0].r_lst[0].get_or_add_rPr().append(element("w:b"))
        head.tc_lst[number].get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill="F3F2F1"))
    head.get_or_add_trPr().append(element("w:tblHeader"))
    for number, hint in enumerate(["What to write", *(one.hint for one in asked)]):
        guide.tc_lst[number].p_lst[0].append(_control(hint, (), locked=True))
    for row, area in zip(rows, pack.areas, strict=True):
        row.tc_lst[0].p_lst[0].add_r().text = area.name
        row.get_or_add_trPr().append(element("w:cantSplit"))
        row.get_or_add_trPr().append(element("w:trHeight", val=str(ROOM), hRule="atLeast"))
        for cell, one in zip(row.tc_lst[1:], asked, strict=True):
            cell.p_lst[0].append(_control("Choose" if one.options else "Write here", one.options, title=f"{area.name}: {one.column}"))
    table._tbl.tblPr.append(element("w:tblCaption", val=criterion.name))
    table._tbl.tblPr.append(element("w:tblDescription", val=f"A row for each area; columns: {', '.join(one.column for one in asked)}."))


def _field(paragraph: Any, hint: str, options: Sequence[str] = (), locked: bool = False) -> None:
    paragraph._p.append(_control(hint, options, locked, title="" if locked else hint))


def _control(hint: str, options: Sequence[str], locked: bool = False, title: str = "") -> Any:
    """A form field that shows its hint until something is written in it or chosen."""
    control, properties, content, run = (element(f"w:{tag}") for tag in ("sdt", "sdtPr", "sdtContent", "r"))
    if title:
        properties.append(element("w:alias", val=title[:64]))
    if locked:
        properties.append(element("w:lock", val="sdtContentLocked"))
    properties.append(element("w:showingPlcHdr"))
    if options:
        properties.append(choice := element("w:dropDownList"))
        choice.extend(element("w:listItem", displayText=option, value=option) for option in options)
    style, text = element("w:rPr"), element("w:t")
    style.extend((element("w:rStyle", val="PlaceholderText"), element("w:color", val=GREY)))
    text.text = hint
    run.extend((style, text))
    content.append(run)
    control.extend((properties, content))
    return control
