"""The door to the extractors: one table from suffix to reader, one result whatever arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from extractors.document import Document, Extract, Problem
from extractors.sections import passages

LIBRARIES: Final = ("lxml", "pdfplumber", "pypdfium2")
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


READERS: Final[dict[str, Reader]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".docm": _docx,
    ".xlsx": _xlsx,
    ".xlsm": _xlsx,
    ".txt": _txt,
}


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_document(path: Path, name: str, sha256: str) -> Document:
    """Reads one file. `name` is its path inside the submission. What cannot be read is in `problems`; raises MemoryError alone."""
    reader = READERS.get(path.suffix.lower())
    try:
        if reader is None:
            what = f"a file of kind {path.suffix}" if path.suffix else "a file without suffix"
            how = "Unpack it into the force's folder as" if path.suffix.lower() == ".zip" else "Save it as one of"
            kinds = ", ".join(sorted({suffix[1:].upper() for suffix in READERS}))
            extract = unread(name, f"{what} is not read yet.", f"{how} {kinds}.")
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
    )


def unread(name: str, message: str, remedy: str) -> Extract:
    """The result for a file of which nothing could be read: one page in, none read, one problem."""
    return Extract((), 1, 0, problems=(Problem(name, message, remedy),))
