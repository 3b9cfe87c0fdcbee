"""The ledger of pages, as every output tells it: what was read, read by OCR, skipped for want of something here, or failed."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter

from benchmarks.ocr import scan
from extractors.read import aids
from extractors.tesseract import LANGUAGE, TURNS, installed
from tests.conftest import EXAMPLES, review_here

SALTMERE = EXAMPLES / "Saltmere Police"
PLAN = SALTMERE / "Policing Saltmere 2008-11.pdf"
needs_ocr = pytest.mark.skipif(not {LANGUAGE, TURNS} <= set(installed()), reason="Tesseract is not installed with its English data")


def documents(out: Path) -> dict[str, dict[str, Any]]:
    (one,) = json.loads((out / "matrix.json").read_text(encoding="utf-8"))["submissions"]
    return {document["file"]: document for document in one["documents"]}


def counts(document: dict[str, Any]) -> tuple[int, ...]:
    return tuple(document[f"pages{what}"] for what in ("", "_read", "_ocr", "_failed", "_skipped"))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox" / "Saltmere Police"
    folder.mkdir(parents=True)
    shutil.copy(SALTMERE / "Improving Protection PSIP 2008.docx", folder)
    return folder


@needs_ocr
def test_quotes_from_a_scan_say_how_surely_they_were_read_and_pages_add_up(inbox: Path, tmp_path: Path) -> None:
    scan(PLAN, inbox / "plan.pdf", range(1, 3))
    outcome = review_here(inbox.parent, tmp_path / "out")
    plan = documents(tmp_path / "out")["plan.pdf"]
    assert outcome.unread == 0 and counts(plan) == (2, 2, 2, 0, 0) and plan["ocr_confidence"] > 0.9
    (one,) = outcome.matrix["submissions"]
    quotes = [e for row in one["cells"].values() for cell in row.values() for e in cell["evidence"]]
    scanned = [e for e in quotes if e["file"] == "plan.pdf"]
    assert scanned and all(e["ocr_confidence"] > 0.5 and e["box"][2] <= 596 and e["box"][3] <= 843 for e in scanned)
    assert not any("ocr_confidence" in e for e in quotes if e["file"] != "plan.pdf")
    assert "read by OCR, 9" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_pages_that_wait_for_ocr_are_skipped_until_it_is_there(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(PLAN, inbox / "plan.pdf", range(1, 2))
    with monkeypatch.context() as without:
        without.setattr("pytesseract.pytesseract.tesseract_cmd", "no-such-program")
        outcome = review_here(inbox.parent, tmp_path / "out")
    plan = documents(tmp_path / "out")["plan.pdf"]
    assert outcome.unread == 1 and counts(plan) == (1, 0, 0, 0, 1)
    assert "no OCR program is installed" in plan["problems"][0] and "readacross doctor" in plan["problems"][0]
    sheet = load_workbook(tmp_path / "out" / "matrix.xlsx")["Documents"]
    head, *rows = sheet.iter_rows(values_only=True)
    (row,) = [dict(zip(head, row, strict=True)) for row in rows if row[2] == "plan.pdf"]
    assert (row["Pages"], row["Pages read"], row["By OCR"], row["Pages failed"], row["Pages skipped"]) == (1, 0, 0, 0, 1)
    if installed():
        review_here(inbox.parent, tmp_path / "out")
        assert counts(documents(tmp_path / "out")["plan.pdf"]) == (1, 1, 1, 0, 0)


def test_a_protected_pdf_is_opened_with_a_password_from_the_forces_folder(inbox: Path, tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(PLAN))
    writer.encrypt("Brass-Monkey 7")
    writer.write(inbox / "plan.pdf")
    review_here(inbox.parent, tmp_path / "out")
    plan = documents(tmp_path / "out")["plan.pdf"]
    assert plan["pages_read"] == 0 and "passwords.txt in the force's folder" in plan["problems"][0]
    (inbox / "passwords.txt").write_text("not this\nBrass-Monkey 7\n", encoding="utf-8")
    review_here(inbox.parent, tmp_path / "out")
    both = documents(tmp_path / "out")
    assert both["plan.pdf"]["pages_read"] == both["plan.pdf"]["pages"] == 4 and not both["plan.pdf"]["problems"]
    assert set(both) == {"plan.pdf", "Improving Protection PSIP 2008.docx"}
    assert not any(b"Brass-Monkey" in file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())


def test_a_protected_word_document_is_opened_with_a_password_from_the_forces_folder(inbox: Path, tmp_path: Path) -> None:
    (plain,) = inbox.iterdir()
    plain.rename(tmp_path / "plain.docx")
    with (tmp_path / "plain.docx").open("rb") as source, (inbox / "psip.docx").open("wb") as target:
        OOXMLFile(source).encrypt("Brass-Monkey 7", target)
    review_here(inbox.parent, tmp_path / "out")
    locked = documents(tmp_path / "out")["psip.docx"]
    assert counts(locked) == (1, 0, 0, 0, 1) and locked["pages_known"] is False
    assert "protected by a password" in locked["problems"][0] and "passwords.txt in the force's folder" in locked["problems"][0]
    assert "Not known" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    (inbox / "passwords.txt").write_text("not this\nBrass-Monkey 7\n", encoding="utf-8")
    review_here(inbox.parent, tmp_path / "out")
    opened = documents(tmp_path / "out")["psip.docx"]
    assert opened["passages"] and opened["pages_read"] == opened["pages"] and opened["pages_known"] is True
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert not any(b"word/document.xml" in file.read_bytes() for file in files), "no copy without its password stays behind"


def test_a_protected_file_is_not_parsed_before_a_worker_has_it(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plain,) = inbox.iterdir()
    with plain.open("rb") as source, (tmp_path / "psip.docx").open("wb") as target:
        OOXMLFile(source).encrypt("Brass-Monkey 7", target)
    (tmp_path / "passwords.txt").write_text("Brass-Monkey 7\n", encoding="utf-8")
    opened: list[object] = []
    monkeypatch.setattr("msoffcrypto.OfficeFile", opened.append)
    with_passwords = aids(tmp_path / "psip.docx", str(tmp_path / "passwords.txt"))
    assert with_passwords != aids(tmp_path / "psip.docx", ""), "once there are passwords, it is read anew"
    assert opened == []


def test_a_file_that_nobody_can_open_counts_as_one_page_and_says_that_nobody_knows(inbox: Path, tmp_path: Path) -> None:
    (inbox / "cut.pdf").write_bytes(PLAN.read_bytes()[:300])
    review_here(inbox.parent, tmp_path / "out")
    cut = documents(tmp_path / "out")["cut.pdf"]
    assert counts(cut) == (1, 0, 0, 1, 0) and cut["pages_known"] is False
    sheet = load_workbook(tmp_path / "out" / "matrix.xlsx")["Documents"]
    head, *rows = sheet.iter_rows(values_only=True)
    (row,) = [dict(zip(head, row, strict=True)) for row in rows if row[2] == "cut.pdf"]
    assert (row["Pages"], row["Pages read"], row["Pages failed"]) == ("Not known", 0, 1)


def test_passwords_are_not_unpacked_from_zips(inbox: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(inbox / "more.zip", "w") as archive:
        archive.write(inbox / "Improving Protection PSIP 2008.docx", "again.docx")
        archive.writestr("passwords.txt", "Brass-Monkey 7")
    with zipfile.ZipFile(tmp_path / "inbox.zip", "w") as archive:
        for file in inbox.iterdir():
            archive.write(file, f"Saltmere Police/{file.name}")
        archive.writestr("Saltmere Police/Passwords.txt", "Brass-Monkey 7")
    (one,) = review_here(tmp_path / "inbox.zip", tmp_path / "out").matrix["submissions"]
    assert {d["file"] for d in one["documents"]} == {"Improving Protection PSIP 2008.docx", "more.zip/again.docx"}
    assert any("more.zip/passwords.txt: was left where it is" in problem for problem in one["problems"])
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert not any(b"Brass-Monkey" in file.read_bytes() for file in files if file.suffix != ".zip")
