"""Sign-off: the last decision that a force waits for publishes the round, through whichever door it comes."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from cli import app
from pipeline.record.record import Record
from pipeline.record.reviewed import is_published, publish, reviewed
from pipeline.record.signoff import publish_signed_off
from pipeline.store import alone

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FORCE = "Saltmere Police"


@pytest.fixture
def out(examples_out: Path, tmp_path: Path) -> Path:
    """The examples' round, all of one force's cells decided but for the last."""
    shutil.copytree(examples_out, tmp_path / "out")
    with Record.open(tmp_path / "out") as record:
        for area, criterion in list(record.standing(FORCE))[:-1]:
            accept(record, area, criterion)
    return tmp_path / "out"


def accept(record: Record, area: str, criterion: str) -> None:
    stands = record.standing(FORCE)[area, criterion]
    record.decide(FORCE, area, criterion, grade=stands.provisional, reviewer="Ann Reed", at=AT, seen=stands.seen)


def decided(out: Path) -> int:
    """The cells of the force that what was published tells as decided."""
    (entry,) = (one for one in json.loads((out / "reviewed.json").read_bytes())["submissions"] if one["force"] == FORCE)
    return sum(cell["status"] != "provisional" for row in entry["cells"].values() for cell in row.values())


def test_nothing_is_published_while_a_cell_waits(out: Path) -> None:
    with Record.open(out) as record:
        assert publish_signed_off(record, out) == []
    assert not (out / "reviewed.json").exists()


def test_the_last_decision_publishes_once_and_a_later_one_again(out: Path) -> None:
    with Record.open(out) as record:
        last = list(record.standing(FORCE))[-1]
        accept(record, *last)
        assert publish_signed_off(record, out) == [FORCE]
        assert decided(out) == 70
        assert publish_signed_off(record, out) == [], "it is out already"
        accept(record, *last)
        assert publish_signed_off(record, out) == [FORCE], "someone decided again"


def test_a_review_at_work_is_left_to_publish_by_itself(out: Path) -> None:
    with Record.open(out) as record, alone(out / "store"):
        accept(record, *list(record.standing(FORCE))[-1])
        assert publish_signed_off(record, out) == []
    assert not (out / "reviewed.json").exists()


def test_an_import_that_settles_a_force_publishes_the_round(out: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["publish", str(out)]).exit_code == 0
    book = openpyxl.load_workbook(out / "matrix.xlsx")
    sheet = book["Decisions"]
    (top,) = (row for row in range(1, 10) if sheet.cell(row, 1).value == "Force")
    columns = {cell.value: cell.column for cell in sheet[top]}
    with Record.open(out) as record:
        area, criterion = list(record.standing(FORCE))[-1]
        grade = record.standing(FORCE)[area, criterion].provisional
    row = next(
        row
        for row in range(top + 1, sheet.max_row + 1)
        if sheet.cell(row, 1).value == FORCE and area in [c.value for c in sheet[row]] and criterion in [c.value for c in sheet[row]]
    )
    sheet.cell(row, columns["Your grade"]).value = grade
    book.save(out.parent / "filled.xlsx")
    said = runner.invoke(app, ["import", str(out.parent / "filled.xlsx"), "--into", str(out), "--reviewer", "Ann Reed"])
    assert said.exit_code == 0 and f"Signed off: {FORCE}. The round is published" in said.output
    assert decided(out) == 70


def test_what_is_published_is_the_round_as_it_stands_and_one_cut_short_counts_as_none(out: Path) -> None:
    with Record.open(out) as record:
        given, whole = publish(record, out), reviewed(record)
        assert (out / "reviewed.json").read_bytes() == json.dumps(whole, ensure_ascii=False, indent=1).encode()
        assert list(given["submissions"]) == whole["submissions"], "to be read from the file, where it stands now"
        assert is_published(record, out)
        (out / "reviewed.json").write_bytes((out / "reviewed.json").read_bytes()[:-1_000])
        assert not is_published(record, out)
