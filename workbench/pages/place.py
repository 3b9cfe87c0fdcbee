"""The cell that an address names, for the person who asks, and what they marked on its evidence and did not sign yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.exceptions import HTTPException

from pipeline.record.types import Decision, Standing
from workbench.bench import Bench, Paper
from workbench.board import Board, Cell
from workbench.order import OPEN, blind_to, in_double
from workbench.pages.common import Reader, TheBench, Who, force_of
from workbench.papers import find_quote, place_of, text_of
from workbench.rights import may
from workbench.security import Draft

ADDRESS: Final = "/force/{slug}/{area}/{criterion}"


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that an address names, for the person who asks."""

    bench: Bench
    board: Board
    who: Who
    slug: str
    force: str
    area: str
    criterion: str
    standing: Standing
    blind: bool

    @property
    def path(self) -> str:
        return f"/force/{self.slug}/{self.area}/{self.criterion}"

    @property
    def cell(self) -> Cell:
        return self.force, self.area, self.criterion

    @property
    def draft_key(self) -> tuple[int, str, str]:
        return self.board.versions[self.force].number, self.area, self.criterion

    @property
    def draft(self) -> Draft:
        """What is marked and not signed; at first what the standing decision on this version marked."""
        decision = None if self.blind else self.standing.decision
        kept = Draft()
        if decision and decision.version == self.board.versions[self.force].version:
            kept = Draft(frozenset(decision.evidence.rejected), decision.evidence.added)
        return self.who.session.drafts.get(self.draft_key, kept)

    @property
    def quotes(self) -> list[dict[str, Any]]:
        """The software's evidence, best first."""
        found: list[dict[str, Any]] = self.bench.entry(self.force)["cells"][self.area][self.criterion]["evidence"]
        return found

    @property
    def why_not(self) -> str:
        """Why the person may not decide on the cell; "" where they may."""
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
        return [one for one in told if one.kind != "blind" or one.reviewer == own or not undecided]

    @property
    def elements(self) -> list[str]:
        """The ids of the criterion's elements."""
        return [e["id"] for c in self.board.head["criteria"] if c["id"] == self.criterion for e in c["elements"]]

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
    return Place(bench, board, who, slug, force, area, criterion, standing, blind)


ThePlace = Annotated[Place, Depends(place)]
