"""The reviewer who signs the last open cell of a force has the round published, without waiting for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pipeline.review import STORE
from pipeline.store import alone
from pipeline.watch import WATCH
from tests.workbench.conftest import Workbench

FORCE = "Saltmere Police"
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def all_but_one(workbench: Workbench) -> str:
    """Signs every cell of the force but the last; gives the address of that one."""
    record = workbench.bench.record
    standing = record.standing(FORCE)
    *others, last = standing
    for cell in others:
        record.decide(FORCE, *cell, grade=standing[cell].provisional, reviewer="ravi", at=AT)
    return f"/force/saltmere-police/{last[0]}/{last[1]}"


def sign(workbench: Workbench, cell: str) -> str:
    """Rose accepts the cell; what she is told."""
    area, criterion = cell.split("/")[-2:]
    grade = workbench.bench.record.standing(FORCE)[area, criterion].provisional
    return workbench.signed_in("rose").send(cell, f"{cell}/decide", grade=str(grade), version="1").text


def test_the_last_cell_publishes_the_round(workbench: Workbench) -> None:
    told = sign(workbench, all_but_one(workbench))
    assert f"Signed off: {FORCE}. The round is being published." in told
    process = workbench.bench.publishing
    assert process
    process.join(300)
    whole = json.loads((workbench.bench.out / "reviewed.json").read_bytes())
    (entry,) = (one for one in whole["submissions"] if one["force"] == FORCE)
    assert {cell["status"] for row in entry["cells"].values() for cell in row.values()} == {"validated"}


def test_any_other_cell_does_not(workbench: Workbench) -> None:
    area, criterion = next(iter(workbench.bench.record.standing(FORCE)))
    assert "Signed off" not in sign(workbench, f"/force/saltmere-police/{area}/{criterion}")
    assert workbench.bench.publishing is None


def test_where_the_round_is_watched_the_flow_publishes(workbench: Workbench) -> None:
    cell = all_but_one(workbench)
    with alone(workbench.bench.out / STORE, WATCH):
        assert "The round is being published" in sign(workbench, cell)
    assert workbench.bench.publishing is None
