"""What a document may do to its worker, and that nobody else pays for it."""

from __future__ import annotations

import os
import select
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.pool import Limits, Pool, Stopped
from pipeline.review import DirectRunner, Settings, review
from tests import hostile
from tests.conftest import EXAMPLES
from tests.pipeline import deeds


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Pool(tmp_path_factory.mktemp("pool"), 1, Limits(3, 700, 1)) as pool:
        yield pool


@pytest.mark.parametrize(
    ("function", "limit", "page", "says"),
    [
        (deeds.stuck_on_page_7, "time", 7, "in 3 seconds nothing further of it was read"),
        (deeds.greedy, "memory", 3, "more than 700 MB of memory"),
        (deeds.dies, "crash", 2, "Segmentation fault"),
        (deeds.writes_much, "output", None, "more than 1 MB"),
        (deeds.errs, "error", None, "LookupError: no such thing"),
    ],
)
def test_an_item_that_meets_a_limit_is_named_with_it_and_the_next_one_is_done(
    pool: Pool, function: Any, limit: str, page: int | None, says: str
) -> None:
    stopped = pool.run(function, "plan.pdf")
    assert pool.under_way() == []
    assert isinstance(stopped, Stopped) and stopped.limit == limit
    problem = stopped.problem("plan.pdf")
    assert (problem.file, problem.page) == ("plan.pdf", page)
    assert says in problem.message and problem.remedy.endswith(".")
    assert pool.run(deeds.words, "fine") == "FINE"


def test_what_every_item_would_meet_is_raised(pool: Pool) -> None:
    with pytest.raises(OSError, match="No space left"):
        pool.run(deeds.disk_full, "plan.pdf")
    assert pool.run(deeds.words, "fine") == "FINE"


@pytest.mark.parametrize(
    "function", [deeds.connects, deeds.runs, deeds.shells, deeds.writes_elsewhere, deeds.moves_elsewhere, deeds.removes_elsewhere]
)
def test_a_worker_may_not_connect_run_or_write_elsewhere(pool: Pool, tmp_path: Path, function: Any) -> None:
    there = tmp_path / "there"
    if function is deeds.removes_elsewhere:
        there.write_text("precious")
    with pytest.raises(PermissionError, match="refused to"):
        pool.run(function, str(there))
    assert there.exists() == (function is deeds.removes_elsewhere)


def test_temporary_files_lie_below_the_pools_folder_and_go_with_it(tmp_path: Path) -> None:
    with Pool(tmp_path / "own", 1) as pool:
        left = Path(str(pool.run(deeds.leaves_a_temporary_file, "text")))
        assert (tmp_path / "own") in left.parents and left.exists()
    assert not left.exists()


def test_a_killed_worker_takes_what_it_started_along(tmp_path: Path) -> None:
    program, pipe = tmp_path / "tesseract", tmp_path / "pipe"
    os.mkfifo(pipe)
    program.write_text(f"#!/bin/sh\nexec > {pipe}\necho here\nexec sleep 600\n")
    program.chmod(0o700)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with Pool(tmp_path / "own", 1, Limits(3)) as pool:
        stopped = pool.run(deeds.starts_a_program_and_hangs, str(program))
        assert isinstance(stopped, Stopped) and stopped.limit == "time"
        assert os.read(end, 9) == b"here\n"
        assert select.select([end], [], [], 60)[0] and os.read(end, 9) == b"", "who reads a pipe to its end has seen its writer die"
    os.close(end)


def test_a_review_goes_on_past_a_document_that_its_worker_gave_up(tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "Saltmere Police"
    folder.mkdir(parents=True)
    hostile.TOO_MUCH["paragraph-bomb.docx"](folder / "bomb.docx")
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


def test_progress_moves_with_the_pages_of_a_long_document(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.telling.EVERY", 0.01)
    told: list[tuple[float, str]] = []
    DirectRunner(pool, lambda stage, done, total, at="": told.append((done, at))).each("Reading", deeds.stuck_on_page_7, ["scan.pdf"])
    assert told[0] == (0, "") and told[-1] == (1, "")
    pages = [one for one in told if one[1]]
    assert pages and all(0 < done < 1 and at.startswith("scan.pdf, page 7 of ") for done, at in pages)


def test_one_item_after_the_other_is_done_by_one_worker(tmp_path: Path) -> None:
    """The start of a worker, and of the model in it, is most of what one changed document costs."""
    with Pool(tmp_path, 4) as pool:
        assert len({pool.run(deeds.whoami, "plan.pdf") for _ in range(4)}) == 1
