"""A round is read from what the reviewers made of it, else from what the machine proposed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.round import RoundError, is_settled, load_round
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
