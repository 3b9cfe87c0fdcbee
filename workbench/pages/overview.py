"""The round at a glance: forces by areas, how far the reviewers are, alerts, and who has what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from pipeline.record.reviewed import PUBLISHED, publish
from pipeline.record.rights import may, sees_force
from pipeline.record.types import OPEN, Withdrawal
from pipeline.report import grades_of, tally
from workbench.bench import Bench
from workbench.pages.common import MOST_WORDS, Form, Moderator, Reader, TheBench, Who, go, page, text
from workbench.pages.grades import follows

router = APIRouter(include_in_schema=False)


@router.get("/")
def overview(request: Request, bench: TheBench, who: Reader) -> HTMLResponse:
    return _page(request, bench, who)


def _page(request: Request, bench: Bench, who: Who, wrong: Mapping[str, str] | None = None) -> HTMLResponse:
    board = bench.board()
    forces, alerts = [], []
    for slug, force in bench.forces(who.user).items():
        standings, path = board.standings[force], f"/force/{slug}"
        told = follows(board.head, bench.entry(force), standings)
        alerts += [(path, force, alert) for alert in told["alerts"]]
        forces.append(
            {"name": force, "path": path, "grades": told["area_grades"], "cells": len(standings), "alerts": told["alerts"],
             "decided": sum(s.status not in OPEN for s in standings.values()),
             "stale": sum(s.status == "stale" for s in standings.values()),
             "who": sorted({bench.called(a.reviewer) for a in board.assignments if a.force == force and not a.blind})}
        )  # fmt: skip
    seen = {force["name"] for force in forces}
    return page(
        request, "overview.html", status=422 if wrong else 200, wrong=wrong, withdrawn=_withdrawn(bench, who),
        forces=forces, alerts=alerts, grades=grades_of(dict(board.head)),
        areas=board.head.get("areas", ()), problems=board.head.get("problems", ()),
        cells=sum(f["cells"] for f in forces), decided=sum(f["decided"] for f in forces), stale=sum(f["stale"] for f in forces),
        flagged=sum(cell[0] in seen for cell in board.flagged), leads=may(who.user, "moderator"),
    )  # fmt: skip


def _withdrawn(bench: Bench, who: Who) -> list[Withdrawal]:
    return [one for one in bench.record.withdrawn() if sees_force(who.user, one.force)]


@router.post("/take-back")
def take_back(request: Request, bench: TheBench, who: Moderator, form: Form) -> Response:
    """Takes a submission that was withdrawn back into the round."""
    force, reason = text(form, "force"), text(form, "why_back")[:MOST_WORDS]
    if force not in [one.force for one in _withdrawn(bench, who)]:
        raise HTTPException(404)
    if not reason:
        return _page(request, bench, who, {"why_back": "Say why it is taken back"})
    bench.record.withdraw(force, by=who.user.name, at=bench.clock(), reason=reason, withdrawn=False)
    who.session.told = f"{force} is back in the round, with the decisions on it. Publish it anew."
    return go("/")


@router.post("/publish")
def publish_round(bench: TheBench, who: Moderator, form: Form) -> Response:
    bench.record.give_out(PUBLISHED, by=who.user.name, at=bench.clock())
    try:
        whole = publish(bench.record, bench.out)
    except OSError as error:
        why = ": ".join(filter(None, (Path(error.filename or "").name, error.strerror or str(error))))
        raise HTTPException(500, f"Nothing was published ({why}). Free the disk and publish again.") from None
    who.session.told = f"reviewed.json, matrix.xlsx and report.html are written. {tally(whole)}"
    return go("/")
