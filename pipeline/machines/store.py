"""A store that several machines share: a bucket of an S3-compatible server, or a folder that all of them have.

It holds what OUT/store holds, under the same names: originals, documents, looks, names, entries. A name stands for one content
(docs/decisions/0004), so nothing in it is ever changed, no lock is needed, and two machines that put the same do no harm. A server puts
an object whole or not at all; into a folder a file is copied under another name and then renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

from pydantic_core import from_json

ENVIRONMENT: Final = "READACROSS_STORE"
"""The variable that names the shared store; without it each OUT has only its own."""

WAITS: Final = {"connect_timeout": 10, "read_timeout": 60, "retries": {"mode": "standard", "max_attempts": 4}}
"""Seconds that a server has to answer, and how often a request that met no answer is repeated."""

_FORM: Final = "Name a bucket and a folder in it (s3://bucket/round2008), or a folder that every machine has."
_GO_ON: Final = "What was finished is kept: the same command goes on from there."


class StoreError(OSError):
    """The shared store cannot be used; the message says why and what to do."""


class SharedStore:
    """Files by name. Safe for several threads; what goes wrong in it is a StoreError."""

    def __init__(self, url: str) -> None:
        """Looks whether the store is there and may be written to. Raises StoreError."""
        scheme, found, place = url.rstrip("/").rpartition("://")
        if found and (scheme != "s3" or "@" in place):
            raise StoreError(f"{_without_password(url)} is no store. {_FORM} Keys for a server stand in the environment only.")
        self._bucket = scheme == "s3"
        self._fs = _server() if self._bucket else _folders()
        self._root = place if self._bucket else str(Path(place).resolve())
        self.url = f"s3://{place}" if self._bucket else self._root
        with TemporaryDirectory() as scratch:
            empty = Path(scratch) / "writable"
            empty.write_bytes(b"")
            self.send(empty, "writable")

    def fetch(self, name: str, to: Path) -> bool:
        """Puts a copy of what has that name at `to`, whole; false where there is none, or where it is damaged."""
        part = to.with_name(f".{to.name}.{uuid4().hex}")
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._told():
                self._fs.get_file(f"{self._root}/{name}", str(part))
            if to.suffix == ".json":
                from_json(part.read_bytes())
            part.replace(to)
        except (FileNotFoundError, ValueError):
            return False
        finally:
            part.unlink(missing_ok=True)
        return True

    def send(self, path: Path, name: str) -> None:
        """Puts a copy of the file there under that name."""
        target = f"{self._root}/{name}"
        try:
            with self._told():
                if self._bucket:
                    self._fs.put_file(str(path), target)
                else:
                    part = f"{target}.{uuid4().hex}"
                    self._fs.put_file(str(path), part)
                    self._fs.mv(part, target)
        except FileNotFoundError:
            where = f"There is no bucket {self._root.partition('/')[0]}." if self._bucket else "There is no such folder."
            raise StoreError(f"{self.url}: {where} Make it, or check the name given with --store.") from None

    def names(self) -> set[str]:
        """What it holds."""
        with self._told():
            found = self._fs.find(self._root)
        return {path.removeprefix(self._root).lstrip("/") for path in found}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells the errors of whatever carries the files in words; one that says that nothing is there passes."""
        try:
            yield
        except FileNotFoundError:
            raise
        except PermissionError:
            remedy = (
                "Check the key in AWS_ACCESS_KEY_ID and what it may do: it must read, write and list."
                if self._bucket
                else ("Check who may write there.")
            )
            raise StoreError(f"{self.url}: may not be read or written to. {remedy} {_GO_ON}") from None
        except Exception as error:  # botocore, aiohttp and the system each have errors of their own
            said = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
            server = " Check AWS_ENDPOINT_URL, and that the server is running." if self._bucket else ""
            raise StoreError(f"{self.url}: does not answer ({said}).{server} {_GO_ON}") from None


def _server() -> Any:
    """The server that the environment names, by the keys that stand there: no file and no other service is asked for any."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not (key and secret):
        raise StoreError("The store's server needs a key: put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    try:
        from s3fs import S3FileSystem
    except ImportError:
        raise StoreError("A store on a server needs a library: pip install 'readacross[cluster]'.") from None
    token = os.environ.get("AWS_SESSION_TOKEN")
    return S3FileSystem(key=key, secret=secret, token=token, config_kwargs=WAITS, use_listings_cache=False, skip_instance_cache=True)


def _folders() -> Any:
    from fsspec.implementations.local import LocalFileSystem

    return LocalFileSystem(auto_mkdir=True)


def _without_password(url: str) -> str:
    scheme, found, place = url.rpartition("://")
    return f"{scheme}{found}{place.rpartition('@')[2]}"
