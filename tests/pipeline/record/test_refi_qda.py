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
from tests.conftest import review_here
from tests.pipeline.record.test_decisions import AT

Q = "{urn:QDA-XML:project:1.0}"
MANY, SOME, ONE = (0, None), (0, 1), (1, 1)
CHILDREN = {
    "Project": {"Users": SOME, "CodeBook": SOME, "Variables": SOME, "Cases": SOME, "Sources": SOME, "Notes": SOME, "Links": SOME,
                "Sets": SOME, "Graphs": SOME, "Description": SOME, "NoteRef": MANY},
    "Users": {"User": (1, None)}, "User": {}, "CodeBook": {"Codes": ONE}, "Codes": {"Code": (1, None)},
    "Code": {"Description": SOME, "NoteRef": MANY, "Code": MANY}, "Cases": {"Case": (1, None)},
    "Case": {"Description": SOME, "CodeRef": MANY, "VariableValue": MANY, "SourceRef": MANY, "SelectionRef": MANY},
    "Sources": {"TextSource": (1, None)},
    "TextSource": {"Description": SOME, "PlainTextContent": SOME, "PlainTextSelection": MANY, "Coding": MANY, "NoteRef": MANY,
                   "VariableValue": MANY},
    "PlainTextSelection": {"Description": SOME, "Coding": MANY, "NoteRef": MANY}, "Coding": {"CodeRef": ONE, "NoteRef": MANY},
    "CodeRef": {}, "SourceRef": {}, "Description": {},
}  # fmt: skip
"""What each element that we write may hold, in this order, and how often: our own reading of the Project.xsd of REFI-QDA 1.5."""
GUIDS, MOMENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TEXT, NUMBER, YES_NO = re.compile(r".*", re.DOTALL), re.compile(r"\d+"), re.compile("true|false")
INSIDE = re.compile(r"internal://[0-9a-f-]{36}\.txt")
MADE = {"creatingUser": GUIDS, "creationDateTime": MOMENT}
ATTRIBUTES: dict[str, tuple[dict[str, re.Pattern[str]], set[str]]] = {
    "Project": ({"name": TEXT, "origin": TEXT, "creatingUserGUID": GUIDS, "creationDateTime": MOMENT}, {"name"}),
    "User": ({"guid": GUIDS, "name": TEXT}, {"guid"}),
    "Code": ({"guid": GUIDS, "name": TEXT, "isCodable": YES_NO}, {"guid", "name", "isCodable"}),
    "Case": ({"guid": GUIDS, "name": TEXT}, {"guid"}),
    "TextSource": ({"guid": GUIDS, "name": TEXT, "plainTextPath": INSIDE, **MADE}, {"guid", "plainTextPath"}),
    "PlainTextSelection": ({"guid": GUIDS, "name": TEXT, "startPosition": NUMBER, "endPosition": NUMBER, **MADE},
                           {"guid", "startPosition", "endPosition"}),
    "Coding": ({"guid": GUIDS, **MADE}, {"guid"}), "CodeRef": ({"targetGUID": GUIDS}, {"targetGUID"}),
    "SourceRef": ({"targetGUID": GUIDS}, {"targetGUID"}),
}  # fmt: skip
"""What each may say of itself and in which form, and what it must."""


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
        name, allowed = name_of(node), CHILDREN[name_of(node)]
        held = [name_of(child) for child in node]
        order = [list(allowed).index(child) for child in held]
        if order != sorted(order):
            yield f"{name} has its children in the wrong order"
        yield from (f"{name} holds {held.count(c)} {c}" for c, (least, most) in allowed.items()
                    if held.count(c) < least or (most and held.count(c) > most))  # fmt: skip
        forms, needed = ATTRIBUTES.get(name, ({}, set()))
        told = {str(key): str(value) for key, value in node.attrib.items()}
        if missing := needed - {*told}:
            yield f"{name} lacks {missing}"
        yield from (f"{name} says {key}={value!r}" for key, value in told.items() if key not in forms or not forms[key].fullmatch(value))
        if name != "Description" and (node.text or "").strip():
            yield f"{name} holds loose text"


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


def test_positions_count_signs_however_many_bytes_each_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    (tmp_path / "inbox" / "Saltmere Police").mkdir(parents=True)
    words = "🚨 Roads policing\n\nThe Superintendent owns the roads policing plan 🚗 and cuts deaths on the road to 30 by March 2009."
    (tmp_path / "inbox" / "Saltmere Police" / "plan.txt").write_text(words, encoding="utf-8")
    review_here(tmp_path / "inbox", tmp_path / "out")
    with Record.open(tmp_path / "out") as record:
        assert write_project(record, tmp_path / "codings.qdpx") == []
    root, texts = project_of(tmp_path / "codings.qdpx")
    (text,) = texts.values()
    spans = [(int(str(s.get("startPosition"))), int(str(s.get("endPosition")))) for s in root.iter(Q + "PlainTextSelection")]
    assert spans and all(0 <= a < b <= len(text) for a, b in spans) and {text[a:b] for a, b in spans} <= {*words.split("\n\n")}
    assert any("🚗" in text[a:b] for a, b in spans)


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
