"""A submission that was none goes out of the round, and comes back: nothing waits for it, and nothing of it is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.record.audit import audit, history
from pipeline.record.record import Record
from pipeline.record.reviewed import is_published
from pipeline.record.types import RecordError, User
from tests.pipeline.record.test_commands import out, said
from tests.pipeline.record.test_decisions import AT, FORCE, LATER, changed, reviewed

__all__ = ["out"]


def test_a_submission_goes_out_of_the_round_and_comes_back_with_its_decisions(record: Record) -> None:
    reviewed(record)
    forces = record.forces()
    decided = record.decide(FORCE, "roads", "plans", grade=2, reviewer="Ann", at=AT)
    record.withdraw(FORCE, by="Ann", at=AT, reason="A damaged delivery.")
    assert FORCE not in record.forces() and FORCE not in record.standings()
    assert [(one.force, one.version, one.by, one.reason) for one in record.withdrawn()] == [(FORCE, 1, "Ann", "A damaged delivery.")]
    with pytest.raises(RecordError, match="is no force of this round"):
        record.decide(FORCE, "roads", "plans", grade=1, reviewer="Ann", at=AT, reason="Seen again.", seen=decided.number)
    assert record.decisions() == [decided], "what was decided stays in the record"
    record.withdraw(FORCE, by="Bo", at=LATER, reason="It was whole after all.", withdrawn=False)
    assert record.forces() == forces and record.withdrawn() == []
    assert record.standing(FORCE)["roads", "plans"].signed == decided
    assert [one["body"]["reason"] for one in history(record) if one["what"] == "withdrawals"] == [
        "A damaged delivery.",
        "It was whole after all.",
    ]
    assert audit(record).wrong == ()


def test_the_same_documents_again_stay_out_and_others_are_a_new_version(record: Record) -> None:
    reviewed(record)
    record.withdraw(FORCE, by="Ann", at=AT, reason="A damaged delivery.")
    reviewed(record)
    another = changed(grade=3)
    assert record.add_review(another, LATER, Path("no-store"), {}) == [], "nor does another model's grade bring it back"
    assert FORCE not in record.forces()
    (entry,) = (one for one in another["submissions"] if one["force"] == FORCE)
    entry["documents"][0]["sha256"] = "f" * 64
    (new,) = record.add_review(another, LATER, Path("no-store"), {})
    assert (new.force, new.version) == (FORCE, 2) and FORCE in record.forces()
    assert record.withdrawn() == []


def test_what_cannot_be_withdrawn_is_told_with_what_can(record: Record) -> None:
    reviewed(record)
    with pytest.raises(RecordError, match=f"'Greenhythe' is no force of this round. Its forces are: .*{FORCE}"):
        record.withdraw("Greenhythe", by="Ann", at=AT, reason="A damaged delivery.")
    with pytest.raises(RecordError, match=r"is not withdrawn\. Withdrawn are: none"):
        record.withdraw(FORCE, by="Ann", at=AT, reason="Back.", withdrawn=False)
    with pytest.raises(RecordError, match="say why it is withdrawn"):
        record.withdraw(FORCE, by="Ann", at=AT, reason=" ")
    assert FORCE in record.forces()


def test_the_command_writes_the_round_without_it_and_with_it_again(out: Path) -> None:
    def published() -> list[str]:
        return [one["force"] for one in json.loads((out / "reviewed.json").read_bytes())["submissions"]]

    with Record.open(out) as record:
        record.save_user(User("rose", role="reviewer"), by="ada", at=AT)
        record.save_user(User("mona", role="moderator"), by="ada", at=AT)
    how = ("--reason", "A folder in the wrong place.", "--reviewer")
    code, told = said("withdraw", out, "Saltmere Police", *how, "rose")
    assert code == 4 and "rose may not withdraw a submission, so nothing was done. Who may withdraw a submission: mona." in told
    code, told = said("withdraw", out, "Saltmere Police", *how, "mona")
    assert code == 0 and "Saltmere Police is out of the round" in told and "take it away" in told
    assert published() == ["Greyholm Constabulary"] and "Policing Saltmere" not in (out / "report.html").read_text("utf-8")
    assert said("withdraw", out, "Saltmere Police", *how, "mona", "--back")[0] == 0
    assert sorted(published()) == ["Greyholm Constabulary", "Saltmere Police"]
    with Record.open(out) as record:
        assert is_published(record, out)
        record.withdraw("Saltmere Police", by="mona", at=AT, reason="Again.")
        assert not is_published(record, out), "whatever publishes next tells of it"
