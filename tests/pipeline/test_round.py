"""A round is read from what the reviewers made of it, else from what the machine proposed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.round import RoundError, choose_force, is_settled, load_round
from tests.pipeline.matrix_example import matrix_example


def test_the_reviewed_round_goes_before_the_proposed_one(tmp_path: Path) -> None:
    matrix = matrix_example()
    (tmp_path / "matrix.json").write_text(json.dumps(matrix), encoding="utf-8")
    assert load_round(tmp_path) == matrix
    matrix["submissions"][0]["cells"]["roads"]["plans"]["grade"] = 3
    (tmp_path / "reviewed.json").write_text(json.dumps(matrix), encoding="utf-8")
    assert load_round(tmp_path)["submissions"][0]["cells"]["roads"]["plans"]["grade"] == 3


def test_a_folder_without_a_round_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RoundError, match=r"holds neither reviewed\.json nor matrix\.json\. Run `readacross review"):
        load_round(tmp_path)


FOREIGN = ["{", "[]", '{"format": "readacross-matrix/9", "submissions": []}', '{"format": "readacross-matrix/1"}']


@pytest.mark.parametrize("content", FOREIGN)
def test_a_foreign_file_is_named_and_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "matrix.json").write_text(content, encoding="utf-8")
    with pytest.raises(RoundError, match=r"matrix.json: (cannot be read|is not in the form readacross-matrix/1)"):
        load_round(tmp_path)


def test_a_stale_cell_waits_for_its_reviewer_again() -> None:
    assert [is_settled({"status": s}) for s in ("provisional", "stale", "validated", "overridden", "carried_forward")] == [
        False, False, True, True, True,
    ]  # fmt: skip


FORCES = ["Greater Manchester Police", "Kent Police", "Tamar Police", "North Tamar Police", "Dyfed-Powys Police", "Lowmoor Constabulary"]


@pytest.mark.parametrize(
    ("wanted", "force"),
    [
        ("tamar police", "Tamar Police"),
        ("GMP", "Greater Manchester Police"),
        ("dyfed powys", "Dyfed-Powys Police"),
        ("Kent", "Kent Police"),
        ("lowm", "Lowmoor Constabulary"),
        ("north", "North Tamar Police"),
    ],
)
def test_a_force_is_meant_by_any_name_that_is_its_alone(wanted: str, force: str) -> None:
    assert choose_force("home-office-2008", wanted, FORCES) == force
    assert choose_force("a pack that is gone", force, FORCES) == force


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("tamar", r"'tamar' is more than one force\. Choose one of: Tamar Police, North Tamar Police\."),
        ("Essex", r"'Essex' is no force\. Choose one of: Greater Manchester Police, Kent Police"),
    ],
)
def test_a_name_of_several_forces_or_none_is_asked_for_again(wanted: str, says: str) -> None:
    with pytest.raises(RoundError, match=says):
        choose_force("home-office-2008", wanted, FORCES)
