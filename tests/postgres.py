"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket in it only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest


def _programs() -> Path | None:
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True), Path("/usr/local/bin/postgres").resolve()]
    if on_path := shutil.which("postgres"):
        found.insert(0, Path(on_path).resolve())
    return next((path.parent for path in found if path.exists() and (path.parent / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server's empty database; skips the test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="readacross-pg-"))
    who: dict[str, Any] = {}
    if os.getuid() == 0:  # PostgreSQL does not run as root
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)

    initdb = ["initdb", "--username=readacross", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync", "-D", str(folder / "data")]
    settings = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off", "log_min_messages": "log"}
    serve = ["postgres", "-D", str(folder / "data"), *(f"--{name}={value}" for name, value in settings.items())]
    try:
        done = subprocess.run([str(programs / initdb[0]), *initdb[1:]], cwd=folder, capture_output=True, text=True, check=False, **who)
        assert done.returncode == 0, done.stderr + done.stdout
        with subprocess.Popen([str(programs / serve[0]), *serve[1:]], cwd=folder, stderr=subprocess.PIPE, text=True, **who) as process:
            assert process.stderr is not None
            told = list(iter_until(process.stderr, "ready to accept connections"))
            assert "ready to accept connections" in told[-1], "".join(told)
            Thread(target=_empty, args=(process.stderr,), daemon=True).start()
            try:
                yield f"postgresql+psycopg://readacross@/postgres?host={folder}"
            finally:
                process.send_signal(signal.SIGQUIT)  # at once: nothing in it is needed any more
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _empty(lines: Iterable[str]) -> None:
    """Reads on until the server ends: a pipe that nobody empties stops it in the end."""
    with suppress(ValueError):  # closed
        deque(lines, 0)


def iter_until(lines: Iterable[str], words: str) -> Iterator[str]:
    for line in lines:
        yield line
        if words in line:
            return
