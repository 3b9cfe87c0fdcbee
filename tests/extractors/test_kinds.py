"""Files whose names lie are read as what they are; old Office files go by way of LibreOffice or say what is missing."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from extractors import office
from extractors.document import Document
from extractors.kinds import EXCEL_XML, WORD_XML, kind_of
from extractors.read import READERS, read_document

FILES = Path(__file__).parent / "files"
PAGE = "\r\n<html><body><h1>Roads</h1><table><tr><th>Action<th>Owner<tr><td>Train drivers<td>CI Holm</table>"
WORD_2003 = '<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>'
EXCEL_2003 = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>'


def read(tmp_path: Path, name: str, content: bytes | str) -> Document:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path, name, "0" * 64)


def sample(name: str) -> bytes:
    return (FILES / name).read_bytes()


def binary_workbook() -> bytes:
    """A workbook whose parts are binary; LibreOffice reads it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"\x83\x01\0")
    return whole.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("plan.doc", sample("plan.rtf"), ".rtf"),
        ("plan.doc", sample("plan.docx"), ".docx"),
        ("plan.doc", sample("plan.odt"), ".odt"),
        ("plan.doc", PAGE, ".html"),
        ("plan.doc", "Dear Sir, the plan follows.", ".txt"),
        ("plan.doc", WORD_2003, WORD_XML),
        ("plan.docx", sample("plan.doc"), ".doc"),
        ("plan.docx", sample("actions.xlsx"), ".xlsx"),
        ("list.xls", PAGE, ".html"),
        ("list.xls", "Action\tOwner\n1\t2\n", ".csv"),
        ("list.xls", sample("actions.xlsx"), ".xlsx"),
        ("list.xls", EXCEL_2003, EXCEL_XML),
        ("list.xls", EXCEL_2003.encode("utf-16"), EXCEL_XML),
        ("list.csv", sample("actions.xls"), ".xls"),
        ("list.xls", binary_workbook(), ".xlsb"),
        ("plan", b"\n%PDF-1.4\n", ".pdf"),
        ("plan.rtf", sample("plan.docx"), ".docx"),
        ("mail.txt", sample("board.msg"), ".msg"),
        ("mail.msg", "Received: from x\nSubject: y\n\nz", ".eml"),
        ("scan.pdf", b"\x89PNG\r\n\x1a\n", ".png"),
        ("papers", b"PK\x03\x04", ".zip"),
        ("notes.txt", "Use <html> to begin a page.", ".txt"),
        ("notes.txt", "", ".txt"),
        ("plan.xyz", b"\0\1\2", ".xyz"),
    ],
)
def test_content_goes_before_the_name(tmp_path: Path, name: str, content: bytes | str, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert kind_of(path) == kind


def test_a_web_page_and_a_list_called_excel_are_read(tmp_path: Path) -> None:
    for content in (PAGE, "Action\tOwner\nTrain drivers\tCI Holm\n"):
        document = read(tmp_path, "export.xls", content)
        assert [p.text for p in document.passages if p.kind == "table_row"] == ["Train drivers | CI Holm"]
        assert document.passages[-1].columns == ("Action", "Owner")
        assert document.problems == ()


def test_an_unknown_kind_names_those_that_are_known(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, "plan.pages", b"\0\1").problems
    assert "kind .pages is not read yet" in problem.message
    for kind in ("PDF", "RTF", "ODS", "PPTX", "EML", "ZIP"):
        assert kind in problem.remedy


def test_every_reader_explains_what_it_cannot_read(tmp_path: Path) -> None:
    for kind in READERS:
        if kind in office.CONVERTED:
            continue
        for content in (b"", b"\0\1\2\3" * 50, b"PK\x03\x04 and no more", b"<?xml version='1.0'?><a>"):
            path = tmp_path / f"bad{kind}"
            path.write_bytes(content)
            document = read_document(path, "bad", "")
            assert document.passages or [problem.remedy for problem in document.problems if problem.file == "bad"], (kind, content)


def test_without_libreoffice_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    (problem,) = read(tmp_path, "plan.doc", sample("plan.doc")).problems
    assert "LibreOffice, which is not installed here" in problem.message
    assert "apt install libreoffice-writer" in problem.remedy
    assert "save it as .docx" in problem.remedy


EXPORT = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Actions"><Table>
<Row><Cell><Data ss:Type="String">Action</Data></Cell><Cell><Data ss:Type="String">Owner</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">Train twelve pursuit drivers</Data></Cell><Cell><Data ss:Type="String">CI Holm</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.skipif("libsclo.so" not in office.there_for(".xlsb"), reason="LibreOffice Calc is not installed")
def test_what_systems_export_as_excel_of_2003(tmp_path: Path) -> None:
    document = read(tmp_path, "export.xls", EXPORT)
    assert [(p.text, p.columns) for p in document.passages if p.kind == "table_row"] == [
        ("Train twelve pursuit drivers | CI Holm", ("Action", "Owner"))
    ]


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Puts a program of our own in LibreOffice's place."""
    found = tmp_path / "soffice"
    found.write_text(f"#!/bin/sh\n{script}\n")
    found.chmod(0o755)
    monkeypatch.setattr(office, "find_office", lambda: found)


def test_a_conversion_that_fails_or_hangs_costs_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "exit 1")
    (problem,) = read(tmp_path, "plan.doc", sample("plan.doc")).problems
    assert "LibreOffice cannot open it" in problem.message
    program(tmp_path, monkeypatch, f"sleep 600 & echo $! > {tmp_path}/helper; wait")
    monkeypatch.setattr(office, "START_SECONDS", 0.2)
    monkeypatch.setattr(office, "SECONDS_EACH", 0.2)
    (problem,) = read(tmp_path, "plan.doc", sample("plan.doc")).problems
    assert "too long" in problem.message
    helper = Path("/proc") / (tmp_path / "helper").read_text().strip() / "stat"
    assert not helper.exists() or helper.read_text().split()[2] == "Z"


def test_what_libreoffice_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch in one run for each new kind, a profile of its own with macros and links off, names of our own making."""
    saw = tmp_path / "saw"
    copy_profile = "for a; do case $a in -env:*) cp -r ${a#-env:UserInstallation=file://} " + f"{tmp_path}/profile;; esac; done"
    program(tmp_path, monkeypatch, f'echo "$@" >> {saw}; {copy_profile}')
    sources = [tmp_path / name for name in ("--help.doc", "two; rm.doc", "three.ppt")]
    for source in sources:
        shutil.copy(FILES / "plan.doc", source)
    wanted = [office.Conversion(source, source.suffix, tmp_path / "new" / source.stem) for source in sources]
    office.convert(wanted, tmp_path / "scratch")
    runs = saw.read_text().splitlines()
    assert [[Path(word).name for word in run.split() if "/scratch/in-" in word] for run in runs] == [["0.doc", "1.doc"], ["0.ppt"]]
    assert "--help" not in "".join(runs)
    assert "rm" not in "".join(runs)
    settings = (tmp_path / "profile" / "user" / "registrymodifications.xcu").read_text()
    assert 'oor:name="DisableMacrosExecution" oor:op="fuse"><value>true' in settings
    assert 'oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true' in settings


def test_a_locked_document_says_so(tmp_path: Path) -> None:
    whole = bytearray(sample("plan.doc"))
    at = whole.index(b"\xec\xa5")  # how the stream of the text begins
    whole[at + 11] |= 1
    (problem,) = read(tmp_path, "plan.doc", bytes(whole)).problems
    assert "protected by a password" in problem.message


def test_a_zip_that_names_more_than_anyone_sends_is_told_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "many.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", "")
        for number in range(100):
            archive.writestr(f"{number} {'x' * 60_000}", "")
    assert kind_of(path) == ".docx"


def test_an_old_office_file_that_names_more_than_anyone_sends_is_told_by_its_suffix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.xls"
    path.write_bytes(sample("plan.doc"))
    assert kind_of(path) == ".doc"
    monkeypatch.setattr("extractors.kinds._MOST_STREAMS", 3)
    assert kind_of(path) == ".xls"
