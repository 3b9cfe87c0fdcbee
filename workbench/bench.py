"""What the pages work with: the record of a round, its files, and who is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from extractors.document import Document
from pipeline.marking import highest_marking
from pipeline.record.record import Record
from pipeline.record.rights import sees_force
from pipeline.record.signoff import publish_at
from pipeline.record.types import OPEN, User, Version
from pipeline.review import STORE
from pipeline.store import Store, is_held
from pipeline.watch import WATCH
from workbench.board import Board, Boards
from workbench.security import Sessions
from workbench.signon import Provider
from workbench.uploads import Uploads

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of a version of a force's submission."""

    version: Version
    position: int
    file: str
    sha256: str
    marking: str
    kind: str
    pages: int
    pages_read: int
    problems: tuple[str, ...]


@dataclass(slots=True)
class Bench:
    """One round at work. `hosts` are the names under which browsers may reach it."""

    out: Path
    record: Record
    hosts: tuple[str, ...] = LOOPBACK
    provider: Provider | None = None
    clock: Callable[[], datetime] = _now
    sessions: Sessions = field(default_factory=Sessions)
    boards: Boards = field(init=False)
    uploads: Uploads = field(init=False)
    orders: dict[str, Any] = field(default_factory=dict)
    """The cells in each queue's order, as long as the round stands as it is (order.py)."""
    publishing: SpawnProcess | None = None
    """The process that publishes the round after a sign-off."""
    _texts: dict[tuple[int, str], Document | None] = field(default_factory=dict)
    _markings: dict[tuple[tuple[str, ...], int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.boards = Boards(self.record)
        self.uploads = Uploads(self.out)

    def warm(self) -> None:
        """Reads the round before the first person comes."""
        for force in self.boards.now().versions:
            self.entry(force)

    def board(self) -> Board:
        """The round as it stood when the request came in: whoever asks who is there has it read anew (pages/common.py)."""
        return self.boards.known

    def forces(self, user: User) -> dict[str, str]:
        """The forces that the person may see, by the name that stands in addresses."""
        named: dict[str, str] = {}
        for force in sorted(self.board().versions):
            plain = re.sub(r"[^a-z0-9]+", "-", force.casefold()).strip("-") or "force"
            slug, number = plain, 1
            while slug in named:
                number += 1
                slug = f"{plain}-{number}"
            named[slug] = force
        return {slug: force for slug, force in named.items() if sees_force(user, force)}

    def publish_if_signed_off(self, *decided: str) -> str:
        """After decisions on these forces: where no cell of one waits for a reviewer any more, the round is published. Says so.

        A process of its own does it, so nobody waits for it; where `readacross serve` watches over the round, that does.
        """
        standings = self.boards.now().standings
        forces = [force for force in decided if not any(stands.status in OPEN for stands in standings[force].values())]
        if not forces:
            return ""
        if not is_held(self.out / STORE, WATCH):
            self.publishing = get_context("spawn").Process(target=publish_at, args=(self.out,))
            self.publishing.start()
        return f" Signed off: {', '.join(forces)}. The round is being published."

    def called(self, name: str) -> str:
        """What the person is called who signs in with that name; the name itself for one who has no account here."""
        return self.board().names.get(name, name)

    def entry(self, force: str) -> dict[str, Any]:
        """The latest entry of the force in matrix.json, as the machine wrote it."""
        return self.boards.entry(self.board().versions[force])

    def marking(self, user: User) -> str:
        """The highest marking among the documents of the forces that the person may see."""
        forces = tuple(self.forces(user).values())
        key = forces, max((self.board().versions[force].number for force in forces), default=0)
        if key not in self._markings:
            self._markings[key] = highest_marking({"submissions": [{"documents": self.entry(force)["documents"]} for force in forces]})
        return self._markings[key]

    def papers(self, version: Version) -> list[Paper]:
        """The documents of a version."""
        return [
            Paper(
                version, position, d["file"], d["sha256"], d.get("marking") or "", d.get("kind") or "", d["pages"], d["pages_read"],
                tuple(d.get("problems") or ()),
            )
            for position, d in enumerate(self.boards.entry(version)["documents"])
        ]  # fmt: skip

    def text(self, paper: Paper) -> Document | None:
        """What was read from the document; None where nothing was kept."""
        key = (paper.version.number, paper.file)
        if key not in self._texts:
            if len(self._texts) >= 256:
                self._texts.pop(next(iter(self._texts)))
            self._texts[key] = self.record.document(paper.version, paper.file)
        return self._texts[key]

    def original(self, paper: Paper) -> Path:
        """Where the file itself is kept, as it was sent."""
        return Store(self.out / STORE).original(paper.sha256, paper.file)
