"""Workbooks as forces keep them: notes above tables, merged cells, things hidden, money and dates as shown."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from openpyxl.comments import Comment  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.workbook import Workbook  # type: ignore[import-untyped]

from extractors.document import Block, Extract
from extractors.figures import date_parts, number_text
from extractors.xlsx import read_xlsx


def saved(tmp_path: Path, book: Workbook) -> Extract:
    path = tmp_path / "actions.xlsx"
    book.save(path)
    extract = read_xlsx(path, "actions.xlsx")
    for block in extract.blocks:
        assert block.places
        if block.kind == "table_row":
            assert len(block.cells) == len(block.columns)
            assert block.text == " | ".join(cell for cell in block.cells if cell)
            shown = [block.text[place.start : place.end] for place in block.places]
            assert shown == [cell for cell in block.cells if cell]
    return extract


def rows(extract: Extract) -> list[Block]:
    return [block for block in extract.blocks if block.kind == "table_row"]


def test_action_plan(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Action plan"
    sheet.append(["Ridgeshire protective services action plan"])
    sheet.append(["This sheet is brought up to date each month by the programme office and replaces all others."])
    sheet.append([])
    sheet.append(["Ref", "Action", "Owner", "By when", "Cost", "Done", "Review"])
    sheet.append(["A1", "Train 20 advisers", "Supt Hale", date(2009, 3, 31), 84000, 0.25, date(2009, 6, 1)])
    sheet.append(["A2", "Second control room", "CI Orme", datetime(2009, 5, 1, 14, 30), 1200.5, 1, None])
    sheet.append([])
    sheet.append([3.0, "Test the plan", "CI Orme", "June 2009", "#REF!", "", "none"])
    sheet.append(["Note to A2: after A1"])
    for row in (5, 6):
        sheet.cell(row, 5).number_format = '"£"#,##0'
        sheet.cell(row, 6).number_format = "0%"
        sheet.cell(row, 7).number_format = "mmm-yy"
    extract = saved(tmp_path, book)
    assert [(block.kind, block.level, block.text) for block in extract.blocks[:3]] == [
        ("heading", 1, "Action plan"),
        ("heading", 2, "Ridgeshire protective services action plan"),
        (
            "paragraph",
            0,
            "This sheet is brought up to date each month by the programme office and replaces all others.",
        ),
    ]
    assert [row.cells for row in rows(extract)] == [
        ("A1", "Train 20 advisers", "Supt Hale", "31 March 2009", "£84,000", "25%", "June 2009"),
        ("A2", "Second control room", "CI Orme", "1 May 2009 14:30", "£1,201", "100%", ""),
        ("3", "Test the plan", "CI Orme", "June 2009", "", "", "none"),
    ]
    assert {row.columns for row in rows(extract)} == {("Ref", "Action", "Owner", "By when", "Cost", "Done", "Review")}
    assert (extract.blocks[-1].kind, extract.blocks[-1].text) == ("paragraph", "Note to A2: after A1")
    assert [str(problem) for problem in extract.problems] == [
        'actions.xlsx: Sheet "Action plan": 1 cell shows only that a formula failed (such as #REF!), which is read as empty. '
        "Ask the force what should stand there."
    ]
    assert rows(extract)[0].places[1].cell == "B5"
    assert rows(extract)[0].places[1].sheet == "Action plan"
    assert (extract.pages, extract.pages_read) == (1, 1)


def test_merges_two_row_header_and_second_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Need"
    for line in (
        ["Area", "Staff", None, "Owner"],
        [None, "Now", "2010", None],
        ["Roads", 14, 18, "Supt Hale"],
        [None, 3, 5, "DI Vane"],
        ["Public order", 6, 6, "CI Orme"],
        [],
        ["Band", "Score"],
        ["High", 15],
        ["Low", 5],
    ):
        sheet.append(line)
    for merge in ("A1:A2", "B1:C1", "D1:D2", "A3:A4"):
        sheet.merge_cells(merge)
    extract = saved(tmp_path, book)
    assert rows(extract)[0].columns == ("Area", "Staff: Now", "Staff: 2010", "Owner")
    assert [row.cells for row in rows(extract)] == [
        ("Roads", "14", "18", "Supt Hale"),
        ("Roads", "3", "5", "DI Vane"),
        ("Public order", "6", "6", "CI Orme"),
        ("High", "15"),
        ("Low", "5"),
    ]
    assert rows(extract)[1].places[0].cell == "A3"
    assert rows(extract)[3].columns == ("Band", "Score")
    assert [row.table for row in rows(extract)] == [1, 1, 1, 2, 2]


def test_hidden_sheets_rows_and_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (["Ref", "Action", "Note"], ["A1", "Recruit", "not agreed"], ["A2", "Withdraw", "secret"]):
        sheet.append(line)
    sheet.column_dimensions["C"].hidden = True
    sheet.row_dimensions[3].hidden = True
    other = book.create_sheet("Lists")
    other.sheet_state = "hidden"
    other.append(["Only for drop-downs"])
    extract = saved(tmp_path, book)
    assert [(row.cells, row.hidden) for row in rows(extract)] == [
        (("A1", "Recruit"), False),
        (("not agreed",), True),
        (("A2", "Withdraw"), True),
        (("secret",), True),
    ]
    assert rows(extract)[1].columns == ("Note",)
    assert [(block.text, block.hidden) for block in extract.blocks[-2:]] == [
        ("Lists", True),
        ("Only for drop-downs", True),
    ]
    assert extract.pages == 2


def test_sheet_of_notes_and_sub_headings(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["How to use this workbook"])
    sheet["A1"].font = Font(bold=True)
    sheet.append(["Each lead fills in a row for each action and sends it to the programme office by Friday."])
    sheet.append(["• keep it short"])
    plan = book.create_sheet("Plan")
    plan.append(["Action", "Owner", "Date"])
    plan.append(["Public order"])
    plan.append(["Train advisers", "Supt Hale", "May 2009"])
    plan["A2"].font = Font(bold=True)
    extract = saved(tmp_path, book)
    assert [(block.kind, block.text) for block in extract.blocks] == [
        ("heading", "Sheet"),
        ("heading", "How to use this workbook"),
        ("paragraph", "Each lead fills in a row for each action and sends it to the programme office by Friday."),
        ("list_item", "keep it short"),
        ("heading", "Plan"),
        ("heading", "Public order"),
        ("table_row", "Train advisers | Supt Hale | May 2009"),
    ]


def test_one_far_cell_does_no_harm(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Here"
    book.active["XFD1048576"] = "There"
    assert [block.text for block in saved(tmp_path, book).blocks] == ["Sheet", "Here", "There"]


@pytest.mark.parametrize(
    ("raw", "code", "shown"),
    [
        ("84000", "[$£-809]#,##0;[Red]\\-[$£-809]#,##0", "£84,000"),
        ("-84000", "[$£-809]#,##0;[Red]\\-[$£-809]#,##0", "-£84,000"),
        ("-5", "#,##0_);(#,##0)", "(5)"),
        ("0", '_-£* #,##0_-;-£* #,##0_-;_-£* "-"_-;_-@_-', "£-"),
        ("1.5", '"£"0.0"m"', "£1.5m"),
        ("0.125", "0.0%", "12.5%"),
        ("7.0", "", "7"),
        ("0.30000000000000004", "General", "0.3"),
        ("1E3", "", "1000"),
        ("12", "00", "12"),
        ("not a number", "0", "not a number"),
    ],
)
def test_numbers_as_shown(raw: str, code: str, shown: str) -> None:
    assert number_text(raw, code) == shown


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("dd/mm/yyyy", "dmy"),
        ("mmm-yy", "my"),
        ("hh:mm", "h"),
        ("[$-809]d mmmm yyyy;@", "dmy"),
        ("0.00", ""),
        ('0 "days"', ""),
    ],
)
def test_date_formats(code: str, parts: str) -> None:
    assert set(date_parts(code)) == set(parts)


def test_bad_files_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"

    def failed() -> str:
        extract = read_xlsx(path, "bad.xlsx")
        assert (extract.blocks, extract.pages, extract.pages_read, len(extract.problems)) == ((), 1, 0, 1)
        return extract.problems[0].message

    path.write_bytes(b"")
    assert "empty" in failed()
    path.write_bytes(b"Ref,Action,Owner\n")
    assert "not a Excel" not in failed()
    assert "Excel workbook" in failed()
    openpyxl.Workbook().save(path)
    assert "no text" in failed()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "not an Excel workbook" in failed()


def test_one_broken_sheet_leaves_the_others(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Good"])
    book.create_sheet("Broken").append(["Bad"])
    path = tmp_path / "half.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet2.xml"] = b"<worksheet><broken"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    extract = read_xlsx(path, "half.xlsx")
    assert [block.text for block in extract.blocks] == ["Sheet", "Good"]
    assert (extract.pages, extract.pages_read, extract.problems[0].page) == (2, 1, 2)
    assert '"Broken"' in extract.problems[0].message


def test_notes_under_a_table_and_a_second_table_without_a_blank_row_between(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("Service", "Need", "Owner"),
        ("Public order", "High", "ACC Hale"),
        ("Missing persons", "Low", "Supt Rudd"),
        ("Scores were agreed by the board on 3 April.",),
        ("Other risks",),
        ("Risk", "Score", "Holder"),
        ("Pay award", 16, "Treasurer"),
    ):
        sheet.append(row)
    for row in (1, 5, 6):
        for cell in sheet[row]:
            cell.font = Font(bold=True)
    extract = saved(tmp_path, book)
    assert [block.columns for block in rows(extract)] == [("Service", "Need", "Owner")] * 2 + [("Risk", "Score", "Holder")]
    assert [(block.kind, block.text) for block in extract.blocks[3:5]] == [
        ("paragraph", "Scores were agreed by the board on 3 April."),
        ("heading", "Other risks"),
    ]


_DRAWING = """<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor><xdr:sp><xdr:txBody>
 <a:p><a:r><a:t>All dates are </a:t></a:r><a:r><a:t>subject to training places.</a:t></a:r></a:p></xdr:txBody></xdr:sp>
 </xdr:twoCellAnchor></xdr:wsDr>"""
_DIAGRAM = """<d:dataModel xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><d:pt><d:t><a:p><a:r><a:t>Assess, then act</a:t></a:r></a:p></d:t></d:pt>
 </d:dataModel>"""
_THREAD = """<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">
 <threadedComment ref="B2" personId="{P1}" id="{1}"><text>Is he still in post?</text></threadedComment>
 <threadedComment ref="B2" personId="{P2}" id="{2}" parentId="{1}"><text>Until June.</text></threadedComment></ThreadedComments>"""
_PEOPLE = """<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">
 <person displayName="Jo Reviewer" id="{P1}"/><person displayName="Sam Drafter" id="{P2}"/></personList>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LATER = "http://schemas.microsoft.com/office/2017/10/relationships"


def test_remarks_old_and_new_are_kept_apart_and_texts_in_boxes_are_read(tmp_path: Path) -> None:
    """Excel repeats a newer remark as an old note, by an author called tc= and an id; it is one remark."""
    book = openpyxl.Workbook()
    book.active.append(["Action", "Owner", "By"])
    book.active.append(["Train forty officers", "Supt Hale", "May 2009"])
    book.active["A2"].comment = Comment("Jo Reviewer:\nForty is new.", "Jo Reviewer")
    book.active["B2"].comment = Comment("[Threaded comment] Is he still in post?", "tc={1}")
    path, whole = tmp_path / "plain.xlsx", tmp_path / "whole.xlsx"
    book.save(path)
    parts = {"xl/drawings/drawing1.xml": _DRAWING, "xl/threadedComments/t1.xml": _THREAD, "xl/persons/person.xml": _PEOPLE}
    linked = f'<Relationship Id="r1" Type="{_OFFICE}/diagramData" Target="../diagrams/data1.xml"/>'
    packaged = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts |= {
        "xl/diagrams/data1.xml": _DIAGRAM,
        "xl/drawings/_rels/drawing1.xml.rels": f'<Relationships xmlns="{packaged}">{linked}</Relationships>',
    }
    links = {
        "xl/worksheets/_rels/sheet1.xml.rels": (
            (_OFFICE, "drawing", "../drawings/drawing1.xml"), (_LATER, "threadedComment", "../threadedComments/t1.xml"),
        ),
        "xl/_rels/workbook.xml.rels": ((_LATER, "person", "persons/person.xml"),),
    }  # fmt: skip
    with zipfile.ZipFile(path) as plain, zipfile.ZipFile(whole, "w") as target:
        for name in plain.namelist():
            data = plain.read(name).decode()
            added = "".join(f'<Relationship Id="x{kind}" Type="{of}/{kind}" Target="{to}"/>' for of, kind, to in links.get(name, ()))
            target.writestr(name, data.replace("</Relationships>", f"{added}</Relationships>"))
        for name, content in parts.items():
            target.writestr(name, content)
    extract = read_xlsx(whole, "whole.xlsx")
    assert extract.problems == ()
    assert [(block.kind, block.text, block.hidden, block.places[0].cell) for block in extract.blocks[1:]] == [
        ("table_row", "Train forty officers | Supt Hale | May 2009", False, "A2"),
        ("paragraph", "All dates are subject to training places.", False, None),
        ("paragraph", "Assess, then act", False, None),
        ("note", "Comment by Jo Reviewer: Forty is new.", True, "A2"),
        ("note", "Comment by Jo Reviewer: Is he still in post?", True, "B2"),
        ("note", "Comment by Sam Drafter: Until June.", True, "B2"),
    ]


def test_what_is_printed_at_head_and_foot_is_kept_apart_from_the_sheet(tmp_path: Path) -> None:
    """Excel has no other place for a marking that stands on every page."""
    book = openpyxl.Workbook()
    book.active.append(["Ridgeshire register"])
    book.active.oddHeader.center.text, book.active.oddHeader.center.font, book.active.oddHeader.center.size = "RESTRICTED", "Arial,Bold", 12
    second = book.create_sheet("Risks")
    second.append(["Flood"])
    second.oddFooter.left.text, second.oddFooter.right.text = "Search && rescue", "Page &P of &N"
    extract = saved(tmp_path, book)
    assert extract.running == ("RESTRICTED", "Search & rescue", "Page of")
    assert [block.text for block in extract.blocks if block.kind != "heading"] == ["Ridgeshire register", "Flood"]
