"""Lists saved as text, old workbooks and presentations: as real programs write them, and broken."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from extractors.csv import read_csv, separator_of
from extractors.document import Extract
from extractors.pptx import read_pptx
from extractors.xls import read_xls

FILES = Path(__file__).parent / "files"


def csv(tmp_path: Path, content: bytes) -> Extract:
    path = tmp_path / "Action list.csv"
    path.write_bytes(content)
    return read_csv(path, "Action list.csv")


def rows(extract: Extract) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(block.cells, block.columns) for block in extract.blocks if block.kind == "table_row"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("coding", ["utf-8-sig", "cp1252", "utf-16"])
def test_separators_and_encodings(tmp_path: Path, separator: str, coding: str) -> None:
    lines = [["Action", "Owner", "Cost"], ["Train – twelve drivers", "CI Holm", "£48000"], ["Sign the protocol", "Supt Okafor", ""]]
    extract = csv(tmp_path, "\r\n".join(separator.join(line) for line in lines).encode(coding))
    columns = ("Action", "Owner", "Cost")
    assert rows(extract) == [((*lines[1],), columns), ((*lines[2],), columns)]
    assert extract.blocks[0].text == "Action list"


def test_quotes_line_ends_and_a_stated_separator(tmp_path: Path) -> None:
    extract = csv(tmp_path, b'sep=;\r\n"Action";"Owner";"When"\r\n"Train;\r\nthen ""test""";"CI Holm";31/03/2009\r\n')
    assert rows(extract) == [(("Train; then \"test\"", "CI Holm", "31/03/2009"), ("Action", "Owner", "When"))]  # fmt: skip
    assert extract.blocks[1].places[0].cell == "A2"
    assert separator_of("a,b;c,d\ne,f;g,h\ni,j;k,l") == ","


def test_a_quotation_mark_never_closed_swallows_nothing(tmp_path: Path) -> None:
    lines = ["Action,Owner"] + [f'Action {n} of the "plan,Owner {n}' for n in range(3)] + ['"never closed,X'] + ["Act,Own"] * 17_000
    text = " ".join(cell for cells, _ in rows(csv(tmp_path, "\n".join(lines).encode())) for cell in cells)
    assert text.count("Own") >= 17_000


def test_bad_lists_are_explained(tmp_path: Path) -> None:
    assert "empty" in csv(tmp_path, b"").problems[0].message
    assert "not a list" in csv(tmp_path, bytes(range(256)) * 40).problems[0].message
    assert "no text" in csv(tmp_path, b",,,\n,,,\n").problems[0].message


def test_old_workbooks_that_are_broken_are_explained(tmp_path: Path) -> None:
    whole = (FILES / "actions.xls").read_bytes()
    path = tmp_path / "bad.xls"
    for content, says in (
        (b"", "empty"),
        (whole[:3_000], "damaged"),
        (whole[:512] + b"\xff" * 9_000, "damaged"),
        (b"junk" * 300, "damaged"),
    ):
        path.write_bytes(content)
        extract = read_xls(path, "bad.xls")
        assert (extract.pages_read, len(extract.problems)) == (0, 1), says
        assert says in extract.problems[0].message
        assert extract.problems[0].remedy


def test_old_workbooks_survive_damage_anywhere(tmp_path: Path) -> None:
    whole = (FILES / "actions.xls").read_bytes()
    path = tmp_path / "bad.xls"
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + b"\xfe" * 3 + whole[place + 3 :])
        extract = read_xls(path, "bad.xls")
        assert extract.blocks or extract.problems


def test_slides_are_pages_and_notes_are_notes() -> None:
    extract = read_pptx(FILES / "briefing.pptx", "briefing.pptx")
    assert [(block.kind, block.text, block.places[0].page, block.hidden) for block in extract.blocks if not block.table] == [
        ("heading", "Wolderness Police: protective services briefing", 1, False),
        ("note", "Welcome the panel; papers are RESTRICTED.", 1, False),
        ("heading", "Roads policing: where we stand", 2, False),
        ("list_item", "Nine plate readers, staff for four", 2, False),
        ("list_item", "Gaps that matter most", 2, False),
        ("list_item", "pursuit drivers on nights", 2, False),
        ("list_item", "shared tasking with Ridgeshire", 2, False),
        ("list_item", "Need assessed as high", 2, False),
        ("note", "The Authority asked in May why the readers stand idle; say that two posts start in January.", 2, False),
        ("heading", "Actions and owners", 3, False),
        ("heading", "Spare: old figures", 4, True),
        ("list_item", "Figures of 2005, kept for questions", 4, True),
    ]
    columns = ("Action", "Owner", "By when")
    assert rows(extract) == [
        (("Train twelve pursuit drivers", "Chief Inspector Holm", "31 March 2009"), columns),
        (("Sign the protocol with Ridgeshire Police", "Superintendent Okafor", "30 June 2009"), columns),
    ]
    assert (extract.title, extract.pages, extract.pages_read) == ("Wolderness Police: protective services briefing", 4, 4)


def test_a_broken_slide_costs_that_slide(tmp_path: Path) -> None:
    path = tmp_path / "briefing.pptx"
    with zipfile.ZipFile(FILES / "briefing.pptx") as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "ppt/slides/slide2.xml":
                content = content[: len(content) // 2]
            if name == "ppt/slides/slide3.xml":
                content = content.replace(b"<p:sld ", b'<!DOCTYPE p [<!ENTITY a "b">]><p:sld ', 1)
            target.writestr(name, content)
    extract = read_pptx(path, "briefing.pptx")
    assert [(problem.page, problem.file) for problem in extract.problems] == [(2, "briefing.pptx"), (3, "briefing.pptx")]
    assert (extract.pages, extract.pages_read) == (4, 2)
    assert {block.places[0].page for block in extract.blocks} == {1, 4}


def test_a_slide_of_pictures_is_named(tmp_path: Path) -> None:
    path = tmp_path / "briefing.pptx"
    with zipfile.ZipFile(FILES / "briefing.pptx") as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "ppt/slides/slide3.xml":
                start, end = content.index(b"<p:sp>"), content.rindex(b"</p:spTree>")
                content = content[:start] + b"<p:pic/>" + content[end:]
            target.writestr(name, content)
    extract = read_pptx(path, "briefing.pptx")
    assert [(problem.page, "only pictures" in problem.message) for problem in extract.problems] == [(3, True)]
    assert (extract.pages, extract.pages_read) == (4, 3)


def test_bad_presentations_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "bad.pptx"
    whole = (FILES / "briefing.pptx").read_bytes()
    for content, says in ((b"", "empty"), (whole[:20_000], "damaged"), ((FILES / "plan.docx").read_bytes(), "not a PowerPoint")):
        path.write_bytes(content)
        extract = read_pptx(path, "bad.pptx")
        assert extract.blocks == ()
        assert says in extract.problems[0].message


def test_texts_in_boxes_and_shapes_of_an_old_workbook_are_read() -> None:
    blocks = read_xls(FILES / "boxes.xls", "boxes.xls").blocks
    assert [block.text for block in blocks if block.kind == "paragraph" and not block.hidden] == [
        "Both advisers are paid for by the county council – £40,000.",
        "The board looks at this in June.",
        "Read with the workforce plan.",
    ]
    assert [block.text for block in blocks if block.hidden] == ["Comment by Ann: Is this funded?"]


def test_heads_in_print_of_an_old_workbook_are_read_and_its_charts_are_named() -> None:
    extract = read_xls(FILES / "heads.xls", "heads.xls")
    assert extract.running == ("RESTRICTED", "Search & rescue", "Page of")
    assert [(problem.message, problem.outcome) for problem in extract.problems] == [
        ('Sheet "Sheet": A chart was not read.', "flagged"),
        ('Sheet "Trend": A chart was not read.', "flagged"),
    ]
