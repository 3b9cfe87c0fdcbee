"""What items do to a worker in the tests; a module of its own, so that a worker has it at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from extractors import progress


def words(item: str) -> str:
    return item.upper()


def whoami(item: str) -> int:
    """The process that does it."""
    return os.getpid()


def stuck_on_page_7(item: str) -> None:
    progress.step(7, 20)
    signal.pause()


def greedy(item: str) -> int:
    progress.step(3)
    return len(bytearray(1_000_000_000))


def dies(item: str) -> None:
    progress.step(2, 5)
    os.kill(os.getpid(), signal.SIGSEGV)


def writes_much(item: str) -> None:
    Path(tempfile.gettempdir(), "much").write_bytes(bytes(2_000_000))


def errs(item: str) -> None:
    raise LookupError("no such thing")


def disk_full(item: str) -> None:
    raise OSError(28, "No space left on device")


def connects(item: str) -> None:
    socket.create_connection(("127.0.0.1", 9))


def runs(item: str) -> None:
    subprocess.run(["/bin/true"], check=True)


def shells(item: str) -> None:
    os.system("true")


def writes_elsewhere(item: str) -> None:
    Path(item).write_text("here I was")


def moves_elsewhere(item: str) -> None:
    with tempfile.NamedTemporaryFile(delete=False) as own:
        Path(own.name).rename(item)


def removes_elsewhere(item: str) -> None:
    Path(item).unlink()


def leaves_a_temporary_file(item: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "part").write_text(item)
    return tempfile.mkstemp()[1]


def starts_a_program_and_hangs(item: str) -> None:
    subprocess.Popen([item, "600"], process_group=0)
    signal.pause()
