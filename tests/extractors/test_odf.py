"""OpenDocument texts and sheets: tracked changes, hidden things, repetition without end, traps."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from extractors.document import Extract
from extractors.ods import MOST_REPEATED, read_ods
from extractors.odt import read_odt

NAMES = {name: name for name in ("office", "style", "text", "table")} | {
    "draw": "drawing", "number": "datastyle", "fo": "xsl-fo-compatible",
}  # fmt: skip
SPACES = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in NAMES.items())


def content(kind: str, body: str, styles: str = "") -> str:
    styles = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    body = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    return f"<office:document-content {SPACES}>{styles}{body}</office:document-content>"


def saved(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def text(tmp_path: Path, body: str, styles: str = "", **parts: str) -> Extract:
    path = saved(tmp_path / "plan.odt", {"content.xml": content("text", body, styles)} | {f"{k}.xml": v for k, v in parts.items()})
    return read_odt(path, "plan.odt")


def sheet(tmp_path: Path, body: str, styles: str = "") -> Extract:
    return read_ods(saved(tmp_path / "plan.ods", {"content.xml": content("spreadsheet", body, styles)}), "plan.ods")


def test_the_accepted_text_is_read(tmp_path: Path) -> None:
    extract = text(
        tmp_path,
        "<text:tracked-changes><text:changed-region text:id='c1'><text:deletion><text:p>six</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes><text:p>The unit has <text:change text:change-id='c1'/><text:change-start text:change-id='c2'/>nine"
        "<text:change-end text:change-id='c2'/><office:annotation><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Jo</dc:creator>"
        "<text:p>why nine?</text:p></office:annotation> officers.</text:p>",
    )
    assert [(block.text, block.hidden) for block in extract.blocks] == [
        ("The unit has nine officers.", False), ("Comment by Jo: why nine?", True),
    ]  # fmt: skip


def test_hidden_text_pages_and_space(tmp_path: Path) -> None:
    extract = text(
        tmp_path,
        "<text:p>Seen<text:s text:c='3'/>by\nall<text:span text:style-name='H'> not this</text:span></text:p>"
        "<text:p text:style-name='N'>Next page <text:soft-page-break/>and the third</text:p>"
        "<text:section text:display='none'><text:p>Shut section</text:p></text:section>",
        "<style:style style:name='H' style:family='text'><style:text-properties text:display='none'/></style:style>"
        "<style:style style:name='N' style:family='paragraph'><style:paragraph-properties fo:break-before='page'/></style:style>",
    )
    assert [(block.text, block.hidden) for block in extract.blocks] == [
        ("Seen by all", False), ("not this", True), ("Next page and the third", False), ("Shut section", True),
    ]  # fmt: skip
    assert [place.page for place in extract.blocks[2].places] == [2, 3]
    assert extract.pages == 3


def test_lists_frames_contents_and_running_heads(tmp_path: Path) -> None:
    page = "<text:p>Page <text:page-number>3</text:page-number></text:p>"
    heads = (
        f"<office:document-styles {SPACES}><office:master-styles><style:master-page>"
        f"<style:header><text:p>RESTRICTED</text:p></style:header><style:footer>{page}</style:footer>"
        "</style:master-page></office:master-styles></office:document-styles>"
    )
    extract = text(
        tmp_path,
        "<text:table-of-content><text:index-body><text:p>Roads 4</text:p></text:index-body></text:table-of-content>"
        "<text:list text:style-name='L'><text:list-item><text:p>recruit</text:p><text:list><text:list-item><text:p>inner</text:p>"
        "</text:list-item></text:list><text:p>after</text:p></text:list-item></text:list>"
        "<text:p>Before the box.<draw:frame><draw:text-box><text:p>In the box.</text:p></draw:text-box></draw:frame></text:p>",
        styles=heads,
    )
    assert [(block.kind, block.text) for block in extract.blocks] == [
        ("list_item", "recruit"), ("list_item", "inner"), ("paragraph", "after"),
        ("paragraph", "Before the box."), ("paragraph", "In the box."),
    ]  # fmt: skip
    assert extract.running == ("RESTRICTED",)


def table(rows: str) -> str:
    return f"<table:table table:name='S'>{rows}</table:table>"


def cell(words: str, more: str = "") -> str:
    return f"<table:table-cell office:value-type='string' {more}><text:p>{words}</text:p></table:table-cell>"


def test_repetition_does_not_explode(tmp_path: Path) -> None:
    many = "table:number-rows-repeated='1048576'"
    again = cell("again", "table:number-columns-repeated='16384'")
    extract = sheet(
        tmp_path,
        table(
            f"<table:table-row>{cell('Area')}{cell('Owner')}</table:table-row>"
            f"<table:table-row table:number-rows-repeated='3'>{cell('Roads')}{cell('CI Holm')}</table:table-row>"
            f"<table:table-row {many}><table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
            f"<table:table-row {many}>{again}</table:table-row>"
        ),
    )
    assert [block.text for block in extract.blocks[1:4]] == ["Roads | CI Holm"] * 3
    assert len(extract.blocks) <= 4 + MOST_REPEATED
    assert len(text(tmp_path, f"<text:p>ok</text:p>{table(f'<table:table-row {many}>{again}</table:table-row>')}").blocks) < 1_000


def test_dates_errors_comments_and_hidden_columns(tmp_path: Path) -> None:
    date = "<table:table-cell table:style-name='D' office:value-type='date' office:date-value='2009-03-31'><text:p>31/03/09</text:p>"
    error = "</table:table-cell><table:table-cell office:value-type='float'><text:p>#REF!</text:p></table:table-cell>"
    comment = "<office:annotation><text:p>ask Jo</text:p></office:annotation>"
    noted = cell("CI Holm").replace("<text:p>", f"{comment}<text:p>")
    columns = "<table:table-column table:number-columns-repeated='3'/><table:table-column table:visibility='collapse'/>"
    extract = sheet(
        tmp_path,
        table(
            f"{columns}<table:table-row>{cell('When')}{cell('Cost')}{cell('Owner')}{cell('Secret')}</table:table-row>"
            f"<table:table-row>{date}{error}{noted}{cell('kept')}</table:table-row>"
            "<table:shapes><draw:custom-shape><text:p>Subject to the settlement.</text:p></draw:custom-shape></table:shapes>"
        ),
        "<number:date-style style:name='N1'><number:day/><number:month/><number:year/></number:date-style>"
        "<style:style style:name='D' style:family='table-cell' style:data-style-name='N1'/>",
    )
    assert [(block.text, block.columns, block.hidden) for block in extract.blocks[1:]] == [
        ("31 March 2009 | CI Holm", ("When", "Cost", "Owner"), False),
        ("kept", ("Secret",), True),
        ("Subject to the settlement.", (), False),
        ("Comment by someone: ask Jo", (), True),
    ]
    assert extract.blocks[-1].places[0].cell == "C2"
    assert [problem.outcome for problem in extract.problems] == ["flagged"]


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"content.xml": LAUGHS + content("text", "<text:p>&b;&c;</text:p>")}, "declares XML entities"),
        ({"content.xml": content("text", "<text:p>cut")[:-40]}, "not valid XML"),
        ({"content.xml": content("spreadsheet", "")}, "not an OpenDocument text"),
        ({"other.xml": "<x/>"}, "not an OpenDocument text"),
        ({"content.xml": "garbled", "META-INF/manifest.xml": "<m:encryption-data/>"}, "password"),
        ({"content.xml": content("text", " ")}, "holds no text"),
        ({"content.xml": content("text", "<text:section>" * 3_000 + "</text:section>" * 3_000)}, ""),
    ],
)
def test_bad_files_are_explained(tmp_path: Path, parts: dict[str, str], says: str) -> None:
    extract = read_odt(saved(tmp_path / "bad.odt", parts), "bad.odt")
    assert (extract.blocks, extract.pages_read, len(extract.problems)) == ((), 0, 1)
    assert says in extract.problems[0].message
    assert extract.problems[0].remedy


def test_half_a_file_and_none(tmp_path: Path) -> None:
    path = saved(tmp_path / "bad.ods", {"content.xml": content("spreadsheet", cell("x") * 500)})
    path.write_bytes(path.read_bytes()[:200])
    assert "damaged" in read_ods(path, "bad.ods").problems[0].message
    path.write_bytes(b"")
    assert "empty" in read_ods(path, "bad.ods").problems[0].message


def test_styles_that_inherit_from_themselves(tmp_path: Path) -> None:
    loop = "".join(
        f"<style:style style:name='{a}' style:family='paragraph' style:parent-style-name='{b}'/>" for a, b in (("A", "B"), ("B", "A"))
    )
    assert text(tmp_path, "<text:p text:style-name='A'>Read.</text:p>", loop).blocks[0].text == "Read."


def test_numbers_that_the_program_gives_stand_before_headings(tmp_path: Path) -> None:
    """Headings count by the outline or as items of a list, which may go on after other text or begin at any number."""
    level = '<text:{} text:level="{}" style:num-format="1" style:num-suffix="." {}/>'
    outline = level.format("outline-level-style", 1, "") + level.format("outline-level-style", 2, 'text:display-levels="2"')
    own = f"<text:list-style style:name='L'>{level.format('list-level-style-number', 1, '')}</text:list-style>"
    item = "<text:list text:style-name='L' {}><text:list-item {}><text:h text:outline-level='3'>{}</text:h></text:list-item></text:list>"
    body = "".join(f"<text:h text:outline-level='{depth}'>{words}</text:h>" for depth, words in ((1, "Aims"), (2, "Roads"), (2, "Rivers")))
    body += item.format("xml:id='a'", "", "First") + "<text:p>Between.</text:p>" + item.format("text:continue-list='a'", "", "Second")
    body += item.format("", "text:start-value='7'", "Anew")
    read = text(tmp_path, body, f"<text:outline-style style:name='Outline'>{outline}</text:outline-style>{own}")
    headings = [b.text for b in read.blocks if b.kind == "heading"]
    assert headings == ["1. Aims", "1.1. Roads", "1.2. Rivers", "1. First", "2. Second", "7. Anew"]


def test_boxes_that_hang_on_a_cell_are_read(tmp_path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>Paid for by the county council.</text:p></draw:text-box></draw:frame>"
    rows = f"<table:table-row>{cell('Action')}<table:table-cell>{box}</table:table-cell></table:table-row>"
    extract = sheet(tmp_path, f"<table:table table:name='Actions'>{rows}</table:table>")
    assert ("paragraph", "Paid for by the county council.") in [(block.kind, block.text) for block in extract.blocks]


_CHART = """<chart:chart xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0">
 <chart:title><text:p>Threat by area</text:p></chart:title>
 <chart:plot-area><chart:axis chart:dimension="x"><chart:title><text:p>Area</text:p></chart:title></chart:axis></chart:plot-area>
 <table:table><table:table-header-rows><table:table-row><table:table-cell><text:p/></table:table-cell><table:table-cell><text:p>2008</text:p>
 </table:table-cell></table:table-row></table:table-header-rows><table:table-row><table:table-cell><text:p>Roads policing</text:p>
 </table:table-cell><table:table-cell><text:p>High</text:p></table:table-cell></table:table-row></table:table></chart:chart>"""


def test_charts_are_read_and_large_pictures_and_other_embedded_files_named(tmp_path: Path) -> None:
    size = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" svg:width="16cm" svg:height="9cm"'
    link = 'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href'
    frames = (
        f'<draw:object {link}="./Object 1"/>', f'<draw:image {link}="a.png"/><svg:desc>Scan of the plan</svg:desc>',
        f'<draw:object {link}="./Object 2"/>',
    )  # fmt: skip
    body = "".join(f"<text:p>After this:<draw:frame {size}>{frame}</draw:frame></text:p>" for frame in frames)
    parts = {"content.xml": content("text", body), "Object 1/content.xml": content("chart", _CHART)}
    parts["Object 2/content.xml"] = content("text", "<text:p>Inside</text:p>")
    extract = read_odt(saved(tmp_path / "plan.odt", parts), "plan.odt")
    assert [(block.kind, block.text, block.columns) for block in extract.blocks] == [
        ("paragraph", "After this:", ()),
        ("paragraph", "Threat by area", ()),
        ("table_row", "Roads policing | High", ("Area", "2008")),
        ("paragraph", "After this:", ()),
        ("note", "Description of a picture: Scan of the plan", ()),
        ("paragraph", "After this:", ()),
    ]
    assert [(problem.page, problem.outcome) for problem in extract.problems] == [(1, "flagged"), (1, "flagged")]
    assert ["picture" in problem.message for problem in extract.problems] == [True, True]
    assert "file is embedded here" in extract.problems[1].message


def test_a_real_sheet_gives_its_charts_and_its_heads_in_print() -> None:
    extract = read_ods(Path(__file__).parent / "files" / "heads.ods", "heads.ods")
    rows = [(block.places[0].sheet, block.columns[0], block.text) for block in extract.blocks if block.table == 2]
    assert rows == [("Sheet", "Area of policing", "Roads policing | 0.4 | 0.5"), ("Sheet", "Area of policing", "Homicide | 0.7 | 0.2")]
    assert "Trend" in [block.text for block in extract.blocks]
    assert (extract.running, extract.problems) == (("RESTRICTED", "Search & rescue"), ())
