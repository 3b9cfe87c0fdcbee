"""A submission sent through the browser: taken, refused, and reviewed from there."""

from __future__ import annotations

import io
import re
import shutil
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.record.types import User
from pipeline.store import alone
from tests.workbench.conftest import INBOX, NOW, Person, Workbench
from workbench import limits
from workbench.uploads import State, write_state

PLAN = (INBOX / "Saltmere Police" / "Policing Saltmere 2008-11.pdf").read_bytes()


def send(person: Person, folder: str, *files: tuple[str, bytes]) -> str:
    token = person.token("/upload", "/upload/files")
    answer = person.client.post("/upload/files", data={"token": token, "folder": folder}, files=[("files", file) for file in files])
    return f"{answer.url.path}\n{answer.text}"


def left(workbench: Workbench) -> list[Path]:
    return [p for p in workbench.bench.uploads.folder.rglob("*") if p.is_file()] if workbench.bench.uploads.folder.exists() else []


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def test_files_are_laid_aside_and_listed_before_anything_is_reviewed(workbench: Workbench) -> None:
    page = send(workbench.signed_in("mona"), "Eskdale Constabulary", ("plan.pdf", PLAN), ("notes.txt", b"We will act."))
    assert "What arrived" in page and "plan.pdf" in page and "notes.txt" in page and "new to the round" in page
    assert not workbench.bench.uploads.inbox.exists()


@pytest.mark.parametrize(
    "name",
    ["../../evil.pdf", "..\\evil.pdf", "/etc/evil.pdf", ".hidden.pdf", "con.pdf", "a\u202efdp.exe", "x" * 300 + ".pdf"],
)
def test_a_crooked_name_is_refused_and_nothing_is_kept(workbench: Workbench, name: str) -> None:
    page = send(workbench.signed_in("mona"), "Eskdale Constabulary", (name, PLAN))
    assert "name for a file" in page or "name of a file" in page
    assert left(workbench) == []


@pytest.mark.parametrize("folder", ["", "..", "../out", "a/b", "CON"])
def test_a_crooked_name_of_a_force_is_refused(workbench: Workbench, folder: str) -> None:
    assert "cannot be the name of a force" in send(workbench.signed_in("mona"), folder, ("plan.pdf", PLAN))
    assert left(workbench) == []


def test_a_zip_that_points_outside_is_refused(workbench: Workbench) -> None:
    mona = workbench.signed_in("mona")
    assert "points outside the zip" in send(mona, "", ("sent.zip", packed(("../../evil.txt", b"x"))))
    assert "points outside the zip" in send(mona, "", ("sent.zip", packed(("/etc/evil.txt", b"x"))))
    link = zipfile.ZipInfo("Eskdale/link.pdf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link to another place" in send(mona, "", ("sent.zip", out.getvalue()))
    assert "cannot be unpacked" in send(mona, "", ("sent.zip", b"PK not a zip"))
    assert left(workbench) == []


def test_too_much_is_refused_while_it_comes_in(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD", 100_000)
    page = send(workbench.signed_in("mona"), "Eskdale", ("plan.txt", b"x" * 200_000))
    assert "Too large" in page and left(workbench) == []


def test_a_full_disk_is_told_and_nothing_of_an_upload_is_kept(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    mona = workbench.signed_in("mona")
    monkeypatch.setattr("workbench.uploads.shutil.copyfileobj", full)
    page = send(mona, "Eskdale", ("plan.pdf", PLAN))
    assert "could not be kept (No space left on device). Free the disk and send them again." in page and left(workbench) == []


def test_only_a_moderator_uploads(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    assert rose.client.post("/upload/files", data={"folder": "X"}, files=[("files", ("a.txt", b"x"))]).status_code == 403
    assert rose.get("/uploaded/0123456789abcdef").status_code == 403
    mona = workbench.signed_in("mona")
    for identifier in ("0123456789abcdef", "%2e%2e%2fdocuments", "documents"):
        assert mona.get(f"/uploaded/{identifier}").status_code == 404


def test_a_resubmission_is_reviewed_from_the_browser_and_decisions_stay(workbench: Workbench) -> None:
    """The real review in its own process: Saltmere sends its plan again with one document fewer."""
    record, mona = workbench.bench.record, workbench.signed_in("mona")
    record.decide(
        "Greyholm Constabulary", "roads_policing", "prioritisation", grade=2, reviewer="rose", at=workbench.bench.clock(), reason="x"
    )
    record.decide("Saltmere Police", "roads_policing", "prioritisation", grade=2, reviewer="rose", at=workbench.bench.clock())
    kept = INBOX / "Saltmere Police"
    page = send(mona, "Saltmere Police", *((p.name, p.read_bytes()) for p in sorted(kept.iterdir()) if p.suffix != ".xlsx"))
    path = page.split("\n")[0]
    assert '<option value="Saltmere Police" selected>' in page
    assert "under way" in mona.send(path, path, instead_of="Saltmere Police", how="whole").text
    assert "A review is under way" in mona.send(path, path).text if "<button>Start" in mona.get(path).text else True
    process = workbench.bench.uploads._running
    assert process
    process.join(120)
    done = mona.get(path).text
    assert "The review is done" in done and '<a href="/queue/stale">1 to look at again</a>' in done
    assert re.search(r'<a href="/force/saltmere-police">Saltmere Police</a></td><td>2 <a href="/force/saltmere-police/versions">', done)
    assert "Greyholm" not in done.split("What is new")[1]
    assert (record.latest("Saltmere Police").version, record.latest("Greyholm Constabulary").version) == (2, 1)
    assert record.standing("Greyholm Constabulary")["roads_policing", "prioritisation"].decision
    force = mona.get("/force/saltmere-police").text
    assert "Protection Action Workbook.xlsx" not in force and "What changed since version 1" in force
    assert ">1 cell</a> whose decision" in mona.get("/").text
    versions = mona.get("/force/saltmere-police/versions").text
    assert "<strong>Removed:</strong> Protection Action Workbook.xlsx" in versions and "Start a night traffic car" in versions
    cell = mona.get("/force/saltmere-police/roads_policing/prioritisation").text
    assert re.search(r"version 1, on which Rose decided,", cell) and re.search(r"<del>Start a night traffic car", cell)
    assert "A new submission changed this cell after Rose accepted" in cell and "marked stale" not in cell
    record.save_user(replace(record.user("reader") or User("reader"), marking=""), by="ada", at=NOW)
    closed = workbench.signed_in("reader").get("/force/saltmere-police/versions").text
    assert "Start a night traffic car" not in closed and "above your clearance" in closed
    shutil.rmtree(workbench.bench.uploads.inbox)


def test_a_single_file_asks_whether_it_is_the_whole_set_and_says_what_becomes_of_the_rest(workbench: Workbench) -> None:
    mona = workbench.signed_in("mona")
    page = send(mona, "saltmere police", ("Policing Saltmere 2008-11.pdf", PLAN), ("annex.pdf", PLAN))
    path = page.split("\n")[0]
    assert "Replaces the one of this name" in page and page.count('<span class="tag">New</span>') == 1
    whole, changed = page.split('id="how-whole-hint"')[1].split('id="how-changed-hint"')
    for words, becomes in ((whole, "are taken out of the round"), (changed, "stay as they are")):
        assert "<strong>Protection Action Workbook.xlsx</strong>" in words and becomes in words
    answer = mona.send(path, path, instead_of="Saltmere Police")
    assert answer.status_code == 422 and "Say whether this is the whole set or only what changed" in answer.text
    assert not workbench.bench.uploads.inbox.exists()
    other = mona.get(f"{path}?instead_of=Greyholm+Constabulary").text
    assert "Local Policing Plan 2008-11.pdf" in other and "Protection Action Workbook.xlsx" not in other
    new = mona.get(f"{path}?instead_of=").text
    assert "A force that is new to the round" in new and 'name="how"' not in new
    assert mona.get(f"{path}?instead_of=Nobody").status_code == 404


def test_only_what_changed_leaves_the_other_documents_in_the_round(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    mona, uploads = workbench.signed_in("mona"), workbench.bench.uploads
    monkeypatch.setattr("workbench.uploads.run_review", print)  # the review itself is another test's
    path = send(mona, "SALTMERE POLICE", ("Policing Saltmere 2008-11.pdf", PLAN + b"%")).split("\n")[0]
    mona.send(path, path, instead_of="Saltmere Police", how="changed")
    assert uploads._running
    uploads._running.join(60)
    held = uploads.inbox / "Saltmere Police"
    assert sorted(p.name for p in uploads.inbox.iterdir()) == ["Greyholm Constabulary", "Saltmere Police"]
    assert (held / "Policing Saltmere 2008-11.pdf").read_bytes().endswith(b"%") and (held / "Protection Action Workbook.xlsx").exists()
    assert "The review was stopped" in mona.get(path).text
    mona.send(path, path, instead_of="Saltmere Police", how="whole")
    uploads._running.join(60)
    assert [p.name for p in held.iterdir() if p.suffix in (".pdf", ".xlsx", ".docx")] == ["Policing Saltmere 2008-11.pdf"]


def test_a_page_of_a_review_under_way_loads_itself_anew_without_javascript(workbench: Workbench) -> None:
    mona = workbench.signed_in("mona")
    path = send(mona, "Eskdale Constabulary", ("plan.pdf", PLAN)).split("\n")[0]
    write_state(workbench.bench.uploads.folder / path.split("/")[-1], State("running", "Reading documents", 3, 9))
    with alone(workbench.bench.out / "store"):  # as a review does, though the workbench was started anew meanwhile
        page = mona.get(path).text
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page and "Reading documents: 3 of 9" in page
    assert "The review was stopped" in mona.get(path).text


def test_a_review_that_fails_says_why(workbench: Workbench) -> None:
    mona = workbench.signed_in("mona")
    path = send(mona, "Eskdale Constabulary", ("plan.pdf", PLAN)).split("\n")[0]
    shutil.rmtree(workbench.bench.out / "store" / "originals")
    assert "is not kept" in mona.send(path, path).text


def test_a_force_that_is_not_theirs_cannot_be_overwritten(workbench: Workbench) -> None:
    record = workbench.bench.record
    user = record.user("mona")
    assert user
    record.save_user(replace(user, forces=["Greyholm Constabulary"]), by="ada", at=NOW)
    mona = workbench.signed_in("mona")
    path = send(mona, "saltmere police", ("plan.pdf", PLAN)).split("\n")[0]
    assert "not yours to replace" in mona.send(path, path, instead_of="").text
    assert mona.send(path, path, instead_of="Saltmere Police").status_code == 404
