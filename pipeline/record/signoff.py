"""Sign-off: when reviewers have decided every cell of a force, the round is published as it then stands."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.record.record import Record
from pipeline.record.reviewed import REVIEWED, publish
from pipeline.record.types import OPEN
from pipeline.store import Busy, alone


def signed_off(record: Record) -> dict[str, int]:
    """The forces no cell of which waits for a reviewer, each with the number of the last decision on it."""
    return {
        force: max(stands.seen or 0 for stands in cells.values())
        for force, cells in record.standings().items()
        if cells and not any(stands.status in OPEN for stands in cells.values())
    }


def unpublished(record: Record, out: Path) -> dict[str, int]:
    """The forces that are signed off, and of whose last decision (its number) what was published does not tell."""
    try:
        told = int(json.loads((out / REVIEWED).read_bytes())["record"]["entries"])
    except (OSError, ValueError, KeyError, TypeError):
        told = 0
    return {force: number for force, number in signed_off(record).items() if number > told}


def publish_signed_off(record: Record, out: Path) -> list[str]:
    """Publishes the round if a force was signed off since; gives those forces. Raises RecordError or OSError.

    While a review is at work there is nothing to do: it publishes the round when it ends.
    """
    forces = sorted(unpublished(record, out))
    if forces:
        try:
            with alone(out / "store"):
                publish(record, out)
        except Busy:
            return []
    return forces


def publish_at(out: Path) -> None:
    """`publish_signed_off` in a process of its own, again where decisions came meanwhile. Raises RecordError or OSError."""
    with Record.open(out) as record:
        while publish_signed_off(record, out):
            pass
