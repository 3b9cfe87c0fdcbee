"""From a folder (or a zip of it) to submissions: which files each force sent, and what its manifest states."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from extractors import passwords
from extractors.document import Problem
from pipeline.manifest import MANIFEST, Manifest, read_manifest
from pipeline.pool import Stopped
from pipeline.unpack import BROKEN, LITTER, MOST_BYTES, MOST_FILES, Container, Refused, Unpacked, full, is_container, members, save, unpack
from rules.pack import ForceNames

LARGEST: Final = 2_000_000_000
"""Bytes of a file that is looked into at all: even its hash would keep a larger one's whole round waiting."""


class InboxError(ValueError):
    """Nothing can be reviewed; the message says what was looked for and what to do."""


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

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in the folder that a force could have sent, or no way to look into it."""
        return not self.files and all(problem.file == self.folder for problem in self.unread)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The submissions found, and what lies beside them and belongs to none."""

    submissions: tuple[Submission, ...]
    loose: tuple[Problem, ...] = ()


Each = Callable[[Callable[[Container], Any], Sequence[Container]], list[Any]]
"""Calls a function with each container, in a worker, and gives the results in order: Stopped for one that met a limit."""


def find_submissions(inbox: Path, out: Path, unpack_to: Path, names: ForceNames, each: Each, waiting: Collection[str] = ()) -> Inbox:
    """The submissions of an inbox: a folder of folders (or of zips named like the forces), one force's folder, or a zip of either.

    What is named in `waiting` is still being copied: that is said of it, and it is left for the next time.
    OUT may lie inside the inbox (it is passed over) but not the other way round. Raises InboxError.
    """
    found, loose = _find(inbox, out, unpack_to, names, each, waiting)
    containers = [
        Container(path, shown, unpack_to.with_name("unpacked")) for one in found for path, shown in one.files if is_container(path)
    ]
    held = dict(zip(containers, each(unpack, containers), strict=True)) if containers else {}
    return Inbox(tuple(_unpacked(one, {(c.path, c.shown): result for c, result in held.items()}) for one in found), loose)


def _find(
    inbox: Path, out: Path, unpack_to: Path, names: ForceNames, each: Each, waiting: Collection[str]
) -> tuple[list[Submission], tuple[Problem, ...]]:
    """The submissions as they lie there, zips and e-mails unopened, and what belongs to none."""
    inbox, out = inbox.resolve(), out.resolve()
    if inbox == out or out in inbox.parents:
        raise InboxError(f"{inbox}: lies inside the folder for the results. Choose another folder with --out.")
    shutil.rmtree(unpack_to.with_name("unpacked"), ignore_errors=True)
    zipped = inbox.is_file() and inbox.suffix.lower() == ".zip"
    if zipped:
        shutil.rmtree(unpack_to, ignore_errors=True)
        root = _unpack_inbox(inbox, unpack_to, each)
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
        return [_submission(root, name, skip)], ()
    copied = [
        Problem(f.name, "is still being copied.", "It is reviewed when all of it is there.") for f in (*folders, *zips) if f.name in waiting
    ]
    folders, zips, files = ([f for f in some if f.name not in waiting] for some in (folders, zips, files))
    beside = "lies beside the forces' folders, so it belongs to no force."
    remedy = "Move it into its force's folder; if all this is one force's, give the folder the force's name."
    others = (_link_problem(f.name) if _is_link(f) else Problem(printable(f.name), beside, remedy) for f in files if f not in zips)
    whole = [Submission(printable(file.stem), ((file, printable(file.name)),)) for file in zips]
    return [*(_submission(folder, folder.name, skip) for folder in folders), *whole], (*copied, *others)


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
    """The folders, and everything else, that people put there. Raises InboxError."""
    try:
        entries = sorted((e for e in folder.iterdir() if not LITTER.match(e.name) and e.resolve() != skip), key=lambda e: e.name)
    except OSError as error:
        raise InboxError(f"{folder}: cannot be looked into ({error.strerror}). Check who may read it, and run the review again.") from error
    folders = [e for e in entries if e.is_dir() and not e.is_symlink()]
    return folders, [e for e in entries if e not in folders]


def _submission(folder: Path, name: str, skip: Path | None) -> Submission:
    files: list[tuple[Path, str]] = []
    unread: list[Problem] = []
    notes: list[Problem] = []
    manifest, keys = Manifest(), ""
    for path in _below(folder, unread):
        inside = path.relative_to(folder)
        shown = printable(inside.as_posix())
        if any(LITTER.match(part) for part in inside.parts) or skip in path.parents:
            continue
        if path.is_symlink():
            unread.append(_link_problem(shown))
        elif not path.is_file():
            unread.append(Problem(shown, "is no ordinary file.", "Put the document itself there."))
        elif path.stat().st_size > LARGEST:
            remedy = "Check that the right file was sent; split it if it was."
            unread.append(Problem(shown, f"is larger than {LARGEST // 1_000_000:,} MB.", remedy))
        elif shown.lower() == MANIFEST:
            manifest, problem = read_manifest(path)
            notes += [problem] if problem else []
        elif shown.lower() == passwords.FILE:
            keys = str(path)
        else:
            files.append((path, shown))
    return Submission(printable(name), tuple(files), manifest, tuple(unread), tuple(notes), keys)


def _below(folder: Path, unread: list[Problem]) -> list[Path]:
    """All that lies in a folder and in the folders in it, but these themselves; one that may not be looked into becomes a problem."""

    def closed(error: OSError) -> None:
        inside = Path(error.filename).relative_to(folder)
        shown = printable((inside if inside.parts else Path(folder.name)).as_posix())
        unread.append(Problem(shown, f"cannot be looked into ({error.strerror}).", "Check who may read it, and run the review again."))

    found: list[Path] = []
    for here, folders, files in os.walk(folder, onerror=closed):
        found += (Path(here, name) for name in files)
        found += (path for name in folders if (path := Path(here, name)).is_symlink())
    return sorted(found)


def _unpacked(found: Submission, held: Mapping[tuple[Path, str], Unpacked | Stopped]) -> Submission:
    """The submission with what its zips and e-mails hold among its files."""
    files: list[tuple[Path, str]] = []
    unread, notes = list(found.unread), list(found.notes)
    bytes_left, files_left = MOST_BYTES, MOST_FILES
    for path, shown in found.files:
        result = held.get((path, shown))
        if isinstance(result, Unpacked):
            bytes_left -= MOST_BYTES - result.bytes_left
            files_left -= MOST_FILES - result.files_left
            if min(bytes_left, files_left) < 0:
                result = Unpacked([(path, shown)] if (path, shown) in result.files else [])
                result.lost(shown, "cannot be unpacked (with the others of its force it holds too much).")
            files += result.files
            unread += result.problems
        else:
            files.append((path, shown))
            unread += [result.problem(shown)] if result else []
    for stated in sorted(set(found.manifest.documents) - {shown for _, shown in files}):
        notes.append(Problem(MANIFEST, f"names {stated!r}, which is not in the folder.", "Mend the name or add the file."))
    if not files and not unread:
        unread.append(Problem(found.folder, "the folder holds no documents.", "Ask the force for its plans, or remove the folder."))
    return replace(found, files=tuple(files), unread=tuple(unread), notes=tuple(notes))


def _unpack_inbox(archive: Path, to: Path, each: Each) -> Path:
    """Unpacks a zip of submissions below `to`, in a worker. Raises InboxError."""
    (said,) = each(unpack_tree, [Container(archive, str(archive), to)])
    if isinstance(said, Stopped):
        said = f"cannot be unpacked ({said.why}). Unpack it yourself and give the folder."
    if said:
        raise InboxError(f"{archive}: {said}")
    return to


def unpack_tree(archive: Container) -> str:
    """Takes a zip apart as it stands, folders and all, refusing anything that would leave `to`; gives why it cannot be, else ""."""
    archive.to.mkdir(parents=True, exist_ok=True)
    files, room = 0, MOST_BYTES
    try:
        for files, (name, content) in enumerate(members(archive.path), start=1):
            if files > MOST_FILES:
                return f"holds more than {MOST_FILES} files. Unpack it yourself and give the folder."
            if PurePosixPath(name).name.lower() == passwords.FILE:
                continue
            try:
                room -= save(content, archive.to.joinpath(*PurePosixPath(name).parts), room)
            except Refused as refused:
                return f"{name!r} {refused} Ask for a clean zip."
    except BROKEN as error:
        full(error)
        return f"cannot be unpacked ({error}). Ask for the zip again, or unpack it and give the folder."
    return "" if files else "the zip holds no documents. Put one folder for each force into it."
