"""Rich text as Word, WordPad and case-management systems write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.document import Extract
from extractors.rtf import read_rtf

HEAD = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fnil\fcharset2 Symbol;}{\f2\fcharset204 Arial;}}" + (
    r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0\b heading 1;}{\s2\sbasedon1 Force heading;}{\s3 Title;}{\s4 toc 1;}}"
)


def read(tmp_path: Path, body: str, head: str = HEAD) -> Extract:
    path = tmp_path / "plan.rtf"
    path.write_bytes((head + body + "}").encode("latin-1"))
    return read_rtf(path, "plan.rtf")


def seen(extract: Extract) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in extract.blocks]


def test_headings_by_style_outline_and_look(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        r"\pard\plain\s3 The plan\par\pard\plain\s1 Roads\par\pard\plain Text of the first part.\par\pard\plain\s2 Derived\par"
        r"\pard\plain\outlinelevel2 By outline\par\pard\plain{\b Only bold}\par\pard Text.\par\pard\s4 Roads\tab 4\par",
    )
    assert [(block.level, block.text) for block in extract.blocks if block.kind == "heading"] == [
        (1, "The plan"), (1, "Roads"), (1, "Derived"), (3, "By outline"), (4, "Only bold"),
    ]  # fmt: skip
    assert extract.title == "The plan"
    assert "Roads 4" not in [block.text for block in extract.blocks]


def test_letters(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        r"\pard Cost \'a3\'39 \'96 the force\rquote s \u8364\'80 {\uc2\u20320\'c4\'e3}done \u-10179 ?\u-8704 ?\~ok\par"
        r"\pard {\f2\'c4\'e0} \{brace\} back\\slash multi\_part soft\-hyphen\par\pard{\f1\'b7} \tab item\par",
    )
    assert seen(extract) == [
        ("paragraph", "Cost £9 – the force’s € 你done \U0001f600 ok"),
        ("paragraph", "Да {brace} back\\slash multi-part softhyphen"),
        ("list_item", "item"),
    ]


def test_what_is_not_the_documents_text(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        r"{\info{\title Plan of May}{\author A Clerk}}{\header\pard RESTRICTED\par}"
        r"{\footer\pard Page {\field{\*\fldinst PAGE}{\fldrslt 3}}\par}"
        r"\pard Seen{\deleted  struck out}{\v  kept from view}{\*\annotation a comment}{\*\unknown nothing}"
        r"{\object{\*\objclass X}{\*\objdata 0102}{\result  shown}}{\field{\*\fldinst HYPERLINK x}{\fldrslt  link}}.\par"
        r"{\field{\*\fldinst TOC}{\fldrslt Roads 4\par Order 5\par}}",
    )
    assert [(block.text, block.hidden) for block in extract.blocks] == [("Seen shown link.", False), ("kept from view", True)]
    assert extract.title == "Plan of May"
    assert extract.running == ("RESTRICTED",)


def test_lists_and_notes(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        r"\pard We will:\par{\listtext\f1\'b7\tab}\pard\ls1 recruit\par{\pntext 2.\tab}\pard\ls2 train\par"
        r"\pard Demand rose.{\super\chftn}{\footnote\pard\chftn  Log of 2007.\par Second line.} It fell.\par",
    )
    assert seen(extract) == [
        ("paragraph", "We will:"), ("list_item", "recruit"), ("list_item", "train"),
        ("paragraph", "Demand rose. It fell."), ("note", "Log of 2007. Second line."),
    ]  # fmt: skip


def test_a_code_page_that_nobody_knows(tmp_path: Path) -> None:
    assert seen(read(tmp_path, "", r"{\rtf1\ansi\ansicpg0 Cost \'a39")) == [("paragraph", "Cost £9")]


TABLE = (
    r"\trowd\trhdr\cellx2000\cellx4000\cellx6000\pard\intbl{\b Action}\cell{\b Owner}\cell{\b When}\cell\row"
    r"\trowd\clvmgf\cellx2010\cellx4000\cellx6000\pard\intbl Train\cell CI Holm\cell May 2009\cell\row"
    r"\trowd\clvmrg\cellx2000\cellx4000\cellx6000\pard\intbl\cell DI Vane\cell June 2009\cell\row"
    r"\trowd\clmgf\cellx2000\clmrg\cellx4000\clmrg\cellx6000\pard\intbl Second stage\cell\cell\cell\row"
    r"\trowd\cellx2000\cellx4000\cellx6000\pard\intbl Test\par and report\cell DI Rook\cell\cell\row\pard After.\par"
)


def test_tables(tmp_path: Path) -> None:
    extract = read(tmp_path, TABLE)
    rows = [block for block in extract.blocks if block.kind == "table_row"]
    assert [row.cells for row in rows] == [
        ("Train", "CI Holm", "May 2009"),
        ("Train", "DI Vane", "June 2009"),
        ("Test and report", "DI Rook", ""),
    ]
    assert {row.columns for row in rows} == {("Action", "Owner", "When")}
    assert [block.text for block in extract.blocks if block.kind == "heading"] == ["Second stage"]
    assert seen(extract)[-1] == ("paragraph", "After.")


def test_inner_table_follows_its_row(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        r"\trowd\cellx3000\cellx6000\pard\intbl{\b Action}\cell{\b Detail}\cell\row"
        r"\trowd\cellx3000\cellx6000\pard\intbl Train\cell\pard\intbl\itap2{\b Course}\nestcell{\b Places}\nestcell"
        r"{\*\nesttableprops\trowd\cellx1000\cellx2000\nestrow}{\nonesttables\par}"
        r"\pard\intbl\itap2 Initial\nestcell 12\nestcell{\*\nesttableprops\trowd\cellx1000\cellx2000\nestrow}{\nonesttables\par}"
        r"\pard\intbl see above\cell\row\pard End.\par",
    )
    assert [(block.text, block.columns) for block in extract.blocks if block.kind == "table_row"] == [
        ("Train | see above", ("Action", "Detail")),
        ("Initial | 12", ("Course", "Places")),
    ]


def test_pages(tmp_path: Path) -> None:
    extract = read(tmp_path, r"\pard One.\par\page Two\page three.\par\sect\sectd\sbknone\pard Still three.\par\sect\sectd\pard Four.\par")
    assert [[place.page for place in block.places] for block in extract.blocks] == [[1], [2, 3], [3], [4]]
    assert (extract.pages, extract.pages_read) == (4, 4)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"Dear Sir", "not rich text"),
        (b"{\\rtf1\\ansi " + b"{" * 50_000 + b"deep", "breaks off"),
        ((HEAD + r"\pard The plan begins\par and then").encode(), "breaks off"),
    ],
)
def test_bad_files_are_explained(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "bad.rtf"
    path.write_bytes(body)
    (problem,) = read_rtf(path, "bad.rtf").problems
    assert said in problem.message
    assert problem.remedy


def test_what_stands_before_a_break_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "half.rtf"
    path.write_bytes((HEAD + TABLE).encode()[:-60])
    assert "Train | CI Holm | May 2009" in [block.text for block in read_rtf(path, "half.rtf").blocks]


def test_binary_and_endless_words_do_no_harm(tmp_path: Path) -> None:
    picture = r"{\pict\bin5 }}}}}}"
    extract = read(tmp_path, rf"\pard Before{picture}\u99999999999 x \cellx99999999999\itap99999\'zz after\par")
    assert seen(extract)[0][1].startswith("Before")
    assert "after" in seen(extract)[-1][1]
