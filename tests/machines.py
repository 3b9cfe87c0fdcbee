"""Several machines on this one: an S3-compatible server that speaks HTTP, a Dask scheduler, workers as the command starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from psutil import NoSuchProcess, Process

from tests.conftest import ROOT
from tests.postgres import iter_until

BUCKET = "plans"


@contextmanager
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server with a bucket that keeps every version of what is put there; the environment names it. Gives boto3's client of it."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        given = {
            "ACCESS_KEY_ID": "tester",
            "SECRET_ACCESS_KEY": "secret",
            "DEFAULT_REGION": "us-east-1",
            "ENDPOINT_URL": f"http://{host}:{port}",
        }
        for name, value in given.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"))  # what tests before left in this process
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        client.stop = server.stop
        yield client
    finally:
        server.stop()


@contextmanager
def programs(*commands: Sequence[str], ready: str) -> Iterator[list[tuple[subprocess.Popen[str], str]]]:
    """Programs of ours, from the lines on that say that they are ready until the block ends; gives each with its line."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with ExitStack() as started:
        running = [
            started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
                )
            )
            for command in commands
        ]
        try:
            said = [list(iter_until(process.stdout or (), ready)) for process in running]
            assert all(lines and ready in lines[-1] for lines in said), said
            yield [(process, lines[-1]) for process, lines in zip(running, said, strict=True)]
        finally:
            alive = [Process(process.pid) for process in running if process.poll() is None]
            started_by_them = [child for process in alive for child in process.children(recursive=True)]
            for process in running:
                process.terminate()
            for process in running:
                process.communicate(timeout=60)
            for child in started_by_them:
                with suppress(NoSuchProcess):
                    child.kill()


@contextmanager
def scheduler() -> Iterator[str]:
    """A Dask scheduler; gives its address."""
    command = "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
    with programs(command, ready="Scheduler at:") as ((_, line),):
        yield line.split()[-1]


@contextmanager
def workers(address: str, *folders: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """A worker of one hand for each folder."""
    commands = [("cli", "worker", address, "--folder", str(folder), "--workers", "1") for folder in folders]
    with programs(*commands, ready="Registered to:") as started:
        yield [process for process, _ in started]
