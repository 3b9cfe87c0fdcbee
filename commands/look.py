"""Looking closer: at a document, a cell, two versions, single passages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.common import ALL_READ, NOTHING_DONE, SOME_UNREAD, RecordUrl, note_quotes, stop

app = typer.Typer()


@app.command(epilog='Example: readacross show "Local policing plan.pdf" --page 7 --out page.png')
def show(
    file: Annotated[Path, typer.Argument(help="A document of any kind that a review reads.")],
    page: Annotated[int | None, typer.Option(min=1, help="Only this page; by default all pages, or the first for a picture.")] = None,
    out: Annotated[Path | None, typer.Option(help="The drawing: .html (default: FILE's name here), or .png or .svg for one page.")] = None,
) -> None:
    """Draw what was found in a file: headings, paragraphs, tables, notes, running heads, and the order in which they are read."""
    from rich.progress import Progress as Bar

    from pipeline.drawing import NoDrawing
    from pipeline.show import show as draw
    from pipeline.words import count_words

    target = out or Path(f"{file.stem}.structure.html")
    try:
        with Bar(transient=True) as bar:
            task = bar.add_task("Drawing", total=None)
            document = draw(file, page, target, lambda done, total: bar.update(task, completed=done, total=total))
    except NoDrawing as error:
        raise stop(f"Nothing was drawn. {error}", NOTHING_DONE) from None
    except OSError as error:
        place = f"{error.filename or target}: {error.strerror or error}"
        raise stop(f"Nothing was drawn. {place}. Choose another place with --out.", NOTHING_DONE) from None
    for problem in document.problems:
        typer.echo(str(problem), err=True)
    pages, passages = count_words(document.pages, "page"), count_words(len(document.passages), "passage")
    typer.echo(f"{document.file}: {document.pages_read} of {pages} read, {passages}. Drawn in {target}")
    raise typer.Exit(SOME_UNREAD if document.problems else ALL_READ)


@app.command(epilog='Example: readacross explain results "Saltmere Police" roads_policing prioritisation')
def explain(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Argument(help="The force, or enough of its name to tell it apart.")],
    area: Annotated[str, typer.Argument(help="The area's id or name, or enough of it.")],
    criterion: Annotated[str, typer.Argument(help="The criterion's id or name, or enough of it.")],
    record: RecordUrl = "",
) -> None:
    """Print how one cell came to its grade: elements found and missing, and the quotes."""
    from pipeline.explain import explain_cell
    from pipeline.record.record import Record
    from pipeline.record.types import RecordError
    from pipeline.round import RoundError

    try:
        reasoning = explain_cell(out, force, area, criterion)
        if Record.kept(out):
            with Record.open(out) as opened:
                note_quotes(opened, opened.latest(reasoning.force), reasoning.files, "explain")
    except (RoundError, RecordError) as error:
        raise stop(str(error), NOTHING_DONE) from None
    typer.echo(reasoning.text)


@app.command(epilog="Example: readacross compare results Saltmere --old 1 --new 2")
def compare(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Argument(help="The force, or enough of its name to tell it apart.")],
    old: Annotated[int | None, typer.Option(min=1, help="The earlier version; by default the one before the later.")] = None,
    new: Annotated[int | None, typer.Option(min=1, help="The later version; by default the last.")] = None,
    record: RecordUrl = "",
) -> None:
    """Show what a resubmission changed: documents, passages, cells up and down, and the words behind each."""
    from pipeline.compare.told import show_comparison
    from pipeline.compare.versions import compare_versions
    from pipeline.record.record import Record
    from pipeline.record.types import RecordError
    from pipeline.round import RoundError, choose_force

    try:
        with Record.open(out) as opened:
            force = choose_force(opened.head()["pack"]["id"], force, opened.forces())
            later = new or opened.latest(force).version
            compared = compare_versions(opened, force, old or max(1, later - 1), later)
            changed = [d for change in compared.cells.values() for d in change.differences]
            note_quotes(opened, compared.old, {d.was for d in changed if d.before}, "compare")
            note_quotes(opened, compared.new, {d.file for d in changed if d.after}, "compare")
            show_comparison(compared, opened.head(), opened.standing(force))
    except (RecordError, RoundError) as error:
        raise stop(str(error), NOTHING_DONE) from None


@app.command(
    epilog="Example: readacross classify passages.jsonl > labels.jsonl.  Exit codes: 0 all lines; 3 some lines were no passages; 4 none."
)
def classify(
    passages: Annotated[Path, typer.Argument(help='A file of lines {"id": "...", "text": "...", "headings": [...], "columns": [...]}.')],
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[Path | None, typer.Option(help="A folder of models of your own in place of those that ship.")] = None,
) -> None:
    """Label passages from anywhere, each as it stands alone; one line of JSON for each to standard output."""
    import json

    from classifiers.model import MODELS, ModelError
    from pipeline.passages import LineError, classify_lines
    from pipeline.work import classifier_of
    from rules.loader import PackError

    done = wrong = 0
    try:
        with passages.open(encoding="utf-8", errors="replace") as lines:
            for answer in classify_lines(classifier_of(pack, str(models or MODELS)), lines):
                if isinstance(answer, LineError):
                    wrong += 1
                    typer.echo(f"{passages}, {answer}", err=True)
                else:
                    done += 1
                    typer.echo(json.dumps(answer, ensure_ascii=False))
    except OSError as error:
        raise stop(f"Nothing more was classified. {passages}: {error.strerror or error}. Give a file of passages.", NOTHING_DONE) from None
    except (PackError, ModelError) as error:
        raise stop(f"Nothing more was classified. {error}", NOTHING_DONE) from None
    if not done and not wrong:
        raise stop(f'{passages}: holds no passage. Write one a line: {{"id": "...", "text": "..."}}.', NOTHING_DONE)
    raise typer.Exit(ALL_READ if not wrong else SOME_UNREAD if done else NOTHING_DONE)
