"""What stands inside a sent file and is a document of its own: the files in a zip, what hangs on an e-mail.

Each becomes a file below `to`, under a name of our own making, and is called after what it was in: `papers.zip/plan.docx`.
Nothing is passed over without a word; sizes are in bytes.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from extractors import passwords
from extractors.archives import UnsafeOrBroken
from extractors.document import Problem
from extractors.kinds import kind_of
from extractors.mail import open_eml
from extractors.mail_msg import open_msg
from extractors.read import sha256_of

MOST_BYTES: Final = 2 * 1024**3
"""What the zips and e-mails of one submission may hold when unpacked; more is taken for an attack or a mistake."""
MOST_FILES: Final = 5_000
DEEPEST: Final = 4
"""A zip in an e-mail in a zip in a zip is still unpacked."""
LITTER: Final = re.compile(r"^(\.(?!\.?$).*|~\$.*|Thumbs\.db|desktop\.ini|__MACOSX)$", re.IGNORECASE)
"""Files that office programs and file managers leave behind; nobody sent them as a document."""
BROKEN: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError)
"""What reading a damaged, locked or strange zip raises."""


class Refused(Exception):
    """A member of a zip is not unpacked; the message says why."""


@dataclass(slots=True)
class Unpacked:
    """The files of one submission, unpacked so far: (path, name shown), what could not be, and the room that is left."""

    to: Path
    files: list[tuple[Path, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bytes_left: int = MOST_BYTES
    files_left: int = MOST_FILES

    def add(self, path: Path, shown: str, depth: int = 0) -> None:
        """Adds a file and all that stands inside it. An e-mail is a document itself; a zip is only what it holds."""
        try:
            kind = kind_of(path)
        except OSError:
            kind = ""  # whoever reads it will say what is wrong
        if kind != ".zip":
            self.files.append((path, shown))
        if kind not in (".zip", ".eml", ".msg"):
            return
        if depth == DEEPEST:
            self._lost(shown, f"stands inside more than {DEEPEST} others, so what it holds was not read.")
            return
        members = _members(path) if kind == ".zip" else _attachments(path, kind)
        folder = self.to / sha256_of(path)
        number = 0
        try:
            for number, (name, content) in enumerate(members, start=1):
                self._member(f"{shown}/{name}", content, folder / f"{number}{_suffix(name)}", depth)
        except BROKEN as error:
            self._lost(shown, f"cannot be unpacked ({error}).")
        else:
            if kind == ".zip" and not number:
                self._lost(shown, "holds no files.")

    def _member(self, shown: str, content: Iterator[bytes], target: Path, depth: int) -> None:
        if PurePosixPath(shown).name.lower() == passwords.FILE:
            self._lost(shown, "was left where it is: passwords are never copied.")
            return
        if self.files_left <= 0 or self.bytes_left <= 0:
            raise OSError("it holds too much")
        self.files_left -= 1
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("wb") as sink:
                for block in content:
                    self.bytes_left -= len(block)
                    if self.bytes_left < 0:
                        raise Refused("is too large to be unpacked.")
                    sink.write(block)
        except Refused as refused:
            target.unlink(missing_ok=True)
            self._lost(shown, str(refused))
        except BROKEN as error:
            target.unlink(missing_ok=True)
            self._lost(shown, _why(error))
        else:
            self.add(target, shown, depth + 1)

    def _lost(self, shown: str, message: str) -> None:
        self.problems.append(Problem(shown, message, "Ask for the file itself and put it into the force's folder."))


def _why(error: Exception) -> str:
    return "is protected by a password." if "password" in str(error) or "encrypted" in str(error) else "is damaged and cannot be unpacked."


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""


def _members(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files in a zip that people put there: name and content, which is read as it is asked for."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            parts = PurePosixPath(member.filename.replace("\\", "/")).parts
            if not member.is_dir() and not any(LITTER.match(part) for part in parts):
                yield member.filename.replace("\\", "/").encode("utf-8", "replace").decode(), member_bytes(archive, member)


def member_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a member of a zip holds, a piece at a time. Raises Refused for one that leads elsewhere or lies about its size."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused("is a link to another place, and links are not followed.")
    if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in (parts or ("",))[0]:
        raise Refused("points outside the zip.")
    left = member.file_size
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
