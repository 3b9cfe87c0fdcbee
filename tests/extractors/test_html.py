"""Web pages: saved by Word, exported by systems that say "Excel", written by hand, broken, hostile."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.document import Extract
from extractors.html import read_html


def read(tmp_path: Path, markup: str | bytes) -> Extract:
    path = tmp_path / "plan.html"
    path.write_bytes(markup if isinstance(markup, bytes) else markup.encode())
    return read_html(path, "plan.html")


def seen(extract: Extract) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in extract.blocks]


def test_what_a_browser_shows_and_no_more(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        "<html><head><title>Action plan</title><style>.gone{display:none} @media print{.screen{display:none}}</style>"
        "<script>document.write('never')</script></head><body><nav>Home | Search</nav><h1>Roads policing</h1>"
        "<div>Loose text<br>goes on<br><br>and a second paragraph</div><p class=screen>Shown</p><p class=gone>Kept from view</p>"
        "<p style='visibility: hidden'>This too</p><p>The unit has <del>six</del><ins>nine</ins> officers.</p>"
        "<noscript>Turn on scripts</noscript><form>Name <input value=x><button>Send</button></form><footer>RESTRICTED</footer>",
    )
    assert [(block.kind, block.text, block.hidden) for block in extract.blocks] == [
        ("heading", "Roads policing", False), ("paragraph", "Loose text goes on", False), ("paragraph", "and a second paragraph", False),
        ("paragraph", "Shown", False), ("paragraph", "Kept from view", True), ("paragraph", "This too", True),
        ("paragraph", "The unit has nine officers.", False), ("paragraph", "Name", False),
    ]  # fmt: skip
    assert (extract.title, extract.running, extract.problems) == ("Action plan", ("RESTRICTED",), ())


def test_lists_keep_their_order_and_depth_of_paragraphs(tmp_path: Path) -> None:
    extract = read(tmp_path, "<p>We will:<ul><li>recruit<ol><li>one<li>two</ol>after<li><p>train</p><p>and retain</p></ul>")
    assert seen(extract) == [
        ("paragraph", "We will:"), ("list_item", "recruit"), ("list_item", "one"), ("list_item", "two"), ("paragraph", "after"),
        ("list_item", "train"), ("paragraph", "and retain"),
    ]  # fmt: skip


def test_tables_with_spans_captions_and_hidden_rows(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        "<table><caption>Actions</caption><tr><th rowspan=2>Area<th colspan=2>Staff<tr><th>2008<th>2010"
        "<tr><td rowspan=2>Roads<td>14<td>18<tr><td>3<td>5<tr style='display:none'><td>Old<td>1<td>1"
        "<tr><td colspan=3>Second stage</table>",
    )
    assert [(b.cells, b.columns, b.hidden) for b in extract.blocks if b.kind == "table_row"] == [
        (("Roads", "14", "18"), ("Area", "Staff: 2008", "Staff: 2010"), False),
        (("Roads", "3", "5"), ("Area", "Staff: 2008", "Staff: 2010"), False),
        (("Old", "1", "1"), ("Area", "Staff: 2008", "Staff: 2010"), True),
    ]
    assert seen(extract)[0] == ("paragraph", "Actions")
    assert seen(extract)[-1] == ("heading", "Second stage")


def test_headers_of_rows_are_no_headers_of_columns(tmp_path: Path) -> None:
    extract = read(tmp_path, "<table><tr><th>Year<th>Force<th>Cost<tr><th rowspan=2>2008<th rowspan=2>Ridgeshire<tr><td>£9</table>")
    assert {block.columns for block in extract.blocks} == {("Year", "Force", "Cost")}


def test_tables_that_only_lay_out_are_prose(tmp_path: Path) -> None:
    extract = read(tmp_path, "<table><tr><td><p>Left.</p><td><table><tr><td>A frame.</table></table>")
    assert seen(extract) == [("paragraph", "Left."), ("paragraph", "A frame.")]


def test_what_word_saves(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        "<p class=MsoTitle>The plan</p><p class=MsoToc1>Roads ..... 4</p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>"
        "<span style='mso-list:Ignore'>·&nbsp;&nbsp;</span>recruit<span style='mso-hide:all'> hidden</span></p>"
        "<p>Demand rose.<a href='#_ftn1' name='_ftnref1'>[1]</a></p><div id=ftn1><p><a href='#_ftnref1'>[1]</a> Log of 2007.</p></div>"
        "<div id=ftn2><p>A note that nothing names.</p></div>",
    )
    assert seen(extract) == [
        ("heading", "The plan"), ("list_item", "recruit"), ("paragraph", "hidden"), ("paragraph", "Demand rose."),
        ("note", "Log of 2007."), ("note", "A note that nothing names."),
    ]  # fmt: skip
    assert extract.title == "The plan"


@pytest.mark.parametrize(
    "page",
    [
        "<meta charset=windows-1252><p>£9 – cost".encode("cp1252"),
        "<meta charset=iso-8859-1><p>£9 – cost".encode("cp1252"),
        "<meta charset=utf-8><p>£9 – cost".encode("cp1252"),  # it lies
        "<meta charset=no-such-thing><p>£9 – cost".encode(),
        "<?xml version='1.0' encoding='utf-8'?><html><p>£9 – cost</p></html>".encode(),
        "<p>£9 – cost".encode("utf-16"),
        "<p>£9 – cost".encode("utf-8-sig"),
        b"<p>&pound;9 &ndash; cost &#x0; &nosuch",
    ],
)
def test_encodings(tmp_path: Path, page: bytes) -> None:
    assert seen(read(tmp_path, page))[0][1].startswith("£9 – cost")


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    page = f'<!DOCTYPE html [<!ENTITY e0 "boom"><!ENTITY f SYSTEM "file:///etc/passwd">{bomb}]><p>Start &e11; &f; end</p>'
    text = " ".join(text for _, text in seen(read(tmp_path, page)))
    assert text.startswith("Start")
    assert "boom" not in text
    assert "root:" not in text


def test_endless_nesting_is_said(tmp_path: Path) -> None:
    extract = read(tmp_path, "<p>Start</p>" + "<div>" * 5_000 + "deep" + "</div>" * 5_000)
    assert ("paragraph", "Start") in seen(extract)
    assert "deep" in str(seen(extract)) or "nests its parts too deeply" in extract.problems[0].message


@pytest.mark.parametrize("page", [b"", b"\x00\x01\x02\x03binary\x00", b"<html></html>", b"<script>only()</script>"])
def test_bad_pages_are_explained(tmp_path: Path, page: bytes) -> None:
    extract = read(tmp_path, page)
    assert extract.blocks == ()
    assert extract.problems[0].remedy


def test_spans_that_lie_cost_nothing(tmp_path: Path) -> None:
    extract = read(tmp_path, "<table><tr><th colspan=99999 rowspan=99999>A<th rowspan=0>B<tr><td colspan=-1>1<td colspan=x>2</table>")
    assert any("1" in block.text for block in extract.blocks)
