"""Zip-based Office files opened with care: never trust a size, an entity or a name that a stranger wrote.

Sizes are in bytes. Everything wrong with a file becomes a Problem; functions that raise say so.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote

from lxml import etree

from extractors.document import Extract, Problem
from extractors.text import stated_title

MAX_UNPACKED = 500_000_000
MAX_RATIO = 200
RATIO_MATTERS_ABOVE = 50_000_000
"""A tiny file of blanks compresses 500:1 quite innocently, so the ratio is judged only above this size."""
MAX_PART = 200_000_000
MAX_PARTS = 20_000
MAX_PLAIN = 100_000_000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")

# Strict Office files use other namespaces for the same words; made the common ones, the readers need only one set.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)

_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class UnsafeOrBroken(Exception):
    """A part cannot be read. The message is plain English for the review team; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def unread(name: str, message: str, remedy: str, outcome: Literal["failed", "skipped"] = "failed") -> Extract:
    """The result for a file of which nothing could be read: it counts as one page, as nobody knows how many it has."""
    return Extract((), 1, 0, problems=(Problem(name, message, remedy, outcome=outcome),), pages_known=False)


def read_whole(path: Path, what: str) -> bytes:
    """The bytes of a file that is no package ("text file"). Raises UnsafeOrBroken when it is missing, empty or too large."""
    try:
        if path.stat().st_size > MAX_PLAIN:
            raise UnsafeOrBroken(
                f"This {what} is larger than {MAX_PLAIN // 1_000_000} MB.", "Check that the right file was sent; split it if it was."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnsafeOrBroken(
            f"This file cannot be opened ({error.strerror or 'unknown error'}).", "Check that it is still there and that you may read it."
        ) from error
    if not data:
        raise UnsafeOrBroken("This file is empty (0 bytes).", "Ask the sender to send it again.")
    return data


class Package:
    """An Office package: parts by name, and what each part refers to."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        # Part names are compared without regard to case by Office itself.
        self._names = {info.filename.replace("\\", "/").lower(): info for info in archive.infolist()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def has(self, part: str) -> bool:
        return part.lower() in self._names

    def read(self, part: str) -> bytes | None:
        """The bytes of `part`, None where the package lacks it. Raises UnsafeOrBroken."""
        info = self._names.get(part.lower())
        if info is None:
            return None
        if info.file_size > MAX_PART:
            raise UnsafeOrBroken(
                f"One part of this file ({part}) unpacks to more than {MAX_PART // 1_000_000} MB.",
                "Ask the sender for a smaller file without pictures or embedded data.",
            )
        try:
            with self._archive.open(info) as stream:
                return stream.read(MAX_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
            raise UnsafeOrBroken(
                f"This file is damaged: its part {part} cannot be unpacked.",
                "Open it in Office, let it repair the file, save it and send it again, or ask the force for a sound copy.",
            ) from error

    def xml(self, part: str) -> etree._Element | None:
        """The root element of `part`, None where the package lacks it. Raises UnsafeOrBroken."""
        data = self.read(part)
        return None if data is None else parse_xml(data, part)

    def links(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (last word of its type, name of the part it leads to). Raises UnsafeOrBroken.

        Links that lead out of the package are left out: nothing is ever fetched.
        """
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        links: dict[str, tuple[str, str]] = {}
        for link in () if root is None else root.iter(_RELATIONSHIP):
            target = unquote(str(link.get("Target", "")))
            if link.get("TargetMode") == "External" or not target:
                continue
            where = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            links[str(link.get("Id", ""))] = (str(link.get("Type", "")).rpartition("/")[2], where)
        return links

    def title(self) -> str:
        """The title in the file's properties; "" where it is one that Office or a template put there."""
        kinds = self.links("").values()
        part = next((part for kind, part in kinds if kind == "core-properties"), "docProps/core.xml")
        root = self.xml(part)
        return "" if root is None else stated_title(root.findtext("{http://purl.org/dc/elements/1.1/}title") or "")

    def main_part(self, fallback: str) -> str:
        """The name of the part that holds the document itself. Raises UnsafeOrBroken."""
        for kind, part in self.links("").values():
            if kind == "officeDocument" and self.has(part):
                return part
        return fallback


def parse_xml(data: bytes, part: str) -> etree._Element:
    """The root of an XML part, its strict namespaces made common. Raises UnsafeOrBroken for declarations and errors.

    Office never writes a document type or an entity; a file that has one is a trap or not from Office.
    """
    if any(mark in data or mark in data[:8192].replace(b"\0", b"") for mark in _DECLARATIONS):
        raise _declared(part)
    if b"http://purl.oclc.org/ooxml/" in data:
        for strict, common in _STRICT:
            data = data.replace(strict, common)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        code = getattr(error, "code", 0)
        if code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise UnsafeOrBroken(
                f"This file's part {part} is nested too deep or holds one text too long, so it was not read.",
                "Check where it came from; open it in Office and save it as a new file if it can be trusted.",
            ) from error
        raise UnsafeOrBroken(
            f"This file is damaged: its part {part} is not valid XML.",
            "Open it in Office, let it repair the file, save it and send it again, or ask the force for a sound copy.",
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _declared(part)
    return root


def _declared(part: str) -> UnsafeOrBroken:
    return UnsafeOrBroken(
        f"This file declares XML entities in its part {part}, which Office never does, so it was not read.",
        "Check where it came from; open it in Office and save it as a new file if it can be trusted.",
    )


def open_package(path: Path, office: str) -> Package:
    """Open a zip-based file after checks; `office` names the kind for messages ("Word document").

    Raises UnsafeOrBroken when the file is empty, locked, of another kind, damaged or a zip bomb.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise UnsafeOrBroken(
            f"This file cannot be opened ({error.strerror or 'unknown error'}).",
            "Check that it is still there and that you may read it.",
        ) from error
    if size == 0:
        raise UnsafeOrBroken("This file is empty (0 bytes).", "Ask the sender to send it again.")
    if start == OLE:
        raise _older_or_locked(path, office)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        what = "is damaged" if start[:2] == b"PK" else f"is not {_a(office)}, whatever its name says"
        raise UnsafeOrBroken(
            f"This file {what}.", f"Open it, save it as {_a(office)} and send it again, or ask the force for a sound copy."
        ) from error
    try:
        _check_sizes(archive, office)
    except UnsafeOrBroken:
        archive.close()
        raise
    return Package(archive)


def _older_or_locked(path: Path, office: str) -> UnsafeOrBroken:
    # The directory of an OLE file may stand anywhere; these files are small enough to look through whole.
    tail, step = b"", 1 << 20
    with path.open("rb") as stream:
        while chunk := stream.read(step):
            if _ENCRYPTED in tail + chunk:
                return UnsafeOrBroken(
                    f"This {office} is protected by a password.",
                    "Ask the sender for the password, save a copy without one and add that.",
                )
            tail = chunk[-len(_ENCRYPTED) :]
    return UnsafeOrBroken(
        f"This file is in an older Office format, not {_a(office)} as its name says.",
        f"Open it in Office, save it as {_a(office)} and send it again, or ask the force for a sound copy.",
    )


def _check_sizes(archive: zipfile.ZipFile, office: str) -> None:
    """Raise UnsafeOrBroken for a locked archive, too many parts or a zip bomb."""
    infos = archive.infolist()
    if any(info.flag_bits & 1 for info in infos):
        raise UnsafeOrBroken(
            f"This {office} is protected by a password.",
            "Ask the sender for the password, save a copy without one and add that.",
        )
    # zipfile stops at the size that the directory declares, so a directory that lies cannot unpack more than it says.
    unpacked = sum(info.file_size for info in infos)
    packed = max(1, sum(info.compress_size for info in infos))
    bomb = unpacked > MAX_UNPACKED or (unpacked > RATIO_MATTERS_ABOVE and unpacked / packed > MAX_RATIO)
    if bomb or len(infos) > MAX_PARTS:
        raise UnsafeOrBroken(
            f"This file would unpack to {unpacked / 1_000_000:,.0f} MB in {len(infos):,} parts, so it was not opened.",
            "Check where it came from; ask the sender for a smaller file.",
        )


def _a(office: str) -> str:
    return f"{'an' if office[0] in 'AEIOU' else 'a'} {office}"
