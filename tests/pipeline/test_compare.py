"""Two versions of a submission side by side: renumbering is nothing, a rewording is shown, a change of substance makes a decision stale."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from extractors.read import read_document
from pipeline.compare.cells import STANDS, CellChange, compare
from pipeline.compare.facts import facts
from pipeline.compare.passages import Text, align, bare, texts

OLD = (
    "The Superintendent (Operations) chairs the roads board, which meets every quarter.",
    "We will put two more cars on the coast road at night by March 2009.",
    "The county council's camera team works with us under an agreement signed in 2007.",
    "Our kennels were painted in the spring and the dogs seem pleased.",
)


def version(*lines: str, file: str = "plan.docx", heading: str = "Roads") -> list[Text]:
    texts, start = [], 0
    for line in lines:
        texts.append(Text(file, line, (heading,), start, start + len(line)))
        start += len(line) + 1
    return texts


def entry(texts: list[Text], bears: dict[int, tuple[str, ...]]) -> dict[str, Any]:
    evidence = [{"file": texts[i].file, "range": [texts[i].start, texts[i].end], "elements": list(e)} for i, e in bears.items()]
    found = {element: 0.9 for elements in bears.values() for element in elements}
    return {"cells": {"area": {"criterion": {"grade": min(len(found), 2), "elements": found, "evidence": evidence}}}}


def changes(old: list[Text], new: list[Text]) -> list[str]:
    return [pair.change for pair in align(old, new)]


def the_cell(old: list[Text], before: dict[int, tuple[str, ...]], new: list[Text], after: dict[int, tuple[str, ...]]) -> CellChange:
    return compare(entry(old, before), old, entry(new, after), new, align(old, new))["area", "criterion"]


def test_numbering_and_typography_are_nothing() -> None:
    old = version(
        "3.1 The force's plan - agreed in 2008", "(a) Two cars", "A7 | Crowds | Buy two carriers", "5 Roads", "ii. Cars", "1) Boats"
    )
    new = version(
        "4.2 The force’s plan – agreed in 2008", "• Two cars", "A12 | Crowds | Buy  two carriers", "6 Roads", "iv. Cars", "(2) Boats"
    )
    assert changes(old, new) == ["same"] * 6


def test_a_number_that_counts_something_is_no_numbering() -> None:
    assert changes(version("12 officers will be posted to the coast road."), version("20 officers will be posted to the coast road.")) == [
        "reworded"
    ]


@pytest.mark.parametrize(
    ("header", "change"),
    [("Priority", "reworded"), ("Risk score", "reworded"), ("Ref", "same"), ("Priority no.", "same"), ("Action", "same"), ("", "same")],
)
def test_what_a_rows_number_is_says_its_columns_header(tmp_path: Path, header: str, change: str) -> None:
    def rows(number: int) -> list[Text]:
        book = Workbook()
        book.active.append([header, "Threat", "What we do", "Who"])
        book.active.append([number, "Crowds at the ferry port", "Train two units with Harbour Police", "Inspector Vane"])
        book.save(tmp_path / "plan.xlsx")
        return texts(read_document(tmp_path / "plan.xlsx", "plan.xlsx", ""))

    assert [pair.change for pair in align(rows(1), rows(4))][-1] == change


def test_a_passage_that_changes_its_place_or_its_file_moved() -> None:
    assert changes(version(*OLD), version(*OLD[1:], OLD[0])) == ["same", "same", "same", "moved"]
    assert changes(version(*OLD), version(*OLD, file="annex.docx")) == ["moved"] * 4


def test_every_passage_stands_in_one_pair() -> None:
    lines = [f"Passage {'abcdefghij'[i % 10]} of {['plan', 'tree', 'road', 'coast', 'night'][i % 5]} {i}" for i in range(40)]
    for seed in range(20):
        chance = random.Random(seed)
        old, new = (version(*chance.sample(lines, chance.randint(0, 40))) for _ in range(2))
        pairs = align(old, new)
        assert sorted(p.old for p in pairs if p.old is not None) == list(range(len(old)))
        assert sorted(p.new for p in pairs if p.new is not None) == list(range(len(new)))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (OLD[0], "Every quarter the roads board meets, with the Superintendent (Operations) in the chair.", True),
        (OLD[1], "By March 2009 we will put two more cars on the coast road at night.", True),
        (OLD[1], "By June 2009 we will put two more cars on the coast road at night.", False),
        (OLD[1], "By March 2009 we will not put two more cars on the coast road at night.", False),
        (OLD[1], "By March 2009 we might put two more cars on the coast road at night.", False),
        ("Buy carriers | High | TBC", "Buy carriers | High | Fleet Manager", False),
        ("Buy carriers | High", "Buy carriers | High | Fleet Manager", False),
        ("We work with Harbour Police on this.", "We work with Moorland Police on this.", False),
        ("Harbour Police will lend us its boat.", "Moorland Police will lend us its boat.", False),
        ("12 officers will be posted to the coast road.", "20 officers will be posted to the coast road.", False),
        ("1.5 FTE are posted to the coast road.", "2.5 FTE are posted to the coast road.", False),
        ("1.1 DCI Vernon leads this.", "5.1 DCI Vernon leads this.", True),
        ("1 The coast road comes first.", "2 The coast road comes first.", True),
        ("Our detectives do have a suite.", "Our detectives don't have a suite.", False),
        ("Our detectives do not have a suite.", "Our detectives don’t have a suite.", True),
        ("The joint kennels were agreed in 2007.", "The joint kennels of 2007 were discontinued.", False),
        ("The head of public protection answers for this.", "The director of intelligence answers for this.", False),
        ("This is for the head of public protection.", "The head of public protection answers for this.", True),
        ("Need is graded high on the coast.", "Need is graded low on the coast.", False),
        ("Buy carriers | High | Fleet manager", "Buy carriers | Medium | Fleet manager", False),
        ("Buy carriers | High | Fleet manager", "Buy carriers | High | Estates manager", False),
        ("Buy two more carriers for the coast | High", "For the coast buy two more carriers | High", True),
    ],
)
def test_what_a_rewording_may_touch(before: str, after: str, same: bool) -> None:
    assert (facts(bare(before)) == facts(bare(after))) is same


@pytest.mark.parametrize(
    ("lines", "bears", "mark"),
    [
        (OLD, {0: ("body",)}, "unchanged"),
        ([*OLD[:3], "The kennels have been repainted, and the dogs seem pleased."], {0: ("body",)}, "unchanged"),
        (["Every quarter the roads board meets, with the Superintendent (Operations) in the chair.", *OLD[1:]], {0: ("body",)}, "wording"),
        (["Every month the roads board meets, with the Superintendent (Operations) in the chair.", *OLD[1:]], {0: ("body",)}, "substance"),
        (["The Superintendent (Traffic) chairs the roads board, which meets every quarter.", *OLD[1:]], {0: ("body",)}, "substance"),
        (OLD[1:], {}, "newly_lost"),
        ([*OLD, "The Chief Constable answers for this to the Authority."], {0: ("body",), 4: ("lead",)}, "substance"),
        ([*OLD, "Another meeting looks at it as well."], {0: ("body",), 4: ("body",)}, "wording"),
    ],
)
def test_a_cell_is_marked_by_what_happened_to_its_words(lines: Sequence[str], bears: dict[int, tuple[str, ...]], mark: str) -> None:
    old, new = version(*OLD), version(*lines)
    change = the_cell(old, {0: ("body",)}, new, bears)
    assert change.mark == mark
    assert (mark in STANDS) is not any(d.substance for d in change.differences)


def test_a_cell_without_evidence_that_gets_some_is_newly_evidenced() -> None:
    old, new = version(*OLD), version(*OLD, "A neighbour force lends us its boat.")
    change = the_cell(old, {}, new, {4: ("partner",)})
    assert change.mark == "newly_evidenced"
    assert [(d.change, d.after) for d in change.differences] == [("added", "A neighbour force lends us its boat.")]


def test_a_cell_with_no_evidence_that_gets_some_is_newly_evidenced_even_where_it_names_no_element() -> None:
    old, new = version(*OLD), version(*OLD, "Nobody leads this work.")
    assert the_cell(old, {}, new, {4: ()}).mark == "newly_evidenced"
    assert the_cell(new, {4: ()}, old, {}).mark == "newly_lost"


def test_a_passage_that_leaves_its_section_takes_its_evidence_along() -> None:
    def plan(roads: Sequence[str], crowds: Sequence[str]) -> list[Text]:
        under = ("Roads",) * len(roads) + ("Crowds",) * len(crowds)
        return [replace(text, headings=(one,)) for text, one in zip(version(*roads, *crowds), under, strict=True)]

    old, new = plan(OLD[:3], OLD[3:]), plan([OLD[0], OLD[2]], [OLD[3], OLD[1]])
    lost = the_cell(old, {1: ("agreements",)}, new, {})
    assert (lost.mark, [(d.change, d.after) for d in lost.differences]) == ("newly_lost", [("moved", OLD[1])])
    assert the_cell(old, {}, new, {3: ("agreements",)}).mark == "newly_evidenced"
    assert the_cell(old, {1: ("agreements",)}, new, {3: ("agreements",)}).mark == "unchanged"


def test_a_section_that_gets_another_heading_has_moved_nowhere() -> None:
    old, new = version(*OLD, heading="Roads"), version(*OLD, heading="Travelling criminals")
    assert the_cell(old, {1: ("action",)}, new, {}).mark == "unchanged"


def test_the_machines_second_thoughts_leave_a_decision_alone() -> None:
    texts = version(*OLD)
    change = the_cell(texts, {0: ("body",)}, texts, {0: ("body", "lead")})
    assert (change.mark, change.old_grade, change.new_grade) == ("unchanged", 1, 2)
