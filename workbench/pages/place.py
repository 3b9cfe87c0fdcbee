"""The cell that an address names, for the person who asks, and what they marked on its evidence and did not sign yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.exceptions import HTTPException

from pipeline.record.rights import may
from pipeline.record.types import OPEN, Decision, Standing, Version
from workbench.bench import Bench, Paper
from workbench.board import Board, Cell
from workbench.order import blind_to, in_double
from workbench.pages.common import Reader, TheBench, Who, force_of
from workbench.pages.shelf import Shelf, shelf_of
from workbench.papers import find_quote, place_of, text_of
from workbench.security import Draft

ADDRESS: Final = "/force/{slug}/{area}/{criterion}"


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that an address names, for the person who asks: as it is, or as it was in an earlier version (`past`)."""

    bench: Bench
    board: Board
    who: Who
    slug: str
    version: Version
    area: str
    criterion: str
    standing: Standing
    blind: bool
    past: bool = False

    @property
    def force(self) -> str:
        return self.version.force

    @property
    def now(self) -> str:
        """The address of the cell as it is."""
        return f"/force/{self.slug}/{self.area}/{self.criterion}"

    @property
    def path(self) -> str:
        return f"/force/{self.slug}/versions/{self.version.version}/{self.area}/{self.criterion}" if self.past else self.now

    @property
    def head(self) -> Mapping[str, Any]:
        """matrix.json without its submissions, of the review that made the version."""
        return self.bench.boards.review_of(self.version) if self.past else self.board.head

    @property
    def entry(self) -> Mapping[str, Any]:
        """The submission's entry in matrix.json, as the machine wrote it."""
        found: Mapping[str, Any] = self.bench.boards.entry(self.version)
        return found

    @property
    def machine(self) -> Mapping[str, Any]:
        """The cell in it."""
        found: Mapping[str, Any] = self.entry["cells"][self.area][self.criterion]
        return found

    @property
    def shelf(self) -> Shelf:
        return shelf_of(self.bench, self.who, self.version)

    @property
    def cell(self) -> Cell:
        return self.force, self.area, self.criterion

    @property
    def draft_key(self) -> tuple[int, str, str]:
        return self.version.number, self.area, self.criterion

    @property
    def draft(self) -> Draft:
        """What is marked and not signed; at first what the standing decision on this version marked."""
        decision = None if self.blind else self.standing.decision
        kept = Draft()
        if decision and decision.version == self.version.version:
            kept = Draft(frozenset(decision.evidence.rejected), decision.evidence.added)
        return kept if self.past else self.who.session.drafts.get(self.draft_key, kept)

    @property
    def quotes(self) -> list[dict[str, Any]]:
        """The software's evidence, best first."""
        found: list[dict[str, Any]] = self.machine["evidence"]
        return found

    @property
    def why_not(self) -> str:
        """Why the person may not decide on the cell; "" where they may."""
        if self.past:
            return f"This is the cell as it was in version {self.version.version}. It can be read, and decided on as it is now only."
        if not may(self.who.user, "reviewer"):
            return "Your role is to read. A reviewer decides."
        if not self.blind and in_double(self.board, self.cell) and not may(self.who.user, "moderator"):
            return "This cell is graded twice, blind. A moderator decides once both grades are there."
        return ""

    @property
    def history(self) -> list[Decision]:
        """Every decision on the cell that the person may know of: others' blind grades only once the cell is decided."""
        if self.blind:
            return []
        undecided, own = self.standing.status in OPEN, self.who.user.name
        told = self.bench.record.history(*self.cell)
        told = [one for one in told if one.version == self.version.version] if self.past else told
        return [one for one in told if one.kind != "blind" or one.reviewer == own or not undecided]

    @property
    def elements(self) -> list[str]:
        """The ids of the criterion's elements."""
        return [e["id"] for c in self.head["criteria"] if c["id"] == self.criterion for e in c["elements"]]

    def quoted(self, paper: Paper, words: str, page: int | None, bears: Iterable[str]) -> dict[str, Any] | None:
        """The words as an evidence entry, looked up in the document; None where they do not stand there."""
        document = self.bench.text(paper)
        where = find_quote(document, words, page) if document else None
        if document is None or where is None:
            return None
        spot = place_of(document, where)
        address: dict[str, Any] = {"sheet": spot.sheet, "cell": spot.cell} if spot.sheet else {"page": spot.page, "box": spot.box}
        quote = {"quote": text_of(document, where), "range": list(where), "elements": [e for e in bears if e in self.elements]}
        return {"file": document.file, **address, **quote, "by": self.who.user.name}

    def keep(self, draft: Draft) -> None:
        self.who.session.drafts[self.draft_key] = draft


def place(slug: str, area: str, criterion: str, bench: TheBench, who: Reader) -> Place:
    """The cell; "not found" too where it is not for this person's eyes."""
    force, board = force_of(bench, who, slug), bench.board()
    standing = board.standings[force].get((area, criterion))
    if standing is None:
        raise HTTPException(404)
    blind = blind_to(board, (force, area, criterion), who.user.name)
    return Place(bench, board, who, slug, board.versions[force], area, criterion, standing, blind)


def past_place(slug: str, past: int, area: str, criterion: str, bench: TheBench, who: Reader) -> Place:
    """The cell as it was in a version; "not found" too where it is not for this person's eyes."""
    version, board = version_of(bench, who, slug, past), bench.board()
    standing = bench.record.standing_then(version).get((area, criterion))
    if standing is None:
        raise HTTPException(404)
    blind = blind_to(board, (version.force, area, criterion), who.user.name)
    return Place(bench, board, who, slug, version, area, criterion, standing, blind, past=True)


def version_of(bench: Bench, who: Who, slug: str, number: int) -> Version:
    """A version of the force's submission; "not found" too where the force is not for this person's eyes."""
    force = force_of(bench, who, slug)
    found = next((one for one in bench.record.versions(force) if one.version == number), None)
    if found is None:
        raise HTTPException(404)
    return found


ThePlace = Annotated[Place, Depends(place)]
ThePastPlace = Annotated[Place, Depends(past_place)]
