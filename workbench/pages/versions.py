"""Version against version of a force's submission: its documents, its cells up and down, and the words behind each."""

from __future__ import annotations

from collections import Counter
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
from workbench.pages.common import Reader, TheBench, Who, force_of, page
from workbench.pages.shelf import note, shelf_of

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
         "status": _status(bench, who.user, force, key), **shown_change(bench, who, compared, change)}
        for mark in MARKS for key, change in compared.cells.items()
        if change.mark == mark and (change.differences or change.old_grade != change.new_grade)
    ]  # fmt: skip
    return page(
        request, "versions.html", crumbs=[("/", "Overview"), (f"/force/{slug}", force)], force=force, path=f"/force/{slug}/versions",
        versions=versions, old=compared.old, new=compared.new, documents=compared.documents, cells=cells, grades=grades_of(dict(head)),
        asked=sum(cell["asked"] for cell in cells),
        passages=sorted(compared.passages.items()), counts=[(name, *_count(compared, mark)) for mark, name in MARKS.items()],
    )  # fmt: skip


def shown_change(bench: Bench, who: Who, compared: Comparison, change: CellChange) -> dict[str, Any]:
    """What became of a cell as the person may see it: passages out of documents that are not open to them are kept back, and counted."""
    old, new = shelf_of(bench, who, compared.old), shelf_of(bench, who, compared.new)
    differences, hidden = [], Counter[str]()
    for d in change.differences:
        sources = [(shelf, file) for shelf, file, words in ((old, d.was, d.before), (new, d.file, d.after)) if words]
        kept_back = {shelf.hidden(file) for shelf, file in sources} - {""}
        if kept_back:
            hidden["closed" if "closed" in kept_back else "asked"] += 1
            continue
        differences.append(d)
        note(bench, who, [shelf.open[file] for shelf, file in sources], "quotes")
    return {
        "mark": change.mark, "said": MARKS[change.mark], "old_grade": change.old_grade, "new_grade": change.new_grade,
        "old": compared.old, "new": compared.new, "closed": hidden["closed"], "asked": hidden["asked"],
        "differences": [{"change": d.change, "file": d.file, "words": list(words(d.before, d.after))} for d in differences],
    }  # fmt: skip


def _status(bench: Bench, user: User, force: str, key: tuple[str, str]) -> str:
    standing = bench.board().standings[force].get(key)
    return "" if standing is None else "provisional" if blind_to(bench.board(), (force, *key), user.name) else standing.status


def _count(compared: Comparison, mark: str) -> tuple[int, int, int]:
    """Cells of this mark, and how many of them the machine grades higher and lower than before."""
    moves = [(c.new_grade or 0) - (c.old_grade or 0) for c in compared.cells.values() if c.mark == mark]
    return len(moves), sum(m > 0 for m in moves), sum(m < 0 for m in moves)
