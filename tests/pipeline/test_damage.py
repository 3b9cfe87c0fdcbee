"""What a power cut or a failing disk leaves torn in the store is found out and worked out again; the result is the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.record.record import Record
from pipeline.review import Outcome, Settings, review
from tests.conftest import ROOT, HereRunner

MINUTES = ROOT / "corpus" / "files" / "tidewell" / "Harbour Group minutes.txt"


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short submission, reviewed: a folder with its inbox and its OUT."""
    folder = tmp_path_factory.mktemp("round")
    (folder / "inbox" / "Tidewell Constabulary").mkdir(parents=True)
    shutil.copyfile(MINUTES, folder / "inbox" / "Tidewell Constabulary" / "minutes.txt")
    again(folder)
    return folder


def again(folder: Path) -> tuple[Outcome, list[str]]:
    """Reviews it, and tells which stages had work."""
    runner = HereRunner()
    return review(Settings(folder / "inbox", folder / "out"), runner), [stage for stage, _ in runner.stages]


def kept(folder: Path) -> dict[Path, bytes]:
    """What the store holds, by stage and name."""
    stages = ("originals", "documents", "looks", "names", "entries")
    return {path.relative_to(folder): path.read_bytes() for stage in stages for path in (folder / "out" / "store" / stage).iterdir()}


def empty(content: bytes) -> bytes:
    return b""


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def zeros(content: bytes) -> bytes:
    return content[: len(content) // 2] + bytes(len(content) - len(content) // 2)


@pytest.mark.parametrize("torn", [empty, half, zeros])
@pytest.mark.parametrize(
    ("stage", "done_again"),
    [
        ("documents", ["Reading documents"]),
        ("looks", ["Finding evidence"]),
        ("names", ["Naming forces"]),
        ("entries", ["Grading"]),
    ],
)
def test_a_torn_result_is_worked_out_again_and_no_other(
    reviewed: Path, tmp_path: Path, stage: str, done_again: list[str], torn: Callable[[bytes], bytes]
) -> None:
    shutil.copytree(reviewed, tmp_path, dirs_exist_ok=True)
    before, matrix = kept(tmp_path), (tmp_path / "out" / "matrix.json").read_bytes()
    (path,) = (tmp_path / "out" / "store" / stage).iterdir()
    path.write_bytes(torn(path.read_bytes()))
    outcome, stages = again(tmp_path)
    assert stages == done_again
    assert kept(tmp_path) == before and (tmp_path / "out" / "matrix.json").read_bytes() == matrix
    assert outcome.versions == (), "nothing new came of it"
    with Record.open(tmp_path / "out") as record:
        assert len(record.versions("Tidewell Constabulary")) == 1


@pytest.mark.parametrize("torn", [empty, half, zeros])
def test_a_torn_copy_of_a_file_is_never_read_as_the_file(reviewed: Path, tmp_path: Path, torn: Callable[[bytes], bytes]) -> None:
    """The power fails while a document is read: its copy is torn, nothing of it is read yet."""
    shutil.copytree(reviewed, tmp_path, dirs_exist_ok=True)
    before, matrix = kept(tmp_path), (tmp_path / "out" / "matrix.json").read_bytes()
    (copy,) = (tmp_path / "out" / "store" / "originals").iterdir()
    copy.write_bytes(torn(copy.read_bytes()))
    shutil.rmtree(tmp_path / "out" / "store" / "documents")
    again(tmp_path)
    assert kept(tmp_path) == before and (tmp_path / "out" / "matrix.json").read_bytes() == matrix


@pytest.mark.parametrize("name", ["matrix.json", "matrix.xlsx", "report.html"])
def test_a_torn_output_is_written_anew(reviewed: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(reviewed, tmp_path, dirs_exist_ok=True)
    whole = (tmp_path / "out" / name).read_bytes()
    (tmp_path / "out" / name).write_bytes(half(whole))
    again(tmp_path)
    assert abs(len((tmp_path / "out" / name).read_bytes()) - len(whole)) < 10  # a workbook tells when it was written
