"""Prefect's workers on one server: a run whose worker is killed is gone on with by another, and two rounds keep apart."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from pipeline.machines.stages import SHARED
from pipeline.record.record import Record
from pipeline.services import SERVER, free_port, prefect_server
from tests.conftest import EXAMPLES, review_here
from tests.machines import BUCKET, programs, s3
from tests.postgres import server as postgres

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
PATIENCE = 600.0
"""Seconds that anything here may take at most."""


def until(happens: Callable[[], Any]) -> Any:
    """What the condition gives once it holds; other processes bring it about."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := happens():
            return found
        time.sleep(0.05)
    raise AssertionError("nothing came of it")


def test_a_run_whose_worker_is_killed_is_gone_on_with_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    shutil.copytree(EXAMPLES / "Saltmere Police", inbox / "Saltmere Police")
    with ExitStack() as started:
        bucket = started.enter_context(s3(monkeypatch))
        monkeypatch.setenv("READACROSS_RECORD", started.enter_context(postgres()))
        monkeypatch.setenv("READACROSS_STORE", f"s3://{BUCKET}/round")
        monkeypatch.setenv("READACROSS_POOL", "readers")
        server = started.enter_context(prefect_server(tmp_path / "prefect", free_port()))
        monkeypatch.setenv(SERVER, server)
        names = ("one", "two")
        commands = [("cli", "worker", server, "--folder", str(tmp_path / name)) for name in names]
        workers = [process for process, _ in started.enter_context(programs(*commands, ready="started!"))]
        watching = ("cli", "serve", "--watch", str(inbox), "--out", str(out))
        started.enter_context(programs(watching, ready="Watching"))

        def asked(what: str, content: Any = None) -> Any:
            return httpx.post(f"{server}/{what}", json=content or {}, timeout=60).json()

        until(lambda: "Contents" in bucket.list_objects_v2(Bucket=BUCKET, Prefix="round/documents/"))
        (run,) = [run for run in asked("flow_runs/filter") if run["state_type"] == "RUNNING"]
        at_it = psutil.Process(int(run["infrastructure_pid"]))
        (worker,) = [one for one in workers if psutil.Process(one.pid) in at_it.parents()]
        os.kill(worker.pid, signal.SIGKILL)
        at_it.wait(PATIENCE)  # the run ends with its worker
        assert not (out / "matrix.json").exists()

        with Record.open(out) as record:
            round_ = record.called(out)
        deployments = {one["name"]: one["id"] for one in asked("deployments/filter")}
        assert set(deployments) == {
            f"{name} ({round_})" for name in ("changed submissions", "whole inbox", "publish", "learn from decisions")
        }
        again = asked(f"deployments/{deployments[f'whole inbox ({round_})']}/create_flow_run")
        ended = until(lambda: [one for one in asked("flow_runs/filter") if one["id"] == again["id"] and one["state_type"] in ENDED])[0]
        assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
        versions = bucket.list_object_versions(Bucket=BUCKET, Prefix="round/")["Versions"]
        puts = Counter(one["Key"] for one in versions if one["Key"].split("/")[1] in SHARED)
        with Record.open(out) as record:
            assert record.forces() == ["Saltmere Police"]
    monkeypatch.delenv("READACROSS_RECORD")
    review_here(inbox, tmp_path / "here")
    assert (out / "matrix.json").read_bytes() == (tmp_path / "here" / "matrix.json").read_bytes()
    assert len(puts) == 3 + 3 + 3 + 1 + 1 and set(puts.values()) == {1}, "nothing that was finished is done twice"
