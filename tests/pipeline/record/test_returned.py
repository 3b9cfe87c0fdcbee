"""A workbook goes out, is filled in offline and comes back: every cell is found again, and nothing is applied unseen."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.record.record import Record
from pipeline.record.returned import take_in
from pipeline.record.reviewed import publish
from pipeline.record.types import RecordError, User
from pipeline.workbook import write_workbook
from tests.pipeline.matrix_example import matrix_example
from tests.pipeline.record.test_decisions import AT, FORCE, LATER, changed

GRADE, REASON, VERSION, AREA_ID = "L", "M", "N", "O"
ROADS, ROADS_GOVERNANCE, ORDER, MISSING = 5, 6, 7, 9
"""The rows of the sheet: (roads, plans), (roads, governance), (order, plans), (missing, plans)."""

Fill = Callable[..., Path]


@pytest.fixture
def fill(record: Record, tmp_path: Path) -> Fill:
    """Publishes the round, fills in cells of the sheet and gives the saved workbook."""
    record.add_review(matrix_example(), AT, Path("no-store"), {})

    def filled(**cells: Any) -> Path:
        publish(record, tmp_path)
        book = openpyxl.load_workbook(tmp_path / "matrix.xlsx")
        for name, value in cells.items():
            book["Decisions"][name] = value
        book.save(tmp_path / "filled.xlsx")
        return tmp_path / "filled.xlsx"

    return filled


def refused(record: Record, file: Path, *told: str) -> None:
    with pytest.raises(RecordError) as met:
        take_in(record, file, "Ann", AT)
    for words in told:
        assert words in str(met.value)
    assert record.decisions() == []


def test_what_was_filled_in_is_signed_and_the_rest_left_alone(record: Record, fill: Fill) -> None:
    done = take_in(record, fill(L5="2 M", L7=2, M7="An element shown as missing is in the documents"), "Ann Reed", LATER)
    assert (len(done.decisions), done.known, done.conflicts) == (2, 0, ())
    standing = record.standing(FORCE)
    assert (standing["roads", "plans"].status, standing["order", "plans"].status) == ("validated", "overridden")
    signed = standing["order", "plans"].decision
    assert signed and (signed.reviewer, signed.grade, signed.at) == ("Ann Reed", 2, "2026-11-21T10:30:00.000000Z")
    assert signed.reason == "An element shown as missing is in the documents"
    assert len(record.decisions()) == 2


def test_the_same_workbook_again_adds_nothing(record: Record, fill: Fill) -> None:
    file = fill(L5="2 M", L7=2, M7="There is an owner.")
    take_in(record, file, "Ann", AT)
    again = take_in(record, file, "Ann", LATER)
    assert (again.decisions, again.known, again.conflicts) == ((), 2, ())


def test_someone_elses_decision_meanwhile_is_listed_and_the_others_are_taken_in(record: Record, fill: Fill) -> None:
    file = fill(L5="1 I", M5="No date.", L7="1 I")
    record.decide(FORCE, "roads", "plans", grade=2, reviewer="Bo", at=AT)
    done = take_in(record, file, "Ann", LATER)
    assert [d.area for d in done.decisions] == ["order"]
    assert done.conflicts[0].startswith("row 5, Eskdale Constabulary, Roads policing, Plans: the workbook says 1 I, but Bo decided")
    assert record.standing(FORCE)["roads", "plans"].grade == 2
    again = take_in(record, fill(L5="1 I", M5="No date."), "Ann", LATER)  # a new workbook shows Bo's decision
    assert len(again.decisions) == 1 and record.standing(FORCE)["roads", "plans"].grade == 1


def test_rows_that_will_not_do_are_all_listed_and_nothing_is_written(record: Record, fill: Fill) -> None:
    file = fill(L5="2 M", L6="4", L7="3 H", L9="2 I", M8="Only a reason")
    refused(
        record,
        file,
        "nothing was imported",
        "row 6, Eskdale Constabulary, Roads policing, Governance: '4' is no grade. The grades are 0 N, 1 I, 2 M, 3 H.",
        "row 7: Eskdale Constabulary, order / plans: the grade proposed is 1; to give 3 instead, say why.",
        "row 8, Eskdale Constabulary, Public order, Governance: there is a reason but no grade.",
        "row 9, Eskdale Constabulary, Missing persons, Plans: '2 I' is no grade.",
    )


def test_rows_that_were_overwritten_or_stand_twice_are_refused(record: Record, fill: Fill) -> None:
    refused(record, fill(L5="2 M", O5="order"), "row 5", "what the row shows and the cell that it stands for differ")
    refused(record, fill(L5="2 M", L6="2 M", C6="Plans", P6="plans"), "row 5", "row 6", "stands on the sheet more than once")
    refused(record, fill(L5="2 M", N5=None), "hidden columns are empty")
    refused(record, fill(L5="2 M", N4="Gone"), "has lost Version")


def test_a_workbook_from_another_round_or_of_an_earlier_version_is_refused(record: Record, fill: Fill, tmp_path: Path) -> None:
    other = matrix_example()
    other["submissions"][0]["cells"]["roads"]["plans"]["confidence"] = 0.1
    (tmp_path / "other").mkdir()
    write_workbook(other, tmp_path / "other" / "matrix.xlsx")
    book = openpyxl.load_workbook(tmp_path / "other" / "matrix.xlsx")
    book["Decisions"]["L5"] = "2 M"
    book.save(tmp_path / "other" / "filled.xlsx")
    refused(record, tmp_path / "other" / "filled.xlsx", "Eskdale Constabulary: this workbook is from another round")
    file = fill(L5="2 M")
    record.add_review(changed(grade=3), LATER, Path("no-store"), {})
    refused(record, file, "was reviewed again after this workbook was written", "readacross publish OUT")


def test_where_the_round_has_accounts_only_one_who_may_decide_signs(record: Record, fill: Fill) -> None:
    for user in (User("rose", "Rose Hill", "reviewer", [FORCE]), User("reader", role="reader"), User("gil", role="reviewer", forces=[])):
        record.save_user(user, by="ada", at=AT)
    file = fill(L5="2 M", L7="2 M", M7="There is an owner.")
    for name, told in (("Ann", "Ann has no account in this round"), ("reader", "reader may not decide")):
        with pytest.raises(RecordError, match=f"{told}, so nothing was done. Who may decide: gil, rose."):
            take_in(record, file, name, AT)
    with pytest.raises(RecordError, match=r"row 5, .*: gil is not given this force"):
        take_in(record, file, "gil", AT)
    for reviewer in ("rose", "bo"):
        record.assign(FORCE, reviewer=reviewer, by="mona", at=AT, area="order", criterion="plans", blind=True)
    with pytest.raises(RecordError, match=r"row 7, .*: this cell is graded twice, blind"):
        take_in(record, file, "rose", AT)
    assert record.decisions() == []
    assert [d.reviewer for d in take_in(record, fill(L5="2 M", L7=None, M7=None), "Rose Hill", AT).decisions] == ["rose"]


def test_files_that_are_no_such_workbook_are_refused(record: Record, fill: Fill, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("not a workbook")
    refused(record, tmp_path / "text.xlsx", "is not an Excel workbook")
    refused(record, tmp_path / "none.xlsx", "cannot be opened")
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    refused(record, tmp_path / "empty.xlsx", "has no sheet Decisions")
    with pytest.raises(RecordError, match="reviewer's name"):
        take_in(record, fill(L5="2 M"), "  ", AT)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice_comes_back_whole(record: Record, fill: Fill, tmp_path: Path) -> None:
    file = fill(L5="2 M", L9="1 I", M9="A note in § 4 – “owner: Supt Hill”")
    folder = tmp_path / "saved"
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx", "--outdir", str(folder)]
    subprocess.run([*command, str(file)], check=True, capture_output=True, timeout=120)
    done = take_in(record, folder / "filled.xlsx", "Ann", AT)
    assert [(d.area, d.criterion, d.grade) for d in done.decisions] == [("roads", "plans", 2), ("missing", "plans", 1)]
