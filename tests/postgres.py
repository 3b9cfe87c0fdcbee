"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket in it only, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def _programs() -> Path | None:
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True), Path("/usr/local/bin/postgres").resolve()]
    if on_path := shutil.which("postgres"):
        found.insert(0, Path(on_path).resolve())
    return next((path.parent for path in found if path.exists() and (path.parent / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server, to which a database's name is added; skips the test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="readacross-pg-"))
    who: dict[str, Any] = {}
    if os.getuid() == 0:  # PostgreSQL does not run as root
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **who)
        assert done.returncode == 0, done.stderr + done.stdout

    try:
        run("initdb", "--username=readacross", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=40"
        run("pg_ctl", "-w", "-s", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://readacross@/NAME?host={folder}"
        finally:
            run("pg_ctl", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
