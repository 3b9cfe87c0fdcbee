"""E-mails (EML, MSG) -> Extract of subject, sender, date and text; what hangs on them is given apart, as files.

Internet mail is read by the standard library, Outlook's by `mail_msg`. A forwarded e-mail is a file too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Final, Literal

from extractors.archives import UnsafeOrBroken, read_whole, unread
from extractors.document import Extract, Problem
from extractors.flow import Flow, Line
from extractors.html import add_markup
from extractors.rtf import add_rich_text
from extractors.text import tidy
from extractors.txt import decoded, text_drafts

SMALL_PICTURE = 50_000
"""Bytes: a picture inside the text that is no larger is a signature's or a letterhead's."""

_HEADERS = ("From", "To", "Cc", "Date")
_SEALS = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_SUFFIXES = {
    "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/calendar": ".ics", "application/pdf": ".pdf",
    "image/png": ".png", "image/jpeg": ".jpg", "image/tiff": ".tif", "image/gif": ".gif", "message/rfc822": ".eml",
}  # fmt: skip
_QUOTED = re.compile(r"^(?:> ?)+", re.MULTILINE)
_STRANGE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on an e-mail: its name without any folder, and its bytes."""

    name: str
    content: bytes


TextKind = Literal["plain", "html", "rtf"]
_TEXT_KINDS: Final[dict[str, TextKind]] = {"text/plain": "plain", "text/html": "html", "text/rtf": "rtf", "application/rtf": "rtf"}


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail read. `texts` are its parts to be read in order, with what they are written in; rich text stands as Latin-1."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, TextKind], ...]
    attachments: tuple[Attachment, ...]


def read_eml(path: Path, name: str) -> Extract:
    """Read an internet e-mail without its attachments; `name` is what Problems call it. Never raises for bad input."""
    try:
        mail = open_eml(path)
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    return extract_mail(mail, name)


def open_eml(path: Path) -> Mail:
    """Raises UnsafeOrBroken for a file that is no e-mail."""
    content = read_whole(path, "e-mail")
    try:
        message = message_from_bytes(content)
    except RecursionError as error:
        raise UnsafeOrBroken("This e-mail nests its parts too deeply.", "Save it as PDF and add that.") from error
    if not any(header in message for header in ("From", "Subject", "Date", "To", "Received")):
        raise UnsafeOrBroken(
            "This file is not an e-mail, whatever its name says.", "Save the e-mail from the mail program again, or as PDF, and add that."
        )
    try:
        return _mail(message)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:  # what the standard library meets in a broken one
        raise UnsafeOrBroken("This e-mail is damaged.", "Save it from the mail program again, or as PDF, and add that.") from error


def extract_mail(mail: Mail, name: str) -> Extract:
    """The blocks of an e-mail: its subject as the heading, who wrote it to whom and when, its text."""
    flow = Flow()
    flow.line(Line(mail.subject, level=1, title=True))
    for header, value in mail.headers:
        flow.line(Line(f"{header}: {value}"))
    problems: list[Problem] = []
    for text, kind in mail.texts:
        if kind == "html":
            page = add_markup(flow, text)
            problems += [Problem(name, message, "Save the e-mail as PDF and add that.") for message in page.problems]
        elif kind == "rtf":
            add_rich_text(flow, text.encode("latin-1", "replace"))
        else:
            flow.drafts += text_drafts(_QUOTED.sub("", text))
    return flow.extract(name, 1, mail.subject, (), problems)


def file_name(stated: str, number: int, kind: str) -> str:
    """The name of an attachment as one that can be shown and saved: no folder, nothing strange, never empty."""
    name = _STRANGE.sub(" ", tidy(stated).replace("\\", "/").rpartition("/")[2]).strip(" .")
    return name or f"attachment {number}{_SUFFIXES.get(kind, '')}"


def _mail(message: Message) -> Mail:
    texts: list[tuple[str, TextKind]] = []
    files: list[Attachment] = []
    for part in _parts(message):
        kind = part.get_content_type()
        stated = _decoded(str(part.get_filename() or ""))
        if kind in _TEXT_KINDS and not stated and part.get_content_disposition() != "attachment":
            texts.append((_content(part).decode("latin-1") if _TEXT_KINDS[kind] == "rtf" else _text(part), _TEXT_KINDS[kind]))
        elif kind not in _SEALS:
            content = _content(part)
            inside = part.get_content_disposition() != "attachment" and "Content-ID" in part
            if not (inside and kind.startswith("image/") and len(content) <= SMALL_PICTURE):
                subject = _header(part.get_payload(0), "Subject") if kind == "message/rfc822" and part.is_multipart() else ""
                named = stated or (f"{subject[:80]}.eml" if subject else "")
                files.append(Attachment(file_name(named, len(files) + 1, kind), content))
    headers = tuple((name, value) for name in _HEADERS if (value := _header(message, name)))
    return Mail(_header(message, "Subject"), headers, tuple(texts), tuple(files))


def _parts(part: Message) -> Iterator[Message]:
    """The parts that bear something; of alternatives the richest, and what is no alternative text."""
    if part.get_content_type() == "message/rfc822" or not part.is_multipart():
        yield part
        return
    children = [child for child in part.get_payload() if isinstance(child, Message)]
    if part.get_content_type() != "multipart/alternative":
        for child in children:
            yield from _parts(child)
        return
    leaves = [list(_parts(child)) for child in children]
    readable = [number for number, own in enumerate(leaves) if any(leaf.get_content_maintype() == "text" for leaf in own)]
    chosen = next((n for n in reversed(readable) if any(leaf.get_content_type() == "text/html" for leaf in leaves[n])), None)
    chosen = chosen if chosen is not None else next(iter(readable), None)
    for number, own in enumerate(leaves):
        for leaf in own:
            if number == chosen or leaf.get_content_type() not in ("text/plain", "text/html"):
                yield leaf


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner.as_bytes() if isinstance(inner, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset() or "ascii")
    except (LookupError, UnicodeError):
        return decoded(content) or ""


def _header(message: object, name: str) -> str:
    return tidy(_decoded(str(message.get(name, "")))) if isinstance(message, Message) else ""


def _decoded(raw: str) -> str:
    """A header in which letters may be coded; as it stands where the coding is broken."""
    try:
        return str(make_header(decode_header(raw)))
    except Exception:  # the standard library raises whatever a broken header makes it happen on
        return raw
