"""The door to the extractors: one table from suffix to reader, one result whatever arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from extractors.archives import OLE, unread
from extractors.document import Document, Extract, Problem
from extractors.kinds import EXCEL_XML, WORD_XML, kind_of
from extractors.passwords import REMEDY, tried
from extractors.sections import passages

LIBRARIES: Final = ("compressed-rtf", "lxml", "msoffcrypto-tool", "olefile", "pdfplumber", "pypdfium2", "xlrd")
"""The libraries that read for us: a result of another version of them is another result."""

MOST_TEXT: Final = 20_000_000
"""Characters that are read of one document: some five thousand dense pages."""


READERS: Final[dict[str, str]] = {
    ".pdf": "pdf.read_pdf",
    **dict.fromkeys((".docx", ".docm", ".dotx"), "docx.read_docx"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), "xlsx.read_xlsx"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), "pptx.read_pptx"),
    ".txt": "txt.read_txt",
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html.read_html"),
    **dict.fromkeys((".csv", ".tsv"), "csv.read_csv"),
    ".rtf": "rtf.read_rtf",
    ".odt": "odt.read_odt",
    ".ods": "ods.read_ods",
    ".xls": "xls.read_xls",
    ".eml": "mail.read_eml",
    ".msg": "mail_msg.read_msg",
    **dict.fromkeys((".doc", ".dot", ".ppt", ".pps", ".odp", ".xlsb", WORD_XML, EXCEL_XML), "office.read_old"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff"), "images.read_image"),
}
"""Reader by kind, which `kind_of` tells from content and name: its module is imported when a file needs it. A zip has none: ingest takes
out what stands in it."""

_PDF, _OLD = READERS[".pdf"], READERS[".doc"]
_OCR = (_PDF, READERS[".png"])

KNOWN: Final = (
    "PDF, Word (DOCX, DOC, RTF, ODT), Excel (XLSX, XLS, ODS, CSV), PowerPoint (PPTX, PPT), HTML, TXT, e-mail (EML, MSG), "
    "scans (PNG, JPEG, TIFF), ZIP"
)
"""The kinds by the names that people know them by."""


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def aids(path: Path, passwords: str) -> str:
    """What a file is read with beside the program's own libraries: once that changes, it is read anew.

    That is the OCR program for files that may hold scans, LibreOffice for old kinds, and the file of passwords for what may be
    protected. Raises OSError.
    """
    from extractors.office import there_for
    from extractors.passwords import mark
    from extractors.tesseract import installed

    kind = kind_of(path)
    reader = READERS.get(kind, "")
    programs = installed() if reader in _OCR else there_for(kind) if reader == _OLD else ()
    # Strangers made the file, so only a worker parses it: whether an Office file of this make is protected, nobody can tell here.
    locked = passwords and (_says(path, b"/Encrypt") if reader == _PDF else _begins(path, OLE))
    return " ".join(programs) + (mark(passwords) if locked else "")


def _begins(path: Path, word: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(word)) == word


def _says(path: Path, word: bytes) -> bool:
    """Whether the bytes stand anywhere in a file, which is not held in memory for that. Raises OSError."""
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as whole:
        return whole.find(word) >= 0


def extract(path: Path, name: str, passwords: Sequence[str] = ()) -> Extract:
    """What a file's own reader finds in it. Raises OSError, KeyError for a kind that nothing reads, and what a reader may raise."""
    from extractors.locked import is_locked, unlocked

    reader = READERS[kind_of(path)]
    module, function = reader.split(".")
    if reader != _PDF and is_locked(path):
        with unlocked(path, passwords) as plain:
            if plain is None:
                return unread(name, f"The file is protected by a password{tried(passwords)}.", REMEDY, "skipped")
            return extract(plain, name)
    read = getattr(import_module(f"extractors.{module}"), function)
    found: Extract = read(path, name, passwords) if reader == _PDF else read(path, name)
    return found


def read_document(path: Path, name: str, sha256: str, passwords: Sequence[str] = ()) -> Document:
    """Reads one file. `name` is its path inside the submission. What cannot be read is in `problems`; raises MemoryError alone."""
    try:
        kind = kind_of(path)
        if kind not in READERS:
            what = f"a file of kind {path.suffix}" if path.suffix else "a file without suffix"
            how = "Unpack it and give the files in it." if kind == ".zip" else f"Save it as one of {KNOWN}."
            found = unread(name, f"{what} is not read yet.", how)
        elif path.stat().st_size == 0:
            found = unread(name, "the file is empty (zero bytes).", "Ask the force to send it again.")
        else:
            found = extract(path, name, passwords)
    except MemoryError:
        raise  # whoever set the limit names it
    except Exception as error:
        found = unread(name, f"the file could not be read ({type(error).__name__}: {error}).", "Open it, save it again and resend it.")
    if sum(len(block.text) for block in found.blocks) > MOST_TEXT:
        found = unread(
            name, f"holds more than {MOST_TEXT // 1_000_000} million characters.", "Check that the right file was sent; split it if it was."
        )
    problems = found.problems
    if not found.blocks and not problems:
        problems = (Problem(name, "holds no text at all.", "Check that the right file was sent; if it is a scan, ask for the original."),)
    return Document(
        file=name,
        sha256=sha256,
        title=found.title,
        pages=found.pages,
        pages_read=found.pages_read,
        passages=passages(found.blocks),
        running=found.running,
        problems=problems,
        scans=found.scans,
        pages_known=found.pages_known,
    )
