"""The same plan, the same orders and the same sheet, saved by an office program in each format, give the same sections and passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
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
ORDERS = read("orders.docx")
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


@pytest.mark.parametrize("name", ["plan.pdf", "plan.odt", "plan.rtf", "plan.html", pytest.param("plan.doc", marks=needs_writer)])
def test_the_plan_in_other_formats(name: str) -> None:
    """The PDF is tagged: headers over two rows, merged cells and a sub-heading in tables without rules are told by its tags."""
    other = read(name)
    assert other.problems == ()
    assert told(other.passages) == told(PLAN.passages)
    assert other.title == PLAN.title


def test_the_orders_are_what_their_author_wrote() -> None:
    """Headings and paragraphs are numbered by the program, bullets stand three deep, letters stand under a numbered paragraph."""
    assert [p.text for p in ORDERS.passages if p.kind == "heading"][1:] == [
        "1. Who commands", "2. What is ready", "3. Posts and exercises", "Posts shared with the region",
    ]  # fmt: skip
    lead_ins = {p.text: p.lead_in for p in ORDERS.passages if p.kind == "list_item"}
    assert len(lead_ins) == 19
    ready = "At the depot the following stand ready at all hours:"
    vans = f"{ready} two response vans, each with:"
    assert lead_ins["the other half is changed every autumn"] == f"{vans} a first aid chest, of which:"
    assert lead_ins["a spare radio"] == vans
    assert lead_ins["a trailer with pumps for flood water"] == ready
    assert lead_ins["the pumps by running them under load"] == "The duty sergeant checks them on the first Monday of the month:"
    assert lead_ins["Faults go into the book on the same day, and the quartermaster mends them within the week."] == ""
    rows = [p for p in ORDERS.passages if p.kind == "table_row"]
    assert [row.cells[:2] for row in rows[:2]] == [("Loggist", "North"), ("Loggist", "South")]
    assert rows[2].headings[-1] == "Posts shared with the region"


@pytest.mark.parametrize("name", ["orders.odt", "orders.rtf", pytest.param("orders.doc", marks=needs_writer)])
def test_the_orders_in_other_formats(name: str) -> None:
    other = read(name)
    assert other.problems == ()
    assert told(other.passages) == told(ORDERS.passages)
    assert other.title == ORDERS.title


def test_the_orders_in_a_pdf_without_tags() -> None:
    """Without tags the title is the highest heading; all else is told by looks alone."""
    other = read("orders.pdf")
    assert other.problems == ()
    below = [replace(p, headings=p.headings[1:]) for p in other.passages[1:]]
    assert {p.headings[:1] for p in other.passages[1:]} == {(ORDERS.title,)}
    assert told(below) == told(ORDERS.passages[1:])


def test_the_orders_as_a_web_page() -> None:
    """A browser counts by itself, so the numbers of headings do not stand in a web page."""

    def bare(text: str) -> str:
        return re.sub(r"^\d\. ", "", text)

    other = read("orders.html")
    assert other.problems == ()
    assert [(p.text, p.kind, p.role, p.headings, p.columns, p.cells, p.lead_in, p.table) for p in other.passages] == [
        (bare(p.text), p.kind, p.role, tuple(map(bare, p.headings)), p.columns, p.cells, p.lead_in, p.table) for p in ORDERS.passages
    ]


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
