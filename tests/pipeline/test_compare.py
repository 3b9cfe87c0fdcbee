"""Two versions of a submission side by side: renumbering is nothing, a rewording is shown, a change of substance makes a decision stale."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.compare.cells import STANDS, CellChange, compare
from pipeline.compare.passages import Text, align, facts

OLD = (
    "The Superintendent (Operations) chairs the roads board, which meets every quarter.",
    "We will put two more cars on the coast road at night by March 2009.",
    "The county council's camera team works with us under an agreement signed in 2007.",
    "Our kennels were painted in the spring and the dogs seem pleased.",
)


def version(*lines: str, file: str = "plan.docx", heading: str = "Roads") -> list[Text]:
    texts, start = [], 0
    for line in lines:
        texts.append(Text(file, line, heading, start, start + len(line)))
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
    old = version("3.1 The force's plan - agreed in 2008", "(a) Two cars", "A7 | Crowds | Buy two carriers")
    new = version("4.2 The force’s plan – agreed in 2008", "• Two cars", "A12 | Crowds | Buy  two carriers")
    assert changes(old, new) == ["same", "same", "same"]


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
    ],
)
def test_what_a_rewording_may_touch(before: str, after: str, same: bool) -> None:
    assert (facts(before) == facts(after)) is same


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


def test_the_machines_second_thoughts_leave_a_decision_alone() -> None:
    texts = version(*OLD)
    change = the_cell(texts, {0: ("body",)}, texts, {0: ("body", "lead")})
    assert (change.mark, change.old_grade, change.new_grade) == ("unchanged", 1, 2)
