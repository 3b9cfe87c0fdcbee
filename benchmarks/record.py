"""The record under load: a round of 43 forces, 2,000 decisions by 20 reviewers at once, some of them killed in the middle.

Run as `python -m benchmarks.record [--forces 43] [--decisions 2000] [--reviewers 20] [--record postgresql://...]`. Each reviewer is a
process of its own that opens the record, looks how a cell stands, decides, and says so once the decision is kept. Whoever is killed
(SIGKILL) is replaced. At the end: no decision lost that was said to be kept, none doubled, the chain whole.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from pipeline.record.record import Record
from pipeline.record.types import Conflict

AT: Final = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
QUOTE: Final = "The unit will be at its full strength of twelve by April; the superintendent who leads it answers to the board. " * 2


Kept = tuple[str, int, float]
"""A reviewer, the number of their decision, and the seconds from looking at the cell to its being kept."""


def round_of(forces: int, quotes: int = 4) -> dict[str, Any]:
    """A made-up matrix.json of the default pack's size, the same every time."""
    from rules.loader import load_pack  # a reviewer's process, which is started often, needs none of these

    pack, luck = load_pack(), random.Random(43)

    def cell(force: int, area: int, criterion: Any) -> dict[str, Any]:
        grade = luck.randrange(len(pack.grades))
        address = {"page": area + 1, "box": [72.0, 310.2, 523.3, 365.0], "range": [0, 240], "headings": ["Plans"]}
        bears = {"elements": [criterion.elements[0].id], "score": 0.9, "scope": "specific", "highlights": [[4, 8]]}
        evidence = [{"file": f"plan {1 + n % 3}.pdf", "quote": f"{force}.{area}.{n} {QUOTE}"} | address | bears for n in range(quotes)]
        return {"grade": grade, "confidence": luck.random(), "probabilities": [0.1, 0.2, 0.3, 0.4], "status": "provisional",
                "elements": {e.id: luck.random() for e in criterion.elements}, "evidence": evidence, "missing": [],
                "explanation": "Made up."}  # fmt: skip

    none = {area.id: 0 for area in pack.areas}
    submissions = [
        {"force": f"Force {n:02}", "folder": f"force {n:02}",
         "documents": [{"file": f"plan {d}.pdf", "kind": "psip", "marking": "RESTRICTED", "sha256": f"{n:032x}{d:032x}", "pages": 30,
                        "pages_read": 30, "problems": []} for d in (1, 2, 3)],
         "cells": {area.id: {c.id: cell(n, a, c) for c in pack.criteria} for a, area in enumerate(pack.areas)},
         "need": none, "threat": none, "alerts": [], "problems": []}
        for n in range(forces)
    ]  # fmt: skip
    return {
        "format": "readacross-matrix/1", "pack": {"id": pack.id, "version": pack.version, "sha256": pack.sha256},
        "model": {"id": "made-up", "sha256": "00" * 32}, "grades": [g.model_dump() for g in pack.grades],
        "roll_up": pack.roll_up.model_dump(), "areas": [{"id": a.id, "name": a.name, "short": a.short} for a in pack.areas],
        "criteria": [{"id": c.id, "name": c.name, "short": c.short, "elements": [e.model_dump() for e in c.elements]}
                     for c in pack.criteria],
        "problems": [], "submissions": submissions,
    }  # fmt: skip


def work(where: Path | str, reviewer: str, first: int, last: int) -> None:
    """Signs the decisions `first` to `last` of one reviewer on cells drawn by lot, and prints each when it is kept: "17 0.0042"."""
    luck = random.Random(f"{reviewer} {first}")
    with Record.open(where) as record:
        cells = [(force, *key) for force, row in record.standings().items() for key in row]
        scale = [grade["grade"] for grade in record.head()["grades"]]
        for number in range(first, last + 1):
            begun = time.perf_counter()
            while True:
                force, area, criterion = luck.choice(cells)
                before = record.history(force, area, criterion)
                seen, grade = before[-1].number if before else None, luck.choice(scale)
                try:
                    record.decide(force, area, criterion, grade=grade, reviewer=reviewer, at=AT, reason=str(number), seen=seen)
                    break
                except Conflict:
                    continue
            print(number, f"{time.perf_counter() - begun:.4f}", flush=True)


def reviewers(where: Path | str, count: int, each: int, kills: int) -> tuple[list[Kept], int]:
    """Lets reviewers decide at once and kills some while they do; gives what they said is kept, and how many were killed."""
    luck = random.Random(9)
    dooms = [luck.randint(1, max(1, each // 2)) if n < kills else 0 for n in range(count)]
    with ThreadPoolExecutor(count) as threads:
        followed = list(threads.map(lambda n: _follow(where, f"reviewer {n:02}", each, dooms[n]), range(count)))
    return [one for kept, _ in followed for one in kept], sum(killed for _, killed in followed)


def _follow(where: Path | str, name: str, each: int, doom: int) -> tuple[list[Kept], int]:
    """One reviewer's decisions; killed after decision `doom` (0 for never) and then replaced by another process."""
    kept, killed, last = list[Kept](), 0, 0
    while last < each:
        command = [sys.executable, "-m", "benchmarks.record", "--work", str(where), name, str(last + 1), str(each)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)  # noqa: S603 (our own)
        for line in process.stdout or ():
            number, seconds = line.split()
            last = int(number)
            kept.append((name, last, float(seconds)))
            if last == doom:
                process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            killed += 1
        elif process.returncode:
            raise RuntimeError(f"{name} ended with {process.returncode}")
    return kept, killed


def faults(where: Path | str, kept: list[Kept], killed: int) -> list[str]:
    """What is wrong after the reviewers have gone; a decision of someone killed may be kept though they could not say so any more."""
    from pipeline.record.audit import audit

    with Record.open(where) as record:
        signed = [(d.reviewer, int(d.reason)) for d in record.decisions()]
        wrong = [*audit(record).wrong]
    said = {(name, number) for name, number, _ in kept}
    if lost := said - set(signed):
        wrong.append(f"lost: {sorted(lost)}")
    if len(signed) - len(set(signed)) > killed:
        wrong.append("decisions are doubled")
    return wrong


def _timed(what: str, function: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    result = function()
    print(f"{what:34} {1000 * (time.perf_counter() - begun):9.1f} ms")
    return result


def size(folder: str) -> int:
    """Bytes of the record's files."""
    return sum(path.stat().st_size for path in Path(folder).glob("record.sqlite*"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("forces", 43), ("decisions", 2000), ("reviewers", 20), ("kills", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--record", help="an empty PostgreSQL database in place of a file")
    parser.add_argument("--work", nargs=4, metavar=("WHERE", "REVIEWER", "FIRST", "LAST"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        where, reviewer, first, last = given.work
        return work(where if "://" in where else Path(where), reviewer, int(first), int(last))
    from pipeline.record.reviewed import reviewed

    with tempfile.TemporaryDirectory() as folder:
        where = given.record or Path(folder)
        whole = round_of(given.forces)
        with Record.open(where, new=True) as record:
            _timed("first review into the record", lambda: record.add_review(whole, AT, Path(folder), {}))
            _timed("the same review again", lambda: record.add_review(whole, AT, Path(folder), {}))
            version = record.latest(record.forces()[0])
            key = next(iter(record.standing(version.force)))
            _timed("one cell", lambda: record.cell(version, *key))
            _timed("how one force stands", lambda: record.standing(version.force))
            _timed("how all forces stand", record.standings)
            before = size(folder)
            begun = time.perf_counter()
            kept, killed = reviewers(where, given.reviewers, given.decisions // given.reviewers, given.kills)
            seconds = time.perf_counter() - begun
            waits = sorted(1000 * s for _, _, s in kept)
            print(f"{len(kept)} decisions by {given.reviewers} reviewers at once, {killed} killed: {len(kept) / seconds:.0f} a second; "
                  f"median {median(waits):.1f} ms, 99th percentile {quantiles(waits, n=100)[98]:.1f} ms")  # fmt: skip
            if not given.record:
                each = (size(folder) - before) / len(kept)
                print(f"{before / given.forces / 1000:.0f} kB for each force, {each / 1000:.1f} kB for each decision")
            _timed("how all forces stand", record.standings)
            _timed("reviewed.json", lambda: reviewed(record))
            wrong = _timed("lost, doubled, altered?", lambda: faults(where, kept, killed))
    print("Nothing lost, nothing doubled, the chain is whole." if not wrong else "\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
