"""Word documents whose structure is known: the corpus's texts with what python-docx does not write, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from extractors.document import Block

Writer = Callable[[Any, Block, int], Block | None]
"""Adds one paragraph, heading or list item to a document; its number counts from 1. Gives what a reader should find, None for the block."""

_NUMBERS: Final = f"""<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>
<w:pPr><w:ind w:left="567" w:hanging="567"/></w:pPr></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/>
<w:pPr><w:ind w:left="567" w:hanging="567"/></w:pPr></w:lvl></w:abstractNum>"""


def write_word(path: Path, blocks: Sequence[Block], kind: str) -> list[Block]:
    """Writes the blocks as that one of KINDS; returns what a reader should find, in order."""
    document = Document()
    document.styles["Normal"].font.name = "Liberation Serif"
    document.styles["Normal"].font.size = Pt(11)
    prepare, write = KINDS[kind]
    prepare(document)
    truth: list[Block] = []
    number = 0
    for table, run in groupby(blocks, key=lambda b: b.table):
        if table:
            rows = list(run)
            truth += _table(document, rows, merged=kind == "merged cells")
            continue
        for block in run:
            number += 1
            found = write(document, block, number)
            truth.append(found or block)
    document.save(str(path))
    return truth


def _nothing(document: Any) -> None:
    """Word's own template will do."""


def _plain(document: Any, block: Block, number: int) -> None:
    style = {"heading": f"Heading {min(3, block.level or 1)}", "list_item": "List Bullet"}.get(block.kind)
    document.add_paragraph(block.text, style=style)


def _numbering(document: Any) -> None:
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(_NUMBERS))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))


def _numbered(document: Any, block: Block, number: int) -> None:
    """First headings and the paragraphs under them are numbered by Word: 1., 1.1, 1.2."""
    if block.kind == "list_item":
        _plain(document, block, number)
        return None
    top = block.kind == "heading" and block.level == 1
    paragraph = document.add_paragraph()
    paragraph.add_run(block.text).bold = block.kind == "heading"
    if top or block.kind == "paragraph":
        numbers = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{int(not top)}"/><w:numId w:val="77"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(numbers))
    return None


def _in_capitals(document: Any, block: Block, number: int) -> Block | None:
    """Headings are capitals in the type of the text."""
    if block.kind == "heading":
        document.add_paragraph(block.text.upper())
    else:
        _plain(document, block, number)
    return None


def _fused(document: Any, block: Block, number: int) -> Block | None:
    """Lower headings stand in bold at the beginning of their text."""
    last = document.paragraphs[-1] if document.paragraphs else None
    if block.kind == "heading" and block.level > 1:
        document.add_paragraph().add_run(block.text).bold = True
    elif block.kind == "paragraph" and last is not None and len(last.runs) == 1 and last.runs[0].bold and len(block.text.split()) > 12:
        last.runs[0].text = f"{last.text.rstrip('.')}."
        last.add_run(f" {block.text}")
    else:
        _plain(document, block, number)
    return None


def _notes_parts(document: Any) -> None:
    for name in ("footnotes", "endnotes"):
        root = f"<w:{name} {nsdecls('w')}/>".encode()
        kind = RELATIONSHIP_TYPE.FOOTNOTES if name == "footnotes" else RELATIONSHIP_TYPE.ENDNOTES
        content = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{name}+xml"
        document.part.relate_to(Part(PackURI(f"/word/{name}.xml"), content, root, document.part.package), kind)


def _noted(document: Any, block: Block, number: int) -> Block | None:
    """Some short paragraphs become notes to the paragraph before."""
    last = document.paragraphs[-1] if document.paragraphs else None
    if block.kind != "paragraph" or number % 6 or last is None or last.style.name != "Normal" or len(block.text) > 300:
        _plain(document, block, number)
        return None
    name = "endnote" if number % 12 else "footnote"
    part = next(p.target_part for p in document.part.rels.values() if p.reltype.endswith(f"/{name}s"))
    root = parse_xml(part.blob)
    note = parse_xml(
        f'<w:{name} {nsdecls("w")} w:id="{number}"><w:p><w:r><w:{name}Ref/></w:r><w:r><w:t xml:space="preserve"/></w:r></w:p></w:{name}>'
    )
    note.findall(".//" + qn("w:t"))[0].text = f" {block.text}"
    root.append(note)
    part._blob = _bytes(root)
    mark = f'<w:r {nsdecls("w")}><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:{name}Reference w:id="{number}"/></w:r>'
    last._p.append(parse_xml(mark))
    return replace(block, kind="note")


def _bytes(root: Any) -> bytes:
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _boxed(document: Any, block: Block, number: int) -> Block | None:
    """Some paragraphs stand in text boxes."""
    if block.kind != "paragraph" or number % 5:
        _plain(document, block, number)
        return None
    box = parse_xml(
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape style="width:300pt;height:120pt">'
        "<v:textbox><w:txbxContent><w:p><w:r><w:t/></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    box.findall(".//" + qn("w:t"))[0].text = block.text
    document.add_paragraph()._p.append(box)
    return replace(block, kind="note")


def _marked(document: Any, block: Block, number: int) -> Block | None:
    """Deleted and inserted words, a comment, hidden words, a paragraph hidden whole."""
    if block.kind != "paragraph" or number % 2:
        _plain(document, block, number)
        return None
    first, _, rest = block.text.partition(" ")
    paragraph = document.add_paragraph()
    when = 'w:id="1" w:author="A. Reviser" w:date="2008-07-14T09:00:00Z"'
    paragraph._p.append(
        parse_xml(f"<w:del {nsdecls('w')} {when}><w:r><w:delText xml:space='preserve'>No longer </w:delText></w:r></w:del>")
    )
    inserted = parse_xml(f"<w:ins {nsdecls('w')} {when}><w:r><w:t xml:space='preserve'/></w:r></w:ins>")
    inserted.findall(".//" + qn("w:t"))[0].text = f"{first} "
    paragraph._p.append(inserted)
    run = paragraph.add_run(rest)
    paragraph.add_run(" [drafting note, not for sending]").font.hidden = True
    if number % 4 == 0:
        document.add_comment(run, text="Is this still so? Ask the chief officer.", author="A. Reviser", initials="AR")
    return None


KINDS: Final[dict[str, tuple[Callable[[Any], None], Writer]]] = {
    "automatic numbers": (_numbering, _numbered),
    "headings in capitals": (_nothing, _in_capitals),
    "headings fused with text": (_nothing, _fused),
    "footnotes and endnotes": (_notes_parts, _noted),
    "text boxes": (_nothing, _boxed),
    "tracked changes, comments, hidden text": (_nothing, _marked),
    "merged cells": (_nothing, _plain),
}


def _table(document: Any, rows: list[Block], merged: bool) -> list[Block]:
    header = any(rows[0].columns)
    if merged:
        firsts = [rows[i - i % 2].cells[0] for i in range(len(rows))]
        rows = [replace(row, cells=(first, *row.cells[1:])) for first, row in zip(firsts, rows, strict=True)]
    lines = [rows[0].columns] * header + [row.cells for row in rows]
    table = document.add_table(len(lines), max(map(len, lines)), "Table Grid")
    for number, texts in enumerate(lines):
        cells = table.rows[number].cells
        repeat = merged and number > header and (number - header) % 2
        for column, text in enumerate(texts):
            if repeat and column == 0:
                cells[0].merge(table.rows[number - 1].cells[0])
            else:
                cells[column].paragraphs[0].add_run(text).bold = header and not number
        if header and not number:
            table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    document.add_paragraph()
    return rows
