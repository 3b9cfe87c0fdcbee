"""Which code made a result: the hash of a package's own source, so that nothing kept is ever older than the code that reads it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent


@cache
def code_version(package: str, *libraries: str) -> str:
    """SHA-256 of a package's Python files, and of the versions of the libraries whose own versions change its results."""
    told = hashlib.sha256()
    for path in sorted((ROOT / package).rglob("*.py")):
        told.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for library in libraries:
        told.update(f"{library} {metadata.version(library)}\0".encode())
    return told.hexdigest()
