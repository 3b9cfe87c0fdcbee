"""A submission's documents as one person may see them: open, open once they say why, or above their clearance; and their looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.markings import recorded
from pipeline.record.rights import cleared
from pipeline.record.types import Version
from workbench.bench import Bench, Paper
from workbench.pages.common import Who


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents of one version, by file. Nothing of those that are `asked` for is shown before the person has said why."""

    version: Version
    open: dict[str, Paper]
    asked: dict[str, Paper]
    closed: dict[str, Paper]

    def hidden(self, file: str) -> str:
        """Why a document is not shown: "asked" or "closed", "" where it is shown."""
        return "" if file in self.open else "asked" if file in self.asked else "closed"


def shelf_of(bench: Bench, who: Who, version: Version) -> Shelf:
    """The version's documents for the person as they are signed in."""
    shelf = Shelf(version, {}, {}, {})
    for paper in bench.papers(version):
        ready = not recorded(paper.marking) or bool(who.session.why)
        place = shelf.closed if not cleared(who.user, paper.marking) else shelf.open if ready else shelf.asked
        place[paper.file] = paper
    return shelf


def note(bench: Bench, who: Who, papers: Iterable[Paper], shown: str) -> None:
    """Records that the person was shown this of the restricted ones among the documents, once in a session.

    `shown` says what: "page 3", "quotes". The record has who, when and why beside it.
    """
    new: dict[Version, set[str]] = {}
    for paper in papers:
        if recorded(paper.marking) and (paper.version.number, paper.file, shown) not in who.session.looks:
            new.setdefault(paper.version, set()).add(paper.file)
    for version, files in new.items():
        bench.record.look(version, files, user=who.user.name, at=bench.clock(), why=who.session.why, shown=shown)
        who.session.looks |= {(version.number, file, shown) for file in files}
