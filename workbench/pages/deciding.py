"""A reviewer's word on a cell: the decision, comments, and marks on the evidence that the decision signs."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from pipeline.record.types import Conflict, EvidenceMarks, RecordError
from pipeline.report import grades_of
from workbench.order import NAMES, following
from workbench.pages.cell import address_of, cell_view, waiting_in
from workbench.pages.common import MOST_WORDS, Form, Reviewer, conflict_told, go, number, text
from workbench.pages.place import ADDRESS, Place, ThePlace, place
from workbench.papers import LEAST_QUOTE
from workbench.security import Draft

router = APIRouter(include_in_schema=False)
_PLACE: Final[tuple[str, ...]] = ("file", "page", "box", "sheet", "cell", "quote", "range", "headings")


@router.post(ADDRESS + "/decide")
def decide(request: Request, at: ThePlace, _: Reviewer, form: Form, queue: str = "") -> Response:
    reason, chosen = text(form, "reason")[:MOST_WORDS], text(form, "grade")
    if why := at.why_not:
        raise HTTPException(403, why)
    wrong = _wrong(at, chosen, reason, text(form, "version"))
    if wrong:
        return cell_view(request, at, 0, queue, status=422, wrong=wrong, chosen=chosen, reason=reason)
    after = following(waiting_in(at, queue), at.cell)
    draft, grade = at.draft, int(chosen)
    kept = accepted(at, draft) if grade == at.standing.provisional else ()
    try:
        at.bench.record.decide(
            *at.cell, grade=grade, reviewer=at.who.user.name, at=at.bench.clock(), reason=reason, seen=number(text(form, "seen")),
            blind=at.blind, version=at.version.version,
            evidence=EvidenceMarks(kept, tuple(sorted(draft.rejected)), draft.added),
        )  # fmt: skip
    except Conflict as conflict:
        at.bench.boards.now()
        there, told = place(at.slug, at.area, at.criterion, at.bench, at.who), conflict_told(at.bench, conflict)
        wrong = {"": f"Your decision was not signed: {told}"}
        return cell_view(request, there, 0, queue, status=409, wrong=wrong, chosen=chosen, reason=reason)
    except RecordError as error:
        return cell_view(request, at, 0, queue, status=422, wrong={"": str(error)}, chosen=chosen, reason=reason)
    at.who.session.drafts.pop(at.draft_key, None)
    name = grades_of(dict(at.board.head))[grade]["name"].lower()
    done = "" if at.blind else at.bench.publish_if_signed_off(at.force)
    at.who.session.told = f"Signed: {at.force}, {_named(at)}: {grade} {name}.{done}"
    over = {"": at.path, "force": f"/force/{at.slug}"}.get(queue if queue in NAMES else "", f"/queue/{queue}")
    return go(address_of(at.bench, at.who, after, queue) or over)


@router.post(ADDRESS + "/reopen")
def reopen(request: Request, at: ThePlace, who: Reviewer, form: Form, queue: str = "") -> Response:
    """Takes the standing decision out of force: the cell is provisional again and waits in the queues."""
    reason = text(form, "why_again")[:MOST_WORDS]
    if why := at.why_not:
        raise HTTPException(403, why)
    if not reason:
        return cell_view(request, at, 0, queue, status=422, wrong={"why_again": "Say why the cell is reopened"})
    try:
        at.bench.record.reopen(*at.cell, reviewer=who.user.name, at=at.bench.clock(), reason=reason, seen=number(text(form, "seen")))
    except RecordError as error:  # another one decided meanwhile, or there is nothing to reopen
        at.bench.boards.now()
        there = place(at.slug, at.area, at.criterion, at.bench, who)
        return cell_view(request, there, 0, queue, status=409, wrong={"": f"Nothing was reopened: {conflict_told(at.bench, error)}"})
    who.session.drafts.pop(at.draft_key, None)
    who.session.told = "The cell is reopened: it waits for a decision again."
    return go(at.path + (f"?queue={queue}" if queue in NAMES else ""))


def accepted(at: Place, draft: Draft) -> tuple[int, ...]:
    """The quotes that a reviewer who accepts the grade takes for good: those that are shown to them and not marked wrong."""
    seen = at.shelf.open
    return tuple(n for n, quote in enumerate(at.quotes, 1) if n not in draft.rejected and quote["file"] in seen)


def _wrong(at: Place, chosen: str, reason: str, version: str) -> dict[str, str]:
    grades = grades_of(dict(at.board.head))
    if number(chosen) not in grades:
        return {"grade": "Select the grade that you give"}
    if version != str(at.version.version):
        return {
            "": "The force sent new documents meanwhile, and they have been reviewed. Nothing was signed: look at the cell as it is now."
        }
    if int(chosen) != at.standing.provisional and not reason:
        return {"reason": "Say why you give another grade than the software"}
    return {}


def _named(at: Place) -> str:
    area = next(a["name"] for a in at.board.head["areas"] if a["id"] == at.area)
    criterion = next(c["short"] for c in at.board.head["criteria"] if c["id"] == at.criterion)
    return f"{area}, {criterion.lower()}"


@router.post(ADDRESS + "/comment")
def comment(request: Request, at: ThePlace, who: Reviewer, form: Form) -> Response:
    words, flag = text(form, "comment")[:MOST_WORDS], {"yes": True, "no": False}.get(text(form, "flag"))
    if at.blind:
        raise HTTPException(403, "Grade the cell first: until then neither sees what the other says.")
    if not words and flag is None:
        return cell_view(request, at, status=422, wrong={"comment": "Write the comment, or flag the cell"})
    at.bench.record.comment(*at.cell, author=who.user.name, at=at.bench.clock(), text=words, flag=flag)
    flagged = "The cell is flagged for discussion." if flag else "The discussion is settled."
    who.session.told = "The comment is saved." if flag is None else flagged
    return go(f"{at.path}#comments")


@router.post(ADDRESS + "/draft/wrong")
def mark_wrong(at: ThePlace, _: Reviewer, form: Form, queue: str = "") -> Response:
    quote = _quote_number(at, form)
    at.keep(Draft(at.draft.rejected ^ {quote}, at.draft.added))
    return _back(at, quote, queue)


@router.post(ADDRESS + "/draft/tag")
def tag(at: ThePlace, who: Reviewer, form: Form, queue: str = "") -> Response:
    place_in_list, element = _quote_number(at, form), text(form, "element")
    if element not in at.elements:
        raise HTTPException(400)
    quote = at.quotes[place_in_list - 1]
    address = {k: quote[k] for k in _PLACE if k in quote}
    at.keep(Draft(at.draft.rejected, (*at.draft.added, {**address, "elements": [element], "by": who.user.name})))
    return _back(at, place_in_list, queue)


@router.post(ADDRESS + "/draft/add")
def add(request: Request, at: ThePlace, who: Reviewer, form: Form, queue: str = "") -> Response:
    words = text(form, "quote")
    papers = {str(paper.position): paper for paper in at.shelf.open.values()}
    paper = papers.get(text(form, "document"))
    added = at.quoted(paper, words, number(text(form, "page")), map(str, form.getlist("bears"))) if paper else None
    if added is None:
        wrong = {"quote": f"These words do not stand in the document. Copy at least {LEAST_QUOTE} letters of it, within one run of text."}
        return cell_view(request, at, number(text(form, "from")) or 0, queue, status=422, wrong=wrong, quote=words)
    at.keep(Draft(at.draft.rejected, (*at.draft.added, added)))
    return _back(at, len(at.quotes) + len(at.draft.added), queue)


@router.post(ADDRESS + "/draft/clear")
def clear(at: ThePlace, _: Reviewer, form: Form, queue: str = "") -> Response:
    at.who.session.drafts.pop(at.draft_key, None)
    return _back(at, 1, queue)


def _back(at: Place, quote: int, queue: str) -> Response:
    tail = f"&queue={queue}" if queue in NAMES else ""
    return go(f"{at.path}?evidence={quote}{tail}#evidence-{quote}")


def _quote_number(at: Place, form: Form) -> int:
    quote = number(text(form, "evidence"))
    if quote is None or not 1 <= quote <= len(at.quotes):
        raise HTTPException(400)
    return quote
