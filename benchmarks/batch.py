"""Whole rounds as the command reviews them: cold, with Prefect and without, unchanged, after a resubmission, and ten times as large.

    python -m benchmarks.batch            4 submissions of some 30 pages, and 40: two minutes
    python -m benchmarks.batch --full     43 submissions of some 100 pages, and 430: hours; writes docs/capacity.md from what it measured

The submissions are made from the corpus's documents, no two alike (benchmarks/submissions.py). "Core-s" are seconds of all processors
together. Nothing else should run on the machine meanwhile: the load is printed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from docx import Document as Word

from benchmarks.processes import Run, review
from benchmarks.submissions import make_round

TIMES: Final = 10
PREFECT: Final = "prefect"
"""The folder in the store that holds Prefect's own database."""
ASKED: Final = {"Prefect's share": 0.15, "of the first": 0.03}
LONGEST: Final = 10.5
"""How many times as long ten times as many submissions may take."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.batch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="43 submissions of 100 pages, and 430; writes docs/capacity.md")
    parser.add_argument("--submissions", type=int)
    parser.add_argument("--pages", type=int, help="pages of a submission, about")
    parser.add_argument("--once", action="store_true", help="leave out the round that is ten times as large")
    parser.add_argument("--folder", type=Path, help="where the rounds are written; by default where temporary files go")
    chosen = parser.parse_args()
    submissions = chosen.submissions or (43 if chosen.full else 4)
    pages = chosen.pages or (100 if chosen.full else 30)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        told = measured(Path(folder), submissions, pages, 1 if chosen.once else TIMES)
    if chosen.full and not chosen.once:
        from benchmarks import capacity

        capacity.keep(told)


def measured(folder: Path, submissions: int, pages: int, times: int) -> dict[str, Any]:
    """Measures, printing each figure as it is known; gives them all."""
    inbox, out = folder / "inbox", folder / "out"
    made = make_round(inbox, submissions, pages)
    cold = review(inbox, out, "--direct")
    one = sizes(inbox, out) | {"pages": made}
    print(f"{one['submissions']} submissions, {one['documents']} documents, {one['pages']:.0f} pages")
    say("cold, without Prefect", cold, speed(made, cold))
    say("the same again, unchanged", unchanged := review(inbox, out), share(unchanged.clock, cold.clock, "of the first"))
    plan = min(inbox.rglob("*.docx"))
    changed = Word(str(plan))
    changed.add_paragraph("The Chief Constable will report on this in May 2009.")
    changed.save(str(plan))
    say("one force resubmits one document", again := review(inbox, out, "--direct"), f"{again.clock / cold.clock:.1%} of the first")
    prefect = review(inbox, folder / "prefect")
    say("cold, with Prefect", prefect, share(prefect.clock - cold.clock, prefect.clock, "Prefect's share"), speed(made, prefect))
    one["prefect"] = weight(folder / "prefect" / "store" / PREFECT)
    rmtree(folder / "prefect")
    print(
        f"{'store':36}{one['store'] / one['pages'] / 1000:8.1f} kB a page, {one['originals'] / one['pages'] / 1000:.1f} kB of them as sent"
    )
    figures: dict[str, Any] = {
        "at": f"{(now := datetime.now(UTC)).day} {now:%B %Y}",
        "cores": os.cpu_count(),
        "load": os.getloadavg()[2],
        "one": one,
    }
    runs = {"cold": cold, "unchanged": unchanged, "one changed": again, "prefect": prefect}
    if times > 1:
        rmtree(inbox)
        rmtree(out)
        made = make_round(inbox, submissions * times, pages)
        runs["many cold"] = many = review(inbox, out, "--direct")
        figures["many"] = sizes(inbox, out) | {"pages": made}
        longer = f"{many.clock / cold.clock:.2f} times as long (asked: at most {LONGEST})"
        say(f"{submissions * times} submissions", many, longer, f"{many.processors / cold.processors:.2f} times the core-s")
        print(f"{'a worker':36}{cold.worker:8.0f} MB at most with {submissions}, {many.worker:.0f} MB with {submissions * times}")
        say("the same again, unchanged", renewed := review(inbox, out), f"{renewed.clock / many.clock:.1%} of the first")
        runs["many unchanged"] = renewed
    figures["runs"] = {name: {field: round(getattr(run, field), 1) for field in Run.__slots__} for name, run in runs.items()}
    print(f"The machine's load was {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores.")
    return figures


def say(what: str, run: Run, *more: str) -> None:
    print(f"{what:36}{run.clock:8.1f} s{run.processors:10.1f} core-s   {', '.join(more)}", flush=True)


def speed(pages: float, run: Run) -> str:
    return f"{pages / run.processors:.1f} pages/s/core"


def share(part: float, whole: float, name: str) -> str:
    return f"{name} {part / whole:.1%} (asked: at most {ASKED[name]:.0%})"


def sizes(inbox: Path, out: Path) -> dict[str, Any]:
    """What went in and what is kept, in bytes; the store without Prefect's files. `rows` are those of the sheet Evidence."""
    submissions = json.loads((out / "matrix.json").read_bytes())["submissions"]
    return {
        "submissions": len(submissions),
        "documents": sum(len(one["documents"]) for one in submissions),
        "rows": sum(max(1, len(cell["evidence"])) for one in submissions for row in one["cells"].values() for cell in row.values()),
        "inbox": weight(inbox),
        "store": weight(out / "store") - weight(out / "store" / PREFECT),
        "originals": weight(out / "store" / "originals"),
        "record": sum(path.stat().st_size for path in out.glob("record.sqlite*")),
        "outputs": sum(path.stat().st_size for path in out.iterdir() if path.is_file() and not path.name.startswith("record.")),
        "report": (out / "report.html").stat().st_size,
    }


def weight(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
