"""The capacity plan, docs/capacity.md, from what `python -m benchmarks.batch --full` measured: that writes it by itself.

`python -m benchmarks.capacity` writes it anew from the same figures (benchmarks/capacity.json), after a change to capacity.md.j2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

HERE: Final = Path(__file__).parent
FIGURES: Final = HERE / "capacity.json"
PAGE: Final = HERE.parent / "docs" / "capacity.md"
PAGES, DOCUMENTS, ROUND, CORES = 100, 7, 43, 8
"""What is reckoned for: pages and documents of a submission, submissions of a round, cores of a machine."""
ELSEWHERE: Final = {"o": 1.56, "d": 0.5}
"""Measured on 21 November 2026 by benchmarks of their own: core-s of a scanned page on top (`python -m benchmarks.ocr --pages 6`), kB of a
decision (`python -m benchmarks.record`)."""
PRICES: Final = {"hour": 0.05, "keeping": 0.30}
"""Assumed, not measured: pounds for a core-hour, and for a GB kept for a year."""
ROWS: Final = 1_048_576
"""Rows that Excel allows on a sheet."""
HOURS: Final = 3600.0


def keep(figures: Mapping[str, Any]) -> None:
    """Keeps what was measured, and writes the page from it."""
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    write()


def write() -> None:
    """Writes docs/capacity.md."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)  # noqa: S701 (a page of Markdown, from our own figures)
    page = environment.from_string((HERE / "capacity.md.j2").read_text(encoding="utf-8"))
    inputs = derived(figures)
    plans = [plan(inputs, n) for n in (43, 4_300, 430_000)]
    PAGE.write_text(page.render(figures, **figures, i=inputs, plans=plans, prices=PRICES, limits=limits(figures, inputs)))


def derived(figures: Mapping[str, Any]) -> dict[str, float]:
    """The inputs of the plan: what a run costs whatever it holds, and what each page adds, from the two rounds that were measured."""
    one, many, runs = figures["one"], figures["many"], figures["runs"]
    more = many["pages"] - one["pages"]

    each = (runs["many cold"]["processors"] - runs["cold"]["processors"]) / more
    fixed = runs["cold"]["processors"] - each * one["pages"]
    a, c = (fixed, each) if fixed > 0 else (0.0, runs["many cold"]["processors"] / many["pages"])
    return ELSEWHERE | {
        "a": a, "c": c, "g": runs["one changed"]["processors"],
        "w": max(run["worker"] for run in runs.values()),
        "f": many["inbox"] / many["pages"] / 1000,
        "s": (many["store"] - many["originals"]) / many["pages"] / 1000,
        "r": many["record"] / many["pages"] / 1000,
        "x": many["outputs"] / many["submissions"] / 1000,
        "report": many["report"] / many["submissions"] / 1000,
        "h": one["prefect"] / one["documents"] / 1000,
    }  # fmt: skip


def plan(i: Mapping[str, float], submissions: int) -> dict[str, float]:
    """Core-hours, hours of one machine and bytes for so many submissions a year."""
    rounds = submissions / ROUND
    pages = submissions * PAGES
    alone = rounds * i["g"] / HOURS
    whole = (rounds * i["a"] + pages * i["c"]) / HOURS
    scanned = whole + pages * i["o"] / 10 / HOURS
    singly_alone = submissions * i["g"] / HOURS
    singly = singly_alone + pages * i["c"] / HOURS

    def stored(sent: float) -> float:
        kept = pages * (2 * sent + i["s"] + i["r"]) + submissions * (70 * i["d"] + i["x"] + DOCUMENTS * i["h"])
        return kept / 1e6

    large = stored(100.0)

    return {
        "submissions": submissions,
        "rounds": rounds,
        "whole": whole,
        "clock": alone + max(0.0, whole - alone) / CORES,
        "scanned": scanned,
        "scanned clock": alone + max(0.0, scanned - alone) / CORES,
        "singly": singly,
        "singly clock": singly_alone + (singly - singly_alone) / CORES,
        "small": stored(i["f"]),
        "large": large,
        "cost of hours": scanned * PRICES["hour"],
        "cost of keeping": 2 * large * PRICES["keeping"],
        "people": submissions * 70 / 60,
    }


def limits(figures: Mapping[str, Any], i: Mapping[str, float]) -> dict[str, float]:
    """What one OUT folder can hold: hours to take in one changed file, and how much people can open."""
    rows = figures["many"]["rows"] / figures["many"]["submissions"]
    return {
        "one change in 4300": i["g"] * 4_300 / ROUND / HOURS,
        "page of 4300": 4_300 * i["report"] / 1e6,
        "rows": rows,
        "fits": ROWS / rows,
    }


if __name__ == "__main__":
    write()
