"""The commands as a person meets them: their help, their exit codes, their words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import cli
import pipeline.pool
import pipeline.review
from commands import common
from tests.conftest import EXAMPLES, ROOT, HereRunner

run = CliRunner()
PLAN = ROOT / "tests" / "extractors" / "files" / "plan.html"


def commands() -> list[list[str]]:
    group = get_command(cli.app)
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found.append([name])
        found += [[name, sub] for sub in getattr(command, "commands", {})]
    return found


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker processes: the stages run in the test."""

    class NoPool:
        def __init__(self, *arguments: object) -> None: ...
        def __enter__(self) -> NoPool:
            return self

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr(pipeline.pool, "Pool", NoPool)
    monkeypatch.setattr(pipeline.review, "DirectRunner", lambda pool, progress: HereRunner())


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(command: list[str]) -> None:
    result = run.invoke(cli.app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Example: readacross" in result.output
    assert f"readacross {' '.join(command)}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_documents_every_exit_code() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    codes = (common.ALL_READ, common.WRONG_COMMAND, common.SOME_UNREAD, common.NOTHING_DONE, common.INTERRUPTED)
    assert all(f"| {code} |" in text for code in codes)


@pytest.mark.usefixtures("here")
def test_a_review_ends_with_the_table_of_forces_and_code_0(tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["review", str(EXAMPLES), "--out", str(tmp_path / "out"), "--direct"])
    assert result.exit_code == common.ALL_READ, result.output
    assert "Greyholm" in result.output and "SOC" in result.output and "report.html" in result.output
    assert "6 of 6 documents read whole" in result.output
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"matrix.json", "matrix.xlsx", "record.sqlite", "report.html", "store"}


@pytest.mark.usefixtures("here")
def test_a_review_with_an_unread_document_ends_with_code_3_and_names_it(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "Saltmere Police", tmp_path / "inbox" / "Saltmere [draft] Police")
    (tmp_path / "inbox" / "Saltmere [draft] Police" / "final [2].wpd").write_bytes(b"\xffWPC\0\0")
    result = run.invoke(cli.app, ["review", str(tmp_path / "inbox"), "--out", str(tmp_path / "out"), "--direct"])
    assert result.exit_code == common.SOME_UNREAD, result.output
    assert "final [2].wpd: a file of kind .wpd is not read yet. Save it as one of" in result.output


@pytest.mark.usefixtures("here")
def test_nothing_to_review_ends_with_code_4(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run.invoke(cli.app, ["review", str(tmp_path / "empty"), "--out", str(tmp_path / "out"), "--direct"])
    assert result.exit_code == common.NOTHING_DONE
    assert "Nothing was reviewed" in result.output
    (tmp_path / "Brayford Police").mkdir()
    (tmp_path / "Brayford Police" / "plan.pdf").write_bytes(b"")
    result = run.invoke(cli.app, ["review", str(tmp_path / "Brayford Police"), "--out", str(tmp_path / "out"), "--direct"])
    assert result.exit_code == common.NOTHING_DONE
    assert "none of its documents could be read" in result.output


@pytest.mark.usefixtures("here")
def test_ctrl_c_ends_with_code_130_and_says_that_the_run_can_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(HereRunner, "each", stop)
    result = run.invoke(cli.app, ["review", str(EXAMPLES), "--out", str(tmp_path / "out"), "--direct"])
    assert result.exit_code == common.INTERRUPTED
    assert "the same command goes on from there" in result.output


@pytest.mark.usefixtures("here")
def test_a_prefect_that_cannot_start_is_said_and_the_review_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "flows", None)  # importing it fails, as with the FastAPI trap
    result = run.invoke(cli.app, ["review", str(EXAMPLES / "Saltmere Police"), "--out", str(tmp_path / "out")])
    assert result.exit_code == common.ALL_READ, result.output
    assert "Prefect could not be used" in result.output and "Going on without it" in result.output
    assert (tmp_path / "out" / "matrix.json").is_file()


def test_an_unchanged_inbox_needs_neither_prefect_nor_workers(examples_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(examples_out, tmp_path / "out")
    monkeypatch.setitem(__import__("sys").modules, "flows", None)
    monkeypatch.setattr(pipeline.pool, "Pool", None)
    result = run.invoke(cli.app, ["review", str(EXAMPLES), "--out", str(tmp_path / "out")])
    assert result.exit_code == common.ALL_READ, result.output
    assert "Prefect could not be used" not in result.output and "documents read whole" in result.output


def test_explain_tells_one_cells_reasoning(examples_copy: Path) -> None:
    result = run.invoke(cli.app, ["explain", str(examples_copy), "saltmere", "roads", "prioritisation"])
    assert result.exit_code == 0, result.output
    assert "Provisional grade" in result.output and "Elements" in result.output and "Evidence" in result.output
    assert "home-office-2008 1.0" in result.output


@pytest.mark.parametrize(
    ("force", "area", "says"),
    [("Nowhere", "roads", "'Nowhere' is no force. Choose one of: Greyholm"), ("saltmere", "crime", "more than one area")],
)
def test_explain_names_what_there_is_when_a_name_does_not_fit(examples_out: Path, force: str, area: str, says: str) -> None:
    result = run.invoke(cli.app, ["explain", str(examples_out), force, area, "prioritisation"])
    assert result.exit_code == common.NOTHING_DONE
    assert says in result.output


def test_packs_are_listed_and_checked() -> None:
    assert "home-office-2008  version 1.0  10 areas x 7 criteria" in run.invoke(cli.app, ["packs"]).output
    street = ROOT / "tests" / "packs" / "street-lighting" / "pack.yaml"
    assert "is sound (3 areas, 2 criteria)" in run.invoke(cli.app, ["packs", "check", str(street)]).output
    result = run.invoke(cli.app, ["packs", "check", "nowhere.yaml"])
    assert result.exit_code == common.NOTHING_DONE and "no such pack" in result.output


def test_the_examples_can_be_taken_along(tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["examples", str(tmp_path / "inbox")])
    assert result.exit_code == 0
    assert len(list((tmp_path / "inbox").glob("*/*.pdf"))) == 2


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["examples", "FILE"], "FILE: cannot be written to (File exists). Choose another folder."),
        (["audit", "OUT", "--export", "FILE/h.csv"], "FILE/h.csv: cannot be written to (File exists). Choose another place."),
        (["export", "OUT", "--refi-qda", "FILE/c.qdpx"], "Nothing was exported. FILE/c.qdpx: cannot be written to (File exists)."),
        (["classify", "FOLDER"], "Nothing more was classified. FOLDER: Is a directory. Give a file of passages."),
        (["classify", "FILE"], "FILE: holds no passage."),
        (["show", "FOLDER"], "Nothing was drawn. FOLDER: is a folder. Give one document."),
        (["national", "--grades", "GONE", "--out", "FOLDER"], "GONE: cannot be read (No such file or directory)."),
        (["show", "PLAN", "--out", "FILE/x.html"], "Nothing was drawn. FILE/x.html: Not a directory. Choose another place with --out."),
        (["check", "FOLDER"], "Nothing was checked. FOLDER: is a folder. Give the draft itself"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_place_is_named_as_the_user_wrote_it(examples_out: Path, tmp_path: Path, command: list[str], says: str) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()

    def placed(text: str) -> str:
        places = {"FILE": tmp_path / "taken", "FOLDER": tmp_path / "folder", "GONE": tmp_path / "gone", "OUT": examples_out, "PLAN": PLAN}
        for name, place in places.items():
            text = text.replace(name, str(place))
        return text

    result = run.invoke(cli.app, [placed(part) for part in command])
    assert result.exit_code == common.NOTHING_DONE, result.output
    assert placed(says) in result.output


def test_a_folder_to_watch_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["serve", "--watch", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")])
    assert result.exit_code == common.NOTHING_DONE
    assert "no such folder to watch" in result.output and not (tmp_path / "out").exists()
