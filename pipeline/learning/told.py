"""What is told of a training: the report of gains and losses, and what the new model learnt from. Neither quotes a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from classifiers.model import Model
from pipeline.learning.decided import Submission
from pipeline.learning.trial import Trial
from pipeline.marking import highest_marking

FORMAT: Final = "readacross-learnt-from/1"
COLUMNS: Final = ("judged", "cells", "right: in use", "right: new", "weighted kappa: in use", "weighted kappa: new")


def provenance(round_id: str, base: Model, learnt: Sequence[Submission], until: int) -> dict[str, Any]:
    """What a model learnt from: each decision, who made it and when, and where its quotes stand; the words stay in the record.

    `until` is the number of the last decision in the record.
    """
    decisions = sorted((line for one in learnt for line in _decisions(one)), key=lambda line: int(line["decision"]))
    return {
        "format": FORMAT,
        "marking": _marking(learnt),
        "round": round_id,
        "base": base.sha256,
        "until": until,
        "decisions": decisions,
    }


def _decisions(one: Submission) -> Iterator[dict[str, Any]]:
    for decided in one.decided:
        decision = decided.decision
        yield {
            "decision": decision.number,
            "reviewer": decision.reviewer,
            "at": decision.at,
            "force": decision.force,
            "version": decision.version,
            "area": decision.area,
            "criterion": decision.criterion,
            "kind": decision.kind,
            "grade": decision.grade,
            "passages": [
                {"said": q.said, "elements": list(q.elements), "marking": one.markings.get(q.address["file"], ""), **q.address}
                for q in decided.quotes
            ],
        }


def report(learnt: Sequence[Submission], trials: Sequence[Trial], worse: Sequence[str], left_out: Sequence[str]) -> str:
    """The page: figures, every cell that is gained or lost, decisions that the new models would not have proposed, what was left out."""
    said = Counter(quote.said for one in learnt for decided in one.decided for quote in decided.quotes)
    cells, forces = sum(len(one.decided) for one in learnt), {one.version.force for one in learnt}
    lines = [
        "# What was learnt from decisions",
        "",
        f"Protective marking: {_marking(learnt)}. No document is quoted; forces and reviewers are named.",
        "",
        f"Learnt from {cells} decisions on {len(forces)} forces: {said['accepted']} passages that people confirmed, {said['added']} that "
        f"they added or tagged, {said['rejected']} that they marked as wrong. Each force is judged by models that learnt nothing of it; "
        "below, gold is the grade that people gave, or that follows from the corpus's labels.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{' --- |' * len(COLUMNS)}",
        *(f"| {' | '.join(trial.row())} |" for trial in trials),
        "",
        "**Not adopted**: " + "; ".join(worse) + "."
        if worse
        else "**Adopted**: no worse on either. Decisions and the grades in force stay.",
    ]
    for trial in trials:
        lines += ["", f"## Gained and lost: {trial.what}", "", *_listed(trial.changes())]
    by = {
        (d.decision.force, d.decision.area, d.decision.criterion, d.decision.grade): d.decision.reviewer for o in learnt for d in o.decided
    }
    otherwise = []
    for cell in trials[-1].after:
        if cell.grade != cell.gold:
            who = by[cell.voice, cell.area, cell.criterion, cell.gold]
            now = f"the new models would say {cell.grade} ({cell.confidence:.0%})"
            otherwise.append(f"{cell.voice}, {cell.area}, {cell.criterion}: {who} gave {cell.gold}, {now}")
    lines += ["", "## Decided cells of which the new models would say otherwise (the decisions stand)", "", *_listed(otherwise)]
    lines += ["", "## What teaches nothing", "", *_listed(left_out)]
    return "\n".join(lines) + "\n"


def verdict(worse: Sequence[str]) -> str:
    """Whether a new model is adopted, and why not."""
    if worse:
        return f"Not adopted: {'; '.join(worse)}."
    return "Adopted: no worse on left-out forces, nor on past decisions. Decisions and the grades in force stay."


def trial_rows(trials: Sequence[Trial]) -> list[dict[str, str]]:
    """The figures of the trials, a row for each, by the column's heading."""
    return [dict(zip(COLUMNS, trial.row(), strict=True)) for trial in trials]


def show(learnt: Sequence[Trial], left_out: Sequence[str]) -> None:
    """Prints the trials as a table, then what could not be learnt from."""
    console = Console()
    table = Table(title="Judged by models that did not learn from the force", padding=(0, 1, 0, 0))
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == COLUMNS[0] else "right")
    for trial in learnt:
        table.add_row(*trial.row())
    console.print(table)
    for line in left_out:
        console.print(Text.assemble(("Not learnt", "bold"), " ", line), highlight=False, soft_wrap=True)


def _listed(lines: Sequence[str]) -> list[str]:
    return [f"- {' '.join(line.split())}" for line in lines] or ["None."]


def _marking(learnt: Sequence[Submission]) -> str:
    return highest_marking({"submissions": [{"documents": [{"marking": m} for m in one.markings.values()]} for one in learnt]})
