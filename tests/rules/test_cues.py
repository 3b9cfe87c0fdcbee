"""The cue language: what a cue matches and what it must not."""

from __future__ import annotations

import pytest

from rules.cues import CueError, CueMatcher, CueTable

SLOTS = {"money": r"£\d[\d,]*(?:\.\d+)?m?", "post": r"(?:chief )?inspector"}

CASES = [
    ("risk matrix", "A Risk Matrix was used.", True),
    ("risk matrix", "A risk-matrix was used.", True),
    ("risk matrix", "The matrix of risk.", False),
    ("no|without team", "We are without team support.", True),
    ("assess*", "It was reassessed.", False),
    ("assess*", "Assessments follow.", True),
    ("from ... to", "from the first of May to June", True),
    ("from ... to", "from one two three four five six seven eight to", False),
    ("by the? end of", "by end of March", True),
    ("by the? end of", "by the end of March", True),
    ("by the? end of", "by and end of March", False),
    ("<money>", "It costs £1,200.", True),
    ("costs <money>", "It costs about £1,200.", False),
    ("<post> ... roads", "The Chief Inspector (Roads) owns it.", True),
    ("need (high)", "need: high", True),
    ("plan", "planning", False),
]


@pytest.mark.parametrize(("cue", "text", "matches"), CASES)
def test_a_cue_matches_what_its_notation_says(cue: str, text: str, matches: bool) -> None:
    assert bool(CueMatcher([cue], SLOTS).find(text)) is matches


def test_a_hit_points_at_the_very_words() -> None:
    text = "We lost two: the gap is plain, and no detective was left."
    (hit,) = CueMatcher(["gap is plain"], {}).find(text)
    assert text[hit.start : hit.end] == "gap is plain"


def test_hits_come_under_their_keys() -> None:
    found = CueTable([("gap", "short of"), ("gap", "shortfall"), ("money", "<money>")], SLOTS).find("£4m short of the need")
    assert {key: len(hits) for key, hits in found.items()} == {"gap": 1, "money": 1}


@pytest.mark.parametrize(
    ("cue", "says"), [("", "empty"), ("... the?", "nothing but gaps"), ("<speed> limit", "slot <speed>"), ("a[b", "'a[b'")]
)
def test_a_wrong_cue_is_refused_with_its_reason(cue: str, says: str) -> None:
    with pytest.raises(CueError, match=says.replace("[", r"\[")):
        CueMatcher([cue], SLOTS)


def test_a_hostile_text_is_matched_in_bounded_time() -> None:
    matcher = CueMatcher(["gap ... between ... and ... need"], {})
    assert matcher.find("gap " * 5000 + "between") == []
