"""What a reviewer relies on: decisions are kept, signed and dated; nobody's is overwritten unseen; the machine's grade stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.record.record import Record
from pipeline.record.types import Conflict, EvidenceMarks, RecordError
from tests.pipeline.matrix_example import matrix_example

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
FORCE = "Eskdale Constabulary"


def reviewed(record: Record, matrix: dict[str, Any] | None = None) -> Record:
    record.add_review(matrix or matrix_example(), AT, Path("no-store"), {})
    return record


def changed(**cell: Any) -> dict[str, Any]:
    """The example with one cell that another reading judges otherwise."""
    matrix = matrix_example()
    matrix["submissions"][0]["cells"]["roads"]["plans"] |= cell
    return matrix


def test_a_version_is_told_again_just_as_the_machine_wrote_it(record: Record) -> None:
    matrix = matrix_example()
    reviewed(record, matrix)
    for entry in matrix["submissions"]:
        assert record.entry(record.latest(entry["force"])) == entry
    assert record.head() == {k: v for k, v in matrix.items() if k != "submissions"}


def test_an_unchanged_review_adds_nothing_and_a_changed_one_a_version(record: Record) -> None:
    assert [v.version for v in record.add_review(matrix_example(), AT, Path("no-store"), {})] == [1, 1]
    assert record.add_review(matrix_example(), LATER, Path("no-store"), {}) == []
    new = record.add_review(changed(grade=3), LATER, Path("no-store"), {})
    assert [(v.force, v.version, v.at) for v in new] == [(FORCE, 2, "2026-11-21T10:30:00.000000Z")]
    first, second = record.versions(FORCE)
    assert (record.cell(first, "roads", "plans")["grade"], record.cell(second, "roads", "plans")["grade"]) == (2, 3)


def test_a_new_model_makes_a_new_version_of_every_submission(record: Record) -> None:
    reviewed(record)
    matrix = matrix_example()
    matrix["model"]["sha256"] = "ef" * 32
    assert len(record.add_review(matrix, LATER, Path("no-store"), {})) == 2


def test_accepting_and_overriding_keep_the_machines_grade_beside_them(record: Record) -> None:
    reviewed(record)
    assert record.standing(FORCE)["roads", "plans"].status == "provisional"
    first = record.decide(FORCE, "roads", "plans", grade=2, reviewer="Ann Reed", at=AT)
    one = record.standing(FORCE)["roads", "plans"]
    assert (first.kind, one.status, one.grade, one.confidence, one.decision) == ("accepted", "validated", 2, 0.84, first)
    record.decide(FORCE, "roads", "plans", grade=1, reviewer="Bo Lind", at=LATER, reason="No date.", seen=first.number)
    two = record.standing(FORCE)["roads", "plans"]
    assert (two.status, two.grade, two.provisional) == ("overridden", 1, 2)
    assert [(d.reviewer, d.grade, d.reason, d.at) for d in record.history(FORCE, "roads", "plans")] == [
        ("Ann Reed", 2, "", "2026-11-21T09:30:00.000000Z"),
        ("Bo Lind", 1, "No date.", "2026-11-21T10:30:00.000000Z"),
    ]
    assert record.standings()[FORCE] == record.standing(FORCE)
    assert record.standing("@Eskdale: Constabulary/North? of the very long name") == {}


def test_the_second_of_two_reviewers_sees_the_firsts_decision_and_chooses(opened: Callable[[], Record]) -> None:
    ann, bo = reviewed(opened()), opened()
    seen = bo.standing(FORCE)["order", "plans"].seen
    first = ann.decide(FORCE, "order", "plans", grade=1, reviewer="Ann", at=AT, seen=seen)
    with pytest.raises(Conflict, match=r"Ann decided on this cell at 2026-11-21T09:30:00.000000Z: accepted, grade 1") as met:
        bo.decide(FORCE, "order", "plans", grade=2, reviewer="Bo", at=AT, reason="There is an owner.", seen=seen)
    assert met.value.current == first and bo.decisions() == [first]
    second = bo.decide(FORCE, "order", "plans", grade=2, reviewer="Bo", at=AT, reason="There is an owner.", seen=first.number)
    assert ann.decisions(FORCE) == [first, second]


def test_what_will_not_do_is_refused_in_words_and_nothing_is_written(record: Record) -> None:
    reviewed(record)

    def refused(match: str, force: str = FORCE, area: str = "roads", **more: Any) -> None:
        with pytest.raises(RecordError, match=match):
            record.decide(force, area, "plans", **({"grade": 2, "reviewer": "Ann", "at": AT} | more))

    refused("is 2; to give 1 instead, say why", grade=1, reason="  ")
    refused("4 is no grade. The grades are 0, 1, 2, 3", grade=4, reason="x")
    refused("'Nowhere' is no force of this round. Its forces are: @Eskdale.*, Eskdale Constabulary", force="Nowhere")
    refused("no cell rivers / plans", area="rivers")
    refused("needs the reviewer's name", reviewer=" ")
    refused("there is no quote 3; the cell has 2", evidence=EvidenceMarks(accepted=(3,)))
    refused("both accepted and rejected", evidence=EvidenceMarks(accepted=(1,), rejected=(1,)))
    refused("quote from a document", evidence=EvidenceMarks(added=({"file": "other.pdf", "quote": "x"},)))
    refused("one was said to have been seen", seen=1)
    refused(r"was reviewed again \(version 1\) after you saw version 0", version=0)
    assert record.decisions() == []


def test_evidence_accepted_rejected_and_added_is_kept(record: Record) -> None:
    reviewed(record)
    added = {"file": "eskdale_plan.pdf", "page": 7, "quote": "By June.", "elements": ["sequencing"]}
    marks = EvidenceMarks((1,), (2,), (added,))
    record.decide(FORCE, "roads", "plans", grade=2, reviewer="Ann", at=AT, evidence=marks)
    assert record.decisions()[0].evidence == marks


def test_a_reopened_cell_is_provisional_and_keeps_its_history(record: Record) -> None:
    reviewed(record)
    one = record.decide(FORCE, "roads", "plans", grade=1, reviewer="Ann", at=AT, reason="No date.")
    with pytest.raises(RecordError, match="say why"):
        record.reopen(FORCE, "roads", "plans", reviewer="Cy", at=LATER, reason="", seen=one.number)
    record.reopen(FORCE, "roads", "plans", reviewer="Cy", at=LATER, reason="New advice.", seen=one.number)
    standing = record.standing(FORCE)["roads", "plans"]
    assert (standing.status, standing.grade) == ("provisional", 2)
    assert [d.kind for d in record.history(FORCE, "roads", "plans")] == ["overridden", "reopened"]


def test_blind_grades_stand_beside_each_other_and_change_nothing(record: Record) -> None:
    reviewed(record)
    for reviewer, grade in (("Ann", 2), ("Bo", 1)):
        record.decide(FORCE, "roads", "plans", grade=grade, reviewer=reviewer, at=AT, reason="as I read it", blind=True)
    with pytest.raises(RecordError, match="Ann has given a grade blind already"):
        record.decide(FORCE, "roads", "plans", grade=3, reviewer="Ann", at=AT, reason="again", blind=True)
    assert record.standing(FORCE)["roads", "plans"].status == "provisional"
    record.decide(FORCE, "roads", "plans", grade=2, reviewer="Moderator", at=LATER)
    assert [(d.kind, d.grade) for d in record.decisions()] == [("blind", 2), ("blind", 1), ("accepted", 2)]


def test_a_new_version_carries_decisions_forward_or_makes_them_stale(record: Record) -> None:
    reviewed(record)
    kept = record.decide(FORCE, "roads", "governance", grade=1, reviewer="Ann", at=AT, reason="A mere mention.")
    gone = record.decide(FORCE, "roads", "plans", grade=2, reviewer="Ann", at=AT)
    record.add_review(changed(grade=3), LATER, Path("no-store"), {})
    assert record.standing(FORCE)["roads", "plans"].status == "stale"  # until someone says otherwise
    marks = {("roads", "governance"): "carried_forward", ("roads", "plans"): "stale", ("order", "plans"): "stale"}
    assert len(record.carry(FORCE, marks, LATER)) == 2  # type: ignore[arg-type]
    assert record.carry(FORCE, marks, LATER) == []  # type: ignore[arg-type]
    standing = record.standing(FORCE)
    one, two = standing["roads", "governance"], standing["roads", "plans"]
    assert (one.status, one.grade, one.decision and one.decision.seen) == ("carried_forward", 1, kept.number)
    assert (two.status, two.grade, two.decision and two.decision.seen) == ("stale", 3, gone.number)
    assert standing["order", "plans"].status == "provisional"
    assert one.decision and "by Ann on version 1" in one.decision.reason


def test_the_database_itself_refuses_to_change_or_remove_anything(record: Record) -> None:
    reviewed(record)
    record.decide(FORCE, "roads", "plans", grade=2, reviewer="Ann", at=AT)
    record.look(record.latest(FORCE), ["eskdale_plan.pdf"], user="Ann", at=AT, why="", shown="quotes")
    for statement in (
        "UPDATE decisions SET grade = 3", "DELETE FROM decisions", "UPDATE cells SET grade = 3", "DELETE FROM entries",
        "UPDATE submissions SET force = 'X'", "UPDATE evidence SET passage = 0", "DELETE FROM looks",
    ):  # fmt: skip
        with pytest.raises(RecordError, match="only grows"), record.database.write() as connection:
            connection.execute(text(statement))
    assert record.decisions()[0].grade == 2


def test_comments_flags_assignments_looks_and_accounts(record: Record) -> None:
    from pipeline.record.types import User

    reviewed(record)
    record.comment(FORCE, "roads", "plans", author="Ann", at=AT, text="See <b>p. 4</b>\x00", flag=True)
    record.comment(FORCE, "order", "plans", author="Bo", at=AT, text="Fine.")
    assert [c.text for c in record.comments(FORCE)] == ["See <b>p. 4</b>", "Fine."]
    assert set(record.flagged()) == {(FORCE, "roads", "plans")}
    record.comment(FORCE, "roads", "plans", author="Bo", at=LATER, text="Settled.", flag=False)
    assert record.flagged() == {}

    record.assign(FORCE, reviewer="Ann", by="Lead", at=AT)
    record.assign(FORCE, reviewer="Bo", by="Lead", at=AT, area="roads", criterion="plans", blind=True)
    record.assign(FORCE, reviewer="Ann", by="Lead", at=LATER, given=False)
    assert [(a.reviewer, a.area, a.blind) for a in record.assignments()] == [("Bo", "roads", True)]

    record.look(record.latest(FORCE), ["eskdale_plan.pdf"], user="Ann", at=AT, why="to check", shown="page 4")
    assert [(k.version, k.file, k.marking, k.user, k.why, k.shown) for k in record.looks()] == [
        (1, "eskdale_plan.pdf", "RESTRICTED", "Ann", "to check", "page 4")
    ]
    with pytest.raises(RecordError, match=r"no document 'none.pdf'"):
        record.look(record.latest(FORCE), ["none.pdf"], user="Ann", at=AT, why="", shown="quotes")

    record.save_user(User("ann", "Ann Reed", "reviewer", [FORCE], "RESTRICTED"), by="ada", at=AT)
    record.save_user(User("ann", "Ann Reed", "moderator", None, "RESTRICTED", failures=2), by="ada", at=LATER)
    assert record.users() == [User("ann", "Ann Reed", "moderator", None, "RESTRICTED", failures=2)] == [record.user("ann")]
    told = [(one.name, one.by, {*one.changed}) for one in record.account_changes()]
    assert told[0][:2] == ("ann", "ada") and "secret" in told[0][2]  # made: all of it is told, and that there is no password
    assert told[1:] == [("ann", "ada", {"role", "forces"})]
    record.save_user(User("ann", "Ann Reed", "moderator", None, "RESTRICTED", failures=3), by="ada", at=LATER)
    assert len(record.account_changes()) == 2  # a wrong password alone is no change
    assert record.user("bo") is None
