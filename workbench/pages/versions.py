"""Version against version of a force's submission: its documents, its cells up and down, and the words behind each."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pipeline.compare.cells import CellChange
from pipeline.compare.told import MARKS, words
from pipeline.compare.versions import Comparison
from pipeline.record.types import User
from pipeline.report import grades_of
from workbench.bench import Bench
from workbench.order import blind_to
from workbench.pages.common import Reader, TheBench, force_of, page
from workbench.rights import cleared

router = APIRouter(include_in_schema=False)


@router.get("/force/{slug}/versions")
def versions_page(request: Request, slug: str, bench: TheBench, who: Reader, old: int = 0, new: int = 0) -> HTMLResponse:
    force, board = force_of(bench, who, slug), bench.board()
    head, versions = board.head, bench.record.versions(force)
    new = min(new, len(versions)) if new > 0 else len(versions)
    compared = bench.boards.comparison(force, min(old, len(versions)) if old > 0 else max(1, new - 1), new)
    names = {one["id"]: one["name" if key == "areas" else "short"] for key in ("areas", "criteria") for one in head[key]}
    cells = [
        {"name": f"{names.get(key[0], key[0])}: {names.get(key[1], key[1])}", "path": f"/force/{slug}/{key[0]}/{key[1]}",
         "status": _status(bench, who.user, force, key), **shown_change(bench, who.user, compared, change)}
        for mark in MARKS for key, change in compared.cells.items()
        if change.mark == mark and (change.differences or change.old_grade != change.new_grade)
    ]  # fmt: skip
    return page(
        request, "versions.html", crumbs=[("/", "Overview"), (f"/force/{slug}", force)], force=force, path=f"/force/{slug}/versions",
        versions=versions, old=compared.old, new=compared.new, documents=compared.documents, cells=cells, grades=grades_of(dict(head)),
        passages=sorted(compared.passages.items()), counts=[(name, *_count(compared, mark)) for mark, name in MARKS.items()],
    )  # fmt: skip


def shown_change(bench: Bench, user: User, compared: Comparison, change: CellChange) -> dict[str, Any]:
    """What became of a cell as the person may see it: passages out of documents above their clearance are kept back, and counted."""
    documents = [d for version in (compared.old, compared.new) for d in bench.boards.entry(version)["documents"]]
    closed = {d["file"] for d in documents if not cleared(user, d.get("marking") or "")}
    differences = [d for d in change.differences if not closed & {d.file, d.was}]
    return {
        "mark": change.mark, "said": MARKS[change.mark], "old_grade": change.old_grade, "new_grade": change.new_grade,
        "old": compared.old, "new": compared.new, "hidden": len(change.differences) - len(differences),
        "differences": [{"change": d.change, "file": d.file, "words": list(words(d.before, d.after))} for d in differences],
    }  # fmt: skip


def _status(bench: Bench, user: User, force: str, key: tuple[str, str]) -> str:
    standing = bench.board().standings[force].get(key)
    return "" if standing is None else "provisional" if blind_to(bench.board(), (force, *key), user.name) else standing.status


def _count(compared: Comparison, mark: str) -> tuple[int, int, int]:
    """Cells of this mark, and how many of them the machine grades higher and lower than before."""
    moves = [(c.new_grade or 0) - (c.old_grade or 0) for c in compared.cells.values() if c.mark == mark]
    return len(moves), sum(m > 0 for m in moves), sum(m < 0 for m in moves)
