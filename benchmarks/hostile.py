"""Runs every file of a folder through extraction, each in a worker with limits, and lists whatever nobody should have to see.

`python -m benchmarks.hostile FOLDER [--seconds 30] [--memory 1000] [--workers 1]`. Meant for collections of nasty files, such as the
test files of PDF readers. Ends with 1 when a file crashed its reader, met a limit, gave an empty result without a reason, has pages
that do not add up, or made the program err.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.progress import track

from extractors.document import Document
from extractors.read import READERS, read_document, sha256_of
from pipeline.pool import Limits, Pool, Stopped

OUR_FAULT: Final = "the file could not be read ("
"""How `read_document` begins when a reader raised what it should not."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file."""

    file: str
    seconds: float
    pages: int = 0
    read: int = 0
    passages: int = 0
    faults: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def survey(path: str) -> Row:
    """Reads one file, in a worker."""
    file, began = Path(path), perf_counter()
    document = read_document(file, file.name, sha256_of(file))
    problems = tuple(str(problem) for problem in document.problems)
    took = perf_counter() - began
    return Row(file.name, took, document.pages, document.pages_read, len(document.passages), tuple(faults(document)), problems)


def faults(document: Document) -> Iterator[str]:
    """What is wrong with a result, whatever the file is like."""
    named = {problem.page for problem in document.problems if problem.page and problem.outcome != "flagged"}
    whole = any(problem.page is None for problem in document.problems)
    if document.pages_read + len(named) != document.pages and not (whole and document.pages_read == 0):
        yield f"{document.pages} pages in, {document.pages_read} read, {len(named)} reported"
    if not document.passages and not document.problems:
        yield "empty without a reason"
    yield from (f"an error of ours: {problem.message}" for problem in document.problems if OUR_FAULT in problem.message)


def rows(folder: Path, workers: int, limits: Limits) -> Iterator[Row]:
    """A row for each file that a reader is there for, in order of their names."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and p.suffix.lower() in READERS)
    with tempfile.TemporaryDirectory() as own, Pool(Path(own), workers, limits) as pool, ThreadPoolExecutor(workers) as threads:
        results = threads.map(lambda file: pool.run(survey, str(file)), files)
        for file, result in zip(files, track(results, "Reading", len(files), console=Console(stderr=True)), strict=True):
            if isinstance(result, Stopped):
                yield Row(file.name, limits.seconds, result.pages, faults=(f"{result.limit}: {result.why} (page {result.page})",))
            else:
                yield result


def main() -> int:
    """Prints the files with faults, then what was said of the others; 1 where a file has a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--memory", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    found = list(rows(chosen.folder, chosen.workers, Limits(chosen.seconds, chosen.memory)))
    for row in found:
        for fault in row.faults:
            print(f"{row.file}: {fault}")
    told = Counter(problem.partition(": ")[2] for row in found for problem in dict.fromkeys(row.problems))
    for problem, files in told.most_common():
        print(f"{files:6} x {problem}")
    wrong = sum(bool(row.faults) for row in found)
    pages, read = sum(row.pages for row in found), sum(row.read for row in found)
    slowest = max(found, key=lambda row: row.seconds, default=None)
    print(f"{len(found)} files, {pages} pages, {read} read; {wrong} files with faults")
    if slowest:
        print(f"the slowest is {slowest.file}, {slowest.seconds:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
