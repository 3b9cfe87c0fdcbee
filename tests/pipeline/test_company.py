"""Forces outside the round that the plans never name in full."""

from __future__ import annotations

import pytest

from pipeline.company import short_names
from pipeline.gazetteer import Gazetteer
from rules.loader import load_pack

NAMES = load_pack().force_names
OWN = "Saltmere Police"


def found(*passages: str) -> list[str]:
    learnt = [OWN, "Northwold Police"]
    return short_names(passages, Gazetteer(NAMES, learnt), NAMES, [OWN])


@pytest.mark.parametrize(
    "row",
    [
        "A dog school run with Northwold and Lenhurst.",
        "Lenhurst and us have one underwater team.",
        "Northwold, Lenhurst and this force hold one rota.",
        "Partners: Northwold Police; Lenhurst",
        "One rota for Lenhurst, Saltmere and Kent Police.",
    ],
)
def test_a_name_in_a_row_with_forces_is_a_force(row: str) -> None:
    assert found(row, "Lenhurst is lead force for the instructors.") == ["Lenhurst"]


@pytest.mark.parametrize(
    "row",
    [
        "We share a yard at Lenhurst.",
        "Tollgate and Lenhurst have a radio room.",
        "Northwold and the Lenhurst Probation Trust meet monthly.",
        "Northwold, the NPIA and April.",
        "The Northwold and Lenhurst LRF keeps a risk register.",
    ],
)
def test_other_names_are_none(row: str) -> None:
    assert found(row, row, "Lenhurst is near.") == []


def test_a_name_that_stands_once_is_not_taken() -> None:
    assert found("With Northwold and Lenhurst.") == []


def test_a_short_name_means_no_council() -> None:
    gazetteer = Gazetteer(NAMES, [OWN, "Lenhurst"])
    assert list(gazetteer.find("Lenhurst Borough Council, then Lenhurst")) == ["Lenhurst"]
