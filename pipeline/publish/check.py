"""`readacross check`: a force's own draft, read as the review would read it, with advice on what to add. Nothing is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline import pool, review
from pipeline.marking import highest_marking
from pipeline.publish.advice import part
from pipeline.publish.letters import HERE, letter_view
from pipeline.publish.markup import Block, Span, blocks, environment
from pipeline.review import STORE, Outcome, Settings
from pipeline.sheets import COLOURS
from pipeline.telling import Progress
from pipeline.words import clean
from rules.pack import Pack

DRAFT: Final = "Draft"
MOST_WORKERS: Final = 4
_PLAIN: Final = {"plain": "", "bold": "bold", "link": "", "anchor": ""}


class CheckError(ValueError):
    """A file cannot be checked; the message names it and the remedy."""


def read_draft(files: Sequence[Path], pack: str, models: Path, progress: Progress) -> Outcome:
    """Reviews the files as one submission in a temporary folder, which is gone when this returns; no record hears of it.

    Raises CheckError, PackError, ModelError, and OSError where the temporary folder cannot be written to.
    """
    with TemporaryDirectory(prefix="readacross-") as folder:
        draft = Path(folder) / DRAFT
        draft.mkdir()
        for number, file in enumerate(files, 1):
            if not file.is_file():
                what = "is a folder" if file.is_dir() else "there is no such file"
                raise CheckError(f"{file}: {what}. Give the draft itself, and more files after it if it has several parts.")
            twice = (draft / file.name).exists()
            shutil.copyfile(file, draft / (f"{file.stem} ({number}){file.suffix}" if twice else file.name))
        out = Path(folder) / "out"
        with pool.Pool(out / STORE, min(len(files), MOST_WORKERS)) as workers:
            outcome = review.review(Settings(draft, out, pack, models, recorded=False), review.DirectRunner(workers, progress))
        return replace(outcome, matrix={**outcome.matrix, "submissions": list(outcome.matrix["submissions"])})  # the folder is gone soon


def advice_blocks(pack: Pack, outcome: Outcome) -> list[Block]:
    """What the draft's writers are told, in the words of check.j2."""
    submission = outcome.matrix["submissions"][0]
    view = letter_view(pack, outcome.matrix, submission, submission)
    noted = [*view["problems"], *(problem for d in view["documents"] for problem in d["problems"])]
    said: set[Any] = set()
    words = {
        "told": [area for area in view["areas"] if any(cell.grade or cell.quotes for cell in area.cells)],
        "untold": [area for area in view["areas"] if not any(cell.grade or cell.quotes for cell in area.cells)],
        "required": {c.id: [part(pack, c.id, e.id) for e in c.required] for c in pack.criteria},
        "problems": noted,
        "first": lambda one: one not in said and not said.add(one),  # type: ignore[func-returns-value]
    }
    return list(blocks(environment(HERE).get_template("check.j2").render(view | words)))


def marking_of(outcome: Outcome) -> str:
    """The draft's own marking, "" where it bears none."""
    matrix = outcome.matrix
    return highest_marking(matrix) if any(d["marking"] for s in matrix["submissions"] for d in s["documents"]) else ""


def show(found: Sequence[Block], marking: str) -> None:
    """Prints the advice at the terminal, the marking above and below."""
    console = Console(highlight=False)
    around = Text(marking, style="bold", justify="center")
    console.print(around)
    for block in found:
        if block.kind == "table":
            console.print(_table(block))
        elif block.kind == "heading":
            console.print(Text("\n" * (block.level > 1)) + _text(block.spans, "bold underline" if block.level > 1 else "bold"))
        elif block.kind == "item":
            console.print(Padding(Text("- ") + _text(block.spans), (0, 0, 0, 2)))
        else:
            console.print(_text(block.spans, "italic" if block.kind == "notice" else ""))
    console.print(around)


def _text(spans: Sequence[Span], style: str = "") -> Text:
    return Text.assemble(*((clean(span.text), _PLAIN[span.kind]) for span in spans), style=style)


def _table(block: Block) -> Table:
    table = Table(title=block.name, padding=(0, 1, 0, 0))
    for number, cell in enumerate(block.rows[0]):
        table.add_column(_text(cell.spans), justify="center" if number else "left", no_wrap=bool(number))
    for row in block.rows[1:]:
        table.add_row(*(_text(cell.spans) for cell in row))
    return table


def page(found: Sequence[Block], marking: str) -> str:
    """The advice as one web page that needs no network."""
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )  # fmt: skip
    made.filters["groupby_run"] = _runs
    title = "".join(span.text for span in found[0].spans)
    return made.get_template("page.html.j2").render(blocks=found, title=title, marking=marking, colours=COLOURS)


def _runs(found: Sequence[Block]) -> Iterator[tuple[str, list[Block]]]:
    return ((kind, list(group)) for kind, group in groupby(found, key=lambda block: block.kind))
