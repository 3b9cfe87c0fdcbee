"""The handbook's arithmetic, section by section."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.grading import grade_cell, grade_probabilities, roll_up_grades
from rules.loader import load_pack

PACK = load_pack()
BY_ID = {c.id: c for c in PACK.criteria}


def grade(criterion: str, present: str = "", specific: str = "", local: bool = True, bears: bool = True) -> int:
    return grade_cell(BY_ID[criterion], PACK.roll_up, present=present.split(), specific=specific.split(), local=local, bears=bears)


def test_nothing_at_all_is_no_evidence() -> None:
    assert grade("collaboration", bears=False) == 0


def test_something_that_bears_without_its_elements_is_insufficient() -> None:
    assert grade("collaboration") == 1
    assert grade("collaboration", "partner") == 1


def test_all_required_elements_make_the_standard() -> None:
    assert grade("collaboration", "partner purpose") == 2


def test_force_wide_statements_alone_are_not_enough_for_three_of_the_criteria() -> None:
    assert grade("identified_gaps", "threat capability gap", local=False) == 1
    assert grade("identified_gaps", "threat capability gap", local=True) == 2
    assert grade("governance_compliance", "body lead monitoring", local=False) == 2


def test_the_highest_grade_needs_two_depth_elements_of_the_area_s_own() -> None:
    everything = "partner purpose agreement arrangement"
    assert grade("collaboration", everything, everything) == 3
    assert grade("collaboration", everything, "partner purpose agreement") == 2
    assert grade("collaboration", everything, "agreement arrangement") == 3
    assert grade("collaboration", "partner agreement arrangement", "agreement arrangement") == 1


@pytest.mark.parametrize(
    ("grades", "mean"), [([2, 2, 2, 1, 1, 1, 1], 1), ([2, 2, 2, 2, 1, 1, 1], 2), ([1, 2], 2), ([0, 1], 1), ([3] * 7, 3)]
)
def test_roll_up_is_the_mean_rounded_half_up(grades: list[int], mean: int) -> None:
    assert roll_up_grades(grades, "mean_half_up") == mean
    assert roll_up_grades(grades, "lowest") == min(grades)


chance = st.floats(0, 1)


@given(st.data())
def test_a_likelier_element_never_makes_a_higher_grade_less_likely(data: st.DataObject) -> None:
    criterion = BY_ID[data.draw(st.sampled_from(sorted(BY_ID)))]
    ids = [e.id for e in criterion.elements]
    low = {e: data.draw(chance) for e in ids}
    high = {e: max(p, data.draw(chance)) for e, p in low.items()}
    local = data.draw(chance)

    def at_least(present: dict[str, float]) -> list[float]:
        p = grade_probabilities(criterion, PACK.roll_up, present=present, specific=present, local=local, bears=0.2)
        assert sum(p) == pytest.approx(1) and min(p) >= -1e-9
        return [sum(p[g:]) for g in range(4)]

    assert all(b >= a - 1e-9 for a, b in zip(at_least(low), at_least(high), strict=True))


def test_sure_elements_give_the_rules_own_grade() -> None:
    criterion = BY_ID["prioritisation"]
    sure = {e.id: 1.0 for e in criterion.elements}
    p = grade_probabilities(criterion, PACK.roll_up, present=sure, specific=sure, local=1, bears=1)
    assert p == pytest.approx((0, 0, 0, 1))
    sure["owner"] = 0.0
    p = grade_probabilities(criterion, PACK.roll_up, present=sure, specific=sure, local=1, bears=1)
    assert p == pytest.approx((0, 1, 0, 0))


REVIEW = Path(__file__).parents[2].parent / "shared" / "samples" / "review-2008" / "grades.csv"


@pytest.mark.skipif(not REVIEW.is_file(), reason="the reconstruction of the 2008 review lies beside the checkout, not in it")
def test_the_roll_up_reproduces_the_published_count_of_credible_forces() -> None:
    grades: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in csv.DictReader(REVIEW.open()):
        grades[row["force"], row["area"]].append(int(row["grade"]))
    by_force: dict[str, list[int]] = defaultdict(list)
    for (force, _), cells in grades.items():
        by_force[force].append(roll_up_grades(cells, PACK.roll_up.rule))
    assert len(by_force) == 43
    assert sum(min(areas) >= PACK.roll_up.compliant_from for areas in by_force.values()) == 21
