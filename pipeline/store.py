"""What has been worked out already, kept by content: a result's name is the hash of everything that could change it.

A result is written whole or not at all (to a temporary name, then renamed), so a run stopped at any moment leaves only
finished work, and the same command goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def key(*parts: str) -> str:
    """The hash of a list of texts; ("ab", "c") and ("a", "bc") differ."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Puts content at path in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class Store:
    """A folder of results: `folder/stage/key.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, stage: str, name: str) -> Path:
        return self.folder / stage / f"{name}.json"

    def get(self, stage: str, name: str, kind: TypeAdapter[T]) -> T | None:
        """A kept result; None where there is none or where it is damaged (it is then worked out again)."""
        try:
            return kind.validate_json(self.path(stage, name).read_bytes())
        except (OSError, ValueError):
            return None

    def put(self, stage: str, name: str, kind: TypeAdapter[T], value: T) -> None:
        """Keeps a result. Raises OSError."""
        write_whole(self.path(stage, name), kind.dump_json(value))
