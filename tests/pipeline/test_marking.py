"""What is restricted stays out of whatever is public: every output is unpacked and searched for every restricted passage."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from extractors.document import Document
from extractors.read import read_document
from pipeline.marking import highest_marking, public_copy, withheld_note
from pipeline.markings import is_open
from pipeline.publish.letters import write_letters
from pipeline.publish.national import Wanted, publish_national
from pipeline.report import write_report
from pipeline.round import load_round
from pipeline.workbook import write_workbook
from rules.loader import load_pack
from tests.conftest import EXAMPLES
from tests.pipeline.matrix_example import matrix_example

RUN = 6
"""Words in a row that give a passage away."""


def words(text: str) -> list[str]:
    return re.findall(r"[\w£%]+(?:[.,:/][\w%]+)*", text.casefold())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def numbers(text: str) -> set[str]:
    """Numbers of three signs or more: smaller ones stand everywhere."""
    return {word for word in words(text) if re.fullmatch(r"£?[\d.,]{3,}%?", word)}


def texts_of(path: Path) -> Iterator[str]:
    """Everything that a file holds: all parts of a package, pictures among them, text and attributes; else its text."""
    yield path.name
    if path.suffix == ".png":
        yield from (str(value) for value in Image.open(path).info.values())
    elif path.suffix in (".svg", ".graphml"):
        yield from _texts_in(etree.fromstring(path.read_bytes()), ("text", "title", "desc", "data"))
    elif not zipfile.is_zipfile(path):
        yield re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8")) if path.suffix == ".html" else path.read_text(encoding="utf-8")
    else:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                yield name
                if name.endswith((".xml", ".rels")):
                    yield from _texts_in(etree.fromstring(package.read(name)), ("p", "si", "is", "row"))


def _texts_in(root: etree._Element, whole: tuple[str, ...]) -> Iterator[str]:
    for element in root.iter(etree.Element):
        if etree.QName(element).localname in whole:
            yield " ".join(element.itertext())
        yield from (element.text or "", *map(str, element.attrib.values()))


def both_kinds() -> tuple[list[Document], list[Document]]:
    """The examples' open documents, and those that are not."""
    manifest = load_manifest()
    found: tuple[list[Document], list[Document]] = [], []
    for path in sorted(EXAMPLES.glob("*/*.*")):
        found[manifest[path.name]].append(read_document(path, path.name, ""))
    return found


def load_manifest() -> dict[str, int]:
    return {p.name: 0 if p.suffix == ".pdf" else 1 for p in EXAMPLES.glob("*/*.*")}


@pytest.fixture(scope="module")
def public(examples_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of output of the public copy of the examples."""
    out = tmp_path_factory.mktemp("public")
    matrix = load_round(examples_out)
    copy = public_copy(load_pack(), matrix)
    (out / "matrix.json").write_text(json.dumps(copy, ensure_ascii=False), encoding="utf-8")
    write_workbook(copy, out / "matrix.xlsx")
    write_report(copy, out / "report.html")
    write_letters(load_pack(), matrix, out, "", public=True)
    publish_national(Wanted(out, examples_out, before=(examples_out,), public=True), lambda *_: None)
    return out


def test_the_examples_hold_what_the_test_is_about(examples_out: Path) -> None:
    documents = [d for s in load_round(examples_out)["submissions"] for d in s["documents"]]
    assert {d["file"]: int(not is_open(d)) for d in documents} == load_manifest()
    assert any(d["marking"] == "RESTRICTED" for d in documents)


def test_no_public_output_holds_a_restricted_passage_number_or_name(public: Path) -> None:
    open_, closed = both_kinds()
    passages = {kind: [p.text for d in documents for p in d.passages] for kind, documents in (("open", open_), ("closed", closed))}
    pack = load_pack()
    passages["open"] += [pack.name, *(g.says for g in pack.guidance.values())]  # the program's own words, whoever else says them
    secret = {run for text in passages["closed"] for run in runs(text)} - {run for text in passages["open"] for run in runs(text)}
    figures = {n for text in passages["closed"] for n in numbers(text)} - {n for text in passages["open"] for n in numbers(text)}
    figures -= {"100%"}  # the national tables come to it by themselves
    kinds = {kind.name.casefold() for kind in pack.kinds}  # a kind's own name gives no title away
    names = {text.casefold() for d in closed for text in (d.file, d.file.rsplit(".", 1)[0], d.title) if text} - kinds
    names -= {d.title.casefold() for d in open_}
    assert len(secret) > 500 and len(figures) > 20 and len(names) > 8
    files = sorted(p for p in public.rglob("*") if p.is_file())
    assert {f.suffix for f in files} == {".json", ".xlsx", ".html", ".docx", ".csv", ".svg", ".png", ".graphml"}
    for file in files:
        texts = list(texts_of(file))
        assert not {run for text in texts for run in runs(text)} & secret, file.name
        drawn = file.suffix in (".svg", ".png", ".json")
        shown = [] if drawn else [text for text in texts if " " in text]  # lone numbers are sizes, colours, chances
        assert not {n for text in shown for n in numbers(text)} & figures, file.name
        assert not [name for name in names for text in texts if name in text.casefold()], file.name


def test_the_same_search_finds_what_the_whole_outputs_hold(examples_out: Path) -> None:
    closed = both_kinds()[1]
    secret = {run for d in closed for p in d.passages for run in runs(p.text)}
    assert {run for text in texts_of(examples_out / "matrix.xlsx") for run in runs(text)} & secret


def test_a_public_copy_says_how_much_it_keeps_back(examples_out: Path) -> None:
    matrix = load_round(examples_out)
    copy = public_copy(load_pack(), matrix)
    kept = sum(len(cell["evidence"]) for s in copy["submissions"] for row in s["cells"].values() for cell in row.values())
    had = sum(len(cell["evidence"]) for s in matrix["submissions"] for row in s["cells"].values() for cell in row.values())
    shown = sum(len(s["governance_evidence"]) for s in matrix["submissions"])
    shown_still = sum(len(s["governance_evidence"]) for s in copy["submissions"])
    assert 0 < kept < had
    assert copy["withheld"]["quotes"] == had + shown - kept - shown_still
    assert copy["withheld"]["documents"] == 4
    assert f"{copy['withheld']['quotes']} quotations, 4 documents' names" in withheld_note(copy["withheld"])
    assert [s["area_grades"] for s in copy["submissions"]] == [s["area_grades"] for s in matrix["submissions"]]
    assert highest_marking(copy) == "NOT PROTECTIVELY MARKED" and highest_marking(matrix) == "RESTRICTED"


def test_a_reviewers_reason_and_what_the_copy_does_not_know_stay_back() -> None:
    matrix = matrix_example()
    cell = matrix["submissions"][0]["cells"]["roads"]["plans"]
    cell |= {"status": "overridden", "decision": {"reviewer": "A. Reader", "at": "2009-01-05", "reason": "Op Larder is live."}}
    matrix["submissions"][0]["history"] = ["Op Larder"]
    copy = public_copy(load_pack(), matrix)
    assert "Larder" not in json.dumps(copy) and "A. Reader" not in json.dumps(copy)
    assert copy["submissions"][0]["cells"]["roads"]["plans"]["status"] == "overridden"
    assert copy["submissions"][0]["withheld"]["reasons"] == 1


@pytest.mark.parametrize(
    ("marking", "open_"),
    [
        ("NOT PROTECTIVELY MARKED", True),
        ("unclassified", True),
        ("PROTECT", False),
        ("RESTRICTED", False),
        ("", False),
        ("EYES ONLY", False),
    ],
)
def test_only_a_document_that_says_so_is_open(marking: str, open_: bool) -> None:
    assert is_open({"marking": marking}) is open_


def test_nothing_withheld_is_said_too() -> None:
    assert withheld_note({}) == "Nothing was withheld from this public copy."
    assert withheld_note({"quotes": 1}).startswith("1 quotation was withheld")
