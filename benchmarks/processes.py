"""The command as a benchmark runs it: its time on the clock, its processors' time, and the most memory that it and its workers held."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds on the clock and of all its processors, and the most megabytes that the command itself and any one worker held."""

    clock: float
    processors: float
    command: float
    worker: float


def review(inbox: Path, out: Path, *options: str) -> Run:
    """Runs `readacross review`, looking every second at what its processes hold. Raises RuntimeError where it fails.

    Processors' seconds are those of all its processes: unlike the time on the clock, they hardly depend on what else the machine does.
    """
    before, start = os.times(), time.monotonic()
    command = [sys.executable, "-m", "cli", "review", str(inbox), "--out", str(out), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603 (our own, no shell)
    own = worker = 0.0
    while True:
        own = max(own, held(process.pid))
        worker = max([worker, *(held(one) for one in below(process.pid) if b"spawn_main" in told(one, "cmdline"))])
        try:
            _, said = process.communicate(timeout=1)
            break
        except subprocess.TimeoutExpired:
            continue
    after = os.times()
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[-2000:]}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(time.monotonic() - start, spent, own, worker)


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
