"""`readacross show`: marks over a page, and drawings that a person can open."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

from cli import app
from commands.common import SOME_UNREAD
from extractors.read import read_document, sha256_of
from pipeline.drawing import NoDrawing, page_image, page_marks, unread_marks

FILES = Path(__file__).parents[2] / "corpus" / "files"
TABLES = FILES / "ashmarch" / "Delivery tables 2008.pdf"


def show(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["show", *arguments])
    return result.exit_code, result.output


def test_every_word_of_a_page_is_in_a_mark_of_its_kind() -> None:
    document = read_document(TABLES, TABLES.name, sha256_of(TABLES))
    marks = page_marks(document, 3)
    kinds = [mark.kind for mark in marks if mark.number]
    assert kinds[:5] == ["heading", *["table_row"] * 4]
    assert [mark.number for mark in marks if mark.number] == sorted(mark.number for mark in marks if mark.number)
    table = next(mark for mark in marks if mark.kind == "table")
    assert table.text == "table 2: We will | How we will know | Who, and what with"
    cell = next(mark for mark in marks if mark.text == "New carpet")
    assert cell.kind == "cell" and table.box[0] < cell.box[0] and cell.box[3] < table.box[3]
    rest = unread_marks(TABLES, document, 3, marks)
    assert {mark.text for mark in rest if mark.kind == "running"} >= {"RESTRICTED", "3"}
    assert [mark.text for mark in rest if mark.kind == "columns"][:3] == ["We will", "How we will know", "Who, and what with"]
    assert not [mark for mark in rest if mark.kind == "left_out"]


def test_a_paragraph_over_two_columns_has_a_mark_in_each(tmp_path: Path) -> None:
    path = tmp_path / "columns.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", 10)
    for x in (60, 320):
        for line in range(12):
            end = "." if x == 320 and line == 11 else ""
            canvas.drawString(x, 700 - 13 * line, f"{'T' if x == 60 and not line else 't'}he force keeps its officers trained, and{end}")
    canvas.save()
    marks = page_marks(read_document(path, path.name, ""), 1)
    assert [(mark.kind, mark.number) for mark in marks] == [("paragraph", 1), ("paragraph", 1)]
    assert marks[0].box[2] < marks[1].box[0]


def test_a_picture_of_a_page_is_as_wide_as_asked() -> None:
    import io

    assert Image.open(io.BytesIO(page_image(TABLES, 2, 300))).width == 300
    with pytest.raises(NoDrawing, match="there is no page 99"):
        page_image(TABLES, 99, 300)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_a_scan_is_drawn_with_what_was_read_of_it(tmp_path: Path) -> None:
    path, out = tmp_path / "scan.png", tmp_path / "scan.html"
    path.write_bytes(page_image(TABLES, 3, 1700))
    assert show(str(path), "--out", str(out))[0] in (0, 3)
    text = out.read_text(encoding="utf-8")
    assert "<svg" in text and "Open a second HOLMES room at Marchgate" in text


def test_all_pages_in_one_file_that_asks_nothing_of_the_network(tmp_path: Path) -> None:
    out = tmp_path / "drawing.html"
    code, said = show(str(TABLES), "--out", str(out))
    text = out.read_text(encoding="utf-8")
    assert code == 0 and "6 of 6 pages" in said
    assert text.count("<svg") == 6 and "http-equiv" in text and 'href="http' not in text and "<script" not in text
    assert "Open a second HOLMES room at Marchgate" in text


def test_one_page_as_a_picture_or_svg(tmp_path: Path) -> None:
    assert show(str(TABLES), "--page", "3", "--out", str(tmp_path / "page.png"))[0] == 0
    assert Image.open(tmp_path / "page.png").width == 1100
    assert show(str(TABLES), "--page", "3", "--out", str(tmp_path / "page.svg"))[0] == 0
    assert "Open a second HOLMES room" in (tmp_path / "page.svg").read_text(encoding="utf-8")


def test_text_of_a_document_cannot_become_markup_and_hidden_text_is_marked(tmp_path: Path) -> None:
    path, out = tmp_path / "paper.docx", tmp_path / "paper.html"
    document = docx.Document()
    document.add_paragraph("<script>alert(1)</script> is what the sender wrote.")
    document.add_paragraph().add_run("Not for the public.").font.hidden = True
    document.save(str(path))
    assert show(str(path), "--out", str(out))[0] == 0
    text = out.read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;script&gt;alert(1)" in text
    assert 'class="b-hidden"' in text


def test_sheets_are_grids_with_their_headers(tmp_path: Path) -> None:
    out = tmp_path / "book.html"
    code, said = show(str(FILES / "coldwater" / "PS workbook.xlsx"), "--out", str(out))
    assert code == SOME_UNREAD and 'Sheet "Tab 2 ACTIONS": 2 cells show only that a formula failed' in said
    text = out.read_text(encoding="utf-8")
    assert "Sheet “Tab 1 LOOKUPS”" in text and '<td class="b-columns" title="column headers of a table">Stands for</td>' in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing.pdf",), "there is no such file"),
        ((str(FILES / "kirkmoor" / "Scorecard.docx"), "--out", "x.png"), "Choose an .html file"),
        ((str(TABLES), "--out", "x.bmp"), "an .html, .png or .svg file"),
        ((str(TABLES), "--page", "9", "--out", "x.png"), "there is no page 9"),
    ],
)
def test_what_cannot_be_drawn_is_explained(arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = show(*arguments)
    assert code == 4 and says in said
    assert not list(tmp_path.iterdir())
