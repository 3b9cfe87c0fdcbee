"""A reviewer's word on a cell: the decision, comments, and marks on the evidence that the decision signs."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from pipeline.record.types import Conflict, EvidenceMarks, RecordError
from pipeline.report import grades_of
from workbench.order import NAMES, following
from workbench.pages.cell import address_of, cell_view, waiting_in
from workbench.pages.common import Form, Reviewer, go, text
from workbench.pages.place import ADDRESS, Place, ThePlace, place
from workbench.papers import LEAST_QUOTE
from workbench.security import Draft

router = APIRouter(include_in_schema=False)
MOST_WORDS: Final = 10_000
"""Characters of a reason or a comment."""
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
    seen = int(text(form, "seen")) if text(form, "seen").isdecimal() else None
    draft, grade = at.draft, int(chosen)
    kept = accepted(at, draft) if grade == at.standing.provisional else ()
    try:
        at.bench.record.decide(
            *at.cell, grade=grade, reviewer=at.who.user.name, at=at.bench.clock(), reason=reason, seen=seen, blind=at.blind,
            version=int(text(form, "version")),
            evidence=EvidenceMarks(kept, tuple(sorted(draft.rejected)), draft.added),
        )  # fmt: skip
    except Conflict as conflict:
        at.bench.boards.now()
        return cell_view(request, place(at.slug, at.area, at.criterion, at.bench, at.who), 0, queue, status=409,
                     wrong={"": f"Your decision was not signed: {conflict}"}, chosen=chosen, reason=reason)  # fmt: skip
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
    reason, seen = text(form, "why_again")[:MOST_WORDS], text(form, "seen")
    if why := at.why_not:
        raise HTTPException(403, why)
    if not reason:
        return cell_view(request, at, 0, queue, status=422, wrong={"why_again": "Say why the cell is reopened"})
    try:
        at.bench.record.reopen(
            *at.cell, reviewer=who.user.name, at=at.bench.clock(), reason=reason, seen=int(seen) if seen.isdecimal() else None
        )
    except RecordError as error:  # another one decided meanwhile, or there is nothing to reopen
        at.bench.boards.now()
        there = place(at.slug, at.area, at.criterion, at.bench, who)
        return cell_view(request, there, 0, queue, status=409, wrong={"": f"Nothing was reopened: {error}"})
    who.session.drafts.pop(at.draft_key, None)
    who.session.told = "The cell is reopened: it waits for a decision again."
    return go(at.path + (f"?queue={queue}" if queue in NAMES else ""))


def accepted(at: Place, draft: Draft) -> tuple[int, ...]:
    """The quotes that a reviewer who accepts the grade takes for good: those that are shown to them and not marked wrong."""
    seen = at.shelf.open
    return tuple(n for n, quote in enumerate(at.quotes, 1) if n not in draft.rejected and quote["file"] in seen)


def _wrong(at: Place, chosen: str, reason: str, version: str) -> dict[str, str]:
    grades = grades_of(dict(at.board.head))
    if not chosen.isdecimal() or int(chosen) not in grades:
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
    number = _quote_number(at, form)
    at.keep(Draft(at.draft.rejected ^ {number}, at.draft.added))
    return _back(at, number, queue)


@router.post(ADDRESS + "/draft/tag")
def tag(at: ThePlace, who: Reviewer, form: Form, queue: str = "") -> Response:
    number, element = _quote_number(at, form), text(form, "element")
    if element not in at.elements:
        raise HTTPException(400)
    quote = at.quotes[number - 1]
    address = {k: quote[k] for k in _PLACE if k in quote}
    at.keep(Draft(at.draft.rejected, (*at.draft.added, {**address, "elements": [element], "by": who.user.name})))
    return _back(at, number, queue)


@router.post(ADDRESS + "/draft/add")
def add(request: Request, at: ThePlace, who: Reviewer, form: Form, queue: str = "") -> Response:
    words, number, shown = text(form, "quote"), text(form, "page"), text(form, "from")
    papers = {str(paper.position): paper for paper in at.shelf.open.values()}
    paper, page = papers.get(text(form, "document")), int(number) if number.isdecimal() else None
    added = at.quoted(paper, words, page, map(str, form.getlist("bears"))) if paper else None
    if added is None:
        wrong = {"quote": f"These words do not stand in the document. Copy at least {LEAST_QUOTE} letters of it, within one run of text."}
        return cell_view(request, at, int(shown) if shown.isdecimal() else 0, queue, status=422, wrong=wrong, quote=words)
    at.keep(Draft(at.draft.rejected, (*at.draft.added, added)))
    return _back(at, len(at.quotes) + len(at.draft.added), queue)


@router.post(ADDRESS + "/draft/clear")
def clear(at: ThePlace, _: Reviewer, form: Form, queue: str = "") -> Response:
    at.who.session.drafts.pop(at.draft_key, None)
    return _back(at, 1, queue)


def _back(at: Place, number: int, queue: str) -> Response:
    tail = f"&queue={queue}" if queue in NAMES else ""
    return go(f"{at.path}?evidence={number}{tail}#evidence-{number}")


def _quote_number(at: Place, form: Form) -> int:
    number = text(form, "evidence")
    if not number.isdecimal() or not 1 <= int(number) <= len(at.quotes):
        raise HTTPException(400)
    return int(number)
