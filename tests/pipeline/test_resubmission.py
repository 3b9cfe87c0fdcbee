"""A force sends its plans again: what still stands is carried forward, what does not goes back to the reviewer."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document as WordFile

from pipeline.compare.versions import compare_versions
from pipeline.ingest import InboxError
from pipeline.record.audit import audit_lines
from pipeline.record.record import Record
from pipeline.review import Outcome, Settings, review
from tests.conftest import EXAMPLES, HereRunner, review_here

SALTMERE = EXAMPLES / "Saltmere Police"
FORCE = "Saltmere Police"
PSIP = "Improving Protection PSIP 2008.docx"
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def round_(examples_out: Path, tmp_path: Path) -> tuple[Path, Path]:
    """An inbox with one force, reviewed and wholly validated, and its OUT."""
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    shutil.copytree(SALTMERE, inbox / FORCE)
    shutil.copytree(examples_out / "store", out / "store")
    review_here(inbox, out)
    with Record.open(out) as record:
        for (area, criterion), stands in record.standing(FORCE).items():
            record.decide(FORCE, area, criterion, grade=stands.provisional, reviewer="Ann Reed", at=AT)
    return inbox, out


def again(inbox: Path, out: Path, **settings: Any) -> Outcome:
    return review(Settings(inbox, out, **settings), HereRunner())


def statuses(out: Path) -> Counter[str]:
    with Record.open(out) as record:
        return Counter(stands.status for stands in record.standing(FORCE).values())


def test_the_same_documents_under_other_names_leave_every_decision_standing(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    (inbox / FORCE / PSIP).rename(inbox / FORCE / "PSIP final.docx")
    (new,) = again(inbox, out).versions
    assert (new.version, new.carried_forward, new.stale) == (2, 70, 0)
    assert statuses(out) == {"carried_forward": 70}


def test_a_removed_paragraph_makes_its_cells_stale_and_no_others(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    document = WordFile(str(inbox / FORCE / PSIP))
    (partners,) = [p for p in document.paragraphs if p.text.startswith("Eastmarsh Constabulary gives us forty days")]
    partners._element.getparent().remove(partners._element)
    document.save(str(inbox / FORCE / PSIP))
    (new,) = again(inbox, out).versions
    with Record.open(out) as record:
        standing = record.standing(FORCE)
        changes = compare_versions(record, FORCE, 1, 2)
    assert standing["serious_organised_crime", "collaboration"].status == "stale"
    assert changes.passages == {"same": changes.passages["same"], "removed": 1}
    for key, stands in standing.items():
        touched = any(d.substance for d in changes.cells[key].differences)
        assert stands.status == ("stale" if touched else "carried_forward"), key
    assert new.stale < 10 and new.stale + new.carried_forward == 70


def test_an_overridden_grade_is_carried_forward_as_the_reviewer_gave_it(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    with Record.open(out) as record:
        stands = record.standing(FORCE)["public_order", "collaboration"]
        other = 1 if stands.grade != 1 else 2
        record.decide(
            FORCE, "public_order", "collaboration", grade=other, reviewer="Bo Lane", at=AT, reason="I read it otherwise.", seen=stands.seen
        )
    (inbox / FORCE / PSIP).rename(inbox / FORCE / "PSIP final.docx")
    again(inbox, out)
    with Record.open(out) as record:
        now = record.standing(FORCE)["public_order", "collaboration"]
        assert (now.status, now.grade) == ("carried_forward", other)
        assert [d.reviewer for d in record.history(FORCE, "public_order", "collaboration")][1] == "Bo Lane"
        assert len(record.versions(FORCE)) == 2 and record.entry(record.versions(FORCE)[0])["documents"], "the first version stays readable"


def test_a_document_that_is_replaced_under_another_name_is_told_as_such(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    document = WordFile(str(inbox / FORCE / PSIP))
    document.add_paragraph("Printed on recycled paper.")
    document.save(str(inbox / FORCE / "PSIP second edition.docx"))
    (inbox / FORCE / PSIP).unlink()
    (new,) = again(inbox, out).versions
    assert (new.stale, new.notes) == (0, ()), "nothing is missing"
    with Record.open(out) as record:
        (told,) = (one for one in compare_versions(record, FORCE, 1, 2).documents if one.change != "unchanged")
    assert (told.file, told.change, told.was) == ("PSIP second edition.docx", "replaced", PSIP)


def test_only_the_changed_document_may_be_sent(round_: tuple[Path, Path], tmp_path: Path) -> None:
    _, out = round_
    sent = tmp_path / "sent" / FORCE
    sent.mkdir(parents=True)
    document = WordFile(str(SALTMERE / PSIP))
    document.add_paragraph("Printed on recycled paper.")
    document.save(str(sent / "PSIP second edition.docx"))
    outcome = again(tmp_path / "sent", out, changed_only=True)
    (entry,) = outcome.matrix["submissions"]
    assert sorted(d["file"] for d in entry["documents"]) == [
        "PSIP second edition.docx",
        "Policing Saltmere 2008-11.pdf",
        "Protection Action Workbook.xlsx",
    ]
    told = "\n".join(entry["problems"])
    assert (
        f"stands in the place of {PSIP}" in told and "Policing Saltmere 2008-11.pdf: was not sent again; it is taken from version 1" in told
    )
    assert outcome.versions[0].stale == 0


def test_what_was_not_sent_again_and_an_older_version_are_told(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    (inbox / FORCE / PSIP).rename(inbox / "kept")
    (fewer,) = again(inbox, out).versions
    assert f"Sent with version 1 and not with this one: {PSIP}" in fewer.notes[0]
    (inbox / "kept").rename(inbox / FORCE / PSIP)
    (back,) = again(inbox, out).versions
    assert "the documents of version 1: an older version has come after a newer one" in back.notes[0]
    assert statuses(out)["carried_forward"] + statuses(out)["stale"] == 70


def test_a_decision_that_went_stale_stands_again_when_its_words_are_back(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    (inbox / FORCE / PSIP).rename(inbox / "kept")
    (without,) = again(inbox, out).versions
    assert without.stale > 10
    shutil.copyfile(inbox / "kept", inbox / FORCE / PSIP)
    (back,) = again(inbox, out).versions
    assert (back.version, back.carried_forward, back.stale) == (3, 70, 0)
    assert statuses(out) == {"carried_forward": 70}
    with Record.open(out) as record:
        for stands in record.standing(FORCE).values():
            assert stands.decision and stands.signed
            assert (stands.grade, stands.signed.version) == (
                stands.signed.grade,
                1,
            ) and "by Ann Reed on version 1" in stands.decision.reason
    assert again(inbox, out).versions == ()


@pytest.mark.parametrize("changed_only", [False, True])
def test_a_folder_that_was_emptied_takes_nothing_back_and_is_told(round_: tuple[Path, Path], changed_only: bool) -> None:
    inbox, out = round_
    shutil.copytree(EXAMPLES / "Greyholm Constabulary", inbox / "Greyholm Constabulary")
    shutil.rmtree(inbox / FORCE)
    (inbox / FORCE).mkdir()
    outcome = again(inbox, out, changed_only=changed_only)
    assert [one.force for one in outcome.versions] == ["Greyholm Constabulary"] and statuses(out) == {"validated": 70}
    assert outcome.matrix["problems"] == [
        f"{FORCE}: holds no documents any more; {FORCE} stays as it is in version 1. Put its documents back, or take the folder away."
    ]
    written = (out / "matrix.json").read_bytes()
    shutil.rmtree(inbox / "Greyholm Constabulary")
    with pytest.raises(InboxError, match=f"{FORCE}: holds no documents any more"):
        again(inbox, out, changed_only=changed_only)
    assert (out / "matrix.json").read_bytes() == written


def test_a_force_unknown_to_the_round_is_told(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    shutil.copytree(EXAMPLES / "Greyholm Constabulary", inbox / "Greyholm Constabulary")
    new = {one.force: one.notes for one in again(inbox, out).versions}
    assert new["Greyholm Constabulary"] == ("New to the round, which has Saltmere Police.",)


def test_a_force_that_was_withdrawn_stays_out_until_it_sends_other_documents(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    with Record.open(out) as record:
        record.withdraw(FORCE, by="Ann Reed", at=AT, reason="A damaged delivery.")
    outcome = again(inbox, out)
    assert (outcome.versions, outcome.awaiting) == ((), 0)
    document = WordFile(str(inbox / FORCE / PSIP))
    document.add_paragraph("Printed on recycled paper.")
    document.save(str(inbox / FORCE / PSIP))
    (new,) = again(inbox, out).versions
    assert (new.version, new.carried_forward, new.stale) == (2, 70, 0)
    assert new.notes == ("It had been withdrawn; with these documents it is in the round again.",)


def test_what_new_models_make_of_the_same_documents_is_a_new_version_but_nothing_that_the_force_sent(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    with Record.open(out) as record:
        whole = record.head() | {"submissions": [record.entry(record.latest(FORCE))]}
        record.add_review(whole | {"model": {"id": "other", "sha256": "0" * 64}}, AT, out / "store", {})
        assert [[v.version for v in found] for found in (record.versions(FORCE), record.arrivals(FORCE))] == [[1, 2], [1]]
    (inbox / FORCE / PSIP).unlink()
    again(inbox, out)
    with Record.open(out) as record:
        assert [v.version for v in record.arrivals(FORCE)] == [1, 3]


def test_a_second_folder_of_a_force_leaves_the_first_its_name_and_its_decisions(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    (inbox / "Saltmere again").mkdir()
    shutil.copyfile(SALTMERE / PSIP, inbox / "Saltmere again" / PSIP)
    again(inbox, out)
    with Record.open(out) as record:
        assert record.forces() == [FORCE, f"{FORCE} (Saltmere again)"]
        assert {d["file"] for d in record.entry(record.latest(FORCE))["documents"]} == {one.name for one in SALTMERE.iterdir()}
    assert statuses(out)["carried_forward"] + statuses(out)["accepted"] + statuses(out)["validated"] == 70


def test_a_clock_that_jumps_back_changes_neither_the_order_of_versions_nor_what_was_decided(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    (inbox / FORCE / PSIP).rename(inbox / FORCE / "PSIP final.docx")
    (new,) = again(inbox, out, at=AT - timedelta(days=400)).versions
    assert (new.version, new.carried_forward) == (2, 70)
    with Record.open(out) as record:
        assert record.latest(FORCE).version == 2 and record.latest(FORCE).at.startswith("2025")
        assert audit_lines(record, out)[0], "the history is sound"
    assert again(inbox, out, at=AT + timedelta(days=40_000)).versions == ()
    assert statuses(out) == {"carried_forward": 70}


def test_an_unchanged_review_of_a_published_round_publishes_nothing_however_often_it_was_looked_at(round_: tuple[Path, Path]) -> None:
    inbox, out = round_
    assert again(inbox, out).awaiting == 0
    outputs = [out / name for name in ("reviewed.json", "matrix.xlsx", "report.html")]
    written = [(file.read_bytes(), file.stat().st_ino) for file in outputs]
    with Record.open(out) as record:
        record.look(record.latest(FORCE), [PSIP], user="Ann Reed", at=AT, why="review", shown="page 1")
        record.give_out(["matrix.xlsx"], by="Ann Reed", at=AT)
    again(inbox, out)
    assert [(file.read_bytes(), file.stat().st_ino) for file in outputs] == written
    with Record.open(out) as record:
        stands = record.standing(FORCE)["public_order", "collaboration"]
        record.decide(FORCE, "public_order", "collaboration", grade=stands.grade, reviewer="Bo Lane", at=AT, seen=stands.seen)
    again(inbox, out)
    assert "Bo Lane" in outputs[0].read_text()
