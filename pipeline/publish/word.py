"""A Word document out of a template and blocks: `{{ name }}` in the template is replaced, by text or by whole blocks.

Styles, page size, letterhead and all fixed words are the template's. Tables get a repeated header row, a name and a description.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docx.shared import Emu, RGBColor
from docx.text.paragraph import Paragraph

from pipeline.publish.markup import Block, Span
from pipeline.sheets import COLOURS, FIXED

STYLES: Final = {"item": "List Bullet", "quote": "Quote", "notice": "Intense Quote", "paragraph": "Normal"}
TABLE_STYLE: Final = "Table Grid"
CELL_STYLE: Final = "Table Text"
HEAD: Final = "F3F2F1"
LINK: Final = "Reference"
NEEDED: Final = {*STYLES.values(), "Heading 2", "Heading 3", TABLE_STYLE, CELL_STYLE, LINK}
_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class TemplateError(ValueError):
    """A letter template that cannot be used; the message names the file and the remedy."""


def fill(template: Path, texts: Mapping[str, str], parts: Mapping[str, Iterable[Block]], needed: Collection[str], whose: str) -> bytes:
    """The template with its placeholders filled; it may leave out all that are not `needed`.

    Raises TemplateError where it cannot be opened, asks for what there is not, or lacks what it needs.
    """
    try:
        document = Document(str(template))
        ids = {style.name: style.style_id for style in document.styles}
    except (OSError, KeyError, ValueError, PackageNotFoundError) as error:
        raise TemplateError(
            f"{template}: is no Word document that can be opened ({error}). Save it as DOCX, or leave out --template."
        ) from None
    if lacking := sorted(NEEDED - set(ids)):
        raise TemplateError(
            f"{template}: lacks the styles {', '.join(lacking)}. Begin with a copy of the one that ships "
            "(`readacross templates FOLDER --letter`)."
        )
    asked: set[str] = set()
    for paragraph in list(_paragraphs(document)):
        names = _PLACE.findall(paragraph.text)
        if unknown := sorted(set(names) - set(texts) - set(parts)):
            names_known = ", ".join(sorted({*texts, *parts}))
            raise TemplateError(f"{template}: asks for {{{{ {unknown[0]} }}}}, which a letter has not. Use one of: {names_known}.")
        asked.update(names)
        if whole := next((name for name in names if name in parts), ""):
            if not _PLACE.fullmatch(paragraph.text.strip()) or paragraph._p.getparent() is not document.element.body:
                raise TemplateError(
                    f"{template}: {{{{ {whole} }}}} stands for whole paragraphs. "
                    "Give it a line of its own, outside tables, boxes, heads and feet."
                )
            _replace(document, paragraph, parts[whole], ids)
        elif names:
            _fill_in(paragraph, texts)
    if missing := [name for name in needed if name not in asked]:
        raise TemplateError(f"{template}: has no {{{{ {missing[0]} }}}}, without which no letter goes out. Put it back.")
    _properties(document, whose)
    document.save(packed := BytesIO())
    return packed.getvalue()


def _paragraphs(document: Any) -> Iterator[Paragraph]:
    """All of them, those in tables, boxes and form fields too, and those of the heads and feet that there are."""
    roots = [document.element.body]
    for section in document.sections:
        heads = (section.header, section.first_page_header, section.even_page_header)
        feet = (section.footer, section.first_page_footer, section.even_page_footer)
        roots += [running._element for running in (*heads, *feet) if not running.is_linked_to_previous]
    return (Paragraph(p, document) for root in roots for p in root.iter(qn("w:p")))


def _fill_in(paragraph: Paragraph, texts: Mapping[str, str]) -> None:
    """Puts texts in; Word may have torn a placeholder into several runs, which then become one in the first one's format."""
    for run in paragraph.runs:
        if _PLACE.search(run.text):
            run.text = _PLACE.sub(lambda m: texts.get(m[1], m[0]), run.text)
    if _PLACE.search(paragraph.text):
        whole = _PLACE.sub(lambda m: texts.get(m[1], m[0]), paragraph.text)
        for run in paragraph.runs[1:]:
            run.text = ""
        paragraph.runs[0].text = whole


def _replace(document: Any, paragraph: Paragraph, found: Iterable[Block], ids: Mapping[str, str]) -> None:
    """Puts the blocks where the paragraph stood; where there are none, a heading above it goes too. `ids` are the styles' own, by name: to
    look each up anew takes half the time."""
    found, above = list(found), paragraph._p.getprevious()
    headings = {style_id for name, style_id in ids.items() if name.startswith("Heading")}
    if not found and isinstance(above, CT_P) and above.style in headings:
        document.element.body.remove(above)
    width = document.sections[0].page_width - document.sections[0].left_margin - document.sections[0].right_margin
    for before, block, after in zip([None, *found], found, [*found[1:], None], strict=False):
        if block.kind == "table":
            _table(document, paragraph, block, width, ids)
            continue
        style = f"Heading {block.level}" if block.kind == "heading" else STYLES[block.kind]
        made = _paragraph(paragraph, ids[style])
        _write(made, block.spans, ids)
        between = before is not None and after is not None and before.kind == after.kind == "heading"
        if between or made.text.endswith(":"):  # it would stand alone at the foot of a page
            made.paragraph_format.keep_with_next = True
    document.element.body.remove(paragraph._p)


def _paragraph(before: Paragraph, style: str) -> Paragraph:
    made = before.insert_paragraph_before()
    made._p.style = style
    return made


def _table(document: Any, before: Paragraph, block: Block, width: int, ids: Mapping[str, str]) -> None:
    table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]), style=TABLE_STYLE)
    before._p.addprevious(table._tbl)
    table.autofit = False
    parts = block.widths or (1.0,) * len(block.rows[0])
    widths = [Emu(int(width * part / sum(parts))) for part in parts]
    for column, share in zip(table.columns, widths, strict=True):
        column.width = share
    for number, (line, row) in enumerate(zip(table._tbl.tr_lst, block.rows, strict=True)):
        for holder, content, share in zip(line.tc_lst, row, widths, strict=True):
            holder.width = share
            paragraph = Paragraph(holder.p_lst[0], document)
            paragraph._p.style = ids[CELL_STYLE]
            fill, ink = COLOURS[content.grade] if content.grade is not None else (None if number else HEAD, None)
            _write(paragraph, content.spans, ids, ink, bold=not number)
            if fill:
                holder.get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill=fill))
        line.get_or_add_trPr().append(element("w:cantSplit"))
    table._tbl.tr_lst[0].get_or_add_trPr().append(element("w:tblHeader"))
    heads = ", ".join(span.text for cell in block.rows[0] for span in cell.spans)
    table._tbl.tblPr.append(element("w:tblCaption", val=block.name))
    table._tbl.tblPr.append(element("w:tblDescription", val=f"{block.name}. Columns: {heads}."))
    _paragraph(before, ids[CELL_STYLE])


def _write(paragraph: Paragraph, spans: Iterable[Span], ids: Mapping[str, str], ink: str | None = None, bold: bool = False) -> None:
    for span in spans:
        run = paragraph.add_run(span.text)
        run.bold = True if bold or span.kind == "bold" else None
        if ink:
            run.font.color.rgb = RGBColor.from_string(ink)
        if span.kind == "link":
            run._r.style = ids[LINK]
            link = element("w:hyperlink", anchor=_bookmark(span.text), history="1")
            run._r.addprevious(link)
            link.append(run._r)
        elif span.kind == "anchor":
            number = str(abs(hash_of(span.text)))
            run._r.addprevious(element("w:bookmarkStart", id=number, name=_bookmark(span.text)))
            run._r.addnext(element("w:bookmarkEnd", id=number))


def hash_of(text: str) -> int:
    """A number for a bookmark, the same in every run."""
    return int.from_bytes(text.encode()[-3:], "big")


def _bookmark(text: str) -> str:
    return "cell_" + re.sub(r"\W", "_", text)


def element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _properties(document: Any, whose: str) -> None:
    """The template's own title, and whose letter it is."""
    core = document.core_properties
    core.title, core.author, core.last_modified_by, core.language = f"{core.title}: {whose}", "Read-across", "Read-across", "en-GB"
    core.created = core.modified = FIXED
