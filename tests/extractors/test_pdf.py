"""The PDF reader, on PDFs made here; pdfplumber is the oracle for words and cells."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, cast

import pdfplumber
import pypdfium2 as pdfium
import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, FloatObject, NameObject, NumberObject, PdfObject, TextStringObject
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph, SimpleDocTemplate, Table

from extractors.document import Block, Extract
from extractors.pdf import read_pdf
from extractors.pdf_content import PageContent, Styles
from extractors.pdf_ruled import find_ruled
from extractors.pdf_words import read_page

SHEET = getSampleStyleSheet()
BODY, H1, H2 = SHEET["BodyText"], SHEET["Heading1"], SHEET["Heading2"]
WORDS = [
    "the",
    "force",
    "will",
    "review",
    "capability",
    "across",
    "public",
    "order",
    "and",
    "major",
    "crime",
    "with",
    "partners",
    "during",
    "this",
    "year",
]
GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
BOLD_HEAD = ("FONT", (0, 0), (-1, 0), "Helvetica-Bold")


def prose(seed: int, sentences: int = 5) -> str:
    rng = random.Random(seed)
    return " ".join(" ".join(rng.choices(WORDS, k=rng.randint(8, 18))).capitalize() + "." for _ in range(sentences))


def build(path: Path, story: list[Any], **keys: Any) -> Extract:
    SimpleDocTemplate(str(path), pagesize=A4).build(story, **keys)
    return read_pdf(path, path.name)


def draw(path: Path, *lines: tuple[float, float, str], font: str = "Helvetica") -> Extract:
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont(font, 10)
    for x, y, text in lines:
        canvas.drawString(x, y, text)
    canvas.save()
    return read_pdf(path, path.name)


def contents(path: Path) -> tuple[list[PageContent], Styles]:
    styles = Styles()
    document = pdfium.PdfDocument(path)
    pages = [read_page(document[i], i + 1, styles) for i in range(len(document))]
    document.close()
    return pages, styles


def rows(extract: Extract) -> list[Block]:
    return [b for b in extract.blocks if b.kind == "table_row"]


def action_plan(count: int) -> Table:
    data = [["Ref", "Action", "Owner"]]
    data += [[Paragraph(str(i), BODY), Paragraph(prose(i, 2), BODY), Paragraph("Head of Crime", BODY)] for i in range(count)]
    return Table(data, colWidths=[40, 260, 120], repeatRows=1, style=[GRID, BOLD_HEAD])


def test_words_and_cells_equal_pdfplumber(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    build(path, [Paragraph("1 Plan", H1), *[Paragraph(prose(i), BODY) for i in range(9)], action_plan(20)])
    pages, styles = contents(path)
    with pdfplumber.open(path) as oracle:
        for ours, theirs in zip(pages, oracle.pages, strict=True):
            words = theirs.extract_words()
            assert sorted(w.text for w in ours.words) == sorted(w["text"] for w in words)
            tops = {(w["text"], round(w["x0"])): w["x1"] for w in words}
            assert all(abs(tops.get((w.text, round(w.x0)), w.x1) - w.x1) < 1 for w in ours.words)
            tables, _ = find_ruled(ours, styles.all)
            want = [[" ".join((c or "").split()) for c in row] for t in theirs.find_tables() for row in t.extract()]
            assert [[" ".join(c.text.split()) for c in row] for t in tables for row in t.rows] == want


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_pages_keep_their_cells(tmp_path: Path, rotation: int) -> None:
    path, turned = tmp_path / "flat.pdf", tmp_path / "turned.pdf"
    build(path, [action_plan(4)])
    document = pdfium.PdfDocument(path)
    page = document[0]
    page.set_rotation(rotation)
    document.save(turned)
    document.close()
    (content, *_), styles = contents(turned)
    assert all(0 <= w.x0 < w.x1 <= content.width and 0 <= w.top < w.bottom <= content.height for w in content.words)
    tables, _ = find_ruled(content, styles.all)
    assert len(tables) == 1 and sum(len(row) for row in tables[0].rows) == 15


def test_crop_box_moves_the_origin(tmp_path: Path) -> None:
    path, cropped = tmp_path / "a.pdf", tmp_path / "b.pdf"
    draw(path, (100, 700, "Here stands a sentence."))
    document = pdfium.PdfDocument(path)
    document[0].set_cropbox(30, 20, 580, 800)
    document.save(cropped)
    document.close()
    before = read_pdf(path, "a").blocks[0].places[0].box
    after = read_pdf(cropped, "b").blocks[0].places[0].box
    assert before and after
    assert after[0] == pytest.approx(before[0] - 30, abs=0.5)
    assert after[1] == pytest.approx(before[1] - (A4[1] - 800), abs=0.5)


def test_a_table_in_a_form_object_is_read(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.beginForm("grid")
    table = Table([["Ref", "Owner"], ["1", "ACC Crime"], ["2", "DCC Hall"]], style=[GRID, BOLD_HEAD])
    table.wrapOn(canvas, 300, 300)
    table.drawOn(canvas, 0, 0)
    canvas.endForm()
    canvas.translate(100, 500)
    canvas.doForm("grid")
    canvas.save()
    assert [row.cells for row in rows(read_pdf(path, "f"))] == [("1", "ACC Crime"), ("2", "DCC Hall")]


def test_forms_in_forms_are_read_at_the_size_at_which_they_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "forms.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.beginForm("inner")
    canvas.setFont("Helvetica", 6)
    canvas.drawString(0, 0, "Twelve points")
    canvas.rect(0, -20, 60, 10)
    canvas.endForm()
    canvas.beginForm("outer")
    canvas.scale(2, 2)
    canvas.doForm("inner")
    canvas.endForm()
    canvas.translate(100, 500)
    canvas.doForm("outer")
    canvas.save()
    styles = Styles()
    with pdfium.PdfDocument(path) as document:
        page = read_page(document[0], 1, styles)
    assert [word.text for word in page.words] == ["Twelve", "points"]
    assert styles.all[page.words[0].style].size == 12
    (drawn,) = page.rects
    assert drawn.box == pytest.approx((100, 841.9 - 480, 220, 841.9 - 460), abs=2)


def test_what_was_filled_into_a_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "filled.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawString(72, 700, "Lead officer:")
    canvas.acroForm.textfield(name="lead", value="ACC Jane Marlowe", x=160, y=690, width=240, height=24)
    canvas.save()
    assert "ACC Jane Marlowe" in " ".join(block.text for block in read_pdf(path, "f").blocks)


def test_a_table_over_pages_is_one_table_without_its_repeated_header(tmp_path: Path) -> None:
    extract = build(tmp_path / "t.pdf", [Paragraph("Action plan", H1), action_plan(40)])
    found = rows(extract)
    assert extract.pages > 1 and {row.table for row in found} == {1}
    assert [row.cells[0] for row in found] == [str(i) for i in range(40)]
    assert {row.columns for row in found} == {("Ref", "Action", "Owner")}
    assert all(row.cells[1] == prose(i, 2) for i, row in enumerate(found))


def test_a_row_cut_by_the_page_is_joined(tmp_path: Path) -> None:
    one = Table([["Ref", "Action"], ["1", "Review the"]], colWidths=[40, 200], style=[GRID, BOLD_HEAD], spaceBefore=560)
    two = Table([["", "whole of it."], ["2", "Report."]], colWidths=[40, 200], style=[GRID])
    found = rows(build(tmp_path / "c.pdf", [Paragraph("Plan", H1), one, PageBreak(), two]))
    assert [row.cells for row in found] == [("1", "Review the whole of it."), ("2", "Report.")]
    assert [p.page for p in found[0].places] == [1, 1, 2]


def test_merged_first_cells_are_spread(tmp_path: Path) -> None:
    data = [["Area", "Action"], ["Firearms", "Train."], ["", "Exercise."], ["Roads", "Review."]]
    table = Table(data, style=[GRID, BOLD_HEAD, ("SPAN", (0, 1), (0, 2))])
    found = rows(build(tmp_path / "m.pdf", [table]))
    assert [r.cells for r in found] == [("Firearms", "Train."), ("Firearms", "Exercise."), ("Roads", "Review.")]


@pytest.mark.parametrize("style", [[BOLD_HEAD], [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black)]])
def test_tables_without_vertical_rules(tmp_path: Path, style: list[Any]) -> None:
    data = [["Area", "Officers", "Staff"], ["Firearms", "31", "2"], ["Major crime", "80", "41"], ["Roads", "12", "6"]]
    text = [Paragraph(prose(i), BODY) for i in range(2)]
    extract = build(tmp_path / "u.pdf", [text[0], Table(data, colWidths=[140, 80, 80], style=style), text[1]])
    found = rows(extract)
    assert [r.cells for r in found] == [tuple(row) for row in data[1:]]
    assert found[0].columns == ("Area", "Officers", "Staff")
    assert [b.kind for b in extract.blocks] == ["paragraph", *["table_row"] * 3, "paragraph"]


def test_prose_lists_and_contents_are_not_tables(tmp_path: Path) -> None:
    canvas = [(72.0, 780.0, "Contents")]
    canvas += [(72.0, 760 - 14.0 * i, f"{i + 1}. Public order {'.' * 60}") for i in range(6)]
    canvas += [(480.0, 760 - 14.0 * i, str(3 * i)) for i in range(6)]
    canvas += [(72.0, 600 - 14.0 * i, "\u2022") for i in range(5)] + [(90.0, 600 - 14.0 * i, f"Item {i} of it") for i in range(5)]
    assert not rows(draw(tmp_path / "l.pdf", *canvas))


def two_columns(path: Path, box: bool = False) -> Extract:
    def boxed(canvas: Canvas, _: Any) -> None:
        if box:
            canvas.rect(300, 300, 235, 50)
            canvas.drawString(310, 330, "Case study: words in a box")
            canvas.drawString(310, 315, "on two lines.")

    document = BaseDocTemplate(str(path), pagesize=A4)
    frames = [Frame(50, 60, 235, 700), Frame(300, 60 if not box else 360, 235, 700 if not box else 400)]
    document.addPageTemplates([PageTemplate(frames=frames, onPage=boxed)])
    document.build([Paragraph(prose(i), BODY) for i in range(12)])
    return read_pdf(path, path.name)


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    extract = two_columns(tmp_path / "two.pdf")
    assert not rows(extract)
    assert [b.text for b in extract.blocks] == [prose(i) for i in range(12)]


def test_a_box_is_its_own_block(tmp_path: Path) -> None:
    extract = two_columns(tmp_path / "box.pdf", box=True)
    texts = [b.text for b in extract.blocks]
    assert "Case study: words in a box on two lines." in texts
    assert [t for t in texts if not t.startswith("Case")] == [prose(i) for i in range(12)]


def test_a_box_beside_lines_comes_after_them(tmp_path: Path) -> None:
    path = tmp_path / "side.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", 10)
    for i in range(30):
        canvas.drawString(60, 780 - 14 * i, f"line{i} " + ("and more of it " * (3 if 8 <= i < 16 else 6)).strip())
    canvas.rect(380, 780 - 15.5 * 14, 150, 8 * 14)
    for i in range(5):
        canvas.drawString(390, 655 - 13 * i, f"side{i} words")
    canvas.save()
    extract = read_pdf(path, "s")
    text = " ".join(b.text for b in extract.blocks)
    marks = [w for w in text.split() if w.startswith(("line", "side"))]
    assert marks == [f"line{i}" for i in range(30)] + [f"side{i}" for i in range(5)]
    assert extract.blocks[-1].text.startswith("side0")


def test_headings_lists_and_paragraphs(tmp_path: Path) -> None:
    story = [Paragraph("1 Introduction", H1), Paragraph(prose(1), BODY), Paragraph("1.1 Public order", H2)]
    story += [Paragraph(prose(2), BODY), Paragraph("<b>Firearms</b>", BODY), Paragraph("We will:", BODY)]
    story += [Paragraph(f"\u2022 {prose(i, 3)}", BODY) for i in range(3)]
    story += [Paragraph(f"({c}) {prose(ord(c), 3)}", BODY) for c in "abc"] + [
        Paragraph("ROADS POLICING", BODY),
        Paragraph(prose(9), BODY),
    ]
    found = [(b.kind, b.level, b.text) for b in build(tmp_path / "h.pdf", story).blocks]
    assert found == [
        ("heading", 1, "1 Introduction"),
        ("paragraph", 0, prose(1)),
        ("heading", 2, "1.1 Public order"),
        ("paragraph", 0, prose(2)),
        ("heading", 3, "Firearms"),
        ("paragraph", 0, "We will:"),
        *[("list_item", 0, prose(i, 3)) for i in range(3)],
        *[("list_item", 0, prose(ord(c), 3)) for c in "abc"],
        ("heading", 4, "ROADS POLICING"),
        ("paragraph", 0, prose(9)),
    ]


def test_running_heads_leave_the_text_and_are_kept_once(tmp_path: Path) -> None:
    def head(canvas: Canvas, document: Any) -> None:
        canvas.drawString(72, 815, "RESTRICTED")
        canvas.drawString(72, 25, f"Force plan, page {document.page}")

    extract = build(tmp_path / "r.pdf", [Paragraph(prose(i), BODY) for i in range(40)], onFirstPage=head, onLaterPages=head)
    assert extract.running == ("RESTRICTED", "Force plan, page 1")
    assert [b.text for b in extract.blocks] == [prose(i) for i in range(40)]


def test_a_lone_marking_is_running(tmp_path: Path) -> None:
    extract = draw(tmp_path / "m.pdf", (72, 815, "NOT PROTECTIVELY MARKED"), (72, 600, "One sentence stands here."))
    assert extract.running == ("NOT PROTECTIVELY MARKED",)
    assert [b.text for b in extract.blocks] == ["One sentence stands here."]


def test_places_point_at_their_words(tmp_path: Path) -> None:
    path = tmp_path / "p.pdf"
    extract = build(path, [Paragraph(prose(i), BODY) for i in range(3)] + [action_plan(3)])
    with pdfplumber.open(path) as pdf:
        for block in extract.blocks:
            for place in block.places:
                assert place.box and place.page
                quote = block.text[place.start : place.end].strip()
                x0, top, x1, bottom = place.box
                words = pdf.pages[place.page - 1].extract_words()
                inside = [w["text"] for w in words if x0 <= (w["x0"] + w["x1"]) / 2 <= x1 and top <= (w["top"] + w["bottom"]) / 2 <= bottom]
                assert " ".join(inside) == quote


def test_line_end_hyphens_are_mended_with_the_source_kept(tmp_path: Path) -> None:
    lines = [
        (72.0, 700.0, "The capability of the force is shown in its multi-agency capa-"),
        (72.0, 686.0, "bility and in other multi-"),
    ]
    lines += [(72.0, 672.0, "agency work.")]
    block = draw(tmp_path / "h.pdf", *lines).blocks[0]
    assert block.text == "The capability of the force is shown in its multi-agency capability and in other multi-agency work."
    assert block.source and len(block.places) == 3


def encrypted(path: Path, user: str) -> Path:
    canvas = Canvas(str(path), encrypt=StandardEncryption(user, ownerPassword="owner", canPrint=0))
    canvas.drawString(72, 700, "Hidden words.")
    canvas.save()
    return path


def test_encrypted_files(tmp_path: Path) -> None:
    locked = encrypted(tmp_path / "locked.pdf", "secret")
    extract = read_pdf(locked, "sub/locked.pdf")
    assert (extract.pages, extract.pages_read, extract.blocks, extract.pages_known) == (1, 0, (), False)
    assert "protected by a password" in str(extract.problems[0]) and "sub/locked.pdf" in str(extract.problems[0])
    assert read_pdf(locked, "x", ["wrong", "secret"]).blocks[0].text == "Hidden words."
    assert read_pdf(encrypted(tmp_path / "open.pdf", ""), "x").blocks[0].text == "Hidden words."


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.4\n%%EOF", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>"])
def test_damaged_files_give_a_problem(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    extract = read_pdf(path, "bad.pdf")
    assert (extract.blocks, extract.pages, extract.pages_read, extract.pages_known) == ((), 1, 0, False)
    assert len(extract.problems) == 1 and extract.problems[0].remedy
    assert read_pdf(tmp_path / "none.pdf", "none.pdf").problems


def test_without_ocr_pictures_are_reported_and_blank_pages_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "no-such-program")
    path = tmp_path / "scan.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawString(72, 700, "Some words.")
    canvas.showPage()
    canvas.rect(50, 50, 400, 600, fill=1)
    canvas.showPage()
    canvas.showPage()
    canvas.drawString(72, 700, "More words.")
    canvas.save()
    extract = read_pdf(path, "scan.pdf")
    assert (extract.pages, extract.pages_read) == (4, 3)
    assert [(p.page, p.outcome) for p in extract.problems] == [(2, "skipped")]
    assert "no OCR program is installed" in extract.problems[0].message and "Install" in extract.problems[0].remedy


def test_a_page_that_both_readers_refuse_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.pdf"
    build(path, [Paragraph(prose(i), BODY) for i in range(30)])

    def refuse(*_: Any) -> PageContent:
        raise ValueError("broken")

    monkeypatch.setattr("extractors.pdf_words.read_page", refuse)
    by_plumber = read_pdf(path, "x.pdf")
    assert [b.text for b in by_plumber.blocks] == [prose(i) for i in range(30)]
    monkeypatch.setattr("extractors.pdf_plumber.read_page", refuse)
    extract = read_pdf(path, "x.pdf")
    assert extract.pages == len(extract.problems) > 1 and extract.pages_read == 0


def test_titles(tmp_path: Path) -> None:
    path = tmp_path / "t.pdf"
    story = [Paragraph("Delivery plan", SHEET["Title"]), Paragraph(prose(1), BODY)]
    SimpleDocTemplate(str(path), title="Microsoft Word - plan3.doc").build(list(story))
    assert read_pdf(path, "t").title == "Delivery plan"
    SimpleDocTemplate(str(path), title="Eskdale plan 2008").build(list(story))
    assert read_pdf(path, "t").title == "Eskdale plan 2008"


def test_three_hundred_pages(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    for page in range(300):
        for i in range(30):
            canvas.drawString(72, 750 - 14 * i, f"Page {page} line {i} of the plan goes on")
        canvas.showPage()
    canvas.save()
    extract = read_pdf(path, "long.pdf")
    assert extract.pages == extract.pages_read == 300 and not extract.problems


def test_a_long_file_read_in_stretches_reads_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.pdf"
    story = [Paragraph("Plan", H1), *(Paragraph(prose(i, 9), BODY) for i in range(60)), action_plan(90)]

    def head(canvas: Canvas, document: Any) -> None:
        canvas.drawString(72, 810, "RESTRICTED: Brayford Police")
        canvas.drawString(280, 30, f"Page {document.page}")

    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=head, onLaterPages=head)
    whole = read_pdf(path, "f")
    monkeypatch.setattr("extractors.pdf.STRETCH", 4)
    assert whole.pages > 8
    assert read_pdf(path, "f") == whole
    assert whole.running == ("RESTRICTED: Brayford Police",)


def test_fields_and_texts_that_a_viewer_draws_are_read_and_attached_files_are_named(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "plain.pdf"), pagesize=A4)
    canvas.drawString(72, 760, "The plan of the force for the coming year is set out here.")
    canvas.acroForm.textfield(name="first", value="ACC Jane Marlowe", x=72, y=690, width=240, height=24)
    canvas.save()
    writer = PdfWriter(clone_from=tmp_path / "plain.pdf")

    def annotation(kind: str, top: int, **more: PdfObject) -> PdfObject:
        box = ArrayObject(map(FloatObject, (72, top - 30, 400, top)))
        named = {"Type": NameObject("/Annot"), "Subtype": NameObject(kind), "Rect": box, "F": NumberObject(4), **more}
        return writer._add_object(DictionaryObject({NameObject(f"/{key}"): value for key, value in named.items()}))

    said, look = TextStringObject, TextStringObject("/Helv 12 Tf 0 g")
    field = annotation("/Widget", 640, FT=NameObject("/Tx"), T=said("second"), V=said("Twelve more drivers"), DA=look)
    form = cast(DictionaryObject, writer.root_object["/AcroForm"])
    cast(ArrayObject, form["/Fields"]).append(field)
    form[NameObject("/NeedAppearances")] = BooleanObject(True)
    cast(ArrayObject, writer.pages[0]["/Annots"]).extend(
        [
            field,
            annotation("/FreeText", 560, Contents=said("By May 2009"), DA=look),
            annotation("/Stamp", 500, Name=NameObject("/Confidential"), Contents=said("As agreed")),
            annotation("/FileAttachment", 440, Contents=said("list.xlsx")),
        ]
    )
    writer.add_attachment("register.csv", b"risk,score")
    writer.write(tmp_path / "filled.pdf")
    extract = read_pdf(tmp_path / "filled.pdf", "filled.pdf")
    assert [(block.text, block.hidden) for block in extract.blocks][1:] == [
        ("ACC Jane Marlowe", False),
        ("Twelve more drivers", False),
        ("By May 2009", False),
        ("Confidential", False),
        ("Comment by someone: As agreed", True),
    ]
    assert [(problem.page, problem.message, problem.outcome) for problem in extract.problems] == [
        (None, "1 file is attached to this PDF and not read.", "flagged"),
        (1, "A file is attached to the page and not read.", "flagged"),
    ]
    assert (extract.pages, extract.pages_read) == (1, 1)
