"""Passwords for protected files: a file in the force's folder, opened when it is needed, never copied into the store or an output."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FILE: Final = "passwords.txt"

REMEDY: Final = (
    f"Write its password on a line of its own into a file {FILE} in the force's folder (not in a zip) and run the same command again, "
    "or ask the force for an unprotected copy."
)

LARGEST: Final = 65_536
"""Bytes of it that are read: a page of text at most."""


def passwords_in(path: str) -> tuple[str, ...]:
    """The passwords of a file, one on each line; none if the path is empty or cannot be read."""
    try:
        text = Path(path).read_bytes()[:LARGEST].decode("utf-8-sig", "replace") if path else ""
    except OSError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())


def mark(path: str) -> str:
    """Tells one file of passwords from another in the keys of what was read with it; "" if it holds none.

    Made slowly on purpose: a plain hash would let anyone who sees the key try out weak passwords by the million.
    """
    held = passwords_in(path)
    return hashlib.scrypt("\n".join(held).encode(), salt=FILE.encode(), n=2**14, r=8, p=1).hex() if held else ""


def tried(keys: Sequence[str]) -> str:
    """What to add where none of some passwords opens a file; "" where there were none."""
    return f", and none in {FILE} opens it" if keys else ""
