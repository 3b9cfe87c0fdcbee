"""Word files as forces write them, made here with python-docx and raw XML where it has no words for a thing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from extractors.document import Block, Extract
from extractors.docx import read_docx

W = nsdecls("w")


def saved(tmp_path: Path, document: Any) -> Extract:
    path = tmp_path / "plan.docx"
    document.save(str(path))
    return read_docx(path, "plan.docx")


def texts(extract: Extract, kind: str) -> list[str]:
    return [block.text for block in extract.blocks if block.kind == kind]


def outline(extract: Extract) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in extract.blocks if block.kind == "heading"]


def add_xml(paragraph: Any, xml: str) -> None:
    paragraph._p.append(parse_xml(xml))


def check_places(extract: Extract) -> None:
    for block in extract.blocks:
        assert block.text == block.text.strip() != ""
        assert block.places[0].start == 0
        assert block.places[-1].end == len(block.text)
        if block.kind == "table_row":
            assert len(block.cells) == len(block.columns)
            assert block.text == " | ".join(cell for cell in block.cells if cell)


def test_headings_by_style_outline_and_custom_style(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Ridgeshire Police Protective Services Plan", style="Title")
    document.add_heading("Roads policing", 1)
    custom = document.styles.add_style("Force Subhead", WD_STYLE_TYPE.PARAGRAPH)
    custom.base_style = document.styles["Heading 2"]
    document.add_paragraph("What we know", style="Force Subhead")
    document.add_paragraph("Collisions on the A road rose by a tenth.")
    outlined = document.add_paragraph("Actions this year")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="2"/>'))
    extract = saved(tmp_path, document)
    assert outline(extract) == [
        (1, "Ridgeshire Police Protective Services Plan"),
        (1, "Roads policing"),
        (2, "What we know"),
        (3, "Actions this year"),
    ]
    assert extract.title == "Ridgeshire Police Protective Services Plan"
    check_places(extract)


def test_headings_by_look(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("SERIOUS AND ORGANISED CRIME")
    document.add_paragraph("The force mapped its crime groups in May and found eleven.")
    document.add_paragraph().add_run("Gaps in capability").bold = True
    document.add_paragraph("There is no asset recovery team.")
    document.add_paragraph("3.2 Public order")
    document.add_paragraph("Two support units are trained to level two and can be mustered in four hours.")
    document.add_paragraph("RESTRICTED")
    long_bold = document.add_paragraph()
    long_bold.add_run("The Chief Constable asks all staff to read this plan and to act upon it at once.").bold = True
    mixed = document.add_paragraph()
    mixed.add_run("Owner").bold = True
    mixed.add_run(" is the head of operations")
    extract = saved(tmp_path, document)
    assert outline(extract) == [(1, "SERIOUS AND ORGANISED CRIME"), (2, "Gaps in capability"), (2, "3.2 Public order")]
    assert "RESTRICTED" in texts(extract, "paragraph")


def test_where_headings_have_styles_a_label_in_capitals_is_none(tmp_path: Path) -> None:
    document = docx.Document()
    for heading in ("Roads policing", "Public order"):
        document.add_heading(heading)
        document.add_paragraph("Collisions on the A road rose by a tenth.")
    document.add_paragraph("WHAT, WHO, BY WHEN")
    document.add_paragraph("Inspector Vane will train eight advisers by March.")
    assert [text for _, text in outline(saved(tmp_path, document))] == ["Roads policing", "Public order"]
    document.paragraphs[4].runs[0].bold = True
    assert [text for _, text in outline(saved(tmp_path, document))] == ["Roads policing", "Public order", "WHAT, WHO, BY WHEN"]


def test_numbered_lines_in_a_row_are_a_list(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The force will do three things.")
    for line in ("1. Recruit two analysts", "2. Buy a store for exhibits", "3. Train every inspector"):
        document.add_paragraph(line)
    assert len(texts(saved(tmp_path, document), "list_item")) == 3


def test_lists(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("We will", style="Normal")
    document.add_paragraph("recruit six detectives", style="List Bullet")
    document.add_paragraph("close the exhibits backlog", style="List Number")
    document.add_paragraph("•\tagree a rota with Fenshire")
    document.add_paragraph("- review the rota in June")
    broken = document.add_paragraph("The unit has:")
    broken.add_run().add_break()
    broken.add_run("• four cars")
    broken.add_run().add_break()
    broken.add_run("• one van")
    extract = saved(tmp_path, document)
    assert texts(extract, "list_item") == [
        "recruit six detectives",
        "close the exhibits backlog",
        "agree a rota with Fenshire",
        "review the rota in June",
        "four cars",
        "one van",
    ]
    assert "The unit has:" in texts(extract, "paragraph")


def action_table(document: Any, rows: list[list[str]], bold: bool = True) -> Any:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for number, row in enumerate(rows):
        for cell, text in zip(table.rows[number].cells, row, strict=True):
            cell.text = text
            if number == 0 and bold:
                cell.paragraphs[0].runs[0].bold = True
    return table


ACTIONS = [
    ["Action", "Owner", "By when", "Cost"],
    ["Train 20 tactical advisers", "Supt Hale", "31 March 2009", "£12,000"],
    ["Test the call-out plan", "CI Orme", "June 2009", ""],
]


def rows(extract: Extract) -> list[Block]:
    return [block for block in extract.blocks if block.kind == "table_row"]


@pytest.mark.parametrize("bold", [True, False])
def test_table_rows_bear_their_headers(tmp_path: Path, bold: bool) -> None:
    document = docx.Document()
    action_table(document, ACTIONS, bold)
    extract = saved(tmp_path, document)
    assert [row.cells for row in rows(extract)] == [tuple(row) for row in ACTIONS[1:]]
    assert {row.columns for row in rows(extract)} == {("Action", "Owner", "By when", "Cost")}
    assert rows(extract)[1].text == "Test the call-out plan | CI Orme | June 2009"
    assert {row.table for row in rows(extract)} == {1}
    check_places(extract)


def test_form_has_no_header(tmp_path: Path) -> None:
    document = docx.Document()
    table = action_table(document, [["Owner:", "Supt Hale"], ["Start:", "May 2008"], ["Risk:", "High"]], bold=False)
    for row in table.rows:
        row.cells[0].paragraphs[0].runs[0].bold = True
    extract = saved(tmp_path, document)
    assert rows(extract)[0].cells == ("Owner:", "Supt Hale")
    assert rows(extract)[0].columns == ("", "")


def test_merged_cells_two_row_header_and_sub_heading(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Resources", 1)
    table = document.add_table(rows=6, cols=4)
    values = [
        ["Area", "Staff", "", "Owner"],
        ["", "Now", "2010", ""],
        ["Public protection", "", "", ""],
        ["Child abuse", "14", "18", "DCI Marsh"],
        ["", "3", "5", "DI Vane"],
        ["Sex offenders", "6", "6", "DI Rook"],
    ]
    for row, line in zip(table.rows, values, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.text = text
    for row in table.rows[:2]:
        for cell in row.cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 3).merge(table.cell(1, 3))
    table.cell(2, 0).merge(table.cell(2, 3))
    table.cell(3, 0).merge(table.cell(4, 0))
    extract = saved(tmp_path, document)
    assert rows(extract)[0].columns == ("Area", "Staff: Now", "Staff: 2010", "Owner")
    assert outline(extract) == [(1, "Resources"), (2, "Public protection")]
    assert [row.cells for row in rows(extract)] == [
        ("Child abuse", "14", "18", "DCI Marsh"),
        ("Child abuse", "3", "5", "DI Vane"),
        ("Sex offenders", "6", "6", "DI Rook"),
    ]
    check_places(extract)


def test_nested_table_follows_its_row_and_frames_are_prose(tmp_path: Path) -> None:
    document = docx.Document()
    table = action_table(document, ACTIONS)
    inner = table.cell(1, 0).add_table(rows=2, cols=2)
    for cell, text in zip((c for r in inner.rows for c in r.cells), ("Course", "Places", "Initial", "12"), strict=True):
        cell.text = text
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).text = "Our aim is to be ready for any emergency."
    frame.cell(0, 0).add_paragraph("• by May", style="Normal")
    extract = saved(tmp_path, document)
    assert [row.cells[0] for row in rows(extract)] == [
        "Train 20 tactical advisers",
        "Initial",
        "Test the call-out plan",
    ]
    assert rows(extract)[1].columns == ("Course", "Places")
    assert rows(extract)[1].table != rows(extract)[0].table
    assert "Our aim is to be ready for any emergency." in texts(extract, "paragraph")
    assert texts(extract, "list_item") == ["by May"]


def test_cells_of_several_paragraphs(tmp_path: Path) -> None:
    document = docx.Document()
    table = action_table(document, ACTIONS)
    cell = table.cell(1, 1)
    cell.add_paragraph("with DI Vane")
    cell.add_paragraph("• trains", style="Normal")
    cell.add_paragraph("• checks", style="Normal")
    assert rows(saved(tmp_path, document))[0].cells[1] == "Supt Hale with DI Vane trains; checks"


def test_revisions_fields_symbols_and_wrappers(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The unit has ")
    add_xml(paragraph, f'<w:ins {W} w:id="1" w:author="a"><w:r><w:t xml:space="preserve">nine </w:t></w:r></w:ins>')
    add_xml(paragraph, f'<w:del {W} w:id="2" w:author="a"><w:r><w:delText>six </w:delText></w:r></w:del>')
    add_xml(paragraph, f'<w:smartTag {W} w:element="x"><w:r><w:t>officers</w:t></w:r></w:smartTag>')
    add_xml(
        paragraph,
        f"<w:sdt {W}><w:sdtContent><w:r><w:t xml:space='preserve"
        "'> in co</w:t><w:softHyphen/><w:t>unty</w:t><w:noBreakHyphen/><w:t>wide posts</w:t></w:r></w:sdtContent></w:sdt>",
    )
    for piece in (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> REF target </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:tab/><w:t>(see 4)</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        '<w:sym w:font="Wingdings" w:char="F0FC"/>',
    ):
        add_xml(paragraph, f"<w:r {W}>{piece}</w:r>")
    add_xml(paragraph, f"<w:hyperlink {W}><w:r><w:t xml:space='preserve'> done</w:t></w:r></w:hyperlink>")
    (block,) = saved(tmp_path, document).blocks
    assert block.text == "The unit has nine officers in county-wide posts (see 4)✓ done"


def test_hidden_text_is_kept_apart(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Seen by all.")
    paragraph.add_run(" Kept from view.").font.hidden = True
    extract = saved(tmp_path, document)
    assert [(block.text, block.hidden) for block in extract.blocks] == [
        ("Seen by all.", False),
        ("Kept from view.", True),
    ]


def test_text_box_once_after_its_paragraph(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Before the box.")
    box = "<w:txbxContent><w:p><w:r><w:t>Key risk: one negotiator on call.</w:t></w:r></w:p></w:txbxContent>"
    add_xml(
        paragraph,
        f'<w:r {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'xmlns:wps="urn:x" xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent><mc:Choice Requires="wps">'
        f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}"
        f"</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
    )
    document.add_paragraph("After the box.")
    assert texts(saved(tmp_path, document), "paragraph") == [
        "Before the box.",
        "Key risk: one negotiator on call.",
        "After the box.",
    ]


def test_running_heads_without_page_numbers(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "RESTRICTED"
    foot = document.sections[0].footer.paragraphs[0]
    foot.text = "Ridgeshire Police, page "
    add_xml(foot, f'<w:fldSimple {W} w:instr=" PAGE "><w:r><w:t>7</w:t></w:r></w:fldSimple>')
    document.add_paragraph("Text.")
    second = document.add_section(WD_SECTION.NEW_PAGE)
    second.header.is_linked_to_previous = False
    second.header.paragraphs[0].text = "RESTRICTED"
    document.add_paragraph("More text.")
    extract = saved(tmp_path, document)
    assert sorted(extract.running) == ["RESTRICTED", "Ridgeshire Police, page"]
    assert extract.pages == 2
    assert [block.places[0].page for block in extract.blocks] == [1, 2]


def test_pages(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("First page.")
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    paragraph = document.add_paragraph()
    # Word marks the new page once more where it draws it: one break, not two.
    add_xml(paragraph, f"<w:r {W}><w:lastRenderedPageBreak/><w:t>Second page runs</w:t></w:r>")
    add_xml(
        paragraph,
        f"<w:r {W}><w:t xml:space='preserve'> on </w:t><w:lastRenderedPageBreak/><w:t>to a third.</w:t></w:r>",
    )
    extract = saved(tmp_path, document)
    block = extract.blocks[1]
    assert block.text == "Second page runs on to a third."
    assert [(block.text[place.start : place.end].strip(), place.page) for place in block.places] == [
        ("Second page runs on", 2),
        ("to a third.", 3),
    ]
    assert (extract.pages, extract.pages_read) == (3, 3)


def test_contents_list_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    style = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Roads policing\t4", style=style)
    document.add_heading("Roads policing", 1)
    document.add_paragraph("We patrol.")
    assert [block.text for block in saved(tmp_path, document).blocks] == ["Roads policing", "We patrol."]


def rewritten(path: Path, part: str, change: Any) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_footnotes_follow_their_paragraph(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Demand rose by a third.")
    add_xml(paragraph, f'<w:r {W}><w:footnoteReference w:id="2"/></w:r>')
    document.add_paragraph("Staff did not.")
    path = tmp_path / "notes.docx"
    document.save(str(path))
    notes = f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2"><w:p>'
    notes += "<w:r><w:footnoteRef/><w:t xml:space='preserve'> Command and control log, 2007.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    link = b'<Relationship Id="rIdN" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" '
    link += b'Target="footnotes.xml"/></Relationships>'
    rewritten(path, "word/footnotes.xml", lambda _: notes.encode())
    rewritten(path, "word/_rels/document.xml.rels", lambda data: data.replace(b"</Relationships>", link))
    blocks = read_docx(path, "notes.docx").blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("paragraph", "Demand rose by a third."),
        ("note", "Command and control log, 2007."),
        ("paragraph", "Staff did not."),
    ]


def test_the_words_of_a_diagram_follow_its_paragraph(tmp_path: Path) -> None:
    document = docx.Document()
    drawn, office = (
        "http://schemas.openxmlformats.org/drawingml/2006",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    )
    shown = f'<d:relIds xmlns:d="{drawn}/diagram" xmlns:r="{office}" r:dm="rIdD"/>'
    add_xml(document.add_paragraph("How the force decides:"), f"<w:r {W}><w:drawing>{shown}</w:drawing></w:r>")
    document.add_paragraph("After the diagram.")
    path = tmp_path / "diagram.docx"
    document.save(str(path))
    steps = ["Assess the threat", "Set the need", "Train 40 officers"]
    shapes = "".join(f"<d:pt><d:t><a:p><a:r><a:t>{step}</a:t></a:r></a:p></d:t></d:pt>" for step in steps)
    part = f'<d:dataModel xmlns:d="{drawn}/diagram" xmlns:a="{drawn}/main"><d:ptLst>{shapes}</d:ptLst></d:dataModel>'
    link = f'<Relationship Id="rIdD" Type="{office}/diagramData" Target="diagrams/data1.xml"/></Relationships>'
    rewritten(path, "word/diagrams/data1.xml", lambda _: part.encode())
    rewritten(path, "word/_rels/document.xml.rels", lambda data: data.replace(b"</Relationships>", link.encode()))
    assert [block.text for block in read_docx(path, "diagram.docx").blocks] == ["How the force decides:", *steps, "After the diagram."]


def failed(path: Path) -> str:
    extract = read_docx(path, "bad.docx")
    assert (extract.blocks, extract.pages, extract.pages_read, len(extract.problems)) == ((), 1, 0, 1)
    assert extract.problems[0].file == "bad.docx"
    assert extract.problems[0].remedy
    return extract.problems[0].message


def test_bad_files_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "bad.docx"
    assert "cannot be opened" in failed(path)
    path.write_bytes(b"")
    assert "empty" in failed(path)
    path.write_bytes(b"Dear Sir, please find attached")
    assert "not a Word document" in failed(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    assert "is protected by a password" in failed(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "older Office format" in failed(path)
    docx.Document().save(str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in failed(path)
    path.write_bytes(whole)
    rewritten(path, "word/document.xml", lambda data: data[:-30])
    assert "not valid XML" in failed(path)
    path.write_bytes(whole)
    rewritten(
        path,
        "word/document.xml",
        lambda data: data.replace(b"<w:document", b'<!DOCTYPE x [<!ENTITY a "b">]><w:document'),
    )
    assert "declares XML entities" in failed(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 60_000_000)
    assert "unpack to 60 MB" in failed(path)


def test_open_field_does_not_swallow_the_document(tmp_path: Path) -> None:
    document = docx.Document()
    first = document.add_paragraph("Start")
    add_xml(first, f'<w:r {W}><w:fldChar w:fldCharType="begin"/><w:instrText> TOC </w:instrText></w:r>')
    document.add_paragraph("The rest of the plan.")
    assert "The rest of the plan." in texts(saved(tmp_path, document), "paragraph")


def test_deleted_paragraph_mark_joins(tmp_path: Path) -> None:
    document = docx.Document()
    first = document.add_paragraph("The plan was ")
    mark = f'<w:rPr {W}><w:del w:id="1" w:author="a"/></w:rPr>'
    first._p.get_or_add_pPr().append(parse_xml(mark))
    document.add_paragraph("agreed in May.")
    assert texts(saved(tmp_path, document), "paragraph") == ["The plan was agreed in May."]


def test_comments_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "draft.docx"
    document = docx.Document()
    run = document.add_paragraph().add_run("The board meets each quarter.")
    document.add_comment(run, text="Is this so? Ask the clerk.", author="A. Reviser", initials="AR")
    document.save(str(path))
    text, comment = read_docx(path, path.name).blocks
    assert (text.text, text.hidden) == ("The board meets each quarter.", False)
    assert (comment.kind, comment.text, comment.hidden) == ("note", "Comment by A. Reviser: Is this so? Ask the clerk.", True)


def test_a_bold_heading_in_the_line_of_its_text(tmp_path: Path) -> None:
    path = tmp_path / "fused.docx"
    document = docx.Document()
    document.add_paragraph("Delivery", style="Heading 1")
    rest = "The authority will keep its mobilisation plan under review, and the chief officer reports on it each quarter."
    for lead, text in (("Governance.", rest), ("Lead:", rest), ("Risk.", "Low.")):
        paragraph = document.add_paragraph()
        paragraph.add_run(lead).bold = True
        paragraph.add_run(f" {text}")
    document.save(str(path))
    blocks = read_docx(path, path.name).blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "Delivery"),
        ("heading", "Governance."),
        ("paragraph", rest),
        ("paragraph", f"Lead: {rest}"),
        ("paragraph", "Risk. Low."),
    ]
    assert blocks[1].level > blocks[0].level


def test_headings_carry_the_numbers_that_word_gives_them(tmp_path: Path) -> None:
    path = tmp_path / "numbered.docx"
    document = docx.Document()
    levels = (("0", "decimal", "%1."), ("1", "decimal", "%1.%2"), ("2", "lowerRoman", "(%3)"))
    shape = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, form, text in levels
    )
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{shape}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, style, depth in (
        ("Public order", "Heading 1", 0),
        ("Training", "Heading 2", 1),
        ("Forty officers are trained.", None, 2),
        ("Equipment", "Heading 2", 1),
        ("Major crime", "Heading 1", 0),
        ("Staff", "Heading 2", 1),
    ):
        paragraph = document.add_paragraph(text, style=style)
        numbers = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(numbers))
    document.save(str(path))
    blocks = read_docx(path, path.name).blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "1. Public order"),
        ("heading", "1.1 Training"),
        ("list_item", "Forty officers are trained."),
        ("heading", "1.2 Equipment"),
        ("heading", "2. Major crime"),
        ("heading", "2.1 Staff"),
    ]


def form_field(instruction: str, data: str, result: str = "") -> str:
    """An older form field as Word keeps it: what was chosen stands in its data, not in its text."""
    marks = f"<w:fldChar w:fldCharType='begin'><w:ffData>{data}</w:ffData></w:fldChar>", f"<w:instrText> {instruction} </w:instrText>"
    shown = f"<w:fldChar w:fldCharType='separate'/><w:t>{result}</w:t>" if result else ""
    return "".join(f"<w:r>{piece}</w:r>" for piece in (*marks, shown, "<w:fldChar w:fldCharType='end'/>") if piece)


ENTRIES = "<w:listEntry w:val='High'/><w:listEntry w:val='Low'/>"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (form_field("FORMTEXT", "<w:textInput/>", "Supt Hale"), "Owner: Supt Hale."),
        (form_field("FORMTEXT", "<w:textInput/>", "\u2002\u2002\u2002\u2002\u2002"), "Owner: ."),
        (
            form_field("FORMDROPDOWN", "<w:ddList><w:result w:val='1'/>" + ENTRIES + "</w:ddList>"),
            "Owner: Low.",
        ),
        (form_field("FORMDROPDOWN", "<w:ddList>" + ENTRIES + "</w:ddList>"), "Owner: High."),
        (form_field("FORMDROPDOWN", "<w:ddList><w:result w:val='9'/><w:listEntry w:val='High'/></w:ddList>"), "Owner: ."),
        (form_field("FORMDROPDOWN", "<w:ddList><w:listEntry w:val='High'/></w:ddList>", "High"), "Owner: High."),
        (form_field("FORMCHECKBOX", "<w:checkBox><w:sizeAuto/><w:default w:val='0'/><w:checked/></w:checkBox>"), "Owner: ☒."),
        (form_field("FORMCHECKBOX", "<w:checkBox><w:sizeAuto/><w:default w:val='1'/><w:checked w:val='0'/></w:checkBox>"), "Owner: ☐."),
        (form_field("FORMCHECKBOX", "<w:checkBox><w:sizeAuto/><w:default w:val='1'/></w:checkBox>"), "Owner: ☒."),
    ],
)
def test_older_form_fields_say_what_was_filled_in(tmp_path: Path, xml: str, text: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Owner: ")
    for run in parse_xml(f"<w:p {W}>{xml}</w:p>"):
        paragraph._p.append(run)
    paragraph.add_run(".")
    assert [block.text for block in saved(tmp_path, document).blocks] == [text]


def test_a_row_keeps_its_columns_where_word_puts_form_fields_around_cells(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=4)
    for cell, text in zip(table.rows[0].cells, ("Area", "Action", "Owner", "By when"), strict=True):
        cell.text = text
    written = ("Roads", "Write here", "Supt Hale", "March 2009")
    for cell, text, unfilled in zip(list(table.rows[1]._tr.tc_lst), written, (False, True, False, False), strict=True):
        cell.p_lst[0].add_r().text = text
        mark = "<w:showingPlcHdr/>" if unfilled else ""
        control = parse_xml(f"<w:sdt {W}><w:sdtPr>{mark}</w:sdtPr><w:sdtContent/></w:sdt>")
        cell.addprevious(control)
        control[-1].append(cell)
    (row,) = [row for row in rows(saved(tmp_path, document)) if "Roads" in row.text]
    assert dict(zip(row.columns, row.cells, strict=True)) == {"Area": "Roads", "Action": "", "Owner": "Supt Hale", "By when": "March 2009"}
    assert "Write here" not in row.text


def test_an_unfilled_marking_is_no_running_head(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The plan.")
    control = "<w:sdt {}><w:sdtPr>{}</w:sdtPr><w:sdtContent><w:p><w:r><w:t>RESTRICTED</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    header = document.sections[0].header._element
    header.append(parse_xml(control.format(W, "<w:showingPlcHdr/>")))
    assert saved(tmp_path, document).running == ()
    header.append(parse_xml(control.format(W, "")))
    assert saved(tmp_path, document).running == ("RESTRICTED",)
