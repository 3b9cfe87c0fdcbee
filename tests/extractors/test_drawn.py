"""What office files draw instead of writing it: charts are read, large pictures and embedded files are named."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.shared import Cm
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image

from extractors.document import Block
from extractors.docx import read_docx
from extractors.pptx import read_pptx
from extractors.xlsx import read_xlsx

FILES = Path(__file__).parent / "files"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def points(kind: str, *values: str, code: str = "") -> str:
    kept = "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values) if value)
    shown = f"<c:formatCode>{code}</c:formatCode>" if code else ""
    return f"<c:{kind}Ref><c:f>Sheet1!$A$1</c:f><c:{kind}Cache>{shown}{kept}</c:{kind}Cache></c:{kind}Ref>"


def title(text: str) -> str:
    return f"<c:title><c:tx><c:rich><a:p><a:r><a:t>{text}</a:t></a:r></a:p></c:rich></c:tx></c:title>"


AREAS = f"<c:cat>{points('str', 'Roads policing', 'Murder')}</c:cat>"
SERIES = "".join(
    f"<c:ser><c:tx>{points('str', year)}</c:tx>{AREAS}<c:val>{points('num', *values, code='0%')}</c:val></c:ser>"
    for year, values in (("2007", ("0.4", "0.75")), ("2008", ("0.5", "")))
)
CHART = f"""<c:chartSpace xmlns:c="{C}" xmlns:a="{A}"><c:chart>{title("Threat by area")}<c:plotArea><c:barChart>{SERIES}</c:barChart>
 <c:catAx>{title("Area")}</c:catAx><c:valAx>{title("Share of crimes")}</c:valAx></c:plotArea></c:chart></c:chartSpace>"""
SHOWN = [
    ("paragraph", "Threat by area", ()),
    ("paragraph", "Share of crimes", ()),
    ("table_row", "Roads policing | 40% | 50%", ("Area", "2007", "2008")),
    ("table_row", "Murder | 75%", ("Area", "2007", "2008")),
]
FRAME = f'<c:chart xmlns:c="{C}" xmlns:r="{OFFICE}" r:id="rIdC"/>'


def linked(part: str) -> str:
    return f'<Relationship Id="rIdC" Type="{OFFICE}/{part.partition(" ")[0]}" Target="{part.partition(" ")[2]}"/></Relationships>'


def rewritten(path: Path, replaced: Mapping[str, tuple[str, str]], added: Mapping[str, str]) -> None:
    """Makes a zip anew: in each part named one text in place of another, and further parts."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for name, (old, new) in replaced.items():
        assert old in parts[name].decode()
        parts[name] = parts[name].decode().replace(old, new, 1).encode()
    with zipfile.ZipFile(path, "w") as target:
        for name, content in {**parts, **{name: text.encode() for name, text in added.items()}}.items():
            target.writestr(name, content)


def said(blocks: tuple[Block, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(block.kind, block.text, block.columns) for block in blocks]


def word_chart(path: Path, chart: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("How threat grew:")
    paragraph._p.append(parse_xml(f'<w:r xmlns:w="{docx.oxml.ns.nsmap["w"]}"><w:drawing>{FRAME}</w:drawing></w:r>'))
    document.add_paragraph("After the chart.")
    document.save(str(path))
    rels = {"word/_rels/document.xml.rels": ("</Relationships>", linked("chart charts/chart1.xml"))}
    rewritten(path, rels, {"word/charts/chart1.xml": chart})


def test_a_chart_in_word_is_read_after_its_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    word_chart(path, CHART)
    extract = read_docx(path, "plan.docx")
    assert said(extract.blocks) == [("paragraph", "How threat grew:", ()), *SHOWN, ("paragraph", "After the chart.", ())]
    assert extract.problems == ()
    assert {block.places[0].page for block in extract.blocks} == {1}


@pytest.mark.parametrize(
    ("chart", "says"),
    [
        (CHART[:-30], "A chart was not read. This file is damaged"),
        (CHART.replace("<c:numCache>", "<c:none>").replace("</c:numCache>", "</c:none>"), "values are not kept"),
    ],
)
def test_a_chart_that_cannot_be_read_is_named_with_its_page(tmp_path: Path, chart: str, says: str) -> None:
    path = tmp_path / "plan.docx"
    word_chart(path, chart)
    extract = read_docx(path, "plan.docx")
    assert [(problem.page, problem.outcome, says in problem.message) for problem in extract.problems] == [(1, "flagged", True)]
    assert (extract.pages, extract.pages_read, extract.blocks[-1].text) == (1, 1, "After the chart.")


def test_a_chart_on_a_slide_is_read_and_the_slide_counts_as_read(tmp_path: Path) -> None:
    path = tmp_path / "briefing.pptx"
    path.write_bytes((FILES / "briefing.pptx").read_bytes())
    with zipfile.ZipFile(path) as source:
        slide = source.read("ppt/slides/slide3.xml").decode()
    shapes = slide[slide.index("<p:sp>") : slide.rindex("</p:spTree>")]
    frame = f"<p:graphicFrame><a:graphic><a:graphicData>{FRAME}</a:graphicData></a:graphic></p:graphicFrame>"
    rels = {"ppt/slides/_rels/slide3.xml.rels": ("</Relationships>", linked("chart ../charts/chart1.xml"))}
    rewritten(path, {"ppt/slides/slide3.xml": (shapes, frame), **rels}, {"ppt/charts/chart1.xml": CHART})
    extract = read_pptx(path, "briefing.pptx")
    assert said(tuple(block for block in extract.blocks if block.places[0].page == 3)) == SHOWN
    assert (extract.pages_read, extract.problems) == (4, ())


@pytest.mark.parametrize("kind", ["drawing", "chartsheet"])
def test_charts_in_workbooks_are_read_on_sheets_and_on_sheets_of_their_own(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Sources"])
    book.save(path)
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    rels = f'<Relationships xmlns="{package}">'
    added = {
        "xl/charts/chart1.xml": CHART,
        "xl/drawings/drawing1.xml": '<d:wsDr xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>',
        "xl/drawings/_rels/drawing1.xml.rels": rels + linked("chart ../charts/chart1.xml"),
        "xl/worksheets/_rels/sheet1.xml.rels": rels + linked("drawing ../drawings/drawing1.xml"),
    }
    of = {"xl/_rels/workbook.xml.rels": ("relationships/worksheet", "relationships/chartsheet")} if kind == "chartsheet" else {}
    rewritten(path, of, added)
    extract = read_xlsx(path, "book.xlsx")
    assert said(extract.blocks) == [("heading", "Sheet", ()), ("paragraph", "Sources", ()), *SHOWN]
    assert (extract.problems, extract.blocks[-1].places[0].sheet) == ((), "Sheet")


def test_a_chart_without_shared_categories_keeps_each_value_with_its_own(tmp_path: Path) -> None:
    series = "".join(
        f"<c:ser><c:xVal>{points('num', *x)}</c:xVal><c:yVal>{points('num', *y)}</c:yVal></c:ser>" for x, y in (("12", "34"), ("15", "78"))
    )
    path = tmp_path / "plan.docx"
    word_chart(path, f'<c:chartSpace xmlns:c="{C}"><c:chart><c:scatterChart>{series}</c:scatterChart></c:chart></c:chartSpace>')
    rows = [block for block in read_docx(path, "plan.docx").blocks if block.table]
    assert [block.cells for block in rows] == [("1", "3", "7"), ("2", "4", ""), ("5", "", "8")]
    assert rows[0].columns == ("", "Series 1", "Series 2")


def picture() -> BytesIO:
    held = BytesIO()
    Image.new("RGB", (60, 40), "white").save(held, "PNG")
    held.seek(0)
    return held


def test_a_large_picture_is_named_a_small_one_is_not_and_its_description_is_no_evidence(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Our crest:")
    document.add_picture(picture(), Cm(3))
    document.add_paragraph("The plan as the board signed it:").paragraph_format.page_break_before = True
    document.add_picture(picture(), Cm(15))._inline.docPr.set("descr", "Scan of the signed plan")
    path = tmp_path / "plan.docx"
    document.save(str(path))
    extract = read_docx(path, "plan.docx")
    assert [(problem.page, problem.outcome) for problem in extract.problems] == [(2, "flagged")]
    assert "picture large enough to hold words was not read" in str(extract.problems[0])
    assert [(block.text, block.hidden) for block in extract.blocks] == [
        ("Our crest:", False),
        ("The plan as the board signed it:", False),
        ("Description of a picture: Scan of the signed plan", True),
    ]


def test_a_document_of_described_pictures_still_counts_as_unread(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_picture(picture(), Cm(15))._inline.docPr.set("descr", "Scan of the signed plan")
    path = tmp_path / "plan.docx"
    document.save(str(path))
    extract = read_docx(path, "plan.docx")
    assert (extract.blocks, extract.pages, extract.pages_read) == ((), 1, 0)
    assert [problem.outcome for problem in extract.problems] == ["failed", "flagged"]


def test_a_large_picture_on_a_sheet_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Scan"
    book.active.append(["Signed copy"])
    shown = SheetImage(picture())
    shown.width, shown.height = 600, 400
    book.active.add_image(shown, "B3")
    path = tmp_path / "book.xlsx"
    book.save(path)
    (problem,) = read_xlsx(path, "book.xlsx").problems
    assert problem.outcome == "flagged"
    assert problem.message == 'Sheet "Scan": A picture large enough to hold words was not read.'


def test_a_workbook_embedded_in_word_is_named(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The action list:")
    names = f'xmlns:w="{docx.oxml.ns.nsmap["w"]}" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:r="{OFFICE}"'
    paragraph._p.append(
        parse_xml(f'<w:r {names}><w:object><o:OLEObject Type="Embed" ProgID="Excel.Sheet.12" r:id="rIdC"/></w:object></w:r>')
    )
    path = tmp_path / "plan.docx"
    document.save(str(path))
    book = BytesIO()
    openpyxl.Workbook().save(book)
    rels = {"word/_rels/document.xml.rels": ("</Relationships>", linked("package embeddings/actions.xlsx"))}
    rewritten(path, rels, {})
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("word/embeddings/actions.xlsx", book.getvalue())
    (problem,) = read_docx(path, "plan.docx").problems
    assert (problem.page, problem.outcome) == (1, "flagged")
    assert "file is embedded here" in problem.message


@pytest.mark.parametrize(("width", "told"), [("451.3pt", 1), ("60pt", 0)])
def test_a_picture_in_an_older_drawing_is_named_if_it_is_large(tmp_path: Path, width: str, told: int) -> None:
    document = docx.Document()
    names = f'xmlns:w="{docx.oxml.ns.nsmap["w"]}" xmlns:v="urn:schemas-microsoft-com:vml"'
    shape = f'<v:shape style="width:{width};height:300pt"><v:imagedata title="scan"/></v:shape>'
    document.add_paragraph("The plan:")._p.append(parse_xml(f"<w:r {names}><w:pict>{shape}</w:pict></w:r>"))
    path = tmp_path / "plan.docx"
    document.save(str(path))
    assert [problem.outcome for problem in read_docx(path, "plan.docx").problems] == ["flagged"] * told


def test_a_chart_in_a_text_box_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    word_chart(path, CHART)
    names = f'xmlns:w="{docx.oxml.ns.nsmap["w"]}"'
    boxed = f"<w:txbxContent {names}><w:p><w:r><w:drawing>{FRAME}</w:drawing></w:r></w:p></w:txbxContent>"
    with zipfile.ZipFile(path) as package:
        frame = package.read("word/document.xml").decode()
    frame = frame[frame.index("<w:drawing>") + len("<w:drawing>") : frame.index("</w:drawing>")]
    rewritten(path, {"word/document.xml": (frame, boxed)}, {})
    assert said(read_docx(path, "plan.docx").blocks)[1:-1] == SHOWN


def test_a_large_picture_on_a_slide_with_words_is_named_and_the_slide_counts_as_read(tmp_path: Path) -> None:
    path = tmp_path / "briefing.pptx"
    path.write_bytes((FILES / "briefing.pptx").read_bytes())
    size = '<p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="6000000" cy="4000000"/></a:xfrm></p:spPr>'
    shown = f'<p:pic><p:nvPicPr><p:cNvPr id="9" name="Scan" descr="Letter of the board"/></p:nvPicPr>{size}</p:pic></p:spTree>'
    rewritten(path, {"ppt/slides/slide2.xml": ("</p:spTree>", shown)}, {})
    extract = read_pptx(path, "briefing.pptx")
    assert [(problem.page, problem.outcome) for problem in extract.problems] == [(2, "flagged")]
    assert (extract.pages, extract.pages_read) == (4, 4)
    assert [block.text for block in extract.blocks if block.hidden and "Letter" in block.text] == [
        "Description of a picture: Letter of the board"
    ]


OLDER = (
    """<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cm><p:text>Who pays?</p:text></p:cm></p:cmLst>"""
)
NEWER = f"""<m:cmLst xmlns:m="http://schemas.microsoft.com/office/powerpoint/2018/8/main" xmlns:a="{A}">
 <m:cm><m:replyLst><m:reply><m:txBody><a:p><a:r><a:t>The county.</a:t></a:r></a:p></m:txBody></m:reply></m:replyLst>
 <m:txBody><a:p><a:r><a:t>Who pays?</a:t></a:r></a:p></m:txBody>
 </m:cm></m:cmLst>"""


@pytest.mark.parametrize(("kept", "comments"), [(OLDER, ["Who pays?"]), (NEWER, ["Who pays?", "The county."])])
def test_comments_on_slides_are_kept_apart(tmp_path: Path, kept: str, comments: list[str]) -> None:
    path = tmp_path / "briefing.pptx"
    path.write_bytes((FILES / "briefing.pptx").read_bytes())
    rels = {"ppt/slides/_rels/slide2.xml.rels": ("</Relationships>", linked("comments ../comments/comment1.xml"))}
    rewritten(path, rels, {"ppt/comments/comment1.xml": kept})
    found = [block for block in read_pptx(path, "briefing.pptx").blocks if "Comment by" in block.text]
    assert [(block.text, block.kind, block.hidden, block.places[0].page) for block in found] == [
        (f"Comment by someone: {text}", "note", True, 2) for text in comments
    ]
