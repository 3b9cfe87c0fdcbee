"""The same plan and the same sheet, saved by an office program in each format, give the same sections and passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from extractors.document import Document, Passage
from extractors.office import there_for
from extractors.read import read_document

FILES = Path(__file__).parent / "files"


def read(name: str) -> Document:
    return read_document(FILES / name, name, "0" * 64)


def told(passages: Sequence[Passage]) -> list[tuple[object, ...]]:
    """All that the classifiers read of a passage: everything but where it stands."""
    return [(p.text, p.kind, p.role, p.headings, p.columns, p.cells, p.lead_in, p.table, p.start, p.end) for p in passages]


PLAN = read("plan.docx")
SHEET = read("actions.xlsx")


needs_writer = pytest.mark.skipif("libswlo.so" not in there_for(".doc"), reason="LibreOffice Writer is not installed")


def test_the_plan_is_what_its_author_wrote() -> None:
    outline = [(len(p.headings), p.text) for p in PLAN.passages if p.kind == "heading"]
    assert outline[:4] == [
        (0, "Wolderness Police Protective Services Improvement Plan 2008 to 2011"),
        (0, "1 Purpose of this plan"),
        (0, "2 Roads policing"),
        (1, "2.1 What we know"),
    ]
    rows = [p for p in PLAN.passages if p.kind == "table_row"]
    assert rows[0].columns == ("Action", "Owner", "By when", "Cost")
    assert rows[2].headings[-1] == "Second stage, once the pilot has been reviewed"
    assert (rows[4].columns, rows[4].cells) == (
        ("Function", "Posts: 2008", "Posts: 2010", "Money in 2008"), ("Flood response", "2 (loggists)", "6", "£41,000"),
    )  # fmt: skip
    items = [p for p in PLAN.passages if p.kind == "list_item"]
    assert len(items) == 14
    assert items[0].lead_in.endswith("The gap is in three parts:")
    assert [p.text for p in PLAN.passages if p.kind == "note"] == [
        "Counted from the command and control log for the twelve months to March 2008."
    ]


@pytest.mark.parametrize("name", ["plan.odt", "plan.rtf", "plan.html", pytest.param("plan.doc", marks=needs_writer)])
def test_the_plan_in_other_formats(name: str) -> None:
    other = read(name)
    assert other.problems == ()
    assert told(other.passages) == told(PLAN.passages)
    assert other.title == PLAN.title


def test_the_plan_as_text_keeps_its_sections_paragraphs_and_lists() -> None:
    """A text file has no tables and no title, and its one footnote is a figure in the sentence."""
    other = read("plan.txt")
    prose = [p for p in PLAN.passages[1:] if not p.table and p.kind != "note" and not p.text.startswith(("The county’s", "Second stage"))]
    kept = {(p.text, p.kind, p.role, p.headings, p.lead_in) for p in other.passages}
    assert [p.text for p in prose if (p.text, p.kind, p.role, p.headings, p.lead_in) not in kept] == []
    cells = {cell for p in PLAN.passages for cell in p.cells if cell}
    assert cells <= {p.text for p in other.passages}


@pytest.mark.parametrize("name", ["actions.ods", "actions.xls"])
def test_the_sheet_in_other_formats(name: str) -> None:
    other = read(name)
    assert other.problems == ()
    assert told(other.passages) == told(SHEET.passages)
    assert [p.places for p in other.passages] == [p.places for p in SHEET.passages]
    assert (other.pages, other.pages_read) == (3, 3)


def test_hidden_rows_columns_and_sheets_are_marked_in_each() -> None:
    hidden = [p.text for p in SHEET.passages if p.role == "hidden"]
    assert [text for text in hidden if "seen in 2007" in text or "Withdrawn" in text or "Analyst" in text] == [
        "seen in 2007", "Withdrawn: radio masts | 4 | 4 | Head of Estates", "Analyst | SO1",
    ]  # fmt: skip


def test_the_sheet_as_a_list() -> None:
    """A list saved as text holds the first sheet, and is called after its file."""
    other = read("Actions.csv")
    first = [p for p in SHEET.passages if p.places[0].sheet == "Actions"]
    assert told(other.passages)[1:] == told(first)[1:]
    assert other.passages[3].places[1].cell == "B5"
