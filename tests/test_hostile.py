"""Files that mean harm: each is read as far as it can be or refused with a reason, and none does anything else."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hostile import survey
from extractors.read import read_document
from pipeline import guard
from pipeline.pool import Limits, Pool, Stopped
from pipeline.review import DirectRunner, Outcome, Settings, review
from tests.hostile import MARK, READ, REFUSED, TOO_MUCH

_EVENTS: list[str] = []
"""What this process did that it should not, while it was watched."""
_WATCHED: list[Path] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WATCHED:
        return
    if event.startswith("socket.") and event not in ("socket.__new__",):
        _EVENTS.append(f"{event} {arguments[1:]}")
    if event in guard.STARTS and Path(str(arguments[0])).name not in guard.PROGRAMS:
        _EVENTS.append(f"{event} {arguments[0]}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & guard.WRITES and isinstance(arguments[0], str):
        path = Path(arguments[0]).resolve()
        if path != Path(os.devnull) and _WATCHED[0] not in path.parents and not path.name.endswith(".pyc"):
            _EVENTS.append(f"writes {path}")


sys.addaudithook(_watch)


@pytest.mark.parametrize("name", READ)
def test_what_a_harmful_file_says_is_read_and_the_rest_is_inert(name: str, tmp_path: Path) -> None:
    READ[name](tmp_path / name)
    document = read_document(tmp_path / name, name, "")
    assert any(MARK in passage.text for passage in document.passages)
    assert document.pages == document.pages_read == 1
    assert not any("root:" in passage.text for passage in document.passages)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_harmful_file_that_cannot_be_read_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    make, reason = REFUSED[name]
    make(tmp_path / name)
    document = read_document(tmp_path / name, name, "")
    assert not document.passages
    (problem,) = document.problems
    assert problem.file == name and reason in problem.message and problem.remedy
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Pool(tmp_path_factory.mktemp("out"), 1, Limits(60, 500)) as pool:
        yield pool


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_file_that_asks_for_too_much_is_given_up(name: str, pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / name
    TOO_MUCH[name](path)
    stopped = pool.run(survey, str(path))
    assert isinstance(stopped, Stopped) and stopped.limit == "memory"
    problem = stopped.problem(name)
    assert "500 MB" in problem.message and "--memory-limit" in problem.remedy
    assert problem.page == (1 if name.endswith(".pdf") else None)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The whole set in one submission, with links and worse beside it, reviewed by workers while everyone is watched."""
    root = tmp_path_factory.mktemp("hostile")
    folder = root / "inbox" / "Brayford Police"
    folder.mkdir(parents=True)
    for name, make in READ.items():
        make(folder / name)
    for name, (make, _) in REFUSED.items():
        make(folder / name)
    (folder / "passwords.txt").symlink_to("/etc/passwd")
    (folder / "round").symlink_to(folder)
    (folder / "out").symlink_to("/etc")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe.txt")
    (folder / "folder.pdf").mkdir()
    (folder / "folder.pdf" / "inside.txt").write_text(MARK)
    with (folder / "sparse.pdf").open("wb") as sparse:
        sparse.truncate(10_000_000_000)
    for name in ("<img src=x onerror=alert(1)>.txt", "two\nlines; rm -rf.txt"):
        (folder / name).write_text(MARK)
    out = root / "out"
    settings = Settings(root / "inbox", out, workers=1)
    with Pool(out / "store", 1) as pool:
        _EVENTS.clear()
        _WATCHED.append(out.resolve())
        try:
            outcome = review(settings, DirectRunner(pool, lambda *step: None))
        finally:
            _WATCHED.clear()
    return root, outcome


def test_nobody_connects_runs_a_program_or_writes_outside_the_results(reviewed: tuple[Path, Outcome]) -> None:
    root, outcome = reviewed
    assert _EVENTS == []
    told = [problem for one in outcome.matrix["submissions"] for d in one["documents"] for problem in d["problems"]]
    assert not [problem for problem in told if "refused to" in problem], "a worker had to be held back"
    assert {path.name for path in root.iterdir()} == {"inbox", "out"}
    assert not list(root.rglob("outside*")) and not Path("/tmp/outside.txt").exists()


def test_every_harmful_file_is_accounted_for(reviewed: tuple[Path, Outcome]) -> None:
    root, outcome = reviewed
    (one,) = outcome.matrix["submissions"]
    documents = {document["file"]: document for document in one["documents"]}
    sent = {path.name for path in (root / "inbox" / "Brayford Police").iterdir()}
    links = {"passwords.txt", "round", "out", "loop", "pipe.txt", "sparse.pdf"}
    assert set(documents) == sent - {"folder.pdf", "passwords.txt"} | {"folder.pdf/inside.txt"}
    assert any("passwords.txt: is a link" in problem for problem in one["problems"])
    for name, document in documents.items():
        # Pages read by OCR are among those read.
        assert document["pages"] == document["pages_read"] + document["pages_failed"] + document["pages_skipped"] >= 1
        assert document["pages_ocr"] <= document["pages_read"]
        assert document["pages_read"] == document["pages"] or any(name in problem for problem in document["problems"])
    for name in (*REFUSED, *links - {"passwords.txt"}):
        assert not documents[name]["passages"] and documents[name]["problems"]
    for name, reason in (("round", "a link"), ("pipe.txt", "no ordinary file"), ("sparse.pdf", "larger than 2,000 MB")):
        assert reason in documents[name]["problems"][0]
    assert outcome.unread == len(REFUSED) + len(links)


def test_nothing_harmful_reaches_the_results(reviewed: tuple[Path, Outcome]) -> None:
    root, _ = reviewed
    page = (root / "out" / "report.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page and "&lt;img src=x onerror=alert(1)&gt;.txt" in page
    for name in ("report.html", "matrix.json"):
        assert not re.search(r"root:[x*]:0", (root / "out" / name).read_text(encoding="utf-8"))
