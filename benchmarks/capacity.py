"""What docs/capacity.md reckons with: processor time, memory and disk of one review, and of the same again with nothing changed.

`python -m benchmarks.capacity [INBOX] [--times N]` reviews INBOX (by default corpus/files) with the command, under Prefect, in a temporary
folder; N times as many submissions if asked, the same papers with other bytes.
Processor seconds are those of all its processes: unlike the time on the clock, they hardly depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PREFECT: Final = "prefect"
"""The folder in the store that holds Prefect's own database."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds on the clock and of processors, and the most megabytes that the command itself and any one worker held."""

    clock: float
    processors: float
    command: float
    worker: float


def review(inbox: Path, out: Path) -> Run:
    """Runs `readacross review` once, looking every second at what its processes hold."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "cli", "review", str(inbox), "--out", str(out)])  # noqa: S603 (our own)
    own = worker = 0.0
    while process.poll() is None:
        own = max(own, held(process.pid))
        worker = max([worker, *(held(one) for one in below(process.pid) if b"spawn_main" in told(one, "cmdline"))])
        time.sleep(1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(time.monotonic() - start, spent, own, worker)


def copy(inbox: Path, to: Path, number: int) -> None:
    """Copies the forces' folders under names of their own; every file's bytes differ from those of the other copies."""
    for path in (path for path in inbox.rglob("*") if path.is_file()):
        force, *rest = path.relative_to(inbox).parts
        target = to.joinpath(f"{force} {number}", *rest)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if zipfile.is_zipfile(target):
            with zipfile.ZipFile(target, "a") as archive:
                archive.comment = str(number).encode()
        else:
            with target.open("ab") as file:
                file.write(f"\n%{number}\n".encode())


def below(process: int) -> Iterator[int]:
    """The processes that one started, and theirs."""
    for thread in Path(f"/proc/{process}/task").glob("*"):
        for child in map(int, told(process, f"task/{thread.name}/children").split()):
            yield child
            yield from below(child)


def told(process: int, what: str) -> bytes:
    """What the system tells of a process; nothing of one that has ended."""
    try:
        return Path(f"/proc/{process}/{what}").read_bytes()
    except OSError:
        return b""


def held(process: int) -> float:
    """The most megabytes that a process held so far."""
    found = re.search(rb"VmHWM:\s+(\d+)", told(process, "status"))
    return int(found[1]) / 1000 if found else 0.0


def size(folder: Path, without: str = "") -> int:
    """Bytes of the files in a folder, but for those in its folder `without`."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.relative_to(folder).parts[0] != without)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inbox", type=Path, nargs="?", default=Path("corpus/files"))
    parser.add_argument("--times", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        inbox, out = Path(name) / "inbox", Path(name) / "out"
        for number in range(chosen.times):
            copy(chosen.inbox, inbox, number)
        first, again = review(inbox, out), review(inbox, out)
        submissions = json.loads((out / "matrix.json").read_bytes())["submissions"]
        documents = [document for submission in submissions for document in submission["documents"]]
        pages, forces = sum(document["pages"] for document in documents), len(submissions)
        outputs = sum(path.stat().st_size for path in out.iterdir() if path.is_file() and not path.name.startswith("record."))
        figures = {
            "submissions": forces,
            "documents": len(documents),
            "pages": pages,
            "files kept in the store": sum(path.is_file() for path in (out / "store").rglob("*")),
            "cold: s on the clock": first.clock,
            "cold: processor s": first.processors,
            "cold: processor s per page": first.processors / pages,
            "again: s on the clock": again.clock,
            "again: processor s": again.processors,
            "again: processor s per submission": again.processors / forces,
            "MB of a worker at most": max(first.worker, again.worker),
            "MB of the command at most": max(first.command, again.command),
            "inbox: kB per page": size(inbox) / pages / 1000,
            "store: kB per page": size(out / "store", PREFECT) / pages / 1000,
            "Prefect's files: kB per document": size(out / "store" / PREFECT) / len(documents) / 1000,
            "record: kB per submission": size_of_record(out) / forces / 1000,
            "record: kB per page": size_of_record(out) / pages / 1000,
            "outputs: kB per submission": outputs / forces / 1000,
        }
    for what, figure in figures.items():
        print(f"{what:36}{figure:12,.{0 if isinstance(figure, int) else 2}f}")
    print(f"The machine's load was {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores.")


def size_of_record(out: Path) -> int:
    """Bytes of the record's file and of what was written ahead of it."""
    return sum(path.stat().st_size for path in out.glob("record.sqlite*"))


if __name__ == "__main__":
    main()
