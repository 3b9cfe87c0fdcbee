"""`readacross up` as a process, with its server, schedules and workbench: what it reviews, what waits, what it survives."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import yaml

from commands.common import INTERRUPTED, NOTHING_DONE
from pipeline.record.record import Record
from pipeline.record.types import RecordError, User
from pipeline.services import SERVER, free_port
from tests.conftest import ROOT
from tests.test_shared_server import instruction

T = TypeVar("T")
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PAPERS = ROOT / "corpus" / "files"
TIDEWELL = PAPERS / "tidewell" / "Harbour Group minutes.txt"
KIRKMOOR = PAPERS / "kirkmoor" / "Performance committee.txt"
EMAILS = PAPERS / "wyrefield" / "Emails folder 3.txt"
ENDED = {"COMPLETED", "CRASHED", "CANCELLED"}


def soon(what: str, found: Callable[[], T | None]) -> T:
    """What is found, once it is there."""
    until = time.monotonic() + 900
    while time.monotonic() < until:
        with suppress(OSError, httpx.HTTPError, RecordError):
            if one := found():
                return one
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come")


@dataclass
class Team:
    """`readacross up` over an inbox."""

    folder: Path
    port: int = field(default_factory=free_port)
    workbench: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def command(self) -> list[str]:
        watched = ["--watch", str(self.folder / "inbox"), "--out", str(self.out)]
        return [sys.executable, "-m", "cli", "up", *watched, "--port", str(self.workbench), "--prefect-port", str(self.port)]

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")} | {"PYTHONPATH": str(ROOT)}
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it, and hands that on
        with (self.folder / "said.txt").open("a") as log:
            self.process = subprocess.Popen(self.command, env=environment, stdout=log, stderr=log, start_new_session=True, text=True)

    def below(self) -> list[int]:
        """Every process that it started, and theirs."""
        assert self.process
        found, left = [], [self.process.pid]
        while left:
            for thread in Path(f"/proc/{left.pop()}/task").glob("*"):
                with suppress(OSError):
                    children = [int(one) for one in (thread / "children").read_text().split()]
                    found, left = found + children, left + children
        return found

    def power_cut(self) -> None:
        """Kills it with all that it started, at once."""
        assert self.process
        for one in [self.process.pid, *self.below()]:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.wait()

    def runs(self, flow: str, state: str = "") -> list[dict[str, Any]]:
        """The runs of a flow that have begun, as Prefect tells of them, oldest first."""
        asked = {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_ASC"}
        told = httpx.post(f"http://127.0.0.1:{self.port}/api/flow_runs/filter", json=asked, timeout=60).json()
        return [one for one in told if one["state_type"] == (state or one["state_type"]) and one["state_type"] != "SCHEDULED"]

    def versions(self) -> dict[str, int]:
        with Record.open(self.out) as record:
            return {force: record.latest(force).version for force in record.forces()}

    def reviewed(self, **versions: int) -> None:
        """Waits until the round holds just these versions."""
        soon(f"{versions}", lambda: self.versions() == versions)


def test_a_team_at_work(tmp_path: Path) -> None:
    team = Team(tmp_path)
    tidewell, kirkmoor = tmp_path / "inbox" / "Tidewell", tmp_path / "inbox" / "Kirkmoor"
    tidewell.mkdir(parents=True)
    (team.out / "store").mkdir(parents=True)
    shutil.copyfile(TIDEWELL, tidewell / "minutes.txt")
    with Record.open(team.out, new=True) as record:
        record.save_user(User("ada", role="administrator"), by="ada", at=datetime.now(UTC))
    try:
        team.start()
        soon("the workbench", lambda: httpx.get(f"http://127.0.0.1:{team.workbench}/sign-in", timeout=60).status_code == 200)
        healthy = yaml.safe_load(instruction("HEALTHCHECK")[0].split(" CMD ")[1])  # what the container is asked
        named = {**os.environ, SERVER: f"http://127.0.0.1:{team.port}/api"}
        assert subprocess.run([sys.executable, *healthy[1:]], env=named, timeout=60, check=False).returncode == 0
        second = subprocess.run(team.command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
        assert second.returncode == NOTHING_DONE and "Another `readacross serve` or `up` is at work in" in second.stderr
        team.reviewed(**{"Tidewell Constabulary": 1})  # at once

        told = httpx.post(f"http://127.0.0.1:{team.port}/api/flow_runs/filter", json={"flows": {"name": {"any_": ["rereview_changed"]}}})
        assert {one["name"] for one in told.json()} == {f"changes in {tmp_path / 'inbox'}"}, "the runs to come are named as well"

        # A copy under way waits and holds up nobody else.
        kirkmoor.mkdir()
        shutil.copyfile(KIRKMOOR, kirkmoor / "committee.txt.part")
        shutil.copyfile(EMAILS, tidewell / "emails.txt")
        soon("a run that waits for the copy", lambda: team.runs("rereview_changed")[1:])
        assert team.versions() == {"Tidewell Constabulary": 1}

        # The copy ends; the Prefect server dies while its force is reviewed, and the run goes on.
        (kirkmoor / "committee.txt.part").rename(kirkmoor / "committee.txt")
        soon("a run under way", lambda: team.runs("rereview_changed", "RUNNING"))
        (server,) = (one for one in team.below() if b"prefect\0server\0start" in Path(f"/proc/{one}/cmdline").read_bytes())
        os.killpg(server, signal.SIGKILL)
        team.reviewed(**{"Tidewell Constabulary": 2, "Kirkmoor Police": 1})
        soon("the server, started again", lambda: team.runs("rereview_changed"))

        # The power fails in mid-run; after it the same is reviewed, and nothing twice.
        shutil.copyfile(KIRKMOOR, tidewell / "committee.txt")
        soon("a run under way", lambda: team.runs("rereview_changed", "RUNNING"))
        team.power_cut()
        team.start()
        team.reviewed(**{"Tidewell Constabulary": 3, "Kirkmoor Police": 1})
        soon("the end of all runs", lambda: {one["state_type"] for one in team.runs("rereview_changed")} <= ENDED)

        # The last decision on a force has the round published.
        with Record.open(team.out) as record:
            for (area, criterion), stands in record.standing("Kirkmoor Police").items():
                record.decide("Kirkmoor Police", area, criterion, grade=stands.provisional, reviewer="Ann Reed", at=AT)
        soon("the publication", lambda: [one["name"] for one in team.runs("publish", "COMPLETED")] == [f"publish {team.out}"])
        assert json.loads((team.out / "reviewed.json").read_text())["record"]["entries"] > 70

        assert team.process
        team.process.send_signal(signal.SIGINT)
        assert team.process.wait(60) == INTERRUPTED
        said = (tmp_path / "said.txt").read_text()
        assert "What was finished is kept" in said and "Traceback" not in said and "ERROR" not in said
    finally:
        if team.process and team.process.poll() is None:
            team.power_cut()


def test_a_service_that_is_told_to_end_twice_in_mid_run_leaves_nothing_behind(tmp_path: Path) -> None:
    team = Team(tmp_path)
    (tmp_path / "inbox" / "Tidewell").mkdir(parents=True)
    shutil.copyfile(TIDEWELL, tmp_path / "inbox" / "Tidewell" / "minutes.txt")
    team.out.mkdir()
    with Record.open(team.out, new=True) as record:
        record.save_user(User("ada", role="administrator"), by="ada", at=datetime.now(UTC))
    try:
        team.start()
        soon("a run under way", lambda: team.runs("rereview_changed", "RUNNING"))
        started = team.below()
        assert team.process and len(started) >= 3, "server, workbench and run"
        for _ in range(2):
            team.process.send_signal(signal.SIGTERM)
        assert team.process.wait(60) == INTERRUPTED
        said = (tmp_path / "said.txt").read_text()
        assert "What was finished is kept" in said and "Traceback" not in said and "Warning" not in said
        soon("the end of all that it started", lambda: not [one for one in started if Path(f"/proc/{one}").exists()] or None)
    finally:
        if team.process and team.process.poll() is None:
            team.power_cut()
