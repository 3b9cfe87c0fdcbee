"""Which failures may pass by themselves, so that trying again later is worth the while: nothing that a document does is among them."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlalchemy.exc import OperationalError

from pipeline.machines.store import StoreError
from pipeline.machines.worker import ClusterError
from pipeline.store import Busy

WAITS: Final = (60, 300, 900)
"""Seconds before each further attempt of a run that nobody watches."""
_PASSING: Final = frozenset(
    {
        errno.ENOSPC,  # a disk that somebody will clear
        errno.EDQUOT,
        errno.EAGAIN,
        errno.EBUSY,
        errno.ETXTBSY,
        errno.ENOMEM,
        errno.EMFILE,
        errno.ENFILE,
        errno.EIO,  # a network drive that is away
        errno.ESTALE,
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.EHOSTDOWN,
        errno.ENOTCONN,
        errno.ETIMEDOUT,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EPIPE,
    }
)
_SAID: Final = ("locked", "disk is full", "no space left", "connection", "server closed", "starting up", "shutting down", "disk i/o")
"""Words of databases about what may pass."""


def may_pass(error: BaseException) -> bool:
    """Whether the error, or one that caused it, is of a kind that passes: a store that another program holds, a disk that is full,
    a database, a drive, a shared store or a cluster that is away."""
    return any(_passes(one) for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _passes(error: BaseException) -> bool:
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        return any(words in str(error).casefold() for words in _SAID)
    return isinstance(error, Busy | StoreError | ClusterError) or (isinstance(error, OSError) and error.errno in _PASSING)
