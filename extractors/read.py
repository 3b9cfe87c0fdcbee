"""The door to the extractors: one table from suffix to reader, one result whatever arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from extractors.document import Document, Extract, Problem
from extractors.kinds import EXCEL_XML, WORD_XML, kind_of
from extractors.sections import passages

LIBRARIES: Final = ("lxml", "olefile", "pdfplumber", "pypdfium2", "xlrd")
"""The libraries that read for us: a result of another version of them is another result."""

Reader = Callable[[Path, str], Extract]

MOST_TEXT: Final = 20_000_000
"""Characters that are read of one document: some five thousand dense pages."""


def _pdf(path: Path, name: str) -> Extract:
    from extractors.pdf import read_pdf  # each reader imports its library only when a file needs it

    return read_pdf(path, name)


def _docx(path: Path, name: str) -> Extract:
    from extractors.docx import read_docx

    return read_docx(path, name)


def _xlsx(path: Path, name: str) -> Extract:
    from extractors.xlsx import read_xlsx

    return read_xlsx(path, name)


def _txt(path: Path, name: str) -> Extract:
    from extractors.txt import read_txt

    return read_txt(path, name)


def _html(path: Path, name: str) -> Extract:
    from extractors.html import read_html

    return read_html(path, name)


def _csv(path: Path, name: str) -> Extract:
    from extractors.csv import read_csv

    return read_csv(path, name)


def _rtf(path: Path, name: str) -> Extract:
    from extractors.rtf import read_rtf

    return read_rtf(path, name)


def _odt(path: Path, name: str) -> Extract:
    from extractors.odt import read_odt

    return read_odt(path, name)


def _ods(path: Path, name: str) -> Extract:
    from extractors.ods import read_ods

    return read_ods(path, name)


def _xls(path: Path, name: str) -> Extract:
    from extractors.xls import read_xls

    return read_xls(path, name)


def _pptx(path: Path, name: str) -> Extract:
    from extractors.pptx import read_pptx

    return read_pptx(path, name)


def _eml(path: Path, name: str) -> Extract:
    from extractors.mail import read_eml

    return read_eml(path, name)


def _msg(path: Path, name: str) -> Extract:
    from extractors.mail_msg import read_msg

    return read_msg(path, name)


def _old(path: Path, name: str) -> Extract:
    from extractors.office import read_old

    return read_old(path, name, kind_of(path))


def _image(path: Path, name: str) -> Extract:
    from extractors.images import read_image

    return read_image(path, name)


READERS: Final[dict[str, Reader]] = {
    ".pdf": _pdf,
    **dict.fromkeys((".docx", ".docm", ".dotx"), _docx),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), _xlsx),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), _pptx),
    ".txt": _txt,
    **dict.fromkeys((".html", ".htm", ".xhtml"), _html),
    **dict.fromkeys((".csv", ".tsv"), _csv),
    ".rtf": _rtf,
    ".odt": _odt,
    ".ods": _ods,
    ".xls": _xls,
    ".eml": _eml,
    ".msg": _msg,
    **dict.fromkeys((".doc", ".dot", ".ppt", ".pps", ".odp", ".xlsb", WORD_XML, EXCEL_XML), _old),
    ".png": _image,
    ".jpg": _image,
    ".jpeg": _image,
    ".tif": _image,
    ".tiff": _image,
}
"""Reader by kind, which `kind_of` tells from content and name. A zip has none: ingest takes out what stands in it."""

KNOWN: Final = "PDF, Word (DOCX, DOC, RTF, ODT), Excel (XLSX, XLS, ODS, CSV), PowerPoint (PPTX, PPT), HTML, TXT, e-mail (EML, MSG), ZIP"
"""The kinds by the names that people know them by."""


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_document(path: Path, name: str, sha256: str) -> Document:
    """Reads one file. `name` is its path inside the submission. What cannot be read is in `problems`; raises MemoryError alone."""
    try:
        kind = kind_of(path)
        reader = READERS.get(kind)
        if reader is None:
            what = f"a file of kind {path.suffix}" if path.suffix else "a file without suffix"
            how = "Unpack it and give the files in it." if kind == ".zip" else f"Save it as one of {KNOWN}."
            extract = unread(name, f"{what} is not read yet.", how)
        elif path.stat().st_size == 0:
            extract = unread(name, "the file is empty (zero bytes).", "Ask the force to send it again.")
        else:
            extract = reader(path, name)
    except MemoryError:
        raise  # whoever set the limit names it
    except Exception as error:
        extract = unread(name, f"the file could not be read ({type(error).__name__}: {error}).", "Open it, save it again and resend it.")
    if sum(len(block.text) for block in extract.blocks) > MOST_TEXT:
        extract = unread(
            name, f"holds more than {MOST_TEXT // 1_000_000} million characters.", "Check that the right file was sent; split it if it was."
        )
    problems = extract.problems
    if not extract.blocks and not problems:
        problems = (Problem(name, "holds no text at all.", "Check that the right file was sent; if it is a scan, ask for the original."),)
    return Document(
        file=name,
        sha256=sha256,
        title=extract.title,
        pages=extract.pages,
        pages_read=extract.pages_read,
        passages=passages(extract.blocks),
        running=extract.running,
        problems=problems,
        scans=extract.scans,
    )


def unread(name: str, message: str, remedy: str) -> Extract:
    """The result for a file of which nothing could be read: one page in, none read, one problem."""
    return Extract((), 1, 0, problems=(Problem(name, message, remedy),))
