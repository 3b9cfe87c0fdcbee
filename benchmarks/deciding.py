"""Decisions through the workbench's own pages while its server is killed: `python -m benchmarks.deciding`.

Run as `python -m benchmarks.deciding [--forces 43] [--decisions 2000] [--reviewers 20] [--kills 5] [--record postgresql://...]`. Each
reviewer is a browser without a screen: signs in, opens a cell, sends its form, and counts the decision as kept once the workbench says
"Signed". The server is the command `readacross workbench`, killed (SIGKILL) in the middle and started again. Whoever gets no answer signs
in again and looks at the cell, as a person would, before deciding anew. At the end: no decision lost that was told to be signed, none
doubled, the chain whole.
"""

from __future__ import annotations

import argparse
import html
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from typing import Final, NamedTuple

import httpx
from argon2 import PasswordHasher

from benchmarks.record import AT, round_of
from pipeline.record.audit import audit
from pipeline.record.database import ENVIRONMENT
from pipeline.record.record import Record
from pipeline.record.types import User

PASSWORD: Final = "three unconnected words"  # noqa: S105 (of a round that is thrown away)
FORM: Final = re.compile(
    r'/decide[^"]*" novalidate><input type="hidden" name="token" value="([^"]+)"><input type="hidden" name="seen" value="(\d*)">'
)
"""The form that overrides: its token and the decision that it was shown with."""
PATIENCE: Final = 300.0
"""Seconds that a reviewer waits for the server to come back."""


class Told(NamedTuple):
    """A decision that a reviewer knows to be kept: theirs, its reason, and the seconds from looking to knowing."""

    reviewer: str
    reason: str
    seconds: float


class Server:
    """The workbench as a process of its own, which may be killed and started again at the same address."""

    def __init__(self, out: Path, where: Path | str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.killed = 0
        self._environment = os.environ | ({ENVIRONMENT: where} if isinstance(where, str) else {})
        self._command = [sys.executable, "-c", "from cli import main; main()", "workbench", str(out), "--port", str(self.port)]
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            self._command, cwd=Path(__file__).parent.parent, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """Ends it as a power cut would, and starts it again."""
        self.stop()
        self.killed += 1
        self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


class Reviewer:
    """One person at a browser, who keeps at it whatever becomes of the server."""

    def __init__(self, server: Server, name: str, cells: list[str]) -> None:
        self.name, self._cells, self._luck = name, cells, random.Random(name)
        self._client = httpx.Client(base_url=server.address, follow_redirects=True, timeout=PATIENCE)

    def decide(self, number: int) -> Told:
        """Overrides a cell drawn by lot, with a reason that no other decision has."""
        reason, begun, unsure = f"{self.name}, decision {number}", time.perf_counter(), False
        cell = self._luck.choice(self._cells)
        while True:
            page = self._ask("GET", cell)
            if page is None:
                continue
            if unsure and reason in html.unescape(page.text):  # it was signed, and the answer was lost with the server
                break
            form, grades = FORM.search(page.text), re.findall(r'id="grade-(\d)"', page.text)
            assert form, page.text[:2000]
            fields = {"token": form[1], "seen": form[2], "version": "1", "grade": self._luck.choice(grades), "reason": reason}
            answer = self._ask("POST", f"{cell}/decide", fields)
            if answer is not None and "Signed:" in answer.text:
                break
            unsure = unsure or answer is None
        return Told(self.name, reason, time.perf_counter() - begun)

    def _ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> httpx.Response | None:
        """The answer; None where the server went away, or had forgotten who this is and was told again."""
        until = time.monotonic() + PATIENCE
        try:
            answer = self._client.request(method, path, data=fields)
            if answer.url.path != "/sign-in":
                if answer.status_code not in (HTTPStatus.OK, HTTPStatus.CONFLICT):
                    answer.raise_for_status()
                return answer
        except httpx.TransportError:
            pass
        while True:
            try:
                self._client.post("/sign-in", data={"name": self.name, "password": PASSWORD, "next": "/help"}).raise_for_status()
                return None
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)


def begin_round(record: Record, forces: int, reviewers: int) -> list[str]:
    """A made-up round with its reviewers' accounts; the addresses of its cells."""
    secret = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    record.add_review(round_of(forces), AT, Path("no-store"), {})
    for number in range(reviewers):
        user = User(f"reviewer{number:02}", role="reviewer", marking="RESTRICTED", secret=secret)
        record.save_user(user, by="benchmark", at=AT)
    return [f"/force/force-{force[-2:]}/{a}/{c}" for force, row in record.standings().items() for a, c in row]


def decide_together(server: Server, cells: list[str], reviewers: int, each: int, kills: int) -> list[Told]:
    """All reviewers at once; the server is killed `kills` times, evenly over their decisions. What they know to be kept."""
    kept: list[Told] = []
    dooms = [reviewers * each * n // (kills + 1) for n in range(1, kills + 1)]
    lock = threading.Lock()

    def work(number: int) -> None:
        reviewer = Reviewer(server, f"reviewer{number:02}", cells)
        for decision in range(1, each + 1):
            told = reviewer.decide(decision)
            with lock:
                kept.append(told)
                if dooms and len(kept) >= dooms[0]:
                    dooms.pop(0)
                    server.kill()

    with ThreadPoolExecutor(reviewers) as threads:
        list(threads.map(work, range(reviewers)))
    return kept


def faults(record: Record, kept: list[Told]) -> list[str]:
    """What is wrong once everybody has gone: every decision must be there that was told, and no other, and none twice."""
    signed = [(one.reviewer, one.reason) for one in record.decisions()]
    told = [(one.reviewer, one.reason) for one in kept]
    wrong = [*audit(record).wrong]
    wrong += [f"lost: {reason}" for _, reason in sorted(set(told) - set(signed))]
    wrong += [f"signed and never told: {reason}" for _, reason in sorted(set(signed) - set(told))]
    if len(signed) != len(set(signed)):
        wrong.append(f"{len(signed) - len(set(signed))} decisions are doubled")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("forces", 43), ("decisions", 2000), ("reviewers", 20), ("kills", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--record", help="an empty PostgreSQL database in place of a file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out, where = Path(folder), given.record or Path(folder)
        with Record.open(where, new=True) as record:
            cells = begin_round(record, given.forces, given.reviewers)
            server = Server(out, where)
            try:
                begun = time.perf_counter()
                kept = decide_together(server, cells, given.reviewers, given.decisions // given.reviewers, given.kills)
                seconds = time.perf_counter() - begun
            finally:
                server.stop()
            waits = sorted(1000 * one.seconds for one in kept)
            print(f"{len(kept)} decisions by {given.reviewers} reviewers at once on {len(cells)} cells, the server killed {server.killed} "
                  f"times: {len(kept) / seconds:.0f} a second; from look to signature, median {median(waits):.0f} ms, "
                  f"99th percentile {quantiles(waits, n=100)[98]:.0f} ms")  # fmt: skip
            wrong = faults(record, kept)
    print("Nothing lost, nothing doubled, the chain is whole." if not wrong else "\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
