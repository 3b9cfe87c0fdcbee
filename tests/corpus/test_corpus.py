"""The corpus as a whole: enough of it, hand-written, labelled twice in part."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from classifiers.left_out import LeftOut
from classifiers.model import ModelError
from corpus import agreement, repeats
from corpus.notation import FORCES, forces
from corpus.passages import as_passages
from rules.loader import load_pack

DATA = forces(FORCES)
PACK = load_pack()
BODY = [p for force in DATA for plan in force.plans for p in plan.passages if p.kind != "heading"]


def test_forty_voices_and_ten_thousand_passages_most_of_which_bear_nothing() -> None:
    assert len(DATA) >= 40
    assert len({force.voice for force in DATA}) == len(DATA)
    assert len(BODY) >= 10_000
    assert sum(not p.about for p in BODY) / len(BODY) >= 0.6


def test_every_area_and_every_element_in_many_voices() -> None:
    voices: Counter[tuple[str, str, str]] = Counter()
    areas: Counter[tuple[str, str]] = Counter()
    for force in DATA:
        passages = [p for plan in force.plans for p in plan.passages]
        voices.update({(s.criterion, s.element, "") for p in passages for s in p.spans})
        areas.update({(area, c) for p in passages for about in p.about for area in PACK.members(about) for c in p.criteria})
    assert min(voices[c.id, e.id, ""] for c in PACK.criteria for e in c.elements) >= 20
    assert min(areas[a.id, c.id] for a in PACK.areas for c in PACK.criteria) >= 15


def test_every_force_is_labelled_with_its_findings() -> None:
    for force in DATA:
        assert force.orientation in ("internal", "external", "balanced"), force.slug
        assert set(force.governance) == {f.id for f in PACK.governance}, force.slug
        assert force.need, force.slug


def test_hardly_anything_is_said_twice() -> None:
    passages = sum(1 for _ in repeats.texts(DATA))
    assert len(repeats.near_duplicates(DATA)) <= 0.001 * passages
    repeated, sentences = repeats.frames(DATA)
    assert repeated.total() <= 0.01 * sentences


def test_a_frame_with_its_slots_refilled_would_be_seen() -> None:
    """The measure must be able to fail: one sentence, three forces, other names."""
    frame = "The {} unit will give {} officers to the {} team by the end of {} and will report on it to the board."
    fillings = [("Roads", "21", "Lantern", "Easter"), ("Search", "14", "Ferry", "Whitsun"), ("Boat", "33", "Tansy", "Michaelmas")]
    made = list(DATA)
    for i, words in enumerate(fillings):
        plan = DATA[i].plans[0]
        one = replace(plan.passages[-1], text=frame.format(*words), kind="paragraph", spans=(), cells=(), columns=(), table=0)
        made[i] = replace(DATA[i], plans=(replace(plan, passages=(*plan.passages, one)), *DATA[i].plans[1:]))
    assert repeats.frames(made)[0].total() - repeats.frames(DATA)[0].total() == 3


def test_a_tenth_is_labelled_twice_and_two_readers_agree() -> None:
    both = agreement.pairs()
    assert len(both) >= 0.1 * len(BODY)
    for criterion in PACK.criteria:
        assert agreement.kappa([(criterion.id in a.criteria, criterion.id in b.criteria) for a, b in both]) >= 0.7


def test_what_other_encoders_said_of_the_corpus_is_what_the_tree_holds() -> None:
    said = LeftOut()
    for force in DATA:
        for plan in force.plans:
            for labelled, passage in zip(plan.passages, as_passages(plan), strict=True):
                if passage.kind != "heading" and passage.role == "body":
                    said.opinion(labelled.id, passage)


def test_an_encoder_s_old_opinion_of_a_changed_passage_is_refused() -> None:
    plan = DATA[0].plans[0]
    pairs = zip(plan.passages, as_passages(plan), strict=True)
    labelled, passage = next((x, p) for x, p in pairs if p.kind != "heading" and p.role == "body")
    with pytest.raises(ModelError, match="the corpus has changed"):
        LeftOut().opinion(labelled.id, replace(passage, text=passage.text + " And more."))
