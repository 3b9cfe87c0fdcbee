"""The national tables: as published in 2008, and right where the grades are not complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.publish.grades_csv import read_tables
from pipeline.publish.national_json import national
from pipeline.publish.picture import draw_up
from rules.loader import load_pack

REVIEW = Path(__file__).parent / "review-2008"
PUBLISHED = yaml.safe_load((REVIEW / "published.yaml").read_text(encoding="utf-8"))
PACK = load_pack()


@pytest.fixture(scope="module")
def got() -> dict[str, Any]:
    return national(draw_up(PACK, read_tables(PACK, REVIEW / "grades.csv", REVIEW / "levels.csv"), strict=False))


@pytest.mark.parametrize(
    ("number", "kind", "row"),
    [(n, kind, row) for n, t in PUBLISHED["tables"].items() for kind in ("percent", "count") for row in t.get(kind, ())],
)
def test_every_row_comes_out_as_published(got: dict[str, Any], number: str, kind: str, row: str) -> None:
    table = got["tables"][number]
    assert table[kind][table["rows"].index(row)] == PUBLISHED["tables"][number][kind][row]


@pytest.mark.parametrize(
    ("number", "kind"),
    [(n, kind) for n, t in PUBLISHED["tables"].items() for kind in ("total_percent", "total_count", "forces") if kind in t],
)
def test_every_total_comes_out_as_published(got: dict[str, Any], number: str, kind: str) -> None:
    assert got["tables"][number][kind] == PUBLISHED["tables"][number][kind]


def test_the_headlines_come_out_as_published(got: dict[str, Any]) -> None:
    assert got["forces"] == PUBLISHED["forces"]
    assert got["headlines"] == PUBLISHED["headlines"]
    assert {name: len(forces) for name, forces in got["headline_forces"].items()} == got["headlines"]


def test_provision_follows_need_and_threat_in_as_many_forces_as_published(got: dict[str, Any]) -> None:
    found = got["need_against_provision"]
    assert (len(found["follows_need"]), len(found["follows_threat"])) == (15, 13)


def test_the_published_figures_are_all_there() -> None:
    """Section 8: 15 rows by area and their 13 totals, 5 rows by criterion, 7 rows of counts with their three columns at the end."""
    rows = [row for t in PUBLISHED["tables"].values() for kind in ("percent", "count") for row in t.get(kind, {}).values()]
    totals = [t[k] for t in PUBLISHED["tables"].values() for k in ("total_percent", "total_count", "forces") if k in t]
    assert sum(map(len, rows)) == 16 * 10 + 5 * 7 + 7 * 10
    assert sum(map(len, totals)) == 4 + 4 + 5 + 5 + 3 * 7
