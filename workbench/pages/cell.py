"""A cell's page: what the software found, the page itself beside it, and what reviewers said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pipeline.record.rights import may
from pipeline.report import grades_of
from pipeline.words import marked
from workbench.bench import Bench
from workbench.board import Cell
from workbench.order import NAMES, Waiting, following, queue
from workbench.pages.common import Who, page
from workbench.pages.pane import pane
from workbench.pages.place import ADDRESS, Place, ThePastPlace, ThePlace
from workbench.pages.shelf import Shelf, note
from workbench.pages.versions import shown_change
from workbench.papers import Range
from workbench.security import Draft

router = APIRouter(include_in_schema=False)


class Turned(NamedTuple):
    """A page that the reviewer turned to, in place of the evidence's own: the document's place in the submission, the page, the words."""

    document: int
    page: int
    words: list[Range]


@router.get(ADDRESS)
def cell_page(
    request: Request, at: ThePlace, evidence: int = 0, queue: str = "", document: int = -1, number: int = 1, start: int = 0, end: int = 0
) -> HTMLResponse:
    return cell_view(request, at, evidence, queue, turned=Turned(document, number, [(start, end)] if start < end else []))


@router.get("/force/{slug}/versions/{past}/{area}/{criterion}")
def past_cell_page(
    request: Request, at: ThePastPlace, evidence: int = 0, document: int = -1, number: int = 1, start: int = 0, end: int = 0
) -> HTMLResponse:
    return cell_view(request, at, evidence, turned=Turned(document, number, [(start, end)] if start < end else []))


def cell_view(
    request: Request, at: Place, shown: int = 0, queue_name: str = "", *, status: int = 200, wrong: Mapping[str, str] | None = None,
    chosen: str = "", turned: Turned | None = None, reason: str = "", quote: str = "",
) -> HTMLResponse:  # fmt: skip
    bench, head, user, shelf = at.bench, at.head, at.who.user, at.shelf
    area = next(a for a in head["areas"] if a["id"] == at.area)
    criterion = next(c for c in head["criteria"] if c["id"] == at.criterion)
    entry, version, grades, machine = at.entry, at.version, grades_of(dict(head)), at.machine
    items = _evidence(at, machine, shelf)
    note(bench, at.who, {shelf.open[item["file"]] for item in items if not item["hidden"]}, "quotes")
    if not 1 <= shown <= len(items) or items[shown - 1]["hidden"]:
        shown = next((n for n, item in enumerate(items, 1) if not item["hidden"]), 0)
    waiting = waiting_in(at, queue_name)
    tail = f"?queue={queue_name}" if waiting else ""
    hush, changed = at.blind or at.past, _changed(at)
    comments = [] if hush else [c for c in bench.record.comments(at.force) if (c.area, c.criterion) == (at.area, at.criterion)]
    settled = at.standing.decision if not at.blind else None
    draft = None if at.past else at.who.session.drafts.get(at.draft_key)
    return page(
        request, "cell.html", status=status, wrong=wrong, chosen=chosen, reason=reason, quote=quote,
        crumbs=_crumbs(at), path=at.path, past=at.past, now=at.now,
        search=f"/force/{at.slug}/search", tail=tail, amp=f"&queue={queue_name}" if waiting else "",
        force={"name": at.force, "version": version.version}, area=area, criterion=criterion, grades=grades, blind=at.blind,
        cell={**machine, "provisional": at.standing.provisional, "confidence": at.standing.confidence,
              "status": "provisional" if at.blind else at.standing.status},
        decision=at.standing.signed if settled else None, seen=settled.number if settled else "",
        flagged=at.cell in at.board.flagged and not at.past,
        draft={"size": draft is not None, "words": _words(draft) if draft else ""},
        may_decide=not at.why_not, why_not=at.why_not, may_comment=may(user, "reviewer") and not hush,
        choices=[(number, f"{number} {g['name']}") for number, g in grades.items()],
        need=entry["need"].get(at.area), threat=entry["threat"].get(at.area), evidence=items, shown=shown,
        comments=comments, history=at.history,
        papers=list(shelf.open.values()), asked=any(item["hidden"] == "asked" for item in items) or bool(changed and changed["asked"])
        or bool(shelf.asked and not shelf.open),
        others=list(shelf.asked.values()), slug=at.slug, paper=_pane(at, items, shown, shelf, tail, turned),
        queue=_queue_view(at, queue_name, waiting), changed=changed, versions=f"/force/{at.slug}/versions",
    )  # fmt: skip


def _crumbs(at: Place) -> list[tuple[str, str]]:
    past = [(f"/force/{at.slug}/versions/{at.version.version}", f"Version {at.version.version}")] if at.past else []
    return [("/", "Overview"), (f"/force/{at.slug}", at.force), *past]


def _evidence(at: Place, machine: Mapping[str, Any], shelf: Shelf) -> list[dict[str, Any]]:
    """The quotes in order: the software's, numbered from 1, then those that reviewers added (number 0)."""
    draft = at.draft
    items = [dict(item, number=n, by="", rejected=n in draft.rejected) for n, item in enumerate(machine["evidence"], 1)]
    items += [dict(item, number=0, rejected=False) for item in draft.added]
    for item in items:
        item.setdefault("scope", "")
        item.setdefault("headings", ())
        item.setdefault("score", None)
        item["hidden"] = shelf.hidden(item["file"])
        item["pieces"] = marked(item["quote"], item.get("highlights") or ())
    return items


def _changed(at: Place) -> dict[str, Any] | None:
    """What a resubmission did to the cell, since the version that its decision rests on or the one before; None for a first submission."""
    latest, signed = at.version.version, at.standing.signed if not at.blind else None
    if latest == 1 or at.past:
        return None
    rests = signed if signed and signed.version < latest else None
    compared = at.bench.boards.comparison(at.force, rests.version if rests else latest - 1, latest)
    told = shown_change(at.bench, at.who, compared, compared.cells[at.area, at.criterion])
    return told | {"rests": rests.reviewer if rests else ""}


def _pane(at: Place, items: list[dict[str, Any]], shown: int, shelf: Shelf, tail: str, turned: Turned | None) -> dict[str, Any] | None:
    item = items[shown - 1] if shown else None
    to = next((paper for paper in shelf.open.values() if turned and paper.position == turned.document), None)
    paper = to or (shelf.open[item["file"]] if item else next(iter(shelf.open.values()), None))
    if paper is None:
        return None
    now, page = _ranges(item) if item and not to else [], item.get("page") if item else None
    if to and turned:
        now, page = turned.words, turned.page
    others = [r for other in items if other["file"] == paper.file and (to or other is not item) for r in _ranges(other)]
    view = pane(at.bench, at.who, at.slug, paper, page=page, now=now, others=others, whole=to is not None)
    return view | {"whole": False, "turn": f"{at.path}?document={paper.position}{tail.replace('?', '&')}"}


def _ranges(item: Mapping[str, Any]) -> list[Range]:
    """The bearing words of a quote as ranges of its document's text; the whole quote where none are marked."""
    if not item.get("range"):
        return []
    start, end = item["range"]
    return [(start + a, start + b) for a, b in item.get("highlights") or ()] or [(start, end)]


def _words(draft: Draft) -> str:
    wrong, added = len(draft.rejected), len(draft.added)
    parts = [f"{wrong} quote{'s' if wrong > 1 else ''} marked wrong"] if wrong else []
    parts += [f"{added} quote{'s' if added > 1 else ''} added or tagged"] if added else []
    return " and ".join(parts) or "all earlier marks taken back"


def waiting_in(at: Place, name: str) -> list[Waiting]:
    """The queue of this name, as it stands; empty where it is none."""
    return queue(at.bench, at.who.user, name, at.force if name == "force" else "") if name in NAMES and may(at.who.user, "reviewer") else []


def address_of(bench: Bench, who: Who, cell: Cell | None, name: str) -> str:
    """The address of a cell in a queue."""
    slugs = {force: slug for slug, force in bench.forces(who.user).items()}
    return f"/force/{slugs[cell[0]]}/{cell[1]}/{cell[2]}?queue={name}" if cell else ""


def _queue_view(at: Place, name: str, waiting: list[Waiting]) -> dict[str, Any] | None:
    if not waiting:
        return None
    link = f"/force/{at.slug}" if name == "force" else f"/queue/{name}"
    return {
        "id": name,
        "link": link,
        "name": NAMES[name],
        "left": len(waiting),
        "stale": sum(w.standing.status == "stale" for w in waiting) if name == "stale" else None,
        "next": address_of(at.bench, at.who, following(waiting, at.cell), name),
    }
