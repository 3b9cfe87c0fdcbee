"""The command: what it asks for, what it refuses, and that it serves."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
from sqlalchemy import text
from typer.testing import CliRunner

from cli import app
from commands.common import NOTHING_DONE
from pipeline.record.record import Record


def refused(*arguments: str) -> str:
    answer = CliRunner().invoke(app, ["workbench", *arguments])
    assert answer.exit_code == NOTHING_DONE
    return answer.output


def test_a_folder_without_a_review_is_refused(tmp_path: Path) -> None:
    assert "Run `readacross review" in refused(str(tmp_path))


def test_others_reach_it_with_tls_only(reviewed: Path) -> None:
    assert "passwords need TLS" in refused(str(reviewed), "--host", "0.0.0.0")


def test_single_sign_on_needs_the_clients_secret(reviewed: Path) -> None:
    assert "READACROSS_CLIENT_SECRET" in refused(str(reviewed), "--issuer", "https://login.example", "--client", "x")


def test_a_round_without_accounts_cannot_be_started_unattended(examples_out: Path) -> None:
    assert "Start it once from a terminal" in refused(str(examples_out))


def test_a_record_from_a_newer_version_is_refused(reviewed: Path, tmp_path: Path) -> None:
    shutil.copytree(reviewed, tmp_path / "out")
    with Record.open(tmp_path / "out") as record, record.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    assert "written by a newer version of Read-across" in refused(str(tmp_path / "out"))


def test_the_first_start_asks_for_the_administrator_and_serves(examples_out: Path, tmp_path: Path) -> None:
    """At a real terminal: a password that is too short is asked for again; the second lets the administrator in."""
    out = tmp_path / "out"
    shutil.copytree(examples_out, out)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    keyboard, terminal = pty.openpty()
    command = [sys.executable, "-c", "from cli import main; main()", "workbench", str(out), "--port", port]
    process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, cwd=Path.cwd())
    try:
        said = ""
        for asked, answer in (("Name", "ada"), ("Password (", "short"), ("again", "short"), ("Name", "ada"),
                              ("Password (", "lantern gravel teapot"), ("again", "lantern gravel teapot")):  # fmt: skip
            said += _until(keyboard, asked)
            os.write(keyboard, f"{answer}\n".encode())
        said += _until(keyboard, "until you press Ctrl-C")
        assert "at least 12 characters." in said and "lantern" not in said
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address
        with httpx.Client(base_url=address[0], follow_redirects=True, transport=httpx.HTTPTransport(retries=20)) as client:
            answer_page = client.post("/sign-in", data={"name": "ada", "password": "lantern gravel teapot"})
            assert "Saltmere Police" in answer_page.text and "(administrator)" in answer_page.text
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        os.close(keyboard)
        os.close(terminal)


def _until(keyboard: int, words: str) -> str:
    """What the terminal shows, up to these words."""
    said = ""
    while words not in said:
        assert select.select([keyboard], [], [], 60)[0], f"{words!r} did not come; {said!r} did"
        said += os.read(keyboard, 4096).decode()
    return said
