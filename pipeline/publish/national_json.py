"""national.json, for other programs: the fields of formats.md, with others beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pipeline.publish.need import Agreement
from pipeline.publish.picture import LOWEST, Picture
from pipeline.publish.tables import Figure, Table
from pipeline.store import write_whole

FORMAT: Final = "readacross-national/1"


def write_json(picture: Picture, path: Path) -> None:
    """Writes national.json whole."""
    write_whole(path, json.dumps(national(picture), ensure_ascii=False, indent=1).encode())


def national(picture: Picture) -> dict[str, Any]:
    """The whole of national.json."""
    return {
        "format": FORMAT,
        "pack": {"id": picture.pack.id, "version": picture.pack.version, "sha256": picture.pack.sha256},
        "forces": len(picture.forces),
        "force_names": {f.number: f.name for f in picture.forces},
        "not_counted": list(picture.left_out),
        "roll_up": "strict" if picture.rule == LOWEST else "mean",
        "source": dict(picture.source),
        "basis": picture.basis,
        "marking": picture.marking,
        "withheld": picture.withheld,
        "problems": list(picture.problems),
        "areas": [a.id for a in picture.pack.areas],
        "criteria": [c.id for c in picture.pack.criteria],
        "tables": {table.number: _table(table) for table in picture.tables},
        "headlines": {h.id: h.figure.count for h in picture.headlines},
        "headline_forces": {h.id: list(h.figure.forces) for h in picture.headlines},
        "governance": {h.id: h.figure.count for h in picture.governance},
        "governance_forces": {h.id: list(h.figure.forces) for h in picture.governance},
        "orientation": {h.id: h.figure.count for h in picture.orientation},
        "orientation_forces": {h.id: list(h.figure.forces) for h in picture.orientation},
        "visit_candidates": [{"force": v.force, "areas": dict(v.reasons)} for v in picture.visits],
        "links": [
            {"force": x.source, "names": x.target, "area": x.area, "state": x.state, "agreed": x.agreed}
            for x in picture.collaboration.links
        ],
        "planning_model": {v.stage.id: {a: f.percent for a, f in v.by_area.items()} for v in picture.planning},
        "planning_model_by_force": {
            v.stage.id: {
                number: {a: [v.each[number, a].count, v.each[number, a].out_of] for a in picture.areas} for number in picture.names
            }
            for v in picture.planning
        },
        "need_against_provision": {
            **{h.id: list(h.figure.forces) for h in picture.following},
            "forces": [
                {
                    "force": n.force,
                    "alerts": [{"area": a.area, "text": a.text} for a in n.alerts],
                    "need": _agreement(n.need),
                    "threat": _agreement(n.threat),
                    "resourced_at_low_need": list(n.resourced),
                    "short_of_resources_at_high_need": list(n.starved),
                }
                for n in picture.needs
            ],
            "areas": [
                {"area": p.area, "need": p.need, "provision": p.provision, "ratio": _round(p.ratio), "finding": p.finding}
                for p in picture.proportions
            ],
        },
    }


def _table(table: Table) -> dict[str, Any]:
    entry: dict[str, Any] = {"title": table.title, "rows": list(table.rows), "columns": list(table.columns), "basis": list(table.basis)}
    entry["percent"] = [[f.percent for f in row] for row in table.figures]
    entry["count"] = [[f.known_count for f in row] for row in table.figures]
    entry["out_of"] = [[f.out_of for f in row] for row in table.figures]
    if table.totals:
        entry["total_percent"] = [f.percent for f in table.totals]
        entry["total_count"] = [f.known_count for f in table.totals]
    if table.forces:
        entry["forces"] = [f.known_count for f in table.forces]
    if len(table.figures[0][0].behind) != table.figures[0][0].out_of or table.totals:
        entry["behind"] = [[_behind(f) for f in row] for row in table.figures]
    return entry


def _behind(figure: Figure) -> list[int]:
    """The numbers of the forces behind a figure, as `force_names` gives them."""
    return list(figure.forces)


def _agreement(found: Agreement) -> dict[str, Any]:
    breaks = [{"area": b.area, "richer_below": b.richer, "poorer_above": b.poorer} for b in found.breaks]
    return {"tau_b": _round(found.tau), "follows": found.follows, "why": found.why, "breaks": breaks}


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
