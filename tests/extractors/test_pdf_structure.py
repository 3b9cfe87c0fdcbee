"""How the PDF reader finds structure, on the smallest page that shows each case."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from extractors.document import Block
from extractors.pdf import read_pdf

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13, spaceAfter=7)


def kinds(blocks: tuple[Block, ...]) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks]


def test_paragraphs_of_one_line_are_parted_by_their_white(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    texts = [f"The board met in month {i} and heard the chief officer." for i in range(9)]
    texts.append("The one long paragraph of this paper runs over a second line, as it has more to say about the officers who are to be trained.")
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
