"""The measures of agreement, against values that others published or that are worked out by hand."""

from __future__ import annotations

import pytest

from pipeline.agreement import adjacent, alpha, exact, weighted_kappa

KRIPPENDORFF = (  # the reliability data of his "Computing Krippendorff's alpha-reliability", 2011, unit by unit
    (1, 1, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
    (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (5, 5, 5), (1, 1), (3,),
)  # fmt: skip


def test_alpha_is_the_published_value() -> None:
    assert alpha(KRIPPENDORFF) == pytest.approx(0.815, abs=0.0005)


def test_kappa_is_the_value_worked_out_by_hand() -> None:
    assert weighted_kappa([(0, 0), (0, 0), (0, 1), (1, 0), (1, 1), (1, 1), (1, 1), (0, 0)]) == pytest.approx(0.5)
    assert weighted_kappa([(0, 0), (3, 3), (2, 2)]) == 1
    assert weighted_kappa([(0, 3), (3, 0)]) == -1


def test_shares_count_pairs() -> None:
    pairs = [(0, 0), (1, 2), (3, 1), (2, 2)]
    assert (exact(pairs), adjacent(pairs)) == (0.5, 0.75)


def test_full_and_no_agreement() -> None:
    assert alpha([(0, 0), (3, 3), (1, 1)]) == 1
    assert (alpha([(0, 3), (3, 0)]) or 0) < 0


def test_nothing_to_measure_by_is_said() -> None:
    assert (exact([]), adjacent([]), weighted_kappa([]), alpha([])) == (None, None, None, None)
    assert weighted_kappa([(2, 2), (2, 2)]) is None  # no disagreement was possible
    assert alpha([(2, 2), (2, 2)]) is None
