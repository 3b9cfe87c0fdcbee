"""How the PDF reader finds structure, on the smallest page that shows each case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Text
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from extractors.document import Block
from extractors.pdf import read_pdf

FILES = Path(__file__).parent / "files"
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13, spaceAfter=7)


def kinds(blocks: tuple[Block, ...]) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks]


def test_paragraphs_of_one_line_are_parted_by_their_white(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    texts = [f"The board met in month {i} and heard the chief officer." for i in range(9)]
    texts.append(
        "The one long paragraph of this paper runs over a second line, as it has more to say about the officers who are to be trained."
    )
    SimpleDocTemplate(str(path), pagesize=A4).build([Paragraph(text, BODY) for text in texts])
    assert kinds(read_pdf(path, path.name).blocks) == [("paragraph", text) for text in texts]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_sideways_pages_are_read_and_placed_as_a_person_sees_them(tmp_path: Path, angle: int) -> None:
    path = tmp_path / "sideways.pdf"
    canvas = Canvas(str(path), pagesize=(600, 800))
    canvas.translate(300, 400)
    canvas.rotate(angle)
    canvas.setFont("Helvetica", 10)
    canvas.drawString(-200, 20, "The force will train forty public order")
    canvas.drawString(-200, 7, "officers by the end of March 2009.")
    canvas.save()
    (block,) = read_pdf(path, path.name).blocks
    assert block.text == "The force will train forty public order officers by the end of March 2009."
    box = block.places[0].box
    assert box
    # The first line's lower left corner is at (-200, 20) from the middle of the page, before turning.
    corners = {90: (300 - 20, 400 + 200), 180: (300 + 200, 400 + 20), 270: (300 + 20, 400 - 200)}
    x, y = corners[angle]
    assert box[0] - 4 <= x <= box[2] + 4 and box[1] - 4 <= y <= box[3] + 4
    assert (box[2] - box[0] > box[3] - box[1]) == (angle == 180)


@pytest.mark.parametrize("angle", [90, 270])
def test_a_cell_turned_on_its_side_is_read_in_order(tmp_path: Path, angle: int) -> None:
    path = tmp_path / "cells.pdf"
    canvas = Canvas(str(path), pagesize=(600, 800))
    canvas.setFont("Helvetica", 9)
    canvas.grid([50, 90, 250, 400], [480, 600, 620])
    for x, text in ((54, "Theme"), (94, "What we will do"), (254, "Lead")):
        canvas.drawString(x, 606, text)
    for x, text in ((94, "Train public order officers"), (254, "ACC Operations")):
        canvas.drawString(x, 580, text)
        canvas.drawString(x, 560, text)
    canvas.saveState()
    canvas.translate(64 if angle == 90 else 76, 490 if angle == 90 else 590)
    canvas.rotate(angle)
    canvas.drawString(0, 0, "Civil contingencies")
    canvas.drawString(0, -11, "and resilience")
    canvas.restoreState()
    canvas.save()
    (row,) = read_pdf(path, path.name).blocks
    assert row.cells[0] == "Civil contingencies and resilience"


def build(path: Path, *story: Paragraph | Table) -> tuple[Block, ...]:
    SimpleDocTemplate(str(path), pagesize=A4).build(list(story))
    return read_pdf(path, path.name).blocks


PROSE = "The authority will keep its mobilisation plan under review, and the chief officer reports on it each quarter to the board."


def test_headings_that_only_a_single_number_marks(tmp_path: Path) -> None:
    titles = ["1. Public order", "2. Roads policing", "3. Missing persons", "4. Major crime"]
    listed = ["1. Train officers", "2. Buy vehicles", "3. Exercise the plan"]
    story = [Paragraph(text, BODY) for title in titles for text in (title, PROSE)]
    blocks = build(tmp_path / "a.pdf", *story, *(Paragraph(text, BODY) for text in listed))
    assert [b.text for b in blocks if b.kind == "heading"] == titles
    assert [b.text for b in blocks if b.kind == "list_item"] == ["Train officers", "Buy vehicles", "Exercise the plan"]


def test_a_bold_heading_in_the_line_of_its_text_is_a_heading_and_a_label_is_not(tmp_path: Path) -> None:
    blocks = build(tmp_path / "a.pdf", Paragraph(f"<b>Governance.</b> {PROSE}", BODY), Paragraph("<b>Lead.</b> ACC Smith", BODY))
    assert kinds(blocks) == [("heading", "Governance."), ("paragraph", PROSE), ("paragraph", "Lead. ACC Smith")]
    heading, text = (block.places[0].box for block in blocks[:2])
    assert heading and text and heading[2] <= text[0] and heading[1] == pytest.approx(text[1], abs=0.5)


def test_a_pull_quote_is_one_paragraph_and_no_heading(tmp_path: Path) -> None:
    large = ParagraphStyle("large", BODY, fontSize=15, leading=19, alignment=1, leftIndent=90, rightIndent=90)
    quote = "“We shall meet the national standard in every service by 2011 and publish our progress on the Internet”"
    said = build(
        tmp_path / "b.pdf", Paragraph(PROSE, BODY), Paragraph("“We answer every call” says the chief", large), Paragraph(PROSE, BODY)
    )
    assert all(block.kind == "paragraph" for block in said)
    blocks = build(tmp_path / "a.pdf", Paragraph(PROSE, BODY), Paragraph(quote, large), *[Paragraph(PROSE, BODY)] * 3)
    assert ("paragraph", quote) in kinds(blocks) and all(block.kind != "heading" for block in blocks)


def test_indented_paragraphs_of_one_line_are_parted(tmp_path: Path) -> None:
    indented = ParagraphStyle("indented", BODY, spaceAfter=0, firstLineIndent=14)
    texts = [PROSE * 2, "The board met in May.", "It met again in June.", PROSE * 2]
    assert kinds(build(tmp_path / "a.pdf", *(Paragraph(text, indented) for text in texts))) == [("paragraph", text) for text in texts]


def test_a_footnote_is_a_note_and_does_not_part_what_runs_overleaf(tmp_path: Path) -> None:
    path = tmp_path / "notes.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    for line in range(4):
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 300 - 13 * line, "The authority will keep its mobilisation plan under review, and the")
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 120, "1 Mobilisation is set out in the memorandum of 2007,")
    canvas.showPage()
    canvas.setFont("Helvetica", 10)
    canvas.drawString(60, 780, "chief officer reports on it each quarter to the board.")
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 120, "which the authority signed.")
    canvas.save()
    paragraph, note = sorted(read_pdf(path, path.name).blocks, key=lambda block: block.kind == "note")
    assert paragraph.text.endswith("and the chief officer reports on it each quarter to the board.")
    assert kinds((note,)) == [("note", "Mobilisation is set out in the memorandum of 2007, which the authority signed.")]
    assert [place.page for place in note.places] == [1, 2]


def test_tables_without_rules_with_headers_of_two_lines_and_a_row_overleaf(tmp_path: Path) -> None:
    path = tmp_path / "unruled.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    places = (60, 110, 330, 450)

    def line(y: float, texts: tuple[str, ...], font: str = "Helvetica") -> None:
        canvas.setFont(font, 9)
        for x, text in zip(places, texts, strict=True):
            canvas.drawString(x, y, text)

    def heads(y: float) -> None:
        line(y, ("No.", "Action", "Lead", "Target"), "Helvetica-Bold")
        line(y - 11, ("", "", "", "date"), "Helvetica-Bold")

    heads(200)
    for number in range(1, 4):
        line(200 - 30 * number, (str(number), "Train public order officers", "Head of Operations", f"{number} May 2009"))
        line(189 - 30 * number, ("", "in the new tactics", "", ""))
    canvas.showPage()
    heads(760)
    line(730, ("4", "Exercise the plan", "Head of Operations", "9 June 2009"))
    canvas.save()
    blocks = read_pdf(path, path.name).blocks
    assert [block.kind for block in blocks] == ["table_row"] * 4
    assert {block.columns for block in blocks} == {("No.", "Action", "Lead", "Target date")}
    assert blocks[0].cells == ("1", "Train public order officers in the new tactics", "Head of Operations", "1 May 2009")
    assert blocks[3].cells == ("4", "Exercise the plan", "Head of Operations", "9 June 2009")


def test_tags_tell_what_the_type_does_not() -> None:
    path = Path(__file__).parent / "files" / "tagged.pdf"
    blocks = read_pdf(path, path.name).blocks
    assert [(block.kind, block.level, block.text) for block in blocks if not block.table] == [
        ("heading", 1, "Governance"),
        (
            "paragraph",
            0,
            "The authority keeps the plan under review. It meets each month and hears the chief officer on every service in turn.",
        ),
        ("heading", 2, "Who answers"),
        ("paragraph", 0, "The deputy chief constable leads."),
        ("paragraph", 0, "The board meets each quarter."),
        ("list_item", 0, "Train forty officers"),
        ("list_item", 0, "Exercise the mobilisation plan with partners"),
    ]
    rows = [block for block in blocks if block.table]
    assert {row.columns for row in rows} == {("Action", "Owner", "By")}
    assert [row.cells for row in rows] == [
        ("Train officers", "Head of Operations", "May 2009"),
        ("Buy vehicles", "", "June 2009"),
        ("Exercise the plan with all partner forces", "ACC", "July 2009"),
    ]


def test_tags_that_cut_sentences_or_make_all_of_it_headings_are_not_used() -> None:
    from extractors.pdf_content import PageContent, Word
    from extractors.pdf_tagged import tags_hold
    from extractors.pdf_tags import Tag

    lines = ["The force will", "train its officers", "by May.", "It will also", "buy two vehicles", "and a boat."]

    def page(elements: list[int], headings: int = 0) -> PageContent:
        words = [Word(0, 0, 9, 9, text, 0, mark) for mark, line in enumerate(lines) for text in line.split()]
        tags = {mark: Tag("heading" if mark < headings else "paragraph", element) for mark, element in enumerate(elements)}
        return PageContent(1, 600, 800, words, tags=tags)

    assert tags_hold([page([1, 1, 1, 2, 2, 2])])
    assert not tags_hold([page([1, 2, 3, 4, 5, 6])])
    assert tags_hold([page([1, 2, 2, 2, 2, 2], headings=1)])
    assert not tags_hold([page([1, 1, 1, 1, 1, 2], headings=5)]), "every paragraph tagged as a heading"


def test_text_in_a_shape_with_round_corners_is_a_block_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "shape.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.roundRect(52, 648, 320, 34, 8, stroke=1, fill=0)
    canvas.setFont("Helvetica", 10)
    texts = ("The board meets each quarter and reports to", "the authority on every", "service in its turn, and in the open, with")
    for line, text in enumerate((texts[0], *texts[1:], "the minutes published.")):
        canvas.drawString(60, 695 - 13 * line - (5 if line else 0) - (5 if line == 3 else 0), text)
    canvas.save()
    assert "the authority on every service in its turn, and in the open, with" in [b.text for b in read_pdf(path, path.name).blocks]


def test_fields_are_read_where_they_stand_and_comments_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawString(60, 700, "Lead officer for public order:")
    canvas.acroForm.textfield(name="lead", value="ACC Helen Tarrant", x=240, y=695, width=200, height=18, fontSize=10)
    canvas.save()
    writer = PdfWriter(clone_from=path)
    writer.add_annotation(0, Text(rect=(60, 600, 80, 620), text="Is this so? Ask the clerk.", title_bar="A. Reviser"))
    writer.write(path)
    before = path.read_bytes()
    *text, comment = read_pdf(path, path.name).blocks
    assert " ".join(block.text for block in text) == "Lead officer for public order: ACC Helen Tarrant"
    assert (comment.kind, comment.hidden, comment.text) == ("note", True, "Comment by A. Reviser: Is this so? Ask the clerk.")
    assert comment.places[0].box and comment.places[0].box[0] == pytest.approx(60)
    assert path.read_bytes() == before


def columns(path: Path, *pages: tuple[list[str], list[str]]) -> tuple[Block, ...]:
    canvas = Canvas(str(path), pagesize=A4)
    for left, right in pages:
        canvas.setFont("Helvetica", 10)
        for x, lines in ((60, left), (310, right)):
            for number, text in enumerate(lines):
                canvas.drawString(x, 740 - 13 * number, text)
        canvas.showPage()
    canvas.save()
    return read_pdf(path, path.name).blocks


LINE = "the force keeps its officers trained and ready,"


def test_a_sentence_goes_on_in_the_next_column_with_a_figure_and_overleaf_in_two_short_columns(tmp_path: Path) -> None:
    first = ["Cameras in the town are watched all night, and", *[LINE] * 8, "and the monitoring of them is contracted at"]
    second = ["£96,000 a year.", *[f"Unit {n} meets each month, and" for n in range(1, 9)], "the reports of all the units are read by"]
    blocks = columns(
        tmp_path / "a.pdf", (first, second), (["the board, and published."], ["Copies may be had of the", "executive office."])
    )
    texts = [block.text for block in blocks]
    assert texts[0].endswith("is contracted at £96,000 a year.")
    assert any(text.endswith("are read by the board, and published.") for text in texts)
    assert texts[-1] == "Copies may be had of the executive office."


def test_a_numbered_heading_of_two_lines_is_one(tmp_path: Path) -> None:
    large = ParagraphStyle("large", BODY, fontName="Helvetica-Bold", fontSize=13, leading=16, rightIndent=280)
    blocks = build(tmp_path / "a.pdf", Paragraph("3.3 Critical Incidents (Specialist Operations)", large), *[Paragraph(PROSE, BODY)] * 3)
    assert kinds(blocks)[0] == ("heading", "3.3 Critical Incidents (Specialist Operations)")


def test_a_note_stands_after_what_refers_to_it_and_square_metres_stay(tmp_path: Path) -> None:
    path = tmp_path / "raised.pdf"
    canvas = Canvas(str(path), pagesize=A4)

    def line(y: float, *runs: str) -> None:
        """Every other run is raised and small."""
        text = canvas.beginText(60, y)
        for index, run in enumerate(runs):
            text.setFont("Helvetica", 6 if index % 2 else 10)
            text.setRise(4 if index % 2 else 0)
            text.textOut(run)
        canvas.drawText(text)

    line(400, "Collisions rose by a tenth in 2007", "1", ", most of them on the two trunk roads of the county.")
    line(360, "The garage offers 200 m", "2", " for the vans", "2", " and the board will decide in May.")
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 120, "1 Counted from the control log.")
    canvas.drawString(60, 110, "2 Two of them are on loan.")
    canvas.save()
    assert kinds(read_pdf(path, path.name).blocks) == [
        ("paragraph", "Collisions rose by a tenth in 2007, most of them on the two trunk roads of the county."),
        ("note", "Counted from the control log."),
        ("paragraph", "The garage offers 200 m² for the vans and the board will decide in May."),
        ("note", "Two of them are on loan."),
    ]


def test_a_row_across_all_columns_is_a_title_above_and_a_heading_among_the_others(tmp_path: Path) -> None:
    path = tmp_path / "over.pdf"
    rows = [
        ["Actions for the year", "", ""],
        ["Action", "Owner", "By"],
        ["Train forty officers", "ACC", "May 2009"],
        ["With the region", "", ""],
        ["Exercise the plan", "DCC", "June 2009"],
    ]
    spans = [("SPAN", (0, 0), (-1, 0)), ("SPAN", (0, 3), (-1, 3))]
    table = Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 1), (-1, 1), "Helvetica-Bold"), *spans])
    SimpleDocTemplate(str(path), pagesize=A4).build([Paragraph("The board keeps this table.", BODY), table])
    blocks = read_pdf(path, path.name).blocks
    assert kinds(blocks) == [
        ("paragraph", "The board keeps this table."),
        ("heading", "Actions for the year"),
        ("table_row", "Train forty officers | ACC | May 2009"),
        ("heading", "With the region"),
        ("table_row", "Exercise the plan | DCC | June 2009"),
    ]
    assert {block.columns for block in blocks if block.table} == {("Action", "Owner", "By")}


def test_in_a_table_without_rules_wrapped_lines_are_one_row_and_a_line_across_its_columns_is_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "tight.pdf"
    canvas = Canvas(str(path), pagesize=A4)

    def line(y: float, *texts: str, font: str = "Helvetica") -> None:
        canvas.setFont(font, 10)
        for x, text in zip((60, 180, 300, 400), texts, strict=False):
            canvas.drawString(x, y, text)

    line(700, "Action", "Owner", "By when", "Cost", font="Helvetica-Bold")
    line(688, "Train twelve pursuit", "Chief Inspector Holm", "31 March 2009", "£48,000 from the")
    line(676, "drivers and advisers", "", "", "reserve")
    line(664, "Sign the new protocol", "Supt Okafor", "30 June 2009")
    line(652, "with Ridgeshire Police")
    line(640, "Second stage, once the pilot has been reviewed")
    line(628, "Put in six readers", "Head of Intelligence", "December 2010", "£120,000")
    line(616, "Buy two vans", "Head of Estates", "May 2011", "£30,000")
    canvas.save()
    assert kinds(read_pdf(path, path.name).blocks) == [
        ("table_row", "Train twelve pursuit drivers and advisers | Chief Inspector Holm | 31 March 2009 | £48,000 from the reserve"),
        ("table_row", "Sign the new protocol with Ridgeshire Police | Supt Okafor | 30 June 2009"),
        ("heading", "Second stage, once the pilot has been reviewed"),
        ("table_row", "Put in six readers | Head of Intelligence | December 2010 | £120,000"),
        ("table_row", "Buy two vans | Head of Estates | May 2011 | £30,000"),
    ]


def test_a_tagged_table_goes_on_under_headers_that_have_no_tags() -> None:
    blocks = read_pdf(FILES / "action plan.pdf", "action plan.pdf").blocks
    rows = [block for block in blocks if block.kind == "table_row"]
    assert {row.columns for row in rows} == {("Objective", "What we will do", "How we will know")} and len({row.table for row in rows}) == 1
    assert [row.cells[0] for row in rows] == ["Search", "Roads", "Burglary", "Victims", "Hate crime", "Protection", "Custody"]
    assert rows[5].cells[1].endswith("an address in it, and is looked over by the superintendent once in every month of the year.")
    assert sum("How we will know" in block.text for block in blocks) == 0


def test_a_heading_below_two_columns_is_read_after_both() -> None:
    blocks = read_pdf(FILES / "action plan.pdf", "action plan.pdf").blocks
    last = [(block.kind, block.text[:12]) for block in blocks if block.places[0].page == 4]
    paragraphs = [("paragraph", text) for text in ("We share our", "The fire ser", "Schools have")]
    assert last == [("heading", "Partners"), *paragraphs, ("heading", "Money"), ("paragraph", "The authorit")]


GOALS = {
    "Reduce burglary in the northern towns": [
        ("Patrol the worst streets at night with officers from both districts and the wardens of the council", "It falls by nine per cent"),
        ("Mark property with local shops in all of the market towns", "Half of all homes are marked"),
        ("Visit every victim within two days of the report", "Ninety per cent are visited"),
    ],
    "Make the roads safer for everyone": [
        ("Set cameras at eleven places along the coast road", "Collisions fall to seventy"),
        ("Teach older drivers with the county council each spring and autumn at the college", "Two hundred are taught"),
    ],
}


@pytest.mark.parametrize("rules", [[], [("LINEBELOW", (0, 0), (-1, 0), 0.5, "black"), ("LINEBELOW", (0, 3), (-1, 3), 0.5, "black")]])
@pytest.mark.parametrize("wide", [(110, 190, 160), (180, 330, 190)])
def test_a_label_in_the_middle_of_its_rows_stands_in_each(tmp_path: Path, rules: list[Any], wide: tuple[int, ...]) -> None:
    cells = [["Objective", "What we will do", "How we will know"]]
    spans = [("SPAN", (0, 1), (0, 3)), ("SPAN", (0, 4), (0, 5)), ("VALIGN", (0, 0), (0, -1), "MIDDLE"), ("VALIGN", (1, 0), (-1, -1), "TOP")]
    for goal, steps in GOALS.items():
        cells += [[Paragraph(text, BODY) for text in (goal, *step)] for step in steps]
    heads = [[Paragraph(f"<b>{name}</b>", BODY) for name in cells[0]]]
    path = tmp_path / "goals.pdf"
    table = Table([*heads, *cells[1:]], wide, style=[*spans, *rules])
    SimpleDocTemplate(str(path), pagesize=(842, 595)).build([table])
    rows = [block.cells for block in read_pdf(path, path.name).blocks if block.kind == "table_row"]
    assert rows == [(goal, *step) for goal, steps in GOALS.items() for step in steps]


def test_a_header_of_plain_words_is_known_again_overleaf(tmp_path: Path) -> None:
    path = tmp_path / "strands.pdf"
    heads = ["Strand", "Threat", "Need"]
    body = [
        [letter, "Medium", need] for letter, need in zip("ABCDEFGHIJKLMNOP", 4 * ["Rarely", "Often", "Never", "Each year"], strict=True)
    ]
    grid = Table([heads, *body], repeatRows=1, style=[("GRID", (0, 0), (-1, -1), 1, "black")])
    SimpleDocTemplate(str(path), pagesize=(400, 400)).build([grid])
    rows = [block for block in read_pdf(path, path.name).blocks if block.kind == "table_row"]
    assert [(row.columns, row.cells[0]) for row in rows] == [(tuple(heads), letter) for letter in "ABCDEFGHIJKLMNOP"]


PROMISES = [
    ["We said", "Did we?"],
    ["Answer letters within ten days", "Nearly"],
    ["Put the name of an officer on the notice board in each street of the county", "Yes, with a telephone number"],
    ["Open the desk on Saturdays", "Yes, ten to one"],
    ["Halve the wait", "No"],
]


def test_even_white_alone_makes_rows_of_labels_and_answers_and_not_of_prose(tmp_path: Path) -> None:
    style = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    table = Table([[Paragraph(text, BODY) for text in row] for row in PROMISES], (170, 150), style=style)
    rows = build(tmp_path / "promises.pdf", table)
    assert [(row.kind, row.columns, list(row.cells)) for row in rows] == [("table_row", tuple(PROMISES[0]), row) for row in PROMISES[1:]]
    wide = ParagraphStyle("wide", BODY, leading=22)
    prose = Table([[Paragraph("We will train more search officers in every one of our divisions this year. " * 3, wide)] * 2], (190, 190))
    assert not any(block.kind == "table_row" for block in build(tmp_path / "prose.pdf", prose))


def test_a_table_goes_on_under_a_title_that_only_says_so(tmp_path: Path) -> None:
    path = tmp_path / "actions.pdf"
    canvas = Canvas(str(path), pagesize=(400, 400))
    steps = [[f"Step {number}", f"Train {number} officers", "Supt Hale"] for number in range(1, 13)]
    for title, rows in (("Table 4", [["Ref", "Action", "Owner"], *steps[:8]]), ("Table 4 (continued)", steps[8:])):
        canvas.drawString(50, 370, title)
        table = Table(rows, (60, 150, 90), 36, style=[("GRID", (0, 0), (-1, -1), 1, "black")])
        _, height = table.wrap(400, 400)
        table.drawOn(canvas, 50, 360 - height)
        canvas.showPage()
    canvas.save()
    rows_read = [block for block in read_pdf(path, path.name).blocks if block.kind == "table_row"]
    assert [(row.columns, list(row.cells)) for row in rows_read] == [(("Ref", "Action", "Owner"), step) for step in steps]


def test_bold_headings_in_the_margin_are_read_before_their_text_and_numbers_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "margin.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    for number, title in enumerate((("Roads policing",), ("Child abuse", "investigation"))):
        top = 780 - 120 * number
        canvas.setFont("Helvetica-Bold", 10)
        for line, words in enumerate(title):
            canvas.drawString(40, top - 13 * line, words)
        canvas.setFont("Helvetica", 10)
        for line in range(7):
            canvas.drawString(
                160, top - 13 * line - 10 * (line > 3), f"The force will train officer {number}{line} for the unit in each division"
            )
    canvas.showPage()
    for number in range(3):
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(40, 780 - 80 * number, f"1.{number}")
        canvas.setFont("Helvetica", 10)
        for line in range(4):
            canvas.drawString(160, 780 - 80 * number - 13 * line, f"The board has seen paper {number}{line} on the unit in each division")
    canvas.save()
    blocks = kinds(read_pdf(path, path.name).blocks)
    assert [text[:40] for kind, text in blocks if kind == "heading"] == ["Roads policing", "Child abuse investigation"]
    assert [text[:30] for _, text in blocks[:4]] == [
        "Roads policing", "The force will train officer 0", "The force will train officer 0", "Child abuse investigation"
    ]  # fmt: skip
