"""How far a reader is in its file, so that whoever watches it can tell slow from stuck and name the page."""

from __future__ import annotations

from collections.abc import Callable

Watcher = Callable[[int, int], None]
"""Called with the page now begun (1-based) and the pages in all; 0 for what is not known."""

_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Has every step from now on reported to `watcher`, in place of whoever was told before."""
    _watchers[:] = [watcher]


def step(page: int = 0, pages: int = 0) -> None:
    """Says that the work goes on: readers call it at each page or part, and wherever else a long file takes its time."""
    for watcher in _watchers:
        watcher(page, pages)
