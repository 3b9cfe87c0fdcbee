"""E-mails as mail programs save them: coded headers, alternatives, attachments, forwarded mail, signatures."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import olefile
import pytest
from compressed_rtf import compress

from extractors.document import Extract
from extractors.mail import Mail, file_name, open_eml, read_eml
from extractors.mail_msg import open_msg, read_msg

FILES = Path(__file__).parent / "files"
PICTURE = b"\x89PNG\r\n" + b"x" * 900


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in ({"Subject": "Revised roads plan – final", "From": "A Clerk <clerk@wolderness.example>"} | headers).items():
        message[name] = value
    message.set_content("We will:\n\n- recruit two analysts\n- train twelve drivers\n\n> You asked for the date.\n")
    return message


def opened(tmp_path: Path, message: EmailMessage | bytes) -> tuple[Mail, Extract]:
    path = tmp_path / "mail.eml"
    path.write_bytes(message if isinstance(message, bytes) else message.as_bytes())
    return open_eml(path), read_eml(path, "mail.eml")


def test_subject_sender_and_text(tmp_path: Path) -> None:
    found, extract = opened(tmp_path, mail(To="B <b@ridgeshire.example>", Date="Wed, 14 May 2008 10:00:00 +0100"))
    assert [(block.kind, block.text) for block in extract.blocks] == [
        ("heading", "Revised roads plan – final"),
        ("paragraph", "From: A Clerk <clerk@wolderness.example>"),
        ("paragraph", "To: B <b@ridgeshire.example>"),
        ("paragraph", "Date: Wed, 14 May 2008 10:00:00 +0100"),
        ("paragraph", "We will:"),
        ("list_item", "recruit two analysts"),
        ("list_item", "train twelve drivers"),
        ("paragraph", "You asked for the date."),
    ]
    assert extract.title == "Revised roads plan – final"
    assert found.attachments == ()


def test_the_richest_alternative_is_read_once(tmp_path: Path) -> None:
    message = mail()
    message.add_alternative(
        "<h2>Roads</h2><table><tr><th>Action<th>Owner<tr><td>Train drivers<td>CI Holm</table><img src=cid:a>", subtype="html"
    )
    payload = message.get_payload()
    assert isinstance(payload, list)
    payload[1].add_related(PICTURE, "image", "png", cid="<a>")  # type: ignore[union-attr]
    found, extract = opened(tmp_path, message)
    assert [block.text for block in extract.blocks if block.kind == "table_row"] == ["Train drivers | CI Holm"]
    assert not any("recruit" in block.text for block in extract.blocks)
    assert found.attachments == ()  # a signature's picture is no document


def test_attachments_and_forwarded_mail(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="../../Plan – näher.pdf")
    message.add_attachment(PICTURE, maintype="image", subtype="png")
    message.add_attachment("a;b", subtype="csv", filename="figures.csv")
    message.add_attachment(mail(Subject="The first draft"))
    found, _ = opened(tmp_path, message)
    assert [file.name for file in found.attachments] == ["Plan – näher.pdf", "attachment 2.png", "figures.csv", "The first draft.eml"]
    assert found.attachments[0].content == b"%PDF-1.4"
    inner, _ = opened(tmp_path, found.attachments[3].content)
    assert inner.subject == "The first draft"


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("C:\\Users\\x\\a.doc", "a.doc"),
        ("/etc/passwd", "passwd"),
        ("..", "attachment 7"),
        ("a\x00b\n.txt", "ab .txt"),
        ("", "attachment 7"),
    ],
)
def test_names_of_attachments_lead_nowhere(stated: str, name: str) -> None:
    assert file_name(stated, 7, "") == name


def test_broken_mail_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    head = b"Subject: =?utf-9?Q?caf=E9?= plan\nFrom: a\nContent-Type: text/plain; charset=no-such\n\n"
    _, extract = opened(tmp_path, head + "Cost £9.".encode("cp1252"))
    assert extract.blocks[-1].text == "Cost £9."
    _, extract = opened(tmp_path, b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHalf a ma")
    assert extract.blocks[-1].text == "Half a ma"


def test_mail_nested_without_end(tmp_path: Path) -> None:
    layers = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    path = tmp_path / "deep.eml"
    path.write_bytes(b"Subject: x\n" + layers + b"\nwords")
    assert all(problem.remedy for problem in read_eml(path, "deep.eml").problems)


@pytest.mark.parametrize(("content", "says"), [(b"", "empty"), (b"no headers here", "not an e-mail")])
def test_what_is_no_mail_is_explained(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.eml"
    path.write_bytes(content)
    assert says in read_eml(path, "bad.eml").problems[0].message


def test_outlook_mail(tmp_path: Path) -> None:
    extract = read_msg(FILES / "board.msg", "board.msg")
    assert [(block.kind, block.text) for block in extract.blocks[:5]] == [
        ("heading", "Papers for the Protective Services Board"),
        ("paragraph", "From: A Clerk <clerk@wolderness.example>"),
        ("paragraph", "To: Members of the board"),
        ("paragraph", "Date: 14 May 2008 09:30"),
        ("paragraph", "The board meets on 2 June. Members will:"),
    ]
    found = open_msg(FILES / "board.msg")
    assert [file.name for file in found.attachments] == ["Actions.csv", "Earlier note.eml"]
    assert found.attachments[0].content.startswith(b"Action,Owner")
    inner, _ = opened(tmp_path, found.attachments[1].content)
    assert (inner.subject, [file.name for file in inner.attachments]) == ("Earlier note", ["minutes.txt"])


def rich_mail(path: Path, packed: bytes) -> Path:
    """The e-mail of the test files with its text only as Outlook packs rich text."""
    plain, rich = ("__substg1.0_1000001F".encode("utf-16-le"), "__substg1.0_10090102".encode("utf-16-le"))
    path.write_bytes((FILES / "board.msg").read_bytes().replace(plain, rich))
    with olefile.OleFileIO(str(path), write_mode=True) as ole:
        size = ole.get_size("__substg1.0_10090102")
        assert len(packed) <= size
        ole.write_stream("__substg1.0_10090102", packed.ljust(size, b"\0"))
        inner = "__attach_version1.0_#00000001", "__substg1.0_3701000D", "__substg1.0_10090102"
        ole.write_stream(inner, compress(b"{\\rtf1 Nothing new.}").ljust(ole.get_size(inner), b"\0"))
    return path


def test_an_outlook_mail_whose_text_is_packed_rich_text(tmp_path: Path) -> None:
    """As Outlook writes it where a web page stands inside the rich text: what the tags say is for browsers."""
    rich = (
        rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}The board meets on 2 June. Members will:\par {\*\htmltag64 <ul>}"
        rb"{\listtext\'b7\tab}\ls1 agree the pursuit training\par{\listtext\'b7\tab}\ls1 hear from Ridgeshire\par}"
    )
    extract = read_msg(rich_mail(tmp_path / "rich.msg", compress(rich)), "rich.msg")
    assert extract.problems == ()
    assert [(block.kind, block.text) for block in extract.blocks[4:]] == [
        ("paragraph", "The board meets on 2 June. Members will:"),
        ("list_item", "agree the pursuit training"),
        ("list_item", "hear from Ridgeshire"),
    ]
    inner = open_msg(tmp_path / "rich.msg").attachments[1]
    (tmp_path / inner.name).write_bytes(inner.content)
    assert read_eml(tmp_path / inner.name, inner.name).blocks[-1].text == "Nothing new."
    broken = rich_mail(tmp_path / "broken.msg", compress(rich)[:40] + b"?" * 40)
    assert "damaged" in read_msg(broken, "broken.msg").problems[0].message


def test_damaged_outlook_mail_is_explained(tmp_path: Path) -> None:
    whole = (FILES / "board.msg").read_bytes()
    path = tmp_path / "bad.msg"
    for content in (b"", b"words", whole[:700], whole[:512] + b"\xff" * 5_000, (FILES / "actions.xls").read_bytes()):
        path.write_bytes(content)
        (problem,) = read_msg(path, "bad.msg").problems
        assert problem.remedy
