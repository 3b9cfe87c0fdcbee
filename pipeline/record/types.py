"""What the record holds, as small frozen types, and the errors that it raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

CellKey = tuple[str, str]
"""A cell of a matrix: the area's id and the criterion's."""

Kind = Literal["accepted", "overridden", "carried_forward", "stale", "reopened", "blind"]
"""What a decision does. A blind one is a second reviewer's own grade: it is kept for comparison and is never in force."""

Status = Literal["provisional", "validated", "overridden", "carried_forward", "stale"]
OPEN: Final = ("provisional", "stale")
"""The statuses of cells that nobody has decided on as they stand."""

Mark = Literal["carried_forward", "stale"]
"""What a resubmission does to a standing decision."""


class RecordError(Exception):
    """The record cannot be opened, read or written as asked; the message says why and what to do. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document's file lay when it was reviewed, and the key of what was read from it in OUT/store/documents."""

    path: str
    key: str


@dataclass(frozen=True, slots=True)
class Version:
    """One submission as it was reviewed at one time. `sha256` is that of its entry in matrix.json, the pack and the models."""

    number: int
    force: str
    version: int
    """1 for a force's first."""
    sha256: str
    at: str
    pack: str
    model: str


@dataclass(frozen=True, slots=True)
class EvidenceMarks:
    """A reviewer's view of a cell's evidence. Quotes of the machine are named by their place in the cell's list, from 1.

    What is `added` has the form of an evidence entry in matrix.json: file, quote, page and box or sheet and cell, range, elements.
    """

    accepted: tuple[int, ...] = ()
    rejected: tuple[int, ...] = ()
    added: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One reviewer's word on one cell of one version, never altered. `number` is its place in the record; times are UTC, ISO 8601."""

    number: int
    force: str
    version: int
    area: str
    criterion: str
    kind: Kind
    grade: int
    reviewer: str
    at: str
    reason: str
    seen: int | None
    """The decision on this cell that the reviewer had before them, None where there was none."""
    evidence: EvidenceMarks = field(default=EvidenceMarks())


class Conflict(RecordError):
    """Someone else decided on the cell meanwhile. `current` is their decision; nothing was written."""

    def __init__(self, current: Decision | None) -> None:
        self.current = current
        if current is None:
            said = "there is no decision on this cell yet, but one was said to have been seen"
        else:
            said = f"{current.reviewer} decided on this cell at {current.at}: {current.kind.replace('_', ' ')}, grade {current.grade}"
        super().__init__(f"{said}. Look at it, then decide again if you still wish to.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one cell of a force's latest version stands now."""

    status: Status
    grade: int
    """The grade in force: the reviewer's where a decision stands, else the machine's."""
    provisional: int
    """The machine's grade."""
    confidence: float
    """The machine's probability of its own grade."""
    decision: Decision | None
    """The last decision on the cell, on this version or, for a stale cell, maybe on an earlier one."""
    signed: Decision | None
    """The reviewer's own decision behind it, where it only carries that one to a new version or makes it stale; else the same."""

    @property
    def seen(self) -> int | None:
        """What a reviewer who looks at this standing has seen."""
        return self.decision.number if self.decision else None


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark on a cell. `flag` True raises the cell for discussion, False settles that, None is a remark only."""

    number: int
    force: str
    area: str
    criterion: str
    author: str
    at: str
    text: str
    flag: bool | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A reviewer has a whole force (area and criterion empty), a row, a column or one cell of it."""

    number: int
    force: str
    area: str
    criterion: str
    reviewer: str
    by: str
    at: str
    blind: bool
    """The reviewer grades without seeing the others' decisions."""


@dataclass(frozen=True, slots=True)
class Look:
    """Someone was shown words of a protected document. `shown` says which: "page 3", "quotes"; None where it was not told."""

    number: int
    force: str
    version: int
    file: str
    marking: str
    user: str
    at: str
    why: str
    shown: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """Someone had files written in which words of protected documents may stand; `documents` are their names by force."""

    number: int
    by: str
    at: str
    files: Sequence[str]
    documents: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A force's submission is out of the round: who took it out, and why."""

    force: str
    version: int
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What someone made of an account: by field, what was before (None for a new account) and what is now."""

    number: int
    name: str
    by: str
    at: str
    changed: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class User:
    """An account. `forces` None means all; `marking` is the highest that the person is cleared for."""

    name: str
    full_name: str = ""
    role: str = "reader"
    forces: Sequence[str] | None = None
    marking: str = ""
    secret: str = ""
    """The password's argon2 hash, empty for single sign-on."""
    subject: str = ""
    """The identity provider's name for the person, empty for local accounts."""
    failures: int = 0
    """Wrong passwords in a row."""
    locked_until: str = ""
    disabled: bool = False


def stamp(at: datetime) -> str:
    """A moment as the record writes it. Raises ValueError for one without a time zone."""
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
