"""The programs that run beside a review on one machine: started together, stopped together, heard by this machine only."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
PATIENCE: Final = 120.0
"""Seconds that a program may take to answer for the first time."""
_LIBC: Final = ctypes.CDLL(None)
_PR_SET_PDEATHSIG: Final = 1
PAUSE: Final = 2.0
"""Seconds between two looks at whether a program still runs; the next is twice as long after each vain start, to LONGEST at most."""
LONGEST: Final = 300.0
SERVER: Final = "READACROSS_PREFECT_API"
"""The environment variable that names a Prefect server of our own; without it each run has one to itself."""
QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(int(PATIENCE)),
}
"""Settings that keep Prefect on this machine, quiet and patient; they must stand before Prefect is imported."""
BRIEF: Final = {"PREFECT__SERVER_EPHEMERAL": "1"}
"""How Prefect tells a server of its own that it is there for one program only."""


class ServiceError(RuntimeError):
    """A program did not start; the message says which, why and what to do."""


@contextmanager
def running(name: str, command: Sequence[str], log: Path, answers_at: str, environment: dict[str, str] | None = None) -> Iterator[None]:
    """A program that runs inside the block, its words going to `log`; waits until it answers. Raises ServiceError.

    Should it end by itself after that, it is started again, and the person at the terminal told.
    """
    log.parent.mkdir(parents=True, exist_ok=True)

    def start() -> subprocess.Popen[bytes]:
        everything = {**os.environ, **(environment or {})}
        with log.open("ab") as words:
            return subprocess.Popen(  # noqa: S603 (our own program, no shell)
                command, stdout=words, stderr=words, stdin=subprocess.DEVNULL, env=everything, start_new_session=True,
                preexec_fn=end_with_starter,
            )  # fmt: skip

    process = start()
    done = threading.Event()

    def look_after() -> None:
        nonlocal process
        pause = PAUSE
        while not done.wait(pause):
            if process.poll() is None:
                pause = PAUSE
                continue
            print(f"{name} ended by itself and is started again; what is under way goes on. {log} says more.", file=sys.stderr)
            process = start()
            pause = min(2 * pause, LONGEST)

    keeper = threading.Thread(target=look_after, daemon=True)
    try:
        _wait(name, process, log, answers_at)
        keeper.start()
        yield
    finally:
        done.set()
        if keeper.is_alive():
            keeper.join()
        _end(process)


def end_with_starter() -> None:
    """Has the system end this program together with the one that started it, however that ends: else it would keep its port or lock."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


def _wait(name: str, process: subprocess.Popen[bytes], log: Path, answers_at: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServiceError(f"{name} stopped as soon as it was started. {log} says why.")
        if _answers(answers_at):
            return
        time.sleep(0.2)
    raise ServiceError(f"{name} did not answer within {PATIENCE:.0f} seconds. {log} says more.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 (our own address)
            return True
    except urllib.error.HTTPError:
        return True  # it answers, if only to ask who we are
    except (OSError, ValueError):
        return False


def free_port() -> int:
    """A port of this machine on which nobody answers."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def check_port(host: str, port: int, option: str) -> None:
    """Raises ServiceError where nothing can listen on a port, such as one that another program has; `option` chooses another."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise ServiceError(f"Port {port} of {host} cannot be used ({why}). Choose another with {option}.") from None


@contextmanager
def prefect_server(home: Path, port: int, option: str = "--port", brief: bool = False) -> Iterator[str]:
    """The Prefect server that SERVER names, else one of our own, its files in `home`; gives the address of its API.

    One that is there for a single command is `brief`: without pages, and without the services that look after schedules, for these are
    the affair of whoever serves them from the same files. `option` chooses another port. Raises ServiceError.
    """
    if named := os.environ.get(SERVER):
        if not _answers(f"{named}/health"):
            raise ServiceError(f"No Prefect server answers at {named}, which {SERVER} names. Start it, or unset the variable.")
        yield named
        return
    check_port(HOST, port, option)
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    address = f"http://{HOST}:{port}/api"
    environment = {**QUIET, **(BRIEF if brief else {}), "PREFECT_HOME": str(home.resolve()), "PREFECT_API_URL": address}
    with running("Prefect's server", command, home / "server.log", f"{address}/health", environment):
        yield address
