"""An inbox that people copy into: what lies there, whether a copy is still under way, and what changed since it was last reviewed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from pipeline.store import write_whole

SEEN: Final = "inbox-seen.json"
"""In OUT/store: the inbox as the last review found it."""
_SEEN: Final = TypeAdapter(dict[str, str])
_UNDER_WAY: Final = re.compile(r"(?:\.(?:part|partial|crdownload|filepart|tmp|download)|~)$", re.IGNORECASE)
"""How browsers and copying programs name a file that they have not finished."""
_PASSED_OVER: Final = re.compile(r"^(?:\.|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)

PATIENT: Final = 4
"""Looks that a finished submission waits for copies under way beside it: most copies of a whole round end within them."""

WATCH: Final = "watch.lock"
"""In OUT/store: held by the one program that watches an inbox for OUT."""

Sight = Mapping[str, str]
"""What lies in an inbox, by the names of its folders and files: a hash of names, sizes and times, "" while a copy is under way."""


def look(inbox: Path) -> Sight:
    """The inbox as it is now. Raises OSError where it cannot be read."""
    return {entry.name: _sight(entry) for entry in sorted(inbox.iterdir()) if not _PASSED_OVER.match(entry.name)}


def _sight(entry: Path) -> str:
    told = hashlib.sha256()
    for path in [entry, *sorted(entry.rglob("*"))] if entry.is_dir() and not entry.is_symlink() else [entry]:
        if _UNDER_WAY.search(path.name):
            return ""
        if path.is_file() and not _PASSED_OVER.match(path.name):
            try:
                state = path.lstat()
            except FileNotFoundError:  # taken away while we look
                return ""
            told.update(f"{path.relative_to(entry.parent)}\0{state.st_size}\0{state.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return told.hexdigest()


def settled(inbox: Path, wait: Callable[[], None], known: Sight, looks: int = 60) -> tuple[Sight, list[str]]:
    """Looks, waits and looks again until nothing changes any more: the sight, and what is still being copied.

    What is new beside what is `known` and stands still waits for the others for PATIENT looks only. Raises OSError where the inbox
    cannot be read.
    """
    before, moving = look(inbox), list[str]()
    for number in range(1, looks + 1):
        wait()
        now = look(inbox)
        before, moving = now, [name for name in now if not now[name] or now[name] != before.get(name)]
        if not moving or (number >= PATIENT and set(changed(known, now)) - set(moving)):
            break
    return before, moving


def seen(store: Path) -> Sight:
    """The inbox as the last review found it; empty before the first."""
    try:
        return _SEEN.validate_json((store / SEEN).read_bytes())
    except (OSError, ValueError):
        return {}


def remember(store: Path, sight: Sight) -> None:
    """Keeps what a review found. Raises OSError."""
    write_whole(store / SEEN, _SEEN.dump_json(dict(sight)))


def changed(before: Sight, now: Sight) -> list[str]:
    """The names that are new, changed or gone."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
