"""What an auditor relies on: whatever is changed behind the program's back is found, and anyone can check the export."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.record.audit import audit, audit_lines, write_history
from pipeline.record.record import Record
from pipeline.record.reviewed import publish, reviewed
from pipeline.record.tables import GROWING
from pipeline.record.types import EvidenceMarks, RecordError, Source, User
from pipeline.report import tally
from tests.pipeline.matrix_example import matrix_example
from tests.pipeline.record.test_decisions import AT, FORCE, LATER, changed

EVERY = ("reviews", "submissions", "decisions", "comments", "assignments", "accounts", "outputs", "looks")


@pytest.fixture
def full(record: Record, tmp_path: Path) -> Record:
    """A record with something of every kind."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "key.json").write_text("what was read")
    record.add_review(matrix_example(), AT, tmp_path, {("eskdale", "eskdale_plan.pdf"): Source("plan.pdf", "key")})
    one = record.decide(
        FORCE, "roads", "plans", grade=1, reviewer="Ann Reed", at=AT, reason="=No date – só?", evidence=EvidenceMarks((1,), (2,))
    )
    record.decide(FORCE, "roads", "plans", grade=2, reviewer="Bo", at=LATER, seen=one.number)
    record.comment(FORCE, "roads", "plans", author="Ann", at=AT, text="See p. 4", flag=True)
    record.assign(FORCE, reviewer="Ann", by="Lead", at=AT)
    record.save_user(User("ann", "Ann Reed", "reviewer", [FORCE], "RESTRICTED", "argon2-of-ann"), by="ada", at=AT)
    record.give_out(["matrix.xlsx"], by="Ann", at=AT)
    record.look(record.latest(FORCE), ["eskdale_plan.pdf"], user="Ann", at=AT, why="to check", shown="page 4")
    return record


def tamper(record: Record, *statements: str) -> None:
    """Changes the database as its owner could, with the triggers switched off."""
    with closing(record.database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if record.database.engine.dialect.name == "sqlite":
            cursor.execute("PRAGMA foreign_keys=OFF")
            for table in GROWING:
                for what in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER {table}_no_{what}")
        else:
            cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount == 1, statement
        connection.commit()


def test_a_sound_record_passes(full: Record) -> None:
    found = audit(full)
    assert (found.entries, found.decisions, found.versions, found.wrong) == (10, 2, 2, ())


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE decisions SET grade = 3 WHERE number = 4", "entry 4: the decision was changed"),
        ("UPDATE decisions SET reviewer = 'Cy' WHERE number = 5", "entry 5: the decision was changed"),
        ("UPDATE comments SET text = 'Fine' WHERE number = 6", "entry 6: the comment was changed"),
        ("UPDATE looks SET why = '' WHERE number = 10", "entry 10: the look was changed"),
        ("DELETE FROM looks WHERE number = 10", "entry 10: the look that it tells of is missing"),
        ("UPDATE outputs SET files = '[]'", "entry 9: the output was changed"),
        ("UPDATE accounts SET name = 'x'", "entry 8: the account was changed"),
        ("UPDATE users SET role = 'administrator'", "the account ann was changed behind the record: role."),
        ("UPDATE users SET secret = 'another'", "the account ann was changed behind the record: secret."),
        ("UPDATE users SET failures = 0, disabled = NOT disabled", "the account ann was changed behind the record: disabled."),
        ("DELETE FROM users", "the account ann was taken out of the database"),
        (
            "INSERT INTO users SELECT 'eve', full_name, role, forces, marking, secret, subject, failures, locked_until, disabled "
            "FROM users",
            "the account eve was not made by this program",
        ),
        ("DELETE FROM entries WHERE number = 4", "entry 4 is missing; the next is 5"),
        ("UPDATE cells SET grade = 3 WHERE grade = 1", "version 1 of Eskdale Constabulary: the machine's grades or evidence were changed"),
        (
            "DELETE FROM evidence WHERE area = 'roads' AND position = 2",
            "version 1 of Eskdale Constabulary: the machine's grades",
        ),
        ("DELETE FROM cells WHERE area = 'roads' AND criterion = 'plans'", "version 1 of Eskdale Constabulary: the machine's grades"),
        ("UPDATE texts SET content = 'x'", "of a document was changed after it was written"),
        ("UPDATE reviews SET pack = 'x'", "entry 1: the review was changed"),
    ],
)
def test_whatever_is_changed_behind_its_back_is_found(full: Record, statement: str, told: str) -> None:
    tamper(full, statement)
    assert any(told in line for line in audit(full).wrong), audit(full).wrong


def test_a_decision_cut_off_at_the_end_is_found_by_what_was_published(full: Record, tmp_path: Path) -> None:
    publish(full, tmp_path)
    assert audit_lines(full, tmp_path)[0]
    tamper(full, "DELETE FROM looks", "DELETE FROM entries WHERE number = 10")
    assert audit(full).wrong == ()  # by itself, a chain that ends earlier is whole
    sound, lines = audit_lines(full, tmp_path)
    assert not sound and "- entry 10 is not the one that reviewed.json was published with." in lines


def test_the_exported_history_can_be_checked_by_anyone(full: Record, tmp_path: Path) -> None:
    write_history(full, tmp_path / "history.jsonl")
    entries = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert [entry["what"] for entry in entries] == ["reviews", "submissions", "submissions", "decisions", "decisions", *EVERY[3:]]
    previous = audit(full).round
    for entry in entries:
        told = entry.pop("hash")
        assert entry["previous"] == previous
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(canonical.encode()).hexdigest() == (previous := told)


def test_the_decisions_as_csv_hold_no_formula(full: Record, tmp_path: Path) -> None:
    write_history(full, tmp_path / "decisions.csv")
    with (tmp_path / "decisions.csv").open(encoding="utf-8-sig", newline="") as lines:
        first, second = csv.DictReader(lines)
    assert (first["reviewer"], first["kind"], first["grade"], first["reason"]) == ("Ann Reed", "overridden", "1", "'=No date – só?")
    assert json.loads(first["evidence"]) == {"accepted": [1], "rejected": [2], "added": []}
    assert (second["seen"], second["at"], second["evidence"]) == ("4", "2026-11-21T10:30:00.000000Z", "")
    with pytest.raises(RecordError, match=r"give it the ending \.jsonl"):
        write_history(full, tmp_path / "history.pdf")


def cell_of(whole: dict[str, Any], area: str, criterion: str) -> dict[str, Any]:
    found: dict[str, Any] = whole["submissions"][0]["cells"][area][criterion]
    return found


def test_the_round_as_it_stands_has_the_grades_in_force_and_what_follows_from_them(record: Record) -> None:
    record.add_review(matrix_example(), AT, Path("no-store"), {})
    assert cell_of(reviewed(record), "missing", "plans")["status"] == "provisional"
    added = {"file": "eskdale_plan.pdf", "page": 7, "quote": "The search lead owns it."}
    for area, criterion, grade in (("roads", "plans", 0), ("missing", "plans", 2), ("order", "plans", 1), ("roads", "governance", 0)):
        marks = EvidenceMarks((1,), (2,), (added,)) if (area, criterion) == ("roads", "plans") else None
        record.decide(FORCE, area, criterion, grade=grade, reviewer="Ann", at=AT, reason="As I read it.", evidence=marks)
    whole = reviewed(record)
    one = cell_of(whole, "roads", "plans")
    assert (one["grade"], one["provisional_grade"], one["status"], one["confidence"]) == (0, 2, "overridden", 0.84)
    assert one["decision"] == {"reviewer": "Ann", "at": "2026-11-21T09:30:00.000000Z", "reason": "As I read it.", "grade": 0}
    assert [item["quote"][:3] for item in one["evidence"]] == ["The", "The"] and one["evidence"][1]["added_by"] == "Ann"
    assert [item["quote"] for item in one["rejected_evidence"]] == ["<script>alert('x')</script>"]
    assert (cell_of(whole, "order", "plans")["status"], cell_of(whole, "order", "governance")["status"]) == ("validated", "provisional")
    submission = whole["submissions"][0]
    assert submission["area_grades"] == {"roads": 0, "order": 2, "missing": 2}
    assert submission["criterion_grades"] == {"plans": 1, "governance": 1} and submission["credible"] is False
    assert submission["alerts"] == ["Roads policing: threat is high and there is no plan."]
    assert tally(whole) == "4 of 6 cells are decided: 1 validated, 3 overridden."
    stale = {"submissions": [{"cells": {"roads": {"gaps": {"status": "stale"}}}}]}
    assert tally(stale) == "0 of 1 cells are decided. 1 is stale: look at it again."


def test_a_carried_decision_shows_who_made_it(record: Record, opened: Callable[[], Record]) -> None:
    record.add_review(matrix_example(), AT, Path("no-store"), {})
    marks = EvidenceMarks(rejected=(2,))
    record.decide(FORCE, "roads", "plans", grade=1, reviewer="Ann", at=AT, reason="No date.", evidence=marks)
    for hours in (1, 2):
        record.add_review(changed(confidence=0.5 + hours / 10), LATER, Path("no-store"), {})
        record.carry(FORCE, {("roads", "plans"): "carried_forward"}, LATER)
    cell = cell_of(reviewed(opened()), "roads", "plans")
    assert (cell["status"], cell["grade"], cell["decision"]["reviewer"], cell["decision"]["reason"]) == (
        "carried_forward",
        1,
        "Ann",
        "No date.",
    )
    assert len(cell["evidence"]) == len(cell["rejected_evidence"]) == 1
    record.carry(FORCE, {("roads", "plans"): "stale"}, LATER)
    assert cell_of(reviewed(opened()), "roads", "plans")["status"] == "carried_forward"  # it was carried to this version already
