"""The programs beside a review: started together, started again when they end by themselves, stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from commands.common import NOTHING_DONE
from pipeline import services
from pipeline.services import ServiceError, free_port, running
from tests.conftest import ROOT


def serving(port: int) -> list[str]:
    """A program that tells its own number to whoever asks."""
    answer = "self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())"
    code = (
        "import os, http.server as web\n"
        f"class Asked(web.BaseHTTPRequestHandler):\n def do_GET(self): {answer}\n"
        f"web.HTTPServer(('127.0.0.1', {port}), Asked).serve_forever()"
    )
    return [sys.executable, "-c", code]


def number(address: str) -> int:
    """Who answers there, as soon as somebody does."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.read())
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_program_that_ends_by_itself_is_started_again_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PAUSE", 0.05)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with running("The program", serving(port), tmp_path / "log", address):
        first = number(address)
        os.kill(first, signal.SIGKILL)
        second = number(address)
        assert second != first
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert subprocess.run(["kill", "-0", str(second)], capture_output=True, check=False).returncode


def test_a_program_that_cannot_start_is_told_with_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(ServiceError, match=r"The program stopped as soon as it was started. .*log says why"),
        running("The program", [sys.executable, "-c", "raise SystemExit('no')"], tmp_path / "log", "http://127.0.0.1:9"),
    ):
        pass
    assert "no" in (tmp_path / "log").read_text()


def test_what_was_started_ends_with_its_program_even_when_that_is_killed(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    code = (
        "import signal, sys; from pathlib import Path; from pipeline.services import running\n"
        f"with running('The program', {serving(port)!r}, Path({str(tmp_path / 'log')!r}), {address!r}): signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as team:
        started = number(address)
        team.kill()
    until = time.monotonic() + 60
    while Path(f"/proc/{started}").exists() and "Z" not in Path(f"/proc/{started}/stat").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("command", [["workbench", "OUT"], ["up", "--watch", "OUT", "--out", "OUT"]])
def test_a_port_that_another_program_has_is_told_before_anything_is_started(tmp_path: Path, command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = [sys.executable, "-m", "cli", *(str(tmp_path) if one == "OUT" else one for one in command), "--port", str(port)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout) == (NOTHING_DONE, "")
    assert done.stderr == f"Port {port} of 127.0.0.1 cannot be used (Address already in use). Choose another with --port.\n"


def test_up_names_its_own_option_for_a_port_of_prefect_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port, watched = str(other.getsockname()[1]), ["--watch", str(tmp_path), "--out", str(tmp_path / "out")]
        words = [sys.executable, "-m", "cli", "up", *watched, "--port", str(free_port()), "--prefect-port", port]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr.split(". ")[1]) == (NOTHING_DONE, "Choose another with --prefect-port.\n")
