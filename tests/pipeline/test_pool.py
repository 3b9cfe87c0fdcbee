"""What a document may do to its worker, and that nobody else pays for it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from extractors import progress
from pipeline.pool import Limits, Pool, Stopped
from pipeline.review import DirectRunner, Settings, review
from tests.conftest import EXAMPLES

PLAIN = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'


def words(item: str) -> str:
    return item.upper()


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
    subprocess.Popen([item, "600"])
    signal.pause()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Pool(tmp_path_factory.mktemp("pool"), 1, Limits(5, 700, 1)) as pool:
        yield pool


@pytest.mark.parametrize(
    ("function", "limit", "page", "says"),
    [
        (stuck_on_page_7, "time", 7, "in 5 seconds nothing further of it was read"),
        (greedy, "memory", 3, "more than 700 MB of memory"),
        (dies, "crash", 2, "Segmentation fault"),
        (writes_much, "output", None, "more than 1 MB"),
        (errs, "error", None, "LookupError: no such thing"),
    ],
)
def test_an_item_that_meets_a_limit_is_named_with_it_and_the_next_one_is_done(
    pool: Pool, function: Any, limit: str, page: int | None, says: str
) -> None:
    stopped = pool.run(function, "plan.pdf")
    assert isinstance(stopped, Stopped) and stopped.limit == limit
    problem = stopped.problem("plan.pdf")
    assert (problem.file, problem.page) == ("plan.pdf", page)
    assert says in problem.message and problem.remedy.endswith(".")
    assert pool.run(words, "fine") == "FINE"


def test_what_every_item_would_meet_is_raised(pool: Pool) -> None:
    with pytest.raises(OSError, match="No space left"):
        pool.run(disk_full, "plan.pdf")
    assert pool.run(words, "fine") == "FINE"


@pytest.mark.parametrize("function", [connects, runs, shells, writes_elsewhere, moves_elsewhere, removes_elsewhere])
def test_a_worker_may_not_connect_run_or_write_elsewhere(pool: Pool, tmp_path: Path, function: Any) -> None:
    there = tmp_path / "there"
    if function is removes_elsewhere:
        there.write_text("precious")
    with pytest.raises(PermissionError, match="refused to"):
        pool.run(function, str(there))
    assert there.exists() == (function is removes_elsewhere)


def test_temporary_files_lie_below_the_pools_folder_and_go_with_it(tmp_path: Path) -> None:
    with Pool(tmp_path / "own", 1) as pool:
        left = Path(str(pool.run(leaves_a_temporary_file, "text")))
        assert (tmp_path / "own") in left.parents and left.exists()
    assert not left.exists()


def test_a_killed_worker_takes_what_it_started_along(tmp_path: Path) -> None:
    sleep, pipe = tmp_path / "tesseract", tmp_path / "pipe"
    os.mkfifo(pipe)
    sleep.write_text(f"#!/bin/sh\nexec sleep 600 > {pipe}\n")  # whoever reads the pipe to its end has seen its writer die
    sleep.chmod(0o700)
    with Pool(tmp_path / "own", 1, Limits(1)) as pool, ThreadPoolExecutor(1) as thread:
        end = thread.submit(pipe.read_bytes)
        stopped = pool.run(starts_a_program_and_hangs, str(sleep))
        assert isinstance(stopped, Stopped) and stopped.limit == "time"
        assert end.result(timeout=60) == b""


def bomb(path: Path) -> None:
    """A Word file of 140 KB that asks for more than a gigabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", PLAIN)
        archive.writestr("word/document.xml", WORD % ("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 1_400_000))


def test_a_review_goes_on_past_a_document_that_its_worker_gave_up(tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "Saltmere Police"
    folder.mkdir(parents=True)
    bomb(folder / "bomb.docx")
    shutil.copy(next((EXAMPLES / "Saltmere Police").glob("*.docx")), folder / "psip.docx")
    settings = Settings(tmp_path / "inbox", tmp_path / "out", workers=1, limits=Limits(60, 700))
    with Pool(tmp_path / "out" / "store", 1, settings.limits) as pool:
        outcome = review(settings, DirectRunner(pool, lambda *step: None))
    (one,) = outcome.matrix["submissions"]
    given_up, read = one["documents"]
    assert (outcome.documents, outcome.unread) == (2, 1)
    assert given_up["problems"] == [
        "bomb.docx: was given up: it needs more than 700 MB of memory. Split it into smaller files, or allow it more with --memory-limit."
    ]
    assert given_up["pages_read"] == 0 and read["pages_read"] == read["pages"] and not read["problems"]
    assert any(cell["grade"] > 0 for row in one["cells"].values() for cell in row.values())
