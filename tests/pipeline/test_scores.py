"""The figures of judgement, on cells small enough to count by hand; and the evaluation of whole voices."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from pipeline.quality import BARS, reach_lines
from pipeline.scores import Facts, Judged, calibration_error, figures, kappa, same_words


def cell(gold: int, grade: int, confidence: float = 0.7, voice: str = "A", **more: object) -> Judged:
    rest = (1 - confidence) / 3
    probabilities = tuple(confidence if g == grade else rest for g in range(4))
    return Judged(voice, "roads_policing", "prioritisation", gold, grade, probabilities, frozenset(), frozenset(), **more)  # type: ignore[arg-type]


def test_agreement_is_counted_as_the_review_team_counts_it() -> None:
    cells = [cell(0, 0), cell(0, 1), cell(1, 1), cell(1, 2), cell(2, 2), cell(2, 2), cell(2, 3), cell(3, 0)]
    got = figures(cells, [])
    assert got["exact"] == 0.5
    assert got["adjacent"] == 0.875
    assert got["majority_exact"] == 0.375
    assert got["no_evidence_precision"] == 0.5
    assert got["no_evidence_recall"] == 0.5
    assert got["inadequate_f1"] == 0.75


def test_kappa_is_one_for_full_agreement_and_below_nothing_for_opposites() -> None:
    assert kappa([(0, 0), (3, 3), (1, 1)]) == 1
    opposites = kappa([(0, 3), (3, 0)])
    assert opposites is not None and opposites < 0


def test_a_confidence_that_keeps_its_word_has_no_error() -> None:
    honest = [cell(1, 1, 0.75) for _ in range(3)] + [cell(2, 1, 0.75)]
    assert calibration_error(honest) == pytest.approx(0)
    boastful = [cell(1, 1, 0.95), cell(2, 1, 0.95)]
    assert calibration_error(boastful) == pytest.approx(0.45)


def test_a_quote_counts_when_most_of_its_words_stand_in_one_run() -> None:
    assert same_words("Six more detectives by March 2009", "We will post six more detectives by March 2009 at the latest.")
    assert not same_words("Six more detectives by March 2009", "Detectives, six of them, come in March")


def test_quotes_beyond_the_fifth_do_not_count_for_the_first_five() -> None:
    gold = (("psip.docx", "The board meets each month"),)
    quotes = (*(("psip.docx", f"Something else number {n}") for n in range(5)), gold[0])
    got = figures([cell(2, 2, gold_quotes=gold, quotes=quotes)], [])
    assert (got["evidence_recall_at_5"], got["evidence_recall"]) == (0.0, 1.0)


def test_findings_are_compared_force_by_force() -> None:
    links = frozenset({("roads_policing", "Northmoor Police")})
    facts = Facts("A", ((3, 3), (2, 1)), ((True, True), (False, True)), ("balanced", "internal"), links, links)
    got = figures([cell(1, 1)], [facts])
    assert (got["levels_exact"], got["governance_exact"], got["orientation_exact"], got["partners_f1"]) == (0.5, 0.5, 0.0, 1.0)


def test_two_models_cannot_be_compared_on_voices_that_they_have_seen(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", "--against", str(tmp_path / "old.npz")])
    assert result.exit_code == 4
    assert "--held-out" in result.output


def test_the_held_out_voices_are_judged_with_figures_baselines_and_causes(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    result = CliRunner().invoke(app, ["evaluate", "--held-out", "--page", str(page)])
    assert result.exit_code == 0, result.output
    assert "| exact |" in result.output
    assert "| element missed |" in result.output
    exact = next(line for line in result.output.splitlines() if line.startswith("| exact |")).split("|")
    ours, prior, majority = float(exact[2]), float(exact[5]), float(exact[6])
    assert ours > max(prior, majority)
    assert page.read_text().startswith("# How good the judgement is")
    assert (tmp_path / "reliability.svg").read_text().startswith("<?xml")


def test_the_page_says_how_far_a_bar_is_away_and_what_the_learning_curve_says() -> None:
    mine = dict.fromkeys(BARS, 1.0) | {"exact": 0.68, "expected_calibration_error": 0.02}
    lines = list(reach_lines(mine, [(5, 0.5, 0.5), (10, 0.55, 0.6), (20, 0.58, 0.65)]))
    short = [line for line in lines if line.endswith("0 |")]
    assert short == ["| exact | 0.680 | 0.72 | 0.040 |"]
    exact = next(line for line in lines if "0.040 of exact" in line)
    assert "10 to 20 voices, 0.030" in exact
    assert "reaches its bar with 2.0 times the voices" in exact
