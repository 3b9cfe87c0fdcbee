"""What a person at a terminal sees of a review: progress bars, then a table of forces with their area grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from pipeline.deadlines import Owed
from pipeline.review import Outcome
from pipeline.telling import Progress as Report
from pipeline.words import count_words


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Shows one bar for each stage, which moves with the pages of long documents; gives the function that a runner reports to."""
    where = TextColumn("{task.fields[at]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = (TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), where)
    with Progress(*columns, console=Console(stderr=True)) as bars:
        known: dict[str, TaskID] = {}

        def report(stage: str, done: float, total: int, at: str = "") -> None:
            if stage not in known:
                known[stage] = bars.add_task(stage, total=total, at="")
            bars.update(known[stage], completed=done, total=total, at=at)

        yield report


def grades(whole: Mapping[str, Any]) -> list[dict[str, str]]:
    """The matrix: one row for each force and area, with the area's grade and that of each criterion."""
    names = {g["grade"]: f"{g['grade']} {g['name']}" for g in whole["grades"]}
    return [
        {"Force": one["force"], "Area": area["name"], "Area grade": names.get(one["area_grades"].get(area["id"]), "-")}
        | {c["short"]: names[one["cells"][area["id"]][c["id"]]["grade"]] for c in whole["criteria"]}
        for one in whole["submissions"]
        for area in whole["areas"]
        if one["cells"]
    ]


def problems(whole: Mapping[str, Any]) -> list[dict[str, str]]:
    """One row for each thing that could not be read or was not as it should be."""
    of_forces = [{"Force": one["force"], "Problem": problem} for one in whole["submissions"] for problem in _problems(one)]
    return [{"Force": "", "Problem": problem} for problem in whole["problems"]] + of_forces


def _problems(submission: Mapping[str, Any]) -> list[str]:
    return [*submission["problems"], *(p for d in submission["documents"] for p in d["problems"])]


def awaiting(outcome: Outcome) -> str:
    """What is left to people once a run has ended."""
    if not outcome.awaiting:
        return "No cell waits for a reviewer."
    return f"{count_words(outcome.awaiting, 'cell')} of the round {'waits' if outcome.awaiting == 1 else 'wait'} for a reviewer."


def show_outcome(outcome: Outcome, out: Path) -> None:
    """Prints the table of forces, then alerts, problems and where the results are."""
    console = Console()
    whole = outcome.matrix
    letters = {g["grade"]: g["letter"] for g in whole["grades"]}
    legend = ", ".join(f"{g['grade']}{g['letter']} {g['name']}" for g in whole["grades"])
    table = Table(title="Provisional area grades", caption=f"{legend}; ! alerts, ? problems", padding=(0, 0, 0, 1))
    table.add_column("Force", overflow="fold", min_width=14)
    for area in whole["areas"]:
        table.add_column(area["short"], justify="center", no_wrap=True)
    table.add_column("!", justify="right")
    table.add_column("?", justify="right")
    for one in whole["submissions"]:
        grades = [one["area_grades"].get(a["id"]) for a in whole["areas"]]
        shown = ["-" if g is None else f"{g}{letters[g]}" for g in grades]
        table.add_row(Text(one["force"]), *shown, str(len(one["alerts"])), str(len(_problems(one))))
    console.print(table)
    for one in whole["submissions"]:
        for alert in one["alerts"]:
            _say(console, "Alert", f"{one['force']}: {alert}")
    for row in problems(whole):
        _say(console, "Problem", f"{row['Force']}: {row['Problem']}" if row["Force"] else row["Problem"])
    for new in outcome.versions:
        if new.version > 1:
            told = f"version {new.version}; {count_words(new.carried_forward, 'decision')} carried forward, {new.stale} stale"
            _say(console, "Resubmitted", f"{new.force}: {told}.")
        for note in new.notes:
            _say(console, "Note", f"{new.force}: {note}")
    if outcome.learnt:
        _say(console, "Models", f"Judged by {outcome.learnt}, which learnt from decisions (learnt-from.json there says which).")
    then = f"{'Decide' if outcome.awaiting else 'Look at the decisions'} with: readacross workbench {out}"
    _say(console, "Awaiting review" if outcome.awaiting else "Reviewed", f"{awaiting(outcome)} {then}")
    read = outcome.documents - outcome.unread
    _say(
        console,
        "Done",
        f"{read} of {count_words(outcome.documents, 'document')} read whole. "
        f"Look at {out / 'report.html'} (also matrix.xlsx, matrix.json).",
    )


def show_owed(forces: Sequence[Owed], unknown: Sequence[str]) -> None:
    """Prints the calendar: who has resubmitted, who has still to, and how many days are left."""
    table = Table(title="Resubmissions", padding=(0, 1, 0, 0))
    for heading in ("Force", "asked", "due", "arrived", "state", "days left"):
        table.add_column(heading, justify="right" if heading == "days left" else "left")
    for one in forces:
        arrived = one.arrived.isoformat() if one.arrived else "-"
        left = "" if one.arrived else str(one.days)
        table.add_row(Text(one.force), one.deadline.asked.isoformat(), one.deadline.due.isoformat(), arrived, one.state, left)
    console = Console()
    console.print(table)
    for force in unknown:
        _say(console, "Note", f"{force} has never submitted anything to this round. Is the name written as in the report?")


def _say(console: Console, what: str, text: str) -> None:
    """Prints text from documents as it is: brackets in a file's name are no markup."""
    console.print(Text.assemble((what, "bold"), " ", text), highlight=False, soft_wrap=True)
