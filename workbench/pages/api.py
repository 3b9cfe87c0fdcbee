"""The record for other programs: JSON over HTTP, told by OpenAPI at /api/openapi.json. The same rights hold as in the browser.

A program signs in at /api/session and sends the key that it gets as `Authorization: Bearer KEY`.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from pipeline.record.types import OPEN, Conflict, Decision, EvidenceMarks, RecordError
from workbench import accounts
from workbench.order import NAMES, queue
from workbench.pages.common import MOST_WORDS, Reader, Reviewer, TheBench, force_of
from workbench.pages.deciding import accepted
from workbench.pages.grades import follows
from workbench.pages.place import Place, ThePlace, place
from workbench.pages.shelf import note
from workbench.security import LONGEST, Draft

_CELL = "/forces/{slug}/cells/{area}/{criterion}"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Refused(_Told):
    detail: str | list[dict[str, str]] = Field(description="Why, in words; for a body that is not of the form, field by field.")


_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Refused, "description": "Nobody is signed in, or the session ended."},
    403: {"model": Refused, "description": "The person may not do that."},
    404: {"model": Refused, "description": "There is no such thing, or it is not theirs to see."},
    409: {"model": Refused, "description": "Somebody decided, or the force sent new documents, since; or the record cannot be used."},
    422: {"model": Refused, "description": "What was sent cannot be taken."},
}
router = APIRouter(prefix="/api", dependencies=[Depends(HTTPBearer(auto_error=False))], responses=_REFUSALS)


class SignIn(_Told):
    name: str = Field(max_length=100)
    password: str = Field(max_length=1000)
    why: str = Field("", max_length=500, description="Why restricted documents are looked at; without it their quotes are left out.")


class Key(_Told):
    key: str
    expires_in: int = Field(description="Seconds until it ends whatever happens; it also ends after half an hour without a request.")


class Force(_Told):
    slug: str = Field(description="The force's name in addresses.")
    force: str
    version: int
    cells: int
    decided: int


class Round(_Told):
    """matrix.json without its submissions: pack, model, grades, areas, criteria."""

    model_config = ConfigDict(extra="allow")
    grades: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    criteria: list[dict[str, Any]]


class DecisionTold(_Told):
    """A reviewer's word on a cell. `kind` is accepted, overridden, carried_forward, stale, reopened or blind."""

    number: int
    version: int
    kind: str
    grade: int
    reviewer: str
    at: str
    reason: str


class Standing(_Told):
    """How a cell stands: `grade` is in force, `provisional_grade` the software's. Send `seen` back with a decision."""

    area: str
    criterion: str
    grade: int
    provisional_grade: int
    confidence: float
    status: str
    blind: bool = Field(description="This person grades the cell blind: what others decided is not told.")
    seen: int | None
    decision: DecisionTold | None


class Matrix(_Told):
    force: str
    version: int
    cells: list[Standing]
    area_grades: dict[str, int]
    criterion_grades: dict[str, int]
    credible: bool
    alerts: list[str]


class Cell(Standing):
    """A cell with what the software found, in the form of matrix.json; quotes above the person's clearance are left out."""

    probabilities: list[float]
    elements: dict[str, float]
    missing: list[str]
    explanation: str
    evidence: list[dict[str, Any]]
    history: list[DecisionTold]


class AddedQuote(_Told):
    file: str
    quote: str = Field(max_length=MOST_WORDS, description="Words of the document; blanks and line ends do not matter.")
    page: int | None = None
    elements: list[str] = []


class NewDecision(_Told):
    """A decision to sign. Evidence is named by its place in the cell's list, from 1."""

    grade: int
    reason: str = Field("", max_length=MOST_WORDS)
    version: int = Field(description="The version of the submission that was looked at.")
    seen: int | None = Field(None, description="`seen` of the cell looked at: where somebody decided since, nothing is signed.")
    rejected: list[int] = []
    added: list[AddedQuote] = []


class Reopening(_Told):
    reason: str = Field(max_length=MOST_WORDS)
    seen: int = Field(description="`seen` of the cell looked at: where somebody decided since, nothing is reopened.")


@router.post("/session", tags=["session"])
def sign_in(bench: TheBench, asked: SignIn) -> Key:
    user = accounts.sign_in(bench.record, asked.name, asked.password, bench.clock())
    if user is None:
        raise HTTPException(403, "The name or the password is wrong, or the account is locked.")
    return Key(key=bench.sessions.open(user.name, asked.why.strip()), expires_in=int(LONGEST))


@router.delete("/session", tags=["session"], status_code=204)
def sign_out(request: Request, bench: TheBench, who: Reader) -> None:
    bench.sessions.close(request.headers["authorization"].removeprefix("Bearer "))


@router.get("/round", tags=["round"])
def the_round(bench: TheBench, who: Reader) -> Round:
    return Round.model_validate(bench.board().head)


@router.get("/forces", tags=["round"])
def forces(bench: TheBench, who: Reader) -> list[Force]:
    board = bench.board()
    return [
        Force(slug=slug, force=force, version=board.versions[force].version, cells=len(board.standings[force]),
              decided=sum(s.status not in OPEN for s in board.standings[force].values()))
        for slug, force in bench.forces(who.user).items()
    ]  # fmt: skip


@router.get("/forces/{slug}/matrix", tags=["cells"])
def matrix(slug: str, bench: TheBench, who: Reader) -> Matrix:
    force, board = force_of(bench, who, slug), bench.board()
    told = follows(board.head, bench.entry(force), board.standings[force])
    cells = [Standing(**_standing(place(slug, area, criterion, bench, who))) for area, criterion in board.standings[force]]
    return Matrix(force=force, version=board.versions[force].version, cells=cells, **told)


@router.get(_CELL, tags=["cells"])
def cell(at: ThePlace) -> Cell:
    machine, shelf = at.machine, at.shelf
    note(at.bench, at.who, {shelf.open[quote["file"]] for quote in at.quotes if quote["file"] in shelf.open}, "quotes")
    return Cell(
        **_standing(at), **{name: machine[name] for name in ("probabilities", "elements", "missing", "explanation")},
        evidence=[{"number": n, **quote} for n, quote in enumerate(at.quotes, 1) if quote["file"] in shelf.open],
        history=[DecisionTold.model_validate(_told(one)) for one in at.history],
    )  # fmt: skip


@router.post(_CELL + "/decisions", tags=["cells"], status_code=201)
def decide(at: ThePlace, who: Reviewer, asked: NewDecision) -> DecisionTold:
    if at.why_not:
        raise HTTPException(403, at.why_not)
    if asked.version != at.version.version:
        raise HTTPException(409, "The force sent new documents meanwhile. Look at the cell as it is now.")
    papers, added = at.shelf.open, []
    for one in asked.added:
        quote = at.quoted(papers[one.file], one.quote, one.page, one.elements) if one.file in papers else None
        if quote is None:
            raise HTTPException(422, f"These words do not stand in {one.file}: {one.quote[:100]}")
        added.append(quote)
    draft = Draft(frozenset(asked.rejected), tuple(added))
    kept = accepted(at, draft) if asked.grade == at.standing.provisional else ()
    marks = EvidenceMarks(kept, tuple(sorted(draft.rejected)), draft.added)
    try:
        signed = at.bench.record.decide(
            *at.cell, grade=asked.grade, reviewer=who.user.name, at=at.bench.clock(), reason=asked.reason, seen=asked.seen,
            version=asked.version, blind=at.blind, evidence=marks,
        )  # fmt: skip
    except Conflict:
        raise
    except RecordError as error:
        raise HTTPException(422, str(error)) from None
    if not at.blind:
        at.bench.publish_if_signed_off(at.force)
    return DecisionTold.model_validate(_told(signed))


@router.post(_CELL + "/reopening", tags=["cells"], status_code=201)
def reopen(at: ThePlace, who: Reviewer, asked: Reopening) -> DecisionTold:
    """Takes the standing decision out of force: the cell is provisional again."""
    if at.why_not:
        raise HTTPException(403, at.why_not)
    try:
        signed = at.bench.record.reopen(*at.cell, reviewer=who.user.name, at=at.bench.clock(), reason=asked.reason, seen=asked.seen)
    except Conflict:
        raise
    except RecordError as error:
        raise HTTPException(422, str(error)) from None
    return DecisionTold.model_validate(_told(signed))


@router.get("/queue/{name}", tags=["cells"])
def the_queue(name: str, bench: TheBench, who: Reviewer) -> list[dict[str, str]]:
    """The cells that wait for this person, first things first: uncertain, need, stale, mine or flagged."""
    if name not in NAMES or name == "force":
        raise HTTPException(404)
    slugs = {force: slug for slug, force in bench.forces(who.user).items()}
    return [{"slug": slugs[w.cell[0]], "area": w.cell[1], "criterion": w.cell[2]} for w in queue(bench, who.user, name)]


def _standing(at: Place) -> dict[str, Any]:
    stands = at.standing
    signed = None if at.blind else stands.signed
    return {
        "area": at.area, "criterion": at.criterion, "provisional_grade": stands.provisional, "confidence": stands.confidence,
        "grade": stands.provisional if at.blind else stands.grade, "status": "provisional" if at.blind else stands.status,
        "blind": at.blind, "seen": None if at.blind else stands.seen, "decision": _told(signed) if signed else None,
    }  # fmt: skip


def _told(one: Decision) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DecisionTold.model_fields}
