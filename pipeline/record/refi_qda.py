"""The codings as a REFI-QDA project, which programs for qualitative analysis open (qdasoftware.org: REFI-QDA 1.5, Project.xsd 1.0).

A zip of project.qde (XML) and the documents' texts. Codes are the areas, and the criteria with their elements below them; each quote is a
selection in its document, coded with its cell's area and with the elements that it bears (with the criterion where it bears none); each
force is a case. Positions count Unicode code points from 0, the end excluded.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lxml import etree

from pipeline.marking import highest_marking
from pipeline.record.record import Record
from pipeline.record.reviewed import reviewed
from pipeline.record.types import Version
from pipeline.report import grades_of
from pipeline.store import write_whole
from pipeline.words import capital, clean, label, place_of

NAMESPACE: Final = "urn:QDA-XML:project:1.0"
PROGRAM: Final = "Read-across"


@dataclass(slots=True)
class Project:
    """A project while it is written."""

    round: str
    users: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    """The sources by file name."""
    left_out: list[str] = field(default_factory=list)

    def guid(self, *what: object) -> str:
        """The same thing has the same id in every export of the round."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([self.round, *what], default=str)))

    def user(self, name: str) -> str:
        return self.users.setdefault(name, self.guid("user", name))


def write_project(record: Record, file: Path) -> list[str]:
    """Writes the round as it stands to `file`; names what could not be written. Raises RecordError or OSError."""
    whole = reviewed(record)
    project = Project(record.round())
    areas = {one["id"]: one["name"] for one in whole["areas"]}
    criteria = {one["id"]: one for one in whole["criteria"]}
    versions = [record.latest(submission["force"]) for submission in whole["submissions"]]
    root = etree.Element(_tag("Project"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    users, codes = _under(root, "Users"), _under(_under(root, "CodeBook"), "Codes")
    group = _code(codes, project, "Areas", "areas", codable=False)
    for area, name in areas.items():
        _code(group, project, name, "area", area)
    for criterion in criteria.values():
        node = _code(codes, project, criterion["name"], "criterion", criterion["id"])
        for element in criterion["elements"]:
            _code(node, project, element["name"], "element", criterion["id"], element["id"])
    cases, sources = _under(root, "Cases"), _under(root, "Sources")
    for version, submission in zip(versions, whole["submissions"], strict=True):
        case = _under(cases, "Case", guid=project.guid("case", version.force), name=clean(version.force))
        for document in submission["documents"]:
            source = _source(record, project, whole, version, submission, document)
            if source is not None:
                sources.append(source)
                _under(case, "SourceRef", targetGUID=str(source.get("guid")))
    for part in (cases, sources):
        if not len(part):
            root.remove(part)
    _under(
        root, "Description"
    ).text = f"Protective marking: {highest_marking(whole)}. Pack {whole['pack']['id']} {whole['pack']['version']}."
    root.attrib.update({"name": f"Read-across {whole['pack']['id']}", "origin": PROGRAM, "creatingUserGUID": project.user(PROGRAM),
                        "creationDateTime": max(version.at for version in versions)})  # fmt: skip
    for name, guid in project.users.items():
        _under(users, "User", guid=guid, name=clean(name))
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    write_whole(file, _zipped({"project.qde": content} | {f"sources/{name}": text.encode() for name, text in project.texts.items()}))
    return project.left_out


def _source(
    record: Record, project: Project, whole: Mapping[str, Any], version: Version, submission: Mapping[str, Any], document: Mapping[str, Any]
) -> etree._Element | None:
    """A document with its quotes; None where nothing of it was read or kept."""
    read = record.document(version, document["file"])
    if read is None or not read.passages:
        project.left_out.append(f"{version.force}, {document['file']}: no text of it was kept.")
        return None
    text = "\n".join(passage.text for passage in read.passages)
    guid, user = project.guid("source", version.sha256, document["file"]), project.user(PROGRAM)
    project.texts[f"{guid}.txt"] = text
    source = etree.Element(_tag("TextSource"), guid=guid, name=clean(f"{version.force}: {document['file']}"))
    source.attrib.update({"plainTextPath": f"internal://{guid}.txt", "creatingUser": user, "creationDateTime": version.at})
    _under(source, "Description").text = clean(
        f"{label(document.get('kind') or 'not known')}. Marking: {document.get('marking') or 'none'}."
    )
    for area, criterion, number, item, cell in _quotes(submission, document["file"]):
        start, end = item.get("range") or (-1, -1)
        if text[start:end] != item["quote"]:
            start = text.find(item["quote"])
            end = start + len(item["quote"])
        if start < 0:
            project.left_out.append(f"{version.force}, {document['file']}, {place_of(item)}: “{item['quote'][:60]}” is not in its text.")
            continue
        who = str(item.get("added_by") or PROGRAM)
        by = {"creatingUser": project.user(who), "creationDateTime": cell["decision"]["at"] if who != PROGRAM else version.at}
        key = ("selection", version.sha256, area, criterion, number, who)
        names = next(one for one in whole["areas"] if one["id"] == area), next(one for one in whole["criteria"] if one["id"] == criterion)
        selection = _under(source, "PlainTextSelection", guid=project.guid(*key), name=clean(f"{names[0]['name']}: {names[1]['short']}"),
                           startPosition=str(start), endPosition=str(end), **by)  # fmt: skip
        _under(selection, "Description").text = clean(_told(whole, item, cell))
        borne: list[tuple[str, ...]] = [("element", criterion, element) for element in item.get("elements") or ()]
        for code in (("area", area), *(borne or [("criterion", criterion)])):
            coding = _under(selection, "Coding", guid=project.guid(*key, *code), **by)
            _under(coding, "CodeRef", targetGUID=project.guid("code", *code))
    return source


def _quotes(submission: Mapping[str, Any], file: str) -> Iterator[tuple[str, str, int, dict[str, Any], dict[str, Any]]]:
    for area, row in submission["cells"].items():
        for criterion, cell in row.items():
            for number, item in enumerate(cell["evidence"], 1):
                if item["file"] == file:
                    yield area, criterion, number, item, cell


def _told(whole: Mapping[str, Any], item: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    grades = grades_of(dict(whole))
    score = "" if item.get("score") is None else f" Score {item['score']:.2f}."
    given, proposed = (grades[cell[grade]]["name"] for grade in ("grade", "provisional_grade"))
    return f"{capital(place_of(item))}.{score} Cell: {given} ({label(cell['status'])}); proposed: {proposed}."


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _under(parent: etree._Element, element: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _tag(element), attributes)


def _code(parent: etree._Element, project: Project, name: str, *what: str, codable: bool = True) -> etree._Element:
    return _under(parent, "Code", guid=project.guid("code", *what), name=clean(name), isCodable=str(codable).lower())


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip without dates of today, so that equal rounds give equal files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()
