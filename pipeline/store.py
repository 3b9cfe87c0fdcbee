"""What has been worked out already, kept by content: a result's name is the hash of everything that could change it.

A result is written whole or not at all (to a temporary name, put to disk, then renamed), so a run stopped at any moment leaves only
finished work, and the same command goes on from there. What a failing disk tore all the same is found out and worked out again.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_native_id
from typing import BinaryIO, TypeVar

from pydantic import TypeAdapter

from extractors.read import sha256_of

T = TypeVar("T")


def key(*parts: str) -> str:
    """The hash of a list of texts; ("ab", "c") and ("a", "bc") differ."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Puts content at path in one step. Raises OSError, in the name of path."""
    write_pieces(path, [content])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """`write_whole`, of content that is made while it is written."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    try:
        with temporary.open("wb") as file:
            file.writelines(pieces)
            _to_disk(file)
        temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None  # the temporary name means nothing to a user
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def written_together(folder: Path) -> Iterator[Path]:
    """A folder for files of one piece: what the block writes into it stands in `folder` once the block is done, else none of it does.

    Raises OSError in the name of the file in `folder`.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    temporary = _beside(folder / "unfinished")
    try:
        temporary.mkdir()
        yield temporary
        files = sorted(path.relative_to(temporary) for path in temporary.rglob("*") if path.is_file())
        for file in files:  # whatever stands in the way of one is found before the first is moved
            if (folder / file).is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder / file))
        for parent in {(folder / file).parent for file in files}:
            parent.mkdir(parents=True, exist_ok=True)
        for file in files:
            (temporary / file).replace(folder / file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(error.filename or folder).replace(str(temporary), str(folder))) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()


def _beside(path: Path) -> Path:
    """A name for what is being written to path, no other thread's or process's."""
    return path.with_name(f".{path.name}.{os.getpid()}.{get_native_id()}")


def _to_disk(file: BinaryIO) -> None:
    """Waits until the disk has it: a name that outlives a power cut must not stand for a file that does not."""
    file.flush()
    os.fsync(file.fileno())


class Busy(OSError):
    """Another review, or another training, is at work in the same folder."""


@contextmanager
def alone(folder: Path, name: str = "lock", who: str = "review") -> Iterator[None]:
    """Holds a folder for this process, until the block or the process ends. Raises Busy where another holds it, OSError.

    Who does another kind of work there (`who`, in words) holds a lock of another name.
    """
    with (folder / name).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another {who} is at work in {folder.parent}. Wait until it is done, or take another folder.") from None
        yield


def is_held(folder: Path, name: str) -> bool:
    """Whether a process holds the folder's lock of that name."""
    try:
        with alone(folder, name):
            return False
    except Busy:
        return True
    except OSError:  # nobody has been there yet
        return False


class Store:
    """A folder of results, `folder/stage/key.json`, and of the files that they came from, `folder/originals/hash.suffix`."""

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

    def original(self, sha256: str, name: str) -> Path:
        """Where the file of this content is kept, so that every version of a submission stays readable when its inbox is not."""
        return self.folder / "originals" / f"{sha256}{Path(name).suffix.lower()}"

    def keep_original(self, path: Path, sha256: str) -> Path | None:
        """Keeps a copy of a file that was sent and gives the copy; None where the file no longer is what it was. Raises OSError."""
        kept = self.original(sha256, path.name)
        if not kept.exists() or sha256_of(kept) != sha256:
            kept.parent.mkdir(parents=True, exist_ok=True)
            temporary = _beside(kept)
            try:
                with path.open("rb") as source, temporary.open("wb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
                    _to_disk(copy)
                if sha256_of(temporary) != sha256:
                    return None
                temporary.replace(kept)
            except FileNotFoundError:
                return None
            finally:
                temporary.unlink(missing_ok=True)
        return kept
