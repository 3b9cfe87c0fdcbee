"""Outlook's e-mails (MSG): properties of the message and of what hangs on it, read from the file's streams by olefile."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import compressed_rtf
import olefile

from extractors.archives import UnsafeOrBroken, unread
from extractors.document import Extract
from extractors.mail import SMALL_PICTURE, Attachment, Mail, TextKind, extract_mail, file_name
from extractors.text import tidy
from extractors.txt import decoded

_SUBJECT, _SENDER, _ADDRESS, _TO, _CC, _BODY, _HTML, _RICH = "0037", "0C1A", "0C1F", "0E04", "0E03", "1000", "1013", "1009"
_DATA, _LONG_NAME, _SHORT_NAME, _CONTENT_ID = "3701", "3707", "3704", "3712"
_SENT = b"\x40\x00\x39\x00"
"""The tag of the time of sending in the table of properties of fixed length."""
_PROPERTIES = "__properties_version1.0"
DEEPEST = 5


def read_msg(path: Path, name: str) -> Extract:
    """Read an Outlook e-mail without its attachments; `name` is what Problems call it. Never raises for bad input."""
    try:
        mail = open_msg(path)
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    return extract_mail(mail, name)


def open_msg(path: Path) -> Mail:
    """Raises UnsafeOrBroken for a file that is no Outlook e-mail, or a damaged one."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            if ole.exists(_PROPERTIES):
                return _mail(ole, [], 0)
    except MemoryError:
        raise
    except Exception as error:  # a damaged file makes olefile raise whatever it happens on
        raise UnsafeOrBroken("This e-mail is damaged.", "Save it from Outlook again, or as PDF, and add that.") from error
    raise UnsafeOrBroken(
        "This file is not an Outlook e-mail, whatever its name says.", "Save the e-mail from Outlook again, or as PDF, and add that."
    )


def _mail(ole: Any, at: list[str], depth: int) -> Mail:
    html = _string(ole, at, _HTML) or _letters(_stream(ole, [*at, f"__substg1.0_{_HTML}0102"]))
    plain = _string(ole, at, _BODY)
    sender = " ".join(text for text in (_string(ole, at, _SENDER), _address(_string(ole, at, _ADDRESS))) if text)
    headers = (("From", sender), ("To", _string(ole, at, _TO)), ("Cc", _string(ole, at, _CC)), ("Date", _sent(ole, at)))
    storages = sorted(
        {entry[len(at)] for entry in ole.listdir(streams=True, storages=True) if entry[: len(at)] == at and len(entry) > len(at)}
    )
    files: list[Attachment] = []
    for storage in storages:
        if storage.startswith("__attach_version1.0"):
            found = _attachment(ole, [*at, storage], len(files) + 1, depth)
            files += [found] if found else []
    text: tuple[str, TextKind] = (html, "html") if html.strip() else (plain, "plain")
    if not text[0].strip() and (packed := _stream(ole, [*at, f"__substg1.0_{_RICH}0102"])):
        text = (compressed_rtf.decompress(packed).decode("latin-1"), "rtf")
    return Mail(tidy(_string(ole, at, _SUBJECT)), tuple((n, tidy(v)) for n, v in headers if v.strip()), (text,), tuple(files))


def _attachment(ole: Any, at: list[str], number: int, depth: int) -> Attachment | None:
    name = _string(ole, at, _LONG_NAME) or _string(ole, at, _SHORT_NAME)
    inner = [*at, f"__substg1.0_{_DATA}000D"]
    if ole.exists([*inner, _PROPERTIES]) and depth < DEEPEST:
        mail = _mail(ole, inner, depth + 1)
        return Attachment(file_name(f"{mail.subject[:80]}.eml" if mail.subject else name, number, "message/rfc822"), _as_eml(mail))
    content = _stream(ole, [*at, f"__substg1.0_{_DATA}0102"])
    picture = content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"))
    if picture and len(content) <= SMALL_PICTURE and _string(ole, at, _CONTENT_ID):
        return None
    return Attachment(file_name(name, number, ""), content)


def _as_eml(mail: Mail) -> bytes:
    """A forwarded e-mail as a file of its own."""
    message = EmailMessage()
    for name, value in (("Subject", mail.subject), *mail.headers):
        message[name] = value
    for text, kind in mail.texts:
        if kind == "rtf":
            message.set_content(text.encode("latin-1"), maintype="text", subtype="rtf")
        else:
            message.set_content(text, subtype=kind)
    for file in mail.attachments:
        message.add_attachment(file.content, maintype="application", subtype="octet-stream", filename=file.name)
    return message.as_bytes()


def _stream(ole: Any, path: list[str]) -> bytes:
    return bytes(ole.openstream(path).read()) if ole.exists(path) else b""


def _string(ole: Any, at: list[str], tag: str) -> str:
    """A text property, in Unicode or in the sender's letters; "" where there is none."""
    wide = _stream(ole, [*at, f"__substg1.0_{tag}001F"])
    return wide.decode("utf-16-le", "replace") if wide else _letters(_stream(ole, [*at, f"__substg1.0_{tag}001E"]))


def _letters(content: bytes) -> str:
    return (decoded(content) or "") if content else ""


def _address(text: str) -> str:
    return f"<{text}>" if "@" in text else ""


def _sent(ole: Any, at: list[str]) -> str:
    """When it was sent, in British words; "" where that is not said."""
    data = _stream(ole, [*at, _PROPERTIES])
    for start in range(24 if at else 32, len(data) - 15, 16):
        if data[start : start + 4] == _SENT:
            (ticks,) = struct.unpack_from("<Q", data, start + 8)
            moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
            return f"{moment.day} {moment:%B %Y %H:%M}"
    return ""
