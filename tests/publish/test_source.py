"""What the first page of a national picture says it rests on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.publish.source import of_review, of_tables
from pipeline.record.record import Record
from pipeline.round import load_round
from tests.publish.rounds import PACK


def test_a_review_is_told_by_its_name_and_the_days_that_its_record_holds(examples_out: Path) -> None:
    whole = load_round(examples_out)
    told = dict(of_review(PACK, examples_out, whole))
    with Record.open(examples_out) as record:
        read = date.fromisoformat(record.latest("Saltmere Police").at[:10])
    assert told["Round"] == examples_out.name and told["Submissions"] == "2, with 6 documents"
    assert told["Read"] == f"{read.day} {read:%B %Y}, with the model {whole['model']['id']}"
    assert told["Decided by reviewers"] == "0 of 140 cells"
    assert told["Framework"] == f"{PACK.name}, version {PACK.version}"


def test_the_last_decision_is_dated_and_a_round_without_a_record_has_no_day_of_reading(tmp_path: Path) -> None:
    decided = {"status": "validated", "decision": {"at": "2009-02-03T10:11:12.000000Z"}}
    cells = {"roads_policing": {"prioritisation": decided, "collaboration": {"status": "provisional"}}}
    told = dict(of_review(PACK, tmp_path, {"submissions": [{"force": "Tamar Police", "cells": cells}]}))
    assert told["Decided by reviewers"] == "1 of 2 cells, the last on 3 February 2009" and "Read" not in told


def test_tables_are_told_by_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "grades.csv").write_text("force,area,criterion,grade\n", encoding="utf-8")
    (what, told), _ = of_tables(PACK, [tmp_path / "grades.csv"])
    assert (what, told) == ("Figures from", "grades.csv (SHA-256 begins 81a739c44fe2)")
