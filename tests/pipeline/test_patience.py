"""What passes by itself is told from what does not: real failures of reviews, each as it comes out of the review."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from classifiers.model import ModelError
from pipeline.ingest import InboxError
from pipeline.patience import may_pass
from pipeline.record import database
from pipeline.record.record import Record
from pipeline.review import OutError, PublishError
from pipeline.store import alone
from rules.loader import PackError
from tests.conftest import ROOT, review_here

MINUTES = ROOT / "corpus" / "files" / "tidewell" / "Harbour Group minutes.txt"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "Tidewell Constabulary").mkdir(parents=True)
    shutil.copyfile(MINUTES, tmp_path / "inbox" / "Tidewell Constabulary" / "minutes.txt")
    return tmp_path / "inbox"


def test_a_store_that_another_review_holds(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "store").mkdir(parents=True)
    with alone(tmp_path / "out" / "store"), pytest.raises(OutError, match="Another review is at work") as met:
        review_here(inbox, tmp_path / "out")
    assert may_pass(met.value)
    assert review_here(inbox, tmp_path / "out").documents == 1


def test_a_record_that_another_program_holds(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The review is done and kept; once the record is free, the same command takes it in, once."""
    out = tmp_path / "out"
    out.mkdir()
    Record.open(out, new=True).close()
    monkeypatch.setattr(database, "WAIT", 0.05)
    with closing(sqlite3.connect(out / database.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PublishError, match="another program held it for more than") as met:
            review_here(inbox, out)
    assert may_pass(met.value)
    with Record.open(out) as record:
        assert record.forces() == [], "nothing by halves"
    for _ in range(2):
        review_here(inbox, out)
    with Record.open(out) as record:
        assert [version.version for version in record.versions("Tidewell Constabulary")] == [1]


def test_a_full_disk(inbox: Path, tmp_path: Path, small_disk: Path) -> None:
    """What was finished stays; with room made, the result is that of an undisturbed review."""
    filler = small_disk / "filler"
    filler.write_bytes(bytes(250_000))
    with pytest.raises(OutError, match="Free the disk") as met:
        review_here(inbox, small_disk / "out")
    assert may_pass(met.value)
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    review_here(inbox, small_disk / "out")
    review_here(inbox, tmp_path / "out")
    assert (small_disk / "out" / "matrix.json").read_bytes() == (tmp_path / "out" / "matrix.json").read_bytes()
    assert not list((small_disk / "out").rglob(".*.[0-9]*")), "no half-written file stays behind"


def test_a_disk_that_is_full_while_a_zip_is_unpacked_is_not_blamed_on_the_zip(inbox: Path, small_disk: Path) -> None:
    (zipped := inbox / "Tidewell Constabulary" / "papers.zip").touch()
    with ZipFile(zipped, "w", ZIP_DEFLATED) as papers:
        papers.writestr("plan.txt", "The unit will be staffed by April 2009. " * 20_000)
    shutil.make_archive(str(inbox / "round"), "zip", inbox)
    for sent in (inbox, inbox / "round.zip"):
        with pytest.raises(OutError, match="Free the disk") as met:
            review_here(sent, small_disk / "out")
        assert may_pass(met.value)
    assert not (small_disk / "out" / "matrix.json").exists()


def test_what_stays_as_it_is(inbox: Path, tmp_path: Path) -> None:
    with pytest.raises(InboxError) as no_inbox:
        review_here(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(PackError) as no_pack:
        review_here(inbox, tmp_path / "out", pack="no-such-pack")
    with pytest.raises(ModelError) as no_model:
        review_here(inbox, tmp_path / "out", models=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OutError) as no_folder:
        review_here(inbox, tmp_path / "file" / "out")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / database.FILE).write_bytes(b"no database" * 500)
    with pytest.raises(PublishError, match="the file is damaged") as no_record:
        review_here(inbox, tmp_path / "damaged")
    assert not any(may_pass(one.value) for one in (no_inbox, no_pack, no_model, no_folder, no_record))


def test_a_database_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.record.types import RecordError

    monkeypatch.setitem(os.environ, database.ENVIRONMENT, "postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(RecordError, match="does not answer") as met:
        Record.open(Path())
    assert may_pass(met.value)
