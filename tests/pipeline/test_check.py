"""What a force that checks its own draft would notice."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from lxml import html
from typer.testing import CliRunner

import cli
import pipeline.pool
import pipeline.review
from commands import common
from tests.conftest import EXAMPLES, ROOT, HereRunner

run = CliRunner()
PLAN = EXAMPLES / "Greyholm Constabulary" / "Protective Services Improvement Plan.docx"


class NoPool:
    def __init__(self, *arguments: object) -> None: ...
    def __enter__(self) -> NoPool:
        return self

    def __exit__(self, *error: object) -> None: ...


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No worker processes, and a temporary folder whose content can be seen."""
    monkeypatch.setattr(pipeline.pool, "Pool", NoPool)
    monkeypatch.setenv("READACROSS_RECORD", "postgresql://nobody@nowhere.invalid/record")  # a draft goes into no record
    monkeypatch.setattr(pipeline.review, "DirectRunner", lambda pool, progress: HereRunner())
    (tmp_path / "tmp").mkdir()
    (tmp_path / "cwd").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path


def test_a_draft_is_read_with_advice_and_nothing_is_stored(here: Path) -> None:
    before = PLAN.stat()
    result = run.invoke(cli.app, ["check", str(PLAN), "--html", str(here / "advice.html")])
    assert result.exit_code == common.ALL_READ, result.output
    flat = " ".join(result.output.split())
    assert flat.startswith("RESTRICTED Reading of Protective Services Improvement Plan.docx") and flat.endswith("RESTRICTED")
    assert "Nothing was stored" in flat and "Major crime: meets standard" in flat
    assert "To add: say what the force contributes" in flat
    assert "“Two enquiries have been put forward for peer review under the ACPO Murder Investigation Manual standards.”" in flat
    assert list((here / "tmp").iterdir()) == [] and list((here / "cwd").iterdir()) == []
    assert (PLAN.stat().st_size, PLAN.stat().st_mtime) == (before.st_size, before.st_mtime)
    page = html.fromstring((here / "advice.html").read_text(encoding="utf-8"))
    assert page.get("lang") == "en-GB" and page.findtext(".//title") == "Reading of Protective Services Improvement Plan.docx"
    assert len(page.findall(".//h1")) == 1 and len(page.findall(".//h2")) >= 8
    assert page.find(".//table/caption") is not None
    assert all(th.get("scope") in ("col", "row") for th in page.iter("th"))
    assert [p.text for p in page.iter("p") if p.get("class") == "marking"] == ["RESTRICTED", "RESTRICTED"]
    assert "To add: say what the force contributes" in " ".join(page.text_content().split())
    assert not page.xpath("//script | //link | //img | //@href | //@src")


def test_a_check_leaves_nothing_in_the_home_folder(here: Path) -> None:
    """In a process of its own: a library that writes there does so when it is loaded."""
    (here / "home").mkdir()
    command = [sys.executable, "-m", "cli", "check", str(PLAN)]
    environment = os.environ | {"HOME": str(here / "home"), "TMPDIR": str(here / "tmp"), "PYTHONPATH": str(ROOT)}
    for name in ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"):
        environment.pop(name, None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == common.ALL_READ, done.stderr
    assert [path for name in ("home", "tmp", "cwd") for path in (here / name).rglob("*")] == []


def test_a_file_of_another_kind_is_named_and_the_rest_is_read(here: Path) -> None:
    (here / "old.odd").write_bytes(b"\xd0\xcf\x11\xe0")
    (here / "plan.txt").write_text("Roads policing: the Superintendent will fit ANPR to nine cars by March 2009.")
    result = run.invoke(cli.app, ["check", str(here / "plan.txt"), str(here / "old.odd")])
    assert result.exit_code == common.SOME_UNREAD, result.output
    assert "old.odd: a file of kind .odd is not read yet" in " ".join(result.output.split())


def test_nothing_to_read_is_said(here: Path) -> None:
    result = run.invoke(cli.app, ["check", "nowhere.docx"])
    assert result.exit_code == common.NOTHING_DONE and "nowhere.docx: there is no such file" in result.output
    (here / "empty.docx").write_bytes(b"")
    result = run.invoke(cli.app, ["check", str(here / "empty.docx")])
    assert result.exit_code == common.NOTHING_DONE and "the file is empty" in " ".join(result.output.split())
    assert list((here / "tmp").iterdir()) == []


def test_two_files_of_one_name_are_both_read(here: Path) -> None:
    (here / "one").mkdir()
    (here / "two").mkdir()
    for folder, text in (("one", "Roads policing: the Superintendent will fit ANPR to nine cars by March 2009."), ("two", "Flood plans.")):
        (here / folder / "plan.txt").write_text(text)
    result = run.invoke(cli.app, ["check", str(here / "one" / "plan.txt"), str(here / "two" / "plan.txt")])
    assert result.exit_code == common.ALL_READ, result.output
    assert "plan (2).txt and plan.txt" in " ".join(result.output.split())
    assert "Not in the draft" in result.output
