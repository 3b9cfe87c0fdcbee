"""From a folder (or a zip of it) to submissions: which files each force sent, and what its manifest states."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from extractors import passwords
from extractors.document import Problem
from pipeline.unpack import BROKEN, LITTER, MOST_BYTES, MOST_FILES, Refused, Unpacked, member_bytes
from rules.pack import ForceNames

MANIFEST: Final = "submission.yaml"
LARGEST_MANIFEST: Final = 65_536
"""Bytes: a manifest is a page of text at most."""


class InboxError(ValueError):
    """Nothing can be reviewed; the message says what was looked for and what to do."""


class StatedDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str | None = None
    marking: str | None = None


class Manifest(BaseModel):
    """What submission.yaml may state instead of the documents."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    force: str | None = None
    documents: dict[str, StatedDocument] = {}

    @field_validator("documents", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or {}


@dataclass(frozen=True, slots=True)
class Submission:
    """One force's files. `files` are (path, printable name inside the folder), sorted by name.

    Files inside a zip or an e-mail are among them (`papers.zip/plan.docx`). `unread` are files that were sent and cannot be
    read as they are, `notes` what else a reviewer should know.
    """

    folder: str
    files: tuple[tuple[Path, str], ...]
    manifest: Manifest = field(default_factory=Manifest)
    unread: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    passwords: str = ""
    """The path of the file of passwords that lies with the documents."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """The submissions found, and what lies beside them and belongs to none."""

    submissions: tuple[Submission, ...]
    loose: tuple[Problem, ...] = ()


def find_submissions(inbox: Path, out: Path, unpack_to: Path, names: ForceNames, waiting: Collection[str] = ()) -> Inbox:
    """The submissions of an inbox: a folder of folders (or of zips named like the forces), one force's folder, or a zip of either.

    What is named in `waiting` is still being copied: that is said of it, and it is left for the next time.
    OUT may lie inside the inbox (it is passed over) but not the other way round. Raises InboxError.
    """
    inbox, out = inbox.resolve(), out.resolve()
    if inbox == out or out in inbox.parents:
        raise InboxError(f"{inbox}: lies inside the folder for the results. Choose another folder with --out.")
    unpacked = unpack_to.with_name("unpacked")
    shutil.rmtree(unpacked, ignore_errors=True)
    zipped = inbox.is_file() and inbox.suffix.lower() == ".zip"
    if zipped:
        shutil.rmtree(unpack_to, ignore_errors=True)
        root = _unpack(inbox, unpack_to)
    elif not inbox.exists():
        raise InboxError(f"{inbox}: there is no such folder. Give the folder that holds one folder for each force.")
    elif not inbox.is_dir():
        raise InboxError(f"{inbox}: is neither a folder nor a zip. Give the folder that holds one folder for each force.")
    else:
        root = inbox
    skip = None if zipped else out
    folders, files = _entries(root, skip)
    while len(folders) == 1 and not files and not _is_force(folders[0].name, names):
        inside, loose = _entries(folders[0], skip)
        if not inside or any(not _is_link(f) for f in loose):
            break
        root, folders, files = folders[0], inside, loose  # a folder around the real inbox
    if not folders and not files:
        raise InboxError(f"{inbox}: the folder is empty. Put one folder for each force into it, with the force's documents.")
    zips = [f for f in files if f.suffix.lower() == ".zip" and _is_force(f.stem, names) and not _is_link(f)]
    if (not folders and not zips) or (files and _is_force(root.name, names)):
        name = inbox.stem if zipped and root == unpack_to else root.name
        return Inbox((_submission(root, name, skip, unpacked),))
    copied = [
        Problem(f.name, "is still being copied.", "It is reviewed when all of it is there.") for f in (*folders, *zips) if f.name in waiting
    ]
    folders, zips, files = ([f for f in some if f.name not in waiting] for some in (folders, zips, files))
    beside = "lies beside the forces' folders, so it belongs to no force."
    remedy = "Move it into its force's folder; if all this is one force's, give the folder the force's name."
    others = (_link_problem(f.name) if _is_link(f) else Problem(printable(f.name), beside, remedy) for f in files if f not in zips)
    return Inbox(
        (*(_submission(folder, folder.name, skip, unpacked) for folder in folders), *(_zipped(file, unpacked) for file in zips)),
        (*copied, *others),
    )


def printable(name: str) -> str:
    """A file's name as text that can be written down: bytes that are no UTF-8 become the replacement sign."""
    return os.fsencode(name).decode("utf-8", "replace")


def _is_force(name: str, names: ForceNames) -> bool:
    return any(name.rstrip().endswith(" " + suffix) for suffix in names.suffixes)


def _is_link(path: Path) -> bool:
    return path.is_symlink()


def _link_problem(name: str) -> Problem:
    return Problem(printable(name), "is a link to another place, and links are not followed.", "Put the file itself there.")


def _entries(folder: Path, skip: Path | None) -> tuple[list[Path], list[Path]]:
    """The folders, and everything else, that people put there."""
    entries = sorted((e for e in folder.iterdir() if not LITTER.match(e.name) and e.resolve() != skip), key=lambda e: e.name)
    folders = [e for e in entries if e.is_dir() and not e.is_symlink()]
    return folders, [e for e in entries if e not in folders]


def _submission(folder: Path, name: str, skip: Path | None, unpacked: Path) -> Submission:
    unread: list[Problem] = []
    notes: list[Problem] = []
    found = Unpacked(unpacked)
    manifest, keys = Manifest(), ""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        shown = printable(inside.as_posix())
        if any(LITTER.match(part) for part in inside.parts) or skip in path.parents:
            continue
        if path.is_symlink():
            unread.append(_link_problem(shown))
        elif path.is_dir():
            continue
        elif not path.is_file():
            unread.append(Problem(shown, "is no ordinary file.", "Put the document itself there."))
        elif shown.lower() == MANIFEST:
            manifest, problem = _manifest(path)
            notes += [problem] if problem else []
        elif shown.lower() == passwords.FILE:
            keys = str(path)
        else:
            found.add(path, shown)
    unread += found.problems
    names = {shown for _, shown in found.files}
    for stated in sorted(set(manifest.documents) - names):
        notes.append(Problem(MANIFEST, f"names {stated!r}, which is not in the folder.", "Mend the name or add the file."))
    if not found.files and not unread:
        unread.append(Problem(printable(name), "the folder holds no documents.", "Ask the force for its plans, or remove the folder."))
    return Submission(printable(name), tuple(found.files), manifest, tuple(unread), tuple(notes), keys)


def _zipped(file: Path, unpacked: Path) -> Submission:
    """A force's zip beside the other forces' folders."""
    found = Unpacked(unpacked)
    found.add(file, printable(file.name))
    return Submission(printable(file.stem), tuple(found.files), unread=tuple(found.problems))


def _manifest(path: Path) -> tuple[Manifest, Problem | None]:
    remedy = "It may state `force:` and `documents: {FILE: {kind:, marking:}}`, nothing else."
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise ValueError("it is too long")
        return Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}), None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        what = f"the key {key!r} is not known" if first["type"] == "extra_forbidden" else f"{key or 'its content'} is of the wrong kind"
        message = f"{what}; the manifest is not used."
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        message = f"is not valid YAML{line}; it is not used."
    except (ValueError, OSError, RecursionError, yaml.YAMLError) as error:
        message = f"cannot be read ({type(error).__name__}); it is not used."
    return Manifest(), Problem(MANIFEST, message, remedy)


def _unpack(archive: Path, to: Path) -> Path:
    """Unpacks a zip of submissions below `to`, refusing anything that would leave it. Raises InboxError."""
    to.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as content:
            members = [m for m in content.infolist() if not m.is_dir()]
            if not any(not any(LITTER.match(p) for p in PurePosixPath(m.filename).parts) for m in members):
                raise InboxError(f"{archive}: the zip holds no documents. Put one folder for each force into it.")
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > MOST_BYTES:
                raise InboxError(f"{archive}: holds more than {MOST_FILES} files or 2 GB. Unpack it yourself and give the folder.")
            for member in (m for m in members if PurePosixPath(m.filename).name.lower() != passwords.FILE):
                _unpack_member(archive, content, member, to)
    except InboxError:
        raise
    except BROKEN as error:
        raise InboxError(f"{archive}: cannot be unpacked ({error}). Ask for the zip again, or unpack it and give the folder.") from None
    return to


def _unpack_member(archive: Path, content: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    try:
        blocks = member_bytes(content, member)
        first = next(blocks, b"")  # refuses a bad name before a file is made of it
        target = to.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as sink:
            sink.write(first)
            for block in blocks:
                sink.write(block)
    except Refused as refused:
        raise InboxError(f"{archive}: {member.filename!r} {refused} Ask for a clean zip.") from None
