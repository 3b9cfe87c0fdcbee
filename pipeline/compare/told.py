"""A comparison of two versions as a person at a terminal reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from pipeline.compare.cells import CellChange, Difference, Mark
from pipeline.compare.versions import Comparison
from pipeline.record.types import CellKey, Standing

MARKS: Final[Mapping[Mark, str]] = {
    "substance": "evidence changed in substance",
    "newly_evidenced": "newly evidenced",
    "newly_lost": "evidence lost",
    "wording": "evidence changed in wording only",
    "unchanged": "unchanged",
}


def words(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The two texts word by word as ("same" | "removed" | "added", words)."""
    old, new = before.split(), after.split()
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", " ".join(old[a:b])
        else:
            yield from ((what, " ".join(some)) for what, some in (("removed", old[a:b]), ("added", new[c:d])) if some)


def show_comparison(comparison: Comparison, head: Mapping[str, Any], standing: Mapping[CellKey, Standing]) -> None:
    """Prints documents, counts of passages, and every cell whose evidence changed with the words behind it."""
    console = Console(highlight=False)
    old, new = comparison.old, comparison.new
    console.print(Styled(f"{new.force}: version {old.version} ({old.at[:10]}) and version {new.version} ({new.at[:10]})", "bold"))
    for document in comparison.documents:
        was = f" (was {document.was})" if document.was else ""
        console.print(Styled(f"  {document.change:10} {document.file}{was}"))
    counts = ", ".join(f"{n} {change}" for change, n in sorted(comparison.passages.items()))
    console.print(Styled(f"  Passages: {counts or 'none'}."))
    console.print(_summary(comparison))
    names = {one["id"]: one["name"] for key in ("areas", "criteria") for one in head[key]}
    for mark in MARKS:
        for key, change in comparison.cells.items():
            if change.mark == mark and change.differences:
                _show_cell(console, " / ".join(names.get(part, part) for part in key), change, standing.get(key))


def _summary(comparison: Comparison) -> Table:
    table = Table(title="Cells", padding=(0, 1, 0, 0))
    for heading in ("", "cells", "grade up", "grade down"):
        table.add_column(heading, justify="right" if heading else "left")
    for mark, name in MARKS.items():
        cells = [change for change in comparison.cells.values() if change.mark == mark]
        moves = [(c.new_grade or 0) - (c.old_grade or 0) for c in cells]
        table.add_row(name, str(len(cells)), str(sum(m > 0 for m in moves)), str(sum(m < 0 for m in moves)))
    return table


def _show_cell(console: Console, name: str, change: CellChange, standing: Standing | None) -> None:
    grades = [("-" if g is None else str(g)) for g in (change.old_grade, change.new_grade)]
    status = f"; now {standing.status.replace('_', ' ')}" if standing and standing.decision else ""
    console.print()
    console.print(Styled.assemble((name, "bold"), f": {MARKS[change.mark]}; provisional grade {grades[0]} -> {grades[1]}{status}"))
    for difference in change.differences:
        console.print(_difference(difference), soft_wrap=True)


def _difference(difference: Difference) -> Styled:
    styles = {"same": "", "removed": "strike red", "added": "underline green"}
    brackets = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
    line = Styled(f"  {difference.change:9} {difference.file}: ")
    for kind, some in words(difference.before, difference.after):
        left, right = brackets[kind]
        line.append(f"{left}{some}{right}", styles[kind]).append(" ")
    return line
