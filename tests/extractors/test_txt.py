"""Text files as they come: hard-wrapped, in old encodings, or not text at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.document import Extract
from extractors.txt import read_txt

PLAN = """ROADS POLICING
The force patrols the strategic road network with
its neighbour and shares a control room, which cost
£84,000 in its first year.

We will:
- train six collision investigators
- buy two cameras, one of them for the
  northern division
• review both

3.2 Public order
Two support units can be mustered in four hours and
are trained to level two.

Civil contingencies
===================
The plan was tested in May.

Gaps
----
There is no second control room.
\x0cPage 2

Signed by the Deputy Chief Constable.
"""


def read(tmp_path: Path, data: bytes) -> Extract:
    path = tmp_path / "plan.txt"
    path.write_bytes(data)
    return read_txt(path, "plan.txt")


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_plan(tmp_path: Path, coding: str) -> None:
    extract = read(tmp_path, PLAN.replace("\n", "\r\n").encode(coding))
    assert [(block.kind, block.level, block.text) for block in extract.blocks] == [
        ("heading", 1, "ROADS POLICING"),
        (
            "paragraph",
            0,
            (
                "The force patrols the strategic road network with its neighbour and shares a control room, "
                "which cost £84,000 in its first year."
            ),
        ),
        ("paragraph", 0, "We will:"),
        ("list_item", 0, "train six collision investigators"),
        ("list_item", 0, "buy two cameras, one of them for the northern division"),
        ("list_item", 0, "review both"),
        ("heading", 2, "3.2 Public order"),
        ("paragraph", 0, "Two support units can be mustered in four hours and are trained to level two."),
        ("heading", 1, "Civil contingencies"),
        ("paragraph", 0, "The plan was tested in May."),
        ("heading", 2, "Gaps"),
        ("paragraph", 0, "There is no second control room."),
        ("paragraph", 0, "Signed by the Deputy Chief Constable."),
    ]
    assert (extract.pages, extract.pages_read) == (2, 2)
    assert extract.blocks[-1].places[0].page == 2
    assert extract.title == "ROADS POLICING"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\r\n ", "no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not plain text"),
        (b"%PDF-1.4 something", "not plain text"),
    ],
)
def test_bad_files(tmp_path: Path, data: bytes, said: str) -> None:
    extract = read(tmp_path, data)
    assert (extract.blocks, extract.pages, extract.pages_read) == ((), 1, 0)
    assert said in extract.problems[0].message


def test_invisible_characters_go(tmp_path: Path) -> None:
    (block,) = read(tmp_path, "The of\u00adfi\u200bcer\u202e\u00a0was\u2011 here\x07 today.".encode()).blocks
    assert block.text == "The officer was- here today."
