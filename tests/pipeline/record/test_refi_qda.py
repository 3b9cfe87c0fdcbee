"""What a program for qualitative analysis finds in the export: a sound project whose every selection is the quote."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from pipeline.record.record import Record
from pipeline.record.refi_qda import write_project
from pipeline.record.types import EvidenceMarks
from tests.pipeline.record.test_decisions import AT

Q = "{urn:QDA-XML:project:1.0}"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHILDREN = {
    "Project": ("Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs", "Description", "NoteRef"),
    "Users": ("User",), "User": (), "CodeBook": ("Codes",), "Codes": ("Code",), "Code": ("Description", "NoteRef", "Code"),
    "Cases": ("Case",), "Case": ("Description", "CodeRef", "VariableValue", "SourceRef", "SelectionRef"),
    "Sources": ("TextSource", "PictureSource", "PDFSource", "AudioSource", "VideoSource"),
    "TextSource": ("Description", "PlainTextContent", "PlainTextSelection", "Coding", "NoteRef", "VariableValue"),
    "PlainTextSelection": ("Description", "Coding", "NoteRef"), "Coding": ("CodeRef", "NoteRef"),
    "CodeRef": (), "SourceRef": (), "Description": (),
}  # fmt: skip
"""The published schema (Project.xsd, version 1.0), as far as the export goes: what each element holds, in this order."""
REQUIRED = {
    "Project": {"name"}, "User": {"guid"}, "Code": {"guid", "name", "isCodable"}, "Case": {"guid"}, "TextSource": {"guid"},
    "PlainTextSelection": {"guid", "startPosition", "endPosition"}, "Coding": {"guid"},
    "CodeRef": {"targetGUID"}, "SourceRef": {"targetGUID"},
}  # fmt: skip
EMPTY_REFUSED = ("Users", "Codes", "Cases", "Sources")


@pytest.fixture
def out(examples_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    return Path(shutil.copytree(examples_out, tmp_path / "out"))


def project_of(file: Path) -> tuple[etree._Element, dict[str, str]]:
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name != "project.qde"}
        return etree.fromstring(archive.read("project.qde")), texts


def name_of(node: etree._Element) -> str:
    return str(etree.QName(node).localname)


def faults(root: etree._Element) -> Iterator[str]:
    assert root.tag == Q + "Project"
    for node in root.iter():
        name, order = name_of(node), [CHILDREN[name_of(node)].index(name_of(child)) for child in node]
        if order != sorted(order):
            yield f"{name} has its children in the wrong order"
        if missing := REQUIRED.get(name, set()) - {str(key) for key in node.attrib}:
            yield f"{name} lacks {missing}"
        if name in EMPTY_REFUSED and not len(node):
            yield f"{name} is empty"
        guids = [v for k, v in node.attrib.items() if str(k).endswith(("guid", "GUID")) or str(k) == "creatingUser"]
        yield from (f"{value} is no GUID" for value in guids if not GUID.fullmatch(str(value)))


def test_every_selection_is_the_quote_and_every_reference_leads_somewhere(out: Path, tmp_path: Path) -> None:
    with Record.open(out) as record:
        assert write_project(record, tmp_path / "codings.qdpx") == []
        evidence = [
            item["quote"]
            for force in record.forces()
            for row in record.entry(record.latest(force))["cells"].values()
            for cell in row.values()
            for item in cell["evidence"]
        ]
        codes_wanted = 1 + len(record.head()["areas"]) + sum(1 + len(c["elements"]) for c in record.head()["criteria"])
        forces = record.forces()
    root, texts = project_of(tmp_path / "codings.qdpx")
    assert [*faults(root)] == []
    quotes = []
    for source in root.iter(Q + "TextSource"):
        text = texts["sources/" + str(source.get("plainTextPath")).removeprefix("internal://")]
        for selection in source.iter(Q + "PlainTextSelection"):
            quotes.append(text[int(str(selection.get("startPosition"))) : int(str(selection.get("endPosition")))])
    assert Counter(quotes) == Counter(evidence) and len(quotes) > 200
    assert len(texts) == 6 and [c.get("name") for c in root.iter(Q + "Case")] == forces
    made = [str(node.get("guid")) for node in root.iter() if node.get("guid")]
    assert len(made) == len(set(made))
    users, known = {str(node.get("guid")) for node in root.iter(Q + "User")}, set(made)
    assert {node.get("creatingUser") for node in root.iter() if node.get("creatingUser")} <= users
    assert {str(node.get("targetGUID")) for node in root.iter() if node.get("targetGUID")} <= known
    assert len([*root.iter(Q + "Code")]) == codes_wanted
    assert "RESTRICTED" in str(root.findtext(Q + "Description"))


def test_the_reviewers_evidence_is_theirs_and_equal_rounds_give_equal_files(out: Path, tmp_path: Path) -> None:
    with Record.open(out) as record:
        version = record.latest(record.forces()[0])
        area, criterion = next(key for key, _ in record.standing(version.force).items() if record.cell(version, *key)["evidence"])
        cell = record.cell(version, area, criterion)
        file = cell["evidence"][0]["file"]
        document = record.document(version, file)
        assert document is not None
        words = document.passages[0].text
        added = {"file": file, "quote": words, "page": 1, "elements": [next(iter(cell["elements"]))]}
        lost = {"file": file, "quote": "words that stand nowhere in it", "page": 1}
        marks = EvidenceMarks(rejected=(1,), added=(added, lost))
        record.decide(version.force, area, criterion, grade=cell["grade"], reviewer="Ann Reed", at=AT, evidence=marks)
        left_out = write_project(record, tmp_path / "one.qdpx")
        write_project(record, tmp_path / "two.qdpx")
    assert len(left_out) == 1 and "words that stand nowhere in it” is not in its text" in left_out[0]
    assert (tmp_path / "one.qdpx").read_bytes() == (tmp_path / "two.qdpx").read_bytes()
    root, texts = project_of(tmp_path / "one.qdpx")
    assert [*faults(root)] == []
    ann = next(str(user.get("guid")) for user in root.iter(Q + "User") if user.get("name") == "Ann Reed")
    (hers,) = [s for s in root.iter(Q + "PlainTextSelection") if s.get("creatingUser") == ann]
    source = hers.getparent()
    assert source is not None and hers.get("creationDateTime") == "2026-11-21T09:30:00.000000Z"
    text = texts["sources/" + str(source.get("plainTextPath")).removeprefix("internal://")]
    assert text[int(str(hers.get("startPosition"))) : int(str(hers.get("endPosition")))] == words
    assert len([*hers.iter(Q + "Coding")]) == 2
    quotes = [d.text for d in root.iter(Q + "Description") if d.text and "Validated" in d.text]
    assert len(quotes) == len(cell["evidence"])  # one was rejected, one added
