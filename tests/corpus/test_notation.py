"""The corpus: every force's labels are sound, and a wrong label is refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.gold import gold_matrix
from corpus.notation import CorpusError, check, read_force
from rules.loader import load_pack
from tests.conftest import ROOT

PACK = load_pack()
AREAS, GROUPS = {a.id for a in PACK.areas}, {g.id for g in PACK.groups}
ELEMENTS = {(c.id, e.id) for c in PACK.criteria for e in c.elements}
FOLDERS = sorted(p.parent for p in ROOT.glob("corpus/*/*/force.yaml")) + sorted(
    p.parent for p in ROOT.glob("corpus/examples/*/*/force.yaml")
)

HEAD = "title: A plan\nkind: psip\nmarking: RESTRICTED\n====\n"


def force_of(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "force.yaml").write_text("force: Brayford Police\n")
    (tmp_path / "one.plan").write_text(HEAD + text)
    return check(read_force(tmp_path), AREAS, GROUPS, ELEMENTS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_every_label_of_the_corpus_is_sound(folder: Path) -> None:
    force = read_force(folder)
    assert check(force, AREAS, GROUPS, ELEMENTS) == []
    passages = [p for plan in force.plans for p in plan.passages if p.kind != "heading"]
    assert all(p.text[s.start : s.end].strip() for p in passages for s in p.spans)
    assert 0.25 <= sum(bool(p.about) for p in passages) / len(passages) <= 0.6


WRONG = [
    ("[roads] We have six.", "unknown area or group 'roads'"),
    ("[roads_policing] {identified_gaps.gapp: short}", "unknown element identified_gaps.gapp"),
    ("[roads_policing !money=negated] None.", "unknown criterion 'money'"),
    ("{identified_gaps.gap: We are short}", "elements without an area"),
    ("[roads_policing] {identified_gaps.gap: }", "an empty span"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_a_wrong_label_is_named(tmp_path: Path, text: str, says: str) -> None:
    assert any(says in line for line in force_of(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[roads_policing !identified_gaps=maybe] x", "unknown reason"),
        ("[roads_policing] {gap: a {identified_gaps.gap: b}}", "brace is left over"),
    ],
)
def test_broken_notation_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CorpusError, match=says) as error:
        force_of(tmp_path, "# Roads\n\n" + text)
    assert "line 7" in str(error.value)


def test_gold_grades_follow_the_handbook(tmp_path: Path) -> None:
    force_of(
        tmp_path,
        "[roads_policing] {collaboration.partner: Calder Vale Police} and we {collaboration.purpose: share a motorway group}.\n\n"
        "[force_wide -missing_persons] {governance_compliance.body: The Board} meets; {governance_compliance.lead: the ACC} chairs and\n"
        "{governance_compliance.monitoring: reports monthly}.\n\n"
        "[force_wide] {identified_gaps.threat: t}, {identified_gaps.capability: c}, {identified_gaps.gap: g}.\n\n"
        "[public_order !resource_allocation=negated] No money has been found.\n",
    )
    gold = gold_matrix(read_force(tmp_path), PACK)
    assert gold["roads_policing"]["collaboration"].grade == 2
    assert gold["major_crime"]["governance_compliance"].grade == 2
    assert gold["missing_persons"]["governance_compliance"].grade == 0
    assert gold["major_crime"]["identified_gaps"].grade == 1, "force-wide statements alone are not enough here"
    assert gold["public_order"]["resource_allocation"].grade == 1
    assert gold["child_abuse"]["collaboration"].grade == 0
