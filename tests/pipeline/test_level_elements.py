"""What a stated level is as evidence and what it is not, on small files read by the shipped models (handbook section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from docx import Document as Docx
from openpyxl import Workbook

from classifiers import encoder
from classifiers.classify import Classifier
from classifiers.levels.reader import level_reader
from classifiers.model import FIRST, MODELS, load
from extractors.read import read_document
from pipeline.assess import CUT, Cell, assess
from pipeline.passages import LineError, classify_lines
from rules.loader import load_pack

THREAT_AND_NEED = ("Service", "Threat", "Need")


@cache
def classifier() -> Classifier:
    return Classifier(load_pack(), load(MODELS / FIRST), encoder.load(MODELS))


def sheet(folder: Path, *rows: Sequence[str]) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Assessment"
    for row in rows:
        book.active.append(row)
    book.save(folder / "Threat and need.xlsx")
    return folder / "Threat and need.xlsx"


def plan(folder: Path, heading: str, *paragraphs: str) -> Path:
    paper = Docx()
    paper.add_heading(heading, level=1)
    for text in paragraphs:
        paper.add_paragraph(text)
    paper.save(str(folder / "plan.docx"))
    return folder / "plan.docx"


def gaps_in(path: Path, area: str) -> Cell:
    """The cell of identified gaps that the file alone gives the area."""
    reader = classifier()
    document = read_document(path, path.name, "")
    [readings] = reader.read([reader.look(document.passages, document.title)])
    read = [(document, readings)]
    return assess(reader.pack, reader.model, read, level_reader(reader.pack).stated(read))[area]["identified_gaps"]


def found(cell: Cell) -> set[str]:
    return {element for element, p in cell.elements.items() if p >= CUT}


def words(cell: Cell, element: str) -> set[str]:
    """The words that the evidence of an element highlights."""
    return {e.quote[start:end] for e in cell.evidence if element in e.elements for start, end in e.highlights}


def test_a_table_of_levels_is_threat_and_need_and_no_capability(tmp_path: Path) -> None:
    path = sheet(tmp_path, THREAT_AND_NEED, ("Major crime", "High", "Medium"), ("Roads policing", "Low", "High"))
    for area, levels in (("major_crime", {"High", "Medium"}), ("roads_policing", {"Low", "High"})):
        cell = gaps_in(path, area)
        assert {"threat", "gap", "graded_need"} <= found(cell)
        assert "capability" not in found(cell)
        assert cell.missing == ("capability",)
        assert cell.grade == 1
        assert levels <= words(cell, "gap") | words(cell, "threat")


def test_a_row_that_also_tells_of_capability_keeps_it(tmp_path: Path) -> None:
    header = ("Service", "Threat", "Capability", "Need")
    row = ("Major crime", "High", "Nine accredited SIOs where fourteen are needed; no cover at weekends", "Medium")
    assert "capability" in found(gaps_in(sheet(tmp_path, header, row), "major_crime"))


def test_a_sentence_of_levels_is_no_capability(tmp_path: Path) -> None:
    cell = gaps_in(plan(tmp_path, "Major crime", "The threat is assessed as high, and our need is medium."), "major_crime")
    assert {"threat", "gap", "graded_need"} <= found(cell)
    assert "capability" not in found(cell)


def test_a_key_by_itself_is_no_method(tmp_path: Path) -> None:
    key = "Scores run from 1 to 9: 1 to 3 is low, 4 to 6 is medium and 7 to 9 is high."
    cell = gaps_in(plan(tmp_path, "Major crime", key, "Threat 8. Need 5."), "major_crime")
    assert "method" not in found(cell)
    named = gaps_in(plan(tmp_path, "Major crime", "Scored on the ACPO risk matrix, it comes to 8.", "Threat 8. Need 5."), "major_crime")
    assert named.elements["method"] > cell.elements["method"]


def test_a_row_from_anywhere_is_labelled_by_the_same_rule() -> None:
    row = '{"id": "1", "text": "Major crime | High | Medium", "columns": ["Service", "Threat", "Need"], "headings": ["Assessment"]}'
    [labels] = [one for one in classify_lines(classifier(), [row]) if not isinstance(one, LineError)]
    assert set(labels["criteria"]["identified_gaps"]) == {"threat", "gap", "graded_need"}
