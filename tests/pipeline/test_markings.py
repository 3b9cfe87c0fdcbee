"""Which marking a paper bears, as papers say it; a paper whose name says more than its header is closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from extractors.read import read_document
from pipeline.markings import is_open, marking_of
from rules.loader import load_pack

PACK = load_pack()


def marked(folder: Path, name: str, header: str, *lines: str) -> str:
    document = Document()
    document.sections[0].header.paragraphs[0].text = header
    for line in ("Policing plan", *lines, "The force will train twelve drivers by May 2009, led by the head of roads policing."):
        document.add_paragraph(line)
    document.save(str(folder / "saved.docx"))
    return marking_of(read_document(folder / "saved.docx", name, ""), PACK)


@pytest.mark.parametrize(
    ("name", "header", "line", "marking"),
    [
        ("plan.docx", "RESTRICTED", "", "RESTRICTED"),
        ("plan.docx", "Restricted", "", "RESTRICTED"),
        ("plan.docx", "Northshire Police PSIP - RESTRICTED\tPage 1", "", "RESTRICTED"),
        ("plan.docx", "UNCLASSIFIED", "[RESTRICTED] The covert team will grow to twelve officers in all by May.", "RESTRICTED"),
        ("plan.docx", "UNCLASSIFIED", "What is RESTRICTED stands in our improvement plan.", "UNCLASSIFIED"),
        ("plan.docx", "Restricted reading for officers", "", ""),
        ("plan.docx", "NOT PROTECTIVELY MARKED", "Protective marking: Restricted", "RESTRICTED"),
        ("plan.docx", "", "Security classification - Not Protectively Marked", "NOT PROTECTIVELY MARKED"),
        ("plan.docx", "NOT PROTECTIVELY MARKED", "Protect", "NOT PROTECTIVELY MARKED"),
        ("plan.docx", "R E S T R I C T E D", "", "RESTRICTED"),
        ("plan.docx", "UNCLASSIFIED", "R E S T R I C T E D", "RESTRICTED"),
        ("plan.docx", "N O T  P R O T E C T I V E L Y  M A R K E D", "", "NOT PROTECTIVELY MARKED"),
        ("plan.docx", "UNCLASSIFIED", "Annex B – Restricted", "RESTRICTED"),
        ("plan.docx", "UNCLASSIFIED", "Annex B (Restricted)", "RESTRICTED"),
        ("plan.docx", "UNCLASSIFIED", "Confidential: sources", "CONFIDENTIAL"),
        ("plan.docx", "UNCLASSIFIED", "Pursue, prevent – protect", "UNCLASSIFIED"),
        ("plan.docx", "UNCLASSIFIED", "Our restricted duties scheme", "UNCLASSIFIED"),
        ("plan.docx", "UNCLASSIFIED", "Parking near the courts of the county town is, for all of us, restricted", "UNCLASSIFIED"),
        ("RESTRICTED plan.docx", "NOT PROTECTIVELY MARKED", "", "RESTRICTED"),
        ("psip_restricted_v2.docx", "NOT PROTECTIVELY MARKED", "", "RESTRICTED"),
        ("Confidential/plan.docx", "UNCLASSIFIED", "", "CONFIDENTIAL"),
        ("PROTECT plan.docx", "UNCLASSIFIED", "", "PROTECT"),
        ("How we protect the public.docx", "UNCLASSIFIED", "", "UNCLASSIFIED"),
        ("Secret of our success.docx", "RESTRICTED", "", "RESTRICTED"),
        ("Unrestricted plan.docx", "UNCLASSIFIED", "", "UNCLASSIFIED"),
        ("UNCLASSIFIED/plan.docx", "", "", ""),
        ("NOT PROTECTIVELY MARKED.docx", "RESTRICTED", "", "RESTRICTED"),
    ],
)
def test_the_highest_marking_counts_and_a_name_opens_nothing(tmp_path: Path, name: str, header: str, line: str, marking: str) -> None:
    assert marked(tmp_path, name, header, line) == marking
    assert is_open({"marking": marking}) is (marking in ("NOT PROTECTIVELY MARKED", "UNCLASSIFIED"))
