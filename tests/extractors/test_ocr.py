"""Scans and broken text layers, as Tesseract reads them: our own PDFs drawn as a scanner would, against what they say."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from math import cos, radians, sin
from pathlib import Path

import matplotlib
import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from benchmarks.ocr import FILES, f1, scan, texts
from extractors.document import Block, Extract
from extractors.pdf import read_pdf
from extractors.pdf_content import Styles
from extractors.pdf_words import read_page
from extractors.read import read_document
from extractors.scans import doubt
from extractors.tesseract import LANGUAGE, TURNS, installed, keep_in

pytestmark = pytest.mark.skipif(not {LANGUAGE, TURNS} <= set(installed()), reason="Tesseract is not installed with its English data")

TABLES = FILES / "ashmarch" / "Delivery tables 2008.pdf"
DEED = FILES / "harrowden" / "Deed.pdf"
SENTENCE = "The force will review its capability across public order and major crime with its partners"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Reviews in this process may have had pages kept; here each is read."""
    keep_in(None)
    yield
    keep_in(None)


def pages_of(extract: Extract, page: int) -> list[Block]:
    return [block for block in extract.blocks if block.places[0].page == page]


def said(extract: Extract) -> str:
    return " ".join(block.text for block in extract.blocks)


def picture_of(source: Path, page: int, dpi: int = 150) -> Image.Image:
    document = pdfium.PdfDocument(source)
    picture: Image.Image = document[page].render(scale=dpi / 72, grayscale=True).to_pil()
    document.close()
    return picture


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    path = tmp_path_factory.mktemp("scan") / "scan.pdf"
    scan(TABLES, path, range(1, 2), skew=-1.3)
    return read_pdf(path, "scan.pdf")


@pytest.fixture(scope="module")
def truth() -> Extract:
    return read_pdf(TABLES, "truth.pdf")


def test_words_headings_and_tables_are_read_from_a_crooked_scan(tables: Extract, truth: Extract) -> None:
    assert (tables.pages, tables.pages_read, tables.problems) == (1, 1, ())
    page = Extract(tuple(pages_of(truth, 2)), 1, 1)
    assert f1(texts(page, "words"), texts(tables, "words")) > 0.96
    assert texts(tables, "headings") == texts(page, "headings")
    assert f1(texts(page, "cells"), texts(tables, "cells")) > 0.8
    assert {b.columns for b in tables.blocks if b.kind == "table_row"} == {b.columns for b in page.blocks if b.kind == "table_row"}


def test_words_are_kept_with_boxes_and_confidence(tables: Extract) -> None:
    (page,) = tables.scans
    assert page.page == 1 and page.confidence > 0.9 and len(page.words) > 200
    assert all(0 <= w.box[0] < w.box[2] <= 596 and 0 <= w.box[1] < w.box[3] <= 842 and 0 <= w.confidence <= 1 for w in page.words)
    box = next(p.box for b in tables.blocks for p in b.places if b.text[p.start : p.end].startswith("Double our"))
    assert box and page.confidence_in(box) > 0.9


def test_a_page_on_its_head_is_read_and_its_boxes_lie_on_the_page(tmp_path: Path) -> None:
    scan(DEED, tmp_path / "scan.pdf", range(3, 4), skew=2.0, turn=180)
    lines = {b.text[p.start : p.end]: p.box for b in pages_of(read_pdf(DEED, "deed"), 4) for p in b.places}
    found = 0
    for block in read_pdf(tmp_path / "scan.pdf", "scan.pdf").blocks:
        for place in block.places:
            if (there := lines.get(block.text[place.start : place.end])) and place.box:
                x, y = (there[0] + there[2] - A4[0]) / 2, (there[1] + there[3] - A4[1]) / 2
                c, s = cos(radians(182)), sin(radians(182))
                at = (A4[0] / 2 + x * c + y * s, A4[1] / 2 - x * s + y * c)
                assert at == pytest.approx(((place.box[0] + place.box[2]) / 2, (place.box[1] + place.box[3]) / 2), abs=5)
                found += 1
    assert found > 10


def test_a_blurred_page_is_flagged_and_a_page_that_cannot_be_made_out_counts_as_unread(tmp_path: Path) -> None:
    scan(DEED, tmp_path / "a.pdf", range(3, 4), blur=1.6)
    blurred = read_pdf(tmp_path / "a.pdf", "a.pdf")
    (problem,) = blurred.problems
    assert blurred.pages_read == 1 and problem.page == 1 and problem.outcome == "flagged"
    assert re.search(r"a confidence of only [5-8]\d%\. Check what is quoted", str(problem))
    scan(DEED, tmp_path / "b.pdf", range(3, 4), dpi=72, blur=1.3)
    lost = read_pdf(tmp_path / "b.pdf", "b.pdf")
    assert (lost.pages_read, lost.blocks, lost.scans) == (0, (), ()) and "could not make it out" in str(lost.problems[0])


def test_only_pages_without_usable_text_are_read_by_ocr(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "mixed.pdf"), pagesize=A4)
    page, white = picture_of(DEED, 3), Image.new("L", (1240, 1754), 250)
    canvas.drawString(72, 700, SENTENCE)
    canvas.showPage()
    canvas.drawImage(ImageReader(page), 0, 0, *A4)
    canvas.drawString(400, 600, "RECEIVED 12 MAR 2008")
    canvas.drawString(72, 815, "RESTRICTED")
    canvas.showPage()
    canvas.drawImage(ImageReader(white), 0, 0, *A4)
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 300), np.uint8))), 0, 0, *A4)
    canvas.drawString(72, 700, "Policing plan 2008")
    canvas.save()
    extract = read_pdf(tmp_path / "mixed.pdf", "mixed.pdf")
    assert (extract.pages, extract.pages_read, extract.problems) == (4, 4, ())
    assert [s.page for s in extract.scans] == [2]
    assert "arbitrator appointed by the President of the Law Society" in said(extract)
    assert [b.text for b in pages_of(extract, 1)] == [SENTENCE] and [b.text for b in pages_of(extract, 4)] == ["Policing plan 2008"]


def soup(path: Path, kind: str) -> None:
    """A page that looks well and whose text layer is private-use characters, or letters exchanged for others."""
    pdfmetrics.registerFont(TTFont("Sound", str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")))
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Sound", 10)
    for i in range(6):
        canvas.drawString(72, 780 - 14 * i, SENTENCE + ".")
    canvas.save()
    letters = list(string.ascii_lowercase)
    random.Random(3).shuffle(letters)
    swap = dict(zip(string.ascii_lowercase, letters, strict=True))

    def other(match: re.Match[str]) -> str:
        sign = chr(int(match[1], 16))
        return f"<{0xF000 + ord(sign):04X}>" if kind == "private" else f"<{ord(swap.get(sign, sign)):04X}>"

    writer = PdfWriter(clone_from=str(path))
    for font in writer.pages[0]["/Resources"]["/Font"].values():  # type: ignore[index]
        if "/ToUnicode" in (font := font.get_object()):
            stream = StreamObject()
            table = font["/ToUnicode"].get_object().get_data().decode("latin1")
            stream.set_data(re.sub(r"(?<=> )<(00[0-9A-Fa-f]{2})>", other, table).encode("latin1"))
            font[NameObject("/ToUnicode")] = writer._add_object(stream)
    writer.write(str(path))


@pytest.mark.parametrize("kind", ["private", "exchanged"])
def test_a_text_layer_of_wrong_letters_is_read_by_ocr(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    soup(tmp_path / "soup.pdf", kind)
    extract = read_pdf(tmp_path / "soup.pdf", "soup.pdf")
    assert said(extract).count(SENTENCE) == 6 and extract.pages_read == len(extract.scans) == 1
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "no-such-program")
    without = read_pdf(tmp_path / "soup.pdf", "soup.pdf")
    assert (without.blocks, without.pages_read) == ((), 0)
    assert "wrong letters, and no OCR program is installed" in str(without.problems[0]) and without.problems[0].outcome == "skipped"


def test_no_sound_page_of_ours_is_taken_for_a_scan_or_for_wrong_letters() -> None:
    for file in sorted(FILES.glob("*/*.pdf"))[::3]:
        document = pdfium.PdfDocument(file)
        assert [doubt(read_page(document[i], i + 1, Styles())) for i in range(len(document))] == [""] * len(document)
        document.close()


def test_a_page_of_nothing_but_abbreviations_keeps_its_own_words(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "short.pdf"), pagesize=A4)
    canvas.drawString(72, 700, "DCI SIO PIP2 ACC DCC HMIC ACPO NCPE SOCA RIU TCG NIM FIB DCS SB CTU MAPPA VISOR")
    canvas.drawString(72, 680, "MARAC LSCB CAIU POLSA PSU CBRN LRF ANPR FCR MIR HOLMES2 SARA PNC PND IMPACT")
    canvas.save()
    extract = read_pdf(tmp_path / "short.pdf", "short.pdf")
    assert (extract.pages_read, extract.scans, extract.problems) == (1, (), ())
    assert "HOLMES2 SARA PNC PND IMPACT" in said(extract)


def test_pictures_are_documents_page_by_page(tmp_path: Path) -> None:
    one, two = picture_of(DEED, 3, 200), picture_of(TABLES, 5, 200)
    bilevel = [page.point(lambda level: 255 * (level > 128)).convert("1") for page in (one, two)]
    bilevel[0].save(tmp_path / "fax.tiff", save_all=True, append_images=bilevel[1:], compression="group4", dpi=(200, 200))
    fax = read_document(tmp_path / "fax.tiff", "fax.tiff", "")
    assert (fax.pages, fax.pages_read, len(fax.scans), fax.problems) == (2, 2, 2, ())
    assert "compromise of a deployment" in fax.passages[0].text and {p.page for passage in fax.passages for p in passage.places} == {1, 2}
    assert all(p.box and p.box[3] <= 842.5 for passage in fax.passages for p in passage.places)


def test_a_damaged_and_a_monstrous_picture_are_reported(tmp_path: Path) -> None:
    picture_of(DEED, 1, 72).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:9000])
    Image.new("1", (16_000, 16_000)).save(tmp_path / "huge.png")
    (tmp_path / "no.jpg").write_bytes(b"no picture at all")
    for name, what in (("cut.png", "could not be unpacked"), ("huge.png", "too large to be a page"), ("no.jpg", "is no PNG, JPEG or TIFF")):
        document = read_document(tmp_path / name, name, "")
        assert (document.pages, document.pages_read, document.pages_failed) == (1, 0, 1)
        assert what in str(document.problems[0])


def test_no_page_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_in(tmp_path / "kept")
    scan(DEED, tmp_path / "scan.pdf", range(3, 4), dpi=150)
    first = read_pdf(tmp_path / "scan.pdf", "scan.pdf")
    monkeypatch.setattr("pytesseract.image_to_pdf_or_hocr", lambda *a, **k: pytest.fail("a page was read twice"))
    assert read_pdf(tmp_path / "scan.pdf", "scan.pdf") == first and first.blocks
    for file in (tmp_path / "kept").iterdir():
        file.write_bytes(b"damaged")
    with pytest.raises(pytest.fail.Exception):
        read_pdf(tmp_path / "scan.pdf", "scan.pdf")


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.tesseract.SECONDS", 0.01)
    scan(DEED, tmp_path / "slow.pdf", range(1, 2), dpi=100)
    extract = read_pdf(tmp_path / "slow.pdf", "slow.pdf")
    assert extract.pages_read == 0 and "took longer than" in str(extract.problems[0])
