"""The capacity plan, docs/capacity.md, as a full measurement would write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import capacity

RUN = {"clock": 300.0, "processors": 600.0, "command": 250.0, "worker": 500.0}
SIZES = {"submissions": 43, "documents": 301, "pages": 4_300.0, "rows": 9_000, "inbox": 12e6, "store": 130e6, "originals": 12e6,
         "record": 40e6, "outputs": 20e6, "report": 8e6, "prefect": 9e6}  # fmt: skip


def test_the_plan_tells_what_was_measured_and_nothing_older_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "FIGURES", tmp_path / "capacity.json")
    monkeypatch.setattr(capacity, "PAGE", tmp_path / "capacity.md")
    many = {name: 10 * figure for name, figure in SIZES.items() if name != "prefect"}
    longer = {"clock": 3_090.0, "processors": 6_120.0, "command": 290.0, "worker": 520.0}
    cheap = {"clock": 7.0, "processors": 7.0, "command": 240.0, "worker": 0.0}
    runs = {"cold": RUN, "prefect": RUN | {"clock": 340.0}, "unchanged": cheap, "one changed": cheap | {"processors": 36.0},
            "many cold": longer, "many unchanged": cheap}  # fmt: skip
    capacity.keep({"at": "22 November 2026", "cores": 2, "load": 0.4, "one": SIZES, "many": many, "runs": runs})
    page = (tmp_path / "capacity.md").read_text(encoding="utf-8")
    assert "10.30 times as long as 43 (asked: at most 10.5), 10.20 times the core-s" in page
    assert "250 MB with 43 submissions and 290 MB with 430, a worker 500 MB and\n520 MB" in page
    assert "| *a* each run | 0.0 core-s |" in page, "a round that is ten times as large and takes more than ten times as long"
    assert "| submissions a year | 43 | 4,300 | 430,000 |" in page and "Excel's 1,048,576 are full at 5,010 submissions" in page
    hours = next(line for line in page.splitlines() if line.startswith("| at once, no scans"))
    assert [float(cell.replace(",", "")) for cell in hours.split("|")[2:5]] == [0.17, 17.0, 1_700.0]
