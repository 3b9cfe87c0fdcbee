"""What kind of file this is, by what stands in it: names lie, and systems that export "Excel" often write a web page.

Kinds are suffixes (".docx"). Content that says plainly what it is wins; where it says nothing, the name is believed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from os import SEEK_END
from pathlib import Path
from typing import Any, Final

import olefile

from extractors.archives import OLE

WORD_XML: Final = ".xml (Word 2003)"
EXCEL_XML: Final = ".xml (Excel 2003)"

_HEAD: Final = 4096
_LAST: Final = 65_557
"""Bytes from the end within which a zip says how long its directory is."""
_MOST_NAMES: Final = 2_000_000
"""Bytes of names in a zip that are looked at, some 30,000 names: this is not done in a worker, so it must be little."""
_MOST_STREAMS: Final = 20_000
"""Names in an old Office file that are looked at, for the same reason; a plan has some dozens, a long e-mail some hundreds."""
MOST_OLE: Final = 64_000_000
"""Bytes of an old Office file that is looked into: its table of sectors grows with it. The name of a larger one is believed."""
_SIGNS: Final = (
    (b"{\\rtf", ".rtf"), (b"\x89PNG\r\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"II*\0", ".tif"), (b"MM\0*", ".tif"), (b"GIF8", ".gif"),
)  # fmt: skip
_PARTS: Final = (("word/", ".docx"), ("xl/", ".xlsx"), ("ppt/", ".pptx"))
_OPEN_DOCUMENT: Final = {
    "text": ".odt", "text-template": ".odt", "spreadsheet": ".ods", "spreadsheet-template": ".ods", "presentation": ".odp",
}  # fmt: skip
_STREAMS: Final = (
    ("WordDocument", ".doc"), ("Workbook", ".xls"), ("Book", ".xls"), ("PowerPoint Document", ".ppt"), ("__properties_version1.0", ".msg"),
)  # fmt: skip
_WEB_PAGE: Final = re.compile(
    rb"^(?:\s|<!--(?:(?!-->).)*-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html|head|body|table|meta|style|title)\b", re.I | re.S
)
_OFFICE_XML: Final = re.compile(rb"<\?mso-application\s+progid=[\"'](Word\.Document|Excel\.Sheet)[\"']", re.I)
_MAIL: Final = re.compile(rb"^(?:From |(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID|X-[\w-]+):)", re.I)

_WRITTEN: Final = frozenset((".txt", ".csv", ".tsv", ".eml", ".html", ".htm", ".xhtml"))
"""Suffixes of files that people and programs write as text: their names are believed unless they are plainly something else."""
_AS_LIST: Final = frozenset((".xls", ".xlsx", ".xlsb"))
_AS_TEXT: Final = frozenset((".doc", ".docx", ".dot", ".rtf", ".odt", ".log", ".md", ".text"))
"""Files of these names that are text and nothing else."""


def kind_of(path: Path) -> str:
    """The kind of a file, "" where neither content nor name says one. Raises OSError."""
    suffix = path.suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    for sign, kind in _SIGNS:
        if head.lstrip().startswith(sign):
            return kind
    if head[:4] == b"PK\x03\x04":
        return _kind_of_zip(path, suffix)
    if head.startswith(OLE):
        return _kind_of_ole(path, suffix)
    if b"%PDF-" in head[:1024] and suffix not in _WRITTEN:
        return ".pdf"
    return _kind_of_text(head, suffix)


def _directory(path: Path) -> int:
    """The bytes of names that a zip says it holds, 0 where it does not say."""
    with path.open("rb") as stream:
        stream.seek(-min(_LAST, stream.seek(0, SEEK_END)), SEEK_END)
        tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0


def _kind_of_zip(path: Path, suffix: str) -> str:
    if _directory(path) > _MOST_NAMES:
        return suffix if suffix else ".zip"
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename.replace("\\", "/").lower() for info in archive.infolist()}
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                said = archive.read("mimetype").decode("ascii", "replace").strip().rpartition("opendocument.")[2]
                return _OPEN_DOCUMENT.get(said, suffix)
    except (zipfile.BadZipFile, zlib.error, OSError, KeyError, RuntimeError, ValueError):
        names = set()
    if "xl/workbook.bin" in names:
        return ".xlsb"
    if "[content_types].xml" in names:
        return next((kind for part, kind in _PARTS if any(name.startswith(part) for name in names)), suffix)
    return suffix if suffix else ".zip"


class _Brief(olefile.OleFileIO):  # type: ignore[misc]  # olefile tells no types
    """An old Office file whose names are read only if they are not too many."""

    def _load_direntry(self, sid: int) -> Any:
        if len(self.direntries) > _MOST_STREAMS:
            raise OSError("too many names")
        return super()._load_direntry(sid)


def _kind_of_ole(path: Path, suffix: str) -> str:
    if path.stat().st_size > MOST_OLE:
        return suffix
    try:
        with _Brief(str(path)) as ole:
            if ole.exists("EncryptedPackage"):
                return suffix if suffix in (".xlsx", ".xlsm", ".pptx") else ".docx"
            return next((kind for stream, kind in _STREAMS if ole.exists(stream)), suffix)
    except Exception:  # a damaged directory makes olefile raise whatever it happens on; the reader of the kind will say so
        return suffix


def _kind_of_text(head: bytes, suffix: str) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text.decode("utf-16", "ignore").encode()
    if found := _OFFICE_XML.search(text[:1024]):
        return WORD_XML if found[1].lower().startswith(b"word") else EXCEL_XML
    if _WEB_PAGE.match(text):
        return ".html"
    if suffix in _WRITTEN or b"\0" in head or not text.strip():
        return suffix
    if suffix in _AS_LIST:
        return ".csv"
    if suffix in _AS_TEXT:
        return ".txt"
    return ".eml" if _MAIL.match(text) and suffix in ("", ".msg") else suffix
