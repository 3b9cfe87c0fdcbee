"""The round at a glance: forces by areas, how far the reviewers are, alerts, and who has what."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from pipeline.record.reviewed import PUBLISHED, publish
from pipeline.record.rights import may
from pipeline.record.types import OPEN
from pipeline.report import grades_of, tally
from workbench.pages.common import Form, Moderator, Reader, TheBench, go, page
from workbench.pages.grades import follows

router = APIRouter(include_in_schema=False)


@router.get("/")
def overview(request: Request, bench: TheBench, who: Reader) -> HTMLResponse:
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
        request, "overview.html", forces=forces, alerts=alerts, grades=grades_of(dict(board.head)),
        areas=board.head.get("areas", ()), problems=board.head.get("problems", ()),
        cells=sum(f["cells"] for f in forces), decided=sum(f["decided"] for f in forces), stale=sum(f["stale"] for f in forces),
        flagged=sum(cell[0] in seen for cell in board.flagged), leads=may(who.user, "moderator"),
    )  # fmt: skip


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
