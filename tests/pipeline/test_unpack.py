"""What stands inside zips and e-mails becomes documents of their own; what cannot be taken out is named."""

from __future__ import annotations

import os
import zipfile
from base64 import encodebytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import pipeline.unpack
from pipeline.ingest import Inbox, find_submissions
from pipeline.pool import Limits, Pool
from pipeline.unpack import Container, unpack
from rules.loader import load_pack

TEXT = b"The force will train twelve drivers."


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def taken_out(tmp_path: Path, path: Path) -> tuple[dict[str, bytes], list[str]]:
    found = unpack(Container(path, path.name, tmp_path / "unpacked"))
    assert all(file == path or (tmp_path / "unpacked") in file.parents for file, _ in found.files)
    return {shown: file.read_bytes() for file, shown in found.files}, [str(problem) for problem in found.problems]


def mail(attachments: dict[str, bytes]) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Papers"
    message.set_content("Please find the papers.")
    for name, content in attachments.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_zips_in_zips_and_mails(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"b.txt": TEXT}).read_bytes()
    letter = mail({"annex.txt": TEXT, "more.zip": inner})
    path = zipped(
        tmp_path / "papers.zip", {"Plans/a.txt": TEXT, "inner.zip": inner, "letter.eml": letter, "__MACOSX/x": b"", "odd.xyz": b"?"}
    )
    files, problems = taken_out(tmp_path, path)
    assert sorted(files) == [
        "papers.zip/Plans/a.txt",
        "papers.zip/inner.zip/b.txt",
        "papers.zip/letter.eml",
        "papers.zip/letter.eml/annex.txt",
        "papers.zip/letter.eml/more.zip/b.txt",
        "papers.zip/odd.xyz",
    ]
    assert files["papers.zip/letter.eml/more.zip/b.txt"] == TEXT
    assert problems == []


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:/out.txt", "..\\out.txt"])
def test_members_that_point_outside_are_named_and_left(tmp_path: Path, name: str) -> None:
    files, problems = taken_out(tmp_path, zipped(tmp_path / "papers.zip", {"a.txt": TEXT, name: b"evil"}))
    assert list(files) == ["papers.zip/a.txt"]
    (problem,) = problems
    assert "points outside the zip" in problem
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"evil"]


def test_links_in_a_zip_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("plan.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    files, problems = taken_out(tmp_path, path)
    assert files == {}
    assert "is a link to another place" in problems[0]


def test_zips_without_end_stop(tmp_path: Path) -> None:
    content = TEXT
    for depth in range(12):
        content = zipped(tmp_path / f"{depth}.zip", {"next.zip" if depth else "a.txt": content}).read_bytes()
    files, problems = taken_out(tmp_path, tmp_path / "11.zip")
    assert files == {}
    assert "stands inside more than" in problems[0]


def test_too_much_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "bomb.zip", {"a.txt": TEXT, "bomb.txt": bytes(5_000_000), "c.txt": TEXT})
    with monkeypatch.context() as small:
        small.setattr(pipeline.unpack, "MOST_BYTES", 1_000_000)
        files, problems = taken_out(tmp_path, path)
    assert list(files) == ["bomb.zip/a.txt"]
    assert "bomb.zip/bomb.txt: is too large" in problems[0]
    assert "bomb.zip: cannot be unpacked (it holds too much)" in problems[1]
    monkeypatch.setattr(pipeline.unpack, "MOST_FILES", 2)
    files, problems = taken_out(tmp_path, path)
    assert len(files) == 2
    assert "holds too much" in problems[0]


def test_thousands_of_empty_files_are_counted_and_not_each_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "papers.zip", {f"{number}.txt": b"" for number in range(6_000)} | {"plan.txt": TEXT})
    files, problems = taken_out(tmp_path, path)
    assert list(files) == ["papers.zip/plan.txt"]
    assert problems[0].startswith("papers.zip/0.txt: the file is empty (zero bytes).")
    assert problems[-1].startswith("papers.zip: holds 5,980 more files that are empty (zero bytes), the first of them 20.txt.")
    assert len(problems) == 21


def test_locked_damaged_and_empty_zips_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "papers.zip", {"a.txt": TEXT * 50})
    whole = path.read_bytes()
    flags = bytearray(whole)
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flags[whole.index(sign) + at] |= 1
    for content, says in (
        (bytes(flags), "papers.zip/a.txt: is protected by a password"),
        (whole[: len(whole) // 2], "papers.zip: cannot be unpacked"),
        (whole.replace(whole[45:60], b"\xff" * 15), "papers.zip/a.txt: is damaged"),
        (zipped(tmp_path / "none.zip", {}).read_bytes(), "papers.zip: holds no files"),
        (zipped(tmp_path / "litter.zip", {"Thumbs.db": b"x"}).read_bytes(), "papers.zip: holds no files"),
    ):
        path.write_bytes(content)
        files, problems = taken_out(tmp_path, path)
        assert files == {}
        assert says in problems[0]


def found_in(tmp_path: Path) -> Inbox:
    place, names = tmp_path / "out" / "store" / "inbox", load_pack().force_names
    return find_submissions(tmp_path / "in", tmp_path / "out", place, names, lambda function, items: [function(item) for item in items])


def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, look = tmp_path / "in" / "Wolderness Police", os.scandir
    (folder / "closed").mkdir(parents=True)
    (folder / "plan.txt").write_text("We train.")

    def refuse(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr("os.scandir", refuse)
    (one,) = found_in(tmp_path).submissions
    assert [name for _, name in one.files] == ["plan.txt"]
    assert [str(p) for p in one.unread] == [
        "closed: cannot be looked into (Permission denied). Check who may read it, and run the review again."
    ]


def test_a_submission_holds_what_its_zip_holds(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "Wolderness Police"
    folder.mkdir(parents=True)
    (folder / "plan.txt").write_bytes(TEXT)
    zipped(folder / "papers.zip", {"annex.txt": TEXT, "../x": b""})
    (tmp_path / "in" / "Ridgeshire Police").mkdir()
    (tmp_path / "in" / "Ridgeshire Police" / "a.txt").write_bytes(TEXT)
    (folder / "submission.yaml").write_text("documents: {papers.zip/annex.txt: {kind: psip}}")
    submission = next(s for s in found_in(tmp_path).submissions if s.folder == "Wolderness Police")
    assert [shown for _, shown in submission.files] == ["papers.zip/annex.txt", "plan.txt"]
    assert [problem.file for problem in submission.unread] == ["papers.zip/../x"]
    assert submission.notes == ()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_documents_of_their_own(tmp_path: Path) -> None:
    """The second may be restricted where the first is open."""
    message = EmailMessage()
    message["Subject"] = "Papers"
    for content in (TEXT, b"RESTRICTED"):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename="plan.txt")
    (tmp_path / "m.eml").write_bytes(message.as_bytes())
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for content in (TEXT, b"RESTRICTED"):
            archive.writestr("north/plan.txt", content)
    assert taken_out(tmp_path, tmp_path / "p.zip")[0] == {"p.zip/north/plan.txt": TEXT, "p.zip/north/plan (2).txt": b"RESTRICTED"}
    held = taken_out(tmp_path, tmp_path / "m.eml")[0]
    assert held["m.eml/plan.txt"] == TEXT and held["m.eml/plan (2).txt"] == b"RESTRICTED"


def test_a_zip_named_like_a_force_is_that_forces_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    zipped(tmp_path / "in" / "Ridgeshire Police.zip", {"plan.txt": TEXT})
    zipped(tmp_path / "in" / "Wolderness Police.zip", {"Plans/plan.txt": TEXT})
    zipped(tmp_path / "in" / "spare.zip", {"x.txt": TEXT})
    inbox = found_in(tmp_path)
    assert [(s.folder, [shown for _, shown in s.files]) for s in inbox.submissions] == [
        ("Ridgeshire Police", ["Ridgeshire Police.zip/plan.txt"]),
        ("Wolderness Police", ["Wolderness Police.zip/Plans/plan.txt"]),
    ]
    assert [problem.file for problem in inbox.loose] == ["spare.zip"]


def test_a_mail_that_unfolds_without_end_costs_itself_and_no_more(tmp_path: Path) -> None:
    """It is taken apart in a worker: what it needs is held to the worker's limits, and the run goes on."""
    folder = tmp_path / "in" / "Wolderness Police"
    folder.mkdir(parents=True)
    head = b"Subject: Papers\nMIME-Version: 1.0\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    (folder / "bad.eml").write_bytes(head + encodebytes(bytes(70_000_000)))
    (folder / "good.eml").write_bytes(mail({"annex.txt": TEXT}))
    place, names = tmp_path / "out" / "inbox", load_pack().force_names
    with Pool(tmp_path / "out", 1, Limits(memory=250)) as pool:
        inbox = find_submissions(tmp_path / "in", tmp_path / "other", place, names, lambda f, items: [pool.run(f, item) for item in items])
    (submission,) = inbox.submissions
    assert [shown for _, shown in submission.files] == ["bad.eml", "good.eml", "good.eml/annex.txt"]
    (problem,) = submission.unread
    assert problem.file == "bad.eml" and "250 MB" in problem.message and "--memory-limit" in problem.remedy
