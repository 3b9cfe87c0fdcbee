"""How far a stage of a run is: told by what is done and, while something long is being read, by its pages."""

from __future__ import annotations

from threading import Event, Lock, Thread
from typing import Final, Protocol, Self

from pipeline.pool import Crew

EVERY: Final = 1.0
"""Seconds between two looks at the pages."""


class Progress(Protocol):
    """Called with the stage, the items done (a part of one for the pages read of it), the items in all, and where the reading is."""

    def __call__(self, stage: str, done: float, total: int, at: str = "") -> None: ...


class Telling:
    """Tells of one stage from its beginning to its end, from one thread at a time."""

    def __init__(self, pool: Crew, progress: Progress, stage: str, total: int) -> None:
        self._pool, self._progress, self._stage, self._total = pool, progress, stage, total
        self._done = 0
        self._told = 0.0
        self._one_at_a_time = Lock()
        self._over = Event()
        self._watcher = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._tell()
        self._watcher.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._watcher.join()

    def one_done(self) -> None:
        """One more item is done."""
        self._tell(1)

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self._tell()

    def _tell(self, more: int = 0) -> None:
        with self._one_at_a_time:
            self._done += more
            far = [one for one in self._pool.under_way() if one.pages > 1]
            part = sum((one.page - 1) / one.pages for one in far)
            longest = max(far, key=lambda one: one.pages, default=None)
            at = f"{longest.item}, page {longest.page:,} of {longest.pages:,}" if longest else ""
            # A page is gone through twice, once for its words and once for its layout: what is told never goes back.
            self._told = max(self._told, min(self._done + part, self._total))
            self._progress(self._stage, self._told, self._total, at)
