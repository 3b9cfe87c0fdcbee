"""What stands inside a sent file and is a document of its own: the files in a zip, what hangs on an e-mail.

Each becomes a file under a name of our own making, and is called after what it was in: `papers.zip/plan.docx`. Strangers made these
files, so they are taken apart in a worker (pipeline/pool.py). Nothing is passed over without a word; sizes are in bytes.
"""

from __future__ import annotations

import errno
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

from extractors import passwords, progress
from extractors.archives import UnsafeOrBroken
from extractors.document import Problem
from extractors.kinds import kind_of
from extractors.mail import open_eml
from extractors.mail_msg import open_msg
from extractors.read import sha256_of

MOST_BYTES: Final = 2 * 1024**3
"""What a zip or an e-mail may hold when unpacked, and those of one submission; more is taken for an attack or a mistake."""
MOST_FILES: Final = 5_000
MOST_EMPTY: Final = 20
"""Empty files of one zip that are named each; of more, their number is."""
CONTAINERS: Final = (".zip", ".eml", ".msg")
DEEPEST: Final = 4
"""A zip in an e-mail in a zip in a zip is still unpacked."""
LITTER: Final = re.compile(r"^(\.(?!\.?$).*|~\$.*|Thumbs\.db|desktop\.ini|__MACOSX)$", re.IGNORECASE)
"""Files that office programs and file managers leave behind; nobody sent them as a document."""
BROKEN: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError)
"""What reading a damaged, locked or strange zip raises."""


class Refused(Exception):
    """A member of a zip is not unpacked; the message says why."""


class TooLarge(Refused):
    """There is no room for a member, nor for whatever comes after it."""


@dataclass(frozen=True, slots=True)
class Container:
    """A file that holds others, the name that it is shown by, and the folder that takes what it holds."""

    path: Path
    shown: str
    to: Path

    def __str__(self) -> str:
        return self.shown


@dataclass(slots=True)
class Unpacked:
    """What a container held: (path, name shown), what could not be taken out, and the room that is left."""

    files: list[tuple[Path, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bytes_left: int = field(default_factory=lambda: MOST_BYTES)
    files_left: int = field(default_factory=lambda: MOST_FILES)

    def lost(self, shown: str, message: str) -> None:
        self.problems.append(Problem(shown, message, "Ask for the file itself and put it into the force's folder."))


def is_container(path: Path) -> bool:
    """Whether a file may hold others. One that cannot be opened holds none: whoever reads it will say what is wrong."""
    try:
        return kind_of(path) in CONTAINERS
    except OSError:
        return False


def unpack(container: Container) -> Unpacked:
    """Takes out what stands in a file, and in what stands in it. An e-mail is a document itself; a zip is only what it holds."""
    found = Unpacked()
    _unpack(container, found, 0)
    return found


def _unpack(container: Container, found: Unpacked, depth: int) -> None:
    path, shown = container.path, container.shown
    kind = kind_of(path)
    if kind != ".zip":
        found.files.append((path, shown))
    if kind not in CONTAINERS:
        return
    if depth == DEEPEST:
        found.lost(shown, f"stands inside more than {DEEPEST} others, so what it holds was not read.")
        return
    held = members(path) if kind == ".zip" else _attachments(path, kind)
    folder = container.to / sha256_of(path)
    number, empty, taken = 0, list[str](), set[str]()
    try:
        for number, (name, content) in enumerate(held, start=1):
            progress.step()
            inside = f"{shown}/{name}" if f"{shown}/{name}" not in taken else f"{shown}/{_numbered(name, number)}"
            taken.add(inside)
            if not _member(Container(folder / f"{number}{_suffix(name)}", inside, container.to), content, found, depth):
                empty.append(inside)
    except BROKEN as error:
        full(error)
        found.lost(shown, f"cannot be unpacked ({error}).")
    else:
        if kind == ".zip" and not number:
            found.lost(shown, "holds no files.")
    for name in empty[:MOST_EMPTY]:
        found.lost(name, "the file is empty (zero bytes).")
    if more := empty[MOST_EMPTY:]:
        found.lost(shown, f"holds {len(more):,} more files that are empty (zero bytes), the first of them {PurePosixPath(more[0]).name}.")


def _numbered(name: str, number: int) -> str:
    """A name that another member has already, as one of its own: documents that share a name would share their marking."""
    suffix = PurePosixPath(name).suffix
    return f"{name.removesuffix(suffix)} ({number}){suffix}"


def _member(member: Container, content: Iterator[bytes], found: Unpacked, depth: int) -> bool:
    """Takes a member out, and what it holds in turn; False if it is empty, which costs no file."""
    if PurePosixPath(member.shown).name.lower() == passwords.FILE:
        found.lost(member.shown, "was left where it is: passwords are never copied.")
        return True
    if found.files_left <= 0 or found.bytes_left <= 0:
        raise OSError("it holds too much")
    try:
        first = next(content, b"")  # refuses a bad name
        if not first:
            return False
        found.files_left -= 1
        found.bytes_left -= save(chain((first,), content), member.path, found.bytes_left)
    except Refused as refused:
        found.lost(member.shown, str(refused))
        found.bytes_left = 0 if isinstance(refused, TooLarge) else found.bytes_left
    except BROKEN as error:
        full(error)
        found.lost(member.shown, _why(error))
    else:
        _unpack(member, found, depth + 1)
    return True


def save(content: Iterator[bytes], target: Path, most: int) -> int:
    """Writes what a member holds, `most` bytes at the most, and gives how many they were. Raises Refused and what BROKEN names."""
    written = 0
    first = next(content, b"")  # refuses a bad name before a file is made of it
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("wb") as sink:
            for block in chain((first,), content):
                progress.step()
                written += len(block)
                if written > most:
                    raise TooLarge("is too large to be unpacked.")
                sink.write(block)
    except (Refused, *BROKEN):
        target.unlink(missing_ok=True)
        raise
    return written


def full(error: Exception) -> None:
    """Raises the error again where our own disk is full: nothing is wrong with what was sent."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise error


def _why(error: Exception) -> str:
    return "is protected by a password." if "password" in str(error) or "encrypted" in str(error) else "is damaged and cannot be unpacked."


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""


def members(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files in a zip that people put there: name and content, which is read as it is asked for."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            parts = PurePosixPath(member.filename.replace("\\", "/")).parts
            if not member.is_dir() and not any(LITTER.match(part) for part in parts):
                yield member.filename.replace("\\", "/").encode("utf-8", "replace").decode(), _member_bytes(archive, member)


def _member_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a member of a zip holds, a piece at a time. Raises Refused for one that leads elsewhere or lies about its size."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused("is a link to another place, and links are not followed.")
    if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in (parts or ("",))[0]:
        raise Refused("points outside the zip.")
    left = member.file_size
    if not left:
        return
    with archive.open(member) as source:
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise Refused("is larger than the zip states.")
            yield block


def _attachments(path: Path, kind: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """What hangs on an e-mail; nothing for one that cannot be read, as whoever reads its text will say why."""
    try:
        mail = (open_eml if kind == ".eml" else open_msg)(path)
    except UnsafeOrBroken:
        return
    for attachment in mail.attachments:
        yield attachment.name, iter((attachment.content,))
