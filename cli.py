"""The command line: each command a thin wrapper, and everything heavy imported only when it is needed."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from pipeline.review import Outcome, Progress, Settings

EXAMPLES: Final = Path(__file__).parent / "corpus" / "examples" / "inbox"

ALL_READ: Final = 0
WRONG_COMMAND: Final = 2
SOME_UNREAD: Final = 3
NOTHING_DONE: Final = 4
INTERRUPTED: Final = 130

EXIT_CODES: Final = (
    "Exit codes: 0 everything was read; 2 the command was mistyped; 3 done, with documents that could not be read; "
    "4 nothing could be done; 130 stopped by Ctrl-C (the same command goes on from there)."
)

app = typer.Typer(
    name="readacross",
    help="Reads police forces' plans against the Protective Services Review criteria and explains every grade with quotes.",
    epilog="Example: readacross review inbox --out results",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
packs_app = typer.Typer(invoke_without_command=True, epilog="Example: readacross packs check my-pack/pack.yaml")
app.add_typer(packs_app, name="packs", help="List the framework packs (areas, criteria, cues); `packs check FILE` validates one.")


def _use_record(url: str) -> str:
    """Every door to the record looks at the variable; the option sets it for this run."""
    if url:
        os.environ["READACROSS_RECORD"] = url
    return url


RecordUrl = Annotated[
    str,
    typer.Option(
        "--record",
        envvar="READACROSS_RECORD",
        callback=_use_record,
        help="The PostgreSQL database that holds the record, in place of the file in OUT.",
    ),
]


def _stop(message: str, code: int) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"readacross {version('readacross')}")
        raise typer.Exit()


@app.callback()
def main_options(
    show: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")] = False,
) -> None:
    """Reads police forces' plans against the Protective Services Review criteria and explains every grade with quotes."""


@app.command(epilog=f"Example: readacross review inbox --out results.  {EXIT_CODES}")
def review(
    submissions: Annotated[Path, typer.Argument(help="A folder with one folder for each force, a zip of it, or one force's folder.")],
    out: Annotated[Path, typer.Option(help="Where matrix.json, matrix.xlsx, report.html and the store go.")],
    direct: Annotated[bool, typer.Option("--direct", help="Run without Prefect.")] = False,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[Path | None, typer.Option(help="A folder of models of your own in place of those that ship.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; by default one for each processor.")] = None,
    record: RecordUrl = "",
    changed_only: Annotated[
        bool, typer.Option("--changed-only", help="Only changed documents were sent; take the others from before.")
    ] = False,
    time_limit: Annotated[int, typer.Option(min=1, help="Seconds after which a document is given up that reads no further page.")] = 120,
    memory_limit: Annotated[int, typer.Option(min=700, help="Megabytes that a worker may hold before its document is given up.")] = 1_500,
) -> None:
    """Review a batch of submissions: a provisional matrix for each force, every grade with its quotes."""
    from classifiers.model import MODELS, ModelError
    from pipeline.ingest import InboxError
    from pipeline.pool import Limits
    from pipeline.review import OutError, PublishError, Settings, prepare
    from pipeline.summary import progress_bars, show_outcome
    from rules.loader import PackError, load_pack

    limits = Limits(time_limit, memory_limit)
    settings = Settings(submissions, out, pack, models or MODELS, workers, limits, changed_only=changed_only)
    try:
        prepare(out)
        load_pack(pack)
        with progress_bars() as progress:
            outcome = _run(settings, direct, progress)
    except (InboxError, OutError, PackError, ModelError) as error:
        raise _stop(f"Nothing was reviewed. {error}", NOTHING_DONE) from None
    except PublishError as error:
        raise _stop(f"The review is done, but not all of it could be written. {error}", NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise _stop("Stopped. What was finished is kept: the same command goes on from there.", INTERRUPTED) from None
    show_outcome(outcome, out)
    read_something = any(s["cells"] for s in outcome.matrix["submissions"])
    raise typer.Exit(NOTHING_DONE if not read_something else SOME_UNREAD if outcome.unread else ALL_READ)


def _run(settings: Settings, direct: bool, progress: Progress) -> Outcome:
    """Through Prefect where it can be started, else directly: the stages and their results are the same."""
    from classifiers.model import ModelError
    from pipeline.ingest import InboxError
    from pipeline.pool import Pool
    from pipeline.review import STORE, DirectRunner, OutError, PublishError
    from pipeline.review import review as run
    from rules.loader import PackError

    if not direct:
        try:
            os.environ["PREFECT_HOME"] = str(settings.out / STORE / "prefect")
            from flows import run_review

            return run_review(settings, progress)
        except (InboxError, OutError, PublishError, PackError, ModelError):
            raise
        except Exception as error:
            typer.echo(f"Prefect could not be used ({type(error).__name__}: {error}). Going on without it.", err=True)
    with Pool(settings.out / STORE, settings.workers, settings.limits) as pool:
        return run(settings, DirectRunner(pool, progress))


@app.command(epilog='Example: readacross explain results "Saltmere Police" roads_policing prioritisation')
def explain(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Argument(help="The force, or enough of its name to tell it apart.")],
    area: Annotated[str, typer.Argument(help="The area's id or name, or enough of it.")],
    criterion: Annotated[str, typer.Argument(help="The criterion's id or name, or enough of it.")],
) -> None:
    """Print how one cell came to its grade: elements found and missing, and the quotes."""
    from pipeline.explain import ExplainError, explain_cell

    try:
        typer.echo(explain_cell(out, force, area, criterion))
    except ExplainError as error:
        raise _stop(str(error), NOTHING_DONE) from None


@app.command(epilog='Example: readacross compare results "Saltmere Police" --old 1 --new 2')
def compare(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Argument(help="The force's name.")],
    old: Annotated[int | None, typer.Option(min=1, help="The earlier version; by default the one before the later.")] = None,
    new: Annotated[int | None, typer.Option(min=1, help="The later version; by default the last.")] = None,
) -> None:
    """Show what a resubmission changed: documents, passages, cells up and down, and the words behind each."""
    from pipeline.compare.told import show_comparison
    from pipeline.compare.versions import compare_versions
    from pipeline.record.record import Record
    from pipeline.record.types import RecordError

    try:
        with Record.open(out) as record:
            later = new or record.latest(force).version
            show_comparison(compare_versions(record, force, old or max(1, later - 1), later), record.head(), record.standing(force))
    except RecordError as error:
        raise _stop(str(error), NOTHING_DONE) from None


@app.command(
    epilog="Example: readacross audit results --export history.jsonl.  Exit codes: 0 all as it was written; 3 something was changed."
)
def audit(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    export: Annotated[
        Path | None, typer.Option(help="Also write there: .jsonl every entry, .csv the decisions, .sqlite a copy of the record to keep.")
    ] = None,
    record: RecordUrl = "",
) -> None:
    """Check that no grade, quote or decision was changed after it was written, and export the history."""
    from pipeline.record.audit import audit_lines, write_history
    from pipeline.record.record import Record
    from pipeline.record.types import RecordError

    try:
        with Record.open(out) as opened:
            sound, lines = audit_lines(opened, out)
            if export:
                write_history(opened, export)
    except (RecordError, OSError) as error:
        raise _stop(str(error), NOTHING_DONE) from None
    typer.echo("\n".join(lines), err=not sound)
    raise typer.Exit(ALL_READ if sound else SOME_UNREAD)


@app.command(epilog="Example: readacross publish results")
def publish(out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")], record: RecordUrl = "") -> None:
    """Write reviewed.json, matrix.xlsx and report.html with the grades in force: the reviewers' where they decided."""
    from pipeline.record.record import Record
    from pipeline.record.reviewed import publish as publish_reviewed
    from pipeline.record.types import RecordError
    from pipeline.report import tally

    try:
        with Record.open(out) as opened:
            whole = publish_reviewed(opened, out)
    except (RecordError, OSError) as error:
        raise _stop(f"Nothing was published. {error}", NOTHING_DONE) from None
    typer.echo(f"{tally(whole)} Look at {out / 'report.html'} (also matrix.xlsx, reviewed.json).")


@app.command(epilog="Example: readacross export results --refi-qda codings.qdpx")
def export(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    refi_qda: Annotated[Path, typer.Option("--refi-qda", help="The REFI-QDA project to write; it holds the documents' whole texts.")],
    record: RecordUrl = "",
) -> None:
    """Write the quotes and what they bear for programs for qualitative analysis."""
    from pipeline.record.record import Record
    from pipeline.record.refi_qda import write_project
    from pipeline.record.types import RecordError

    try:
        with Record.open(out) as opened:
            left_out = write_project(opened, refi_qda)
    except (RecordError, OSError) as error:
        raise _stop(f"Nothing was exported. {error}", NOTHING_DONE) from None
    typer.echo(f"The codings are in {refi_qda}, with the documents' texts: keep it as you keep the documents.")
    if left_out:
        listed = "\n".join(f"- {line}" for line in left_out)
        raise _stop(f"Left out:\n{listed}", SOME_UNREAD)


@app.command(
    "import",
    epilog="Example: readacross import filled.xlsx --into results --reviewer 'Ann Reed'.  Exit codes: 0 all imported; "
    "3 but for the conflicts, which are listed; 4 nothing was.",
)
def import_decisions(
    workbook: Annotated[Path, typer.Argument(help="A matrix.xlsx whose sheet Decisions was filled in.")],
    into: Annotated[Path, typer.Option(help="The folder that the review wrote.")],
    reviewer: Annotated[str, typer.Option(help="Who decided: the name that signs every decision in it.")],
    record: RecordUrl = "",
) -> None:
    """Take in the decisions of a workbook that was filled in offline: all that will do, or, where a row will not, none."""
    from datetime import UTC, datetime

    from pipeline.record.record import Record
    from pipeline.record.returned import take_in
    from pipeline.record.types import RecordError

    try:
        with Record.open(into) as opened:
            done = take_in(opened, workbook, reviewer, datetime.now(UTC))
    except RecordError as error:
        raise _stop(str(error), NOTHING_DONE) from None
    again = f" {done.known} had been imported before." if done.known else ""
    typer.echo(f"{len(done.decisions)} decisions of {reviewer} are imported.{again}")
    if done.conflicts:
        listed = "\n".join(f"- {line}" for line in done.conflicts)
        raise _stop(f"Not imported, as someone else decided meanwhile:\n{listed}", SOME_UNREAD)


@app.command(epilog='Example: readacross letters results --force "Saltmere Police"')
def letters(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Option(help="One force, or enough of its name to tell it apart; by default all of them.")] = "",
    folder: Annotated[Path | None, typer.Option("--out", help="Where the letters go; by default the folder `letters` in OUT.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Quote and name only documents that bear an open marking.")] = False,
    template: Annotated[Path | None, typer.Option(help="A Word file of your own in place of the one that ships.")] = None,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
) -> None:
    """Write a feedback letter to each force, to be edited and sent: strengths, work in progress, what to add, and the quotes."""
    from pipeline.publish.letters import TEMPLATE, LetterError, write_letters
    from pipeline.publish.word import TemplateError
    from pipeline.round import RoundError, load_round
    from pipeline.summary import progress_bars
    from rules.loader import PackError, load_pack

    folder = folder or out / ("letters-public" if public else "letters")
    try:
        with progress_bars() as progress:
            written = write_letters(load_pack(pack), load_round(out), folder, force, template or TEMPLATE, public, progress)
    except (PackError, RoundError, LetterError, TemplateError) as error:
        raise _stop(f"No letter was written. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise _stop(f"{folder}: cannot be written to ({error.strerror or error}). Choose another with --out.", NOTHING_DONE) from None
    typer.echo(f"{len(written)} letter{'s' if len(written) != 1 else ''} in {folder}.")


@app.command(epilog="Example: readacross templates our-templates")
def templates(
    folder: Annotated[Path, typer.Argument(help="Where to put them; made if need be.")],
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
) -> None:
    """Write fill-in plans for Word and Excel that say what belongs where, and a points-based need matrix."""
    from pipeline.publish.templates import NoTemplates, write_templates
    from rules.loader import PackError, load_pack

    try:
        written = write_templates(load_pack(pack), folder)
    except (PackError, NoTemplates) as error:
        raise _stop(f"No template was written. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise _stop(f"{folder}: cannot be written to ({error.strerror or error}). Choose another folder.", NOTHING_DONE) from None
    typer.echo(f"{len(written)} templates in {folder}: {', '.join(path.name for path in written)}")


@app.command("check", epilog=f"Example: readacross check draft.docx annex.xlsx --html advice.html.  {EXIT_CODES}")
def check_draft(
    files: Annotated[list[Path], typer.Argument(help="The draft, and more files if it has several parts.")],
    page: Annotated[Path | None, typer.Option("--html", help="Also write the advice there, as a web page.")] = None,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[Path | None, typer.Option(help="A folder of models of your own in place of those that ship.")] = None,
) -> None:
    """Read your own draft as the review would, with advice on what to add. Nothing is stored."""
    from classifiers.model import MODELS, ModelError
    from pipeline.publish import check
    from pipeline.store import write_whole
    from pipeline.summary import progress_bars
    from rules.loader import PackError, load_pack

    try:
        with progress_bars() as progress:
            outcome = check.read_draft(files, pack, models or MODELS, progress)
        found, marking = check.advice_blocks(load_pack(pack), outcome), check.marking_of(outcome)
        check.show(found, marking)
        if page:
            write_whole(page, check.page(found, marking).encode())
    except (check.CheckError, PackError, ModelError) as error:
        raise _stop(f"Nothing was checked. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise _stop(f"{error.filename or page}: {error.strerror or error}. Choose another place.", NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise _stop("Stopped. Nothing was stored.", INTERRUPTED) from None
    read_something = any(s["cells"] for s in outcome.matrix["submissions"])
    raise typer.Exit(NOTHING_DONE if not read_something else SOME_UNREAD if outcome.unread else ALL_READ)


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
    except (OSError, PackError, ModelError) as error:
        raise _stop(f"Nothing more was classified. {error}", NOTHING_DONE) from None
    raise typer.Exit(ALL_READ if not wrong else SOME_UNREAD if done else NOTHING_DONE)


@app.command(
    epilog="Example: readacross national results --before results-2007.  Or: readacross national --grades grades.csv --levels levels.csv "
    "--out figures.  Exit codes: 0 done; 3 done, with forces or rows that could not be used; 4 nothing could be done."
)
def national(
    review: Annotated[Path | None, typer.Argument(help="The folder that a review wrote.", metavar="OUT")] = None,
    grades: Annotated[Path | None, typer.Option(help="In place of OUT: a CSV with the columns force, area, criterion, grade.")] = None,
    levels: Annotated[Path | None, typer.Option(help="With --grades: a CSV with the columns force, area, threat, need.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the outputs go; by default OUT, or OUT/national-public.")] = None,
    before: Annotated[list[Path] | None, typer.Option(help="A folder of an earlier round, oldest first; may be given again.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="An area's or criterion's grade is that of its lowest cell.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Tell of each force only what its documents with an open marking say.")] = False,
    pack: Annotated[str | None, typer.Option(help="The framework pack; by default the one that the review used.")] = None,
) -> None:
    """The national picture: tables, charts, need against provision, who works with whom, notable practice, the support ladder."""
    from pipeline.publish.national import Wanted, publish_national
    from pipeline.review import PublishError
    from pipeline.round import RoundError
    from pipeline.summary import progress_bars
    from rules.loader import PackError

    where = out or (review / "national-public" if review and public else review)
    if (review is None) == (grades is None) or where is None or (grades and public) or (levels and not grades):
        raise _stop("Give either the folder OUT of a review, or --grades (with --levels) and --out.", WRONG_COMMAND)
    try:
        with progress_bars() as progress:
            picture = publish_national(Wanted(where, review, grades, levels, tuple(before or ()), strict, public, pack), progress)
    except (RoundError, PackError) as error:
        raise _stop(f"Nothing was written. {error}", NOTHING_DONE) from None
    except PublishError as error:
        raise _stop(f"Not all of it could be written. {error}", NOTHING_DONE) from None
    for headline in picture.headlines:
        typer.echo(f"{headline.figure.count} of {headline.figure.out_of} forces {headline.words}.")
    unused = [*(f"{name}: nothing is graded, so it is counted nowhere." for name in picture.ungraded), *picture.problems]
    for problem in unused:
        typer.echo(f"Problem {problem}", err=True)
    typer.echo(f"Look at {where / 'national.html'} (also national.docx, national.xlsx, national.json and the folder national).")
    raise typer.Exit(SOME_UNREAD if unused else ALL_READ)


@app.command(epilog="Example: readacross evaluate --held-out --against old-models")
def evaluate(
    held_out: Annotated[bool, typer.Option("--held-out", help="Judge the voices that no training or tuning ever saw.")] = False,
    against: Annotated[Path | None, typer.Option(help="A folder of older models: list, cell by cell, what is gained and lost.")] = None,
    page: Annotated[Path | None, typer.Option(help="Also write a page of Markdown there, with pictures beside it.")] = None,
) -> None:
    """Show how well forces are judged that the models never saw. Needs the source tree with its corpus; takes some minutes."""
    from classifiers.model import ModelError
    from corpus.notation import CorpusError
    from pipeline.quality import EvaluationError, run

    try:
        for line in run(held_out, against, page):
            typer.echo(line)
    except (EvaluationError, ModelError, CorpusError) as error:
        raise _stop(str(error), NOTHING_DONE) from None


@app.command(epilog="Example: readacross deadlines results")
def deadlines(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote, with a deadlines.yaml in it.")],
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to count from; by default today.")] = None,
) -> None:
    """Show who was asked to resubmit by when, and who has not."""
    from datetime import date

    from pipeline.deadlines import DeadlineError, owed, read_calendar
    from pipeline.record.record import Record
    from pipeline.record.types import RecordError
    from pipeline.summary import show_owed

    try:
        calendar = read_calendar(out)
        with Record.open(out) as record:
            versions = {force: record.versions(force) for force in record.forces()}
    except (DeadlineError, RecordError) as error:
        raise _stop(str(error), NOTHING_DONE) from None
    show_owed(owed(calendar, versions, today.date() if today else date.today()), sorted(set(calendar) - set(versions)))


WatchOption = Annotated[Path, typer.Option("--watch", help="The inbox: a folder with one folder for each force.")]
OutOption = Annotated[Path, typer.Option("--out", help="Where the results and the store go.")]
ScheduleOption = Annotated[
    str | None, typer.Option("--schedule", help="When to look (cron). Left out: as soon as something changes, and nightly.")
]
PrefectPort = Annotated[int, typer.Option(min=1, max=65535, help="Where Prefect's pages are found on this machine.")]


@app.command(epilog='Example: readacross serve --watch inbox --out results --schedule "0 2 * * *"')
def serve(watch: WatchOption, out: OutOption, schedule: ScheduleOption = None, port: PrefectPort = 4200) -> None:
    """Review new and changed submissions by themselves, until stopped with Ctrl-C. Runs are seen in Prefect's own pages."""
    _serve(watch, out, schedule, port)


@app.command(epilog="Example: readacross up --watch inbox --out results")
def up(
    watch: WatchOption,
    out: OutOption,
    schedule: ScheduleOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the workbench is found on this machine.")] = 8008,
    prefect_port: PrefectPort = 4200,
) -> None:
    """Start everything for a small team on one machine, until Ctrl-C: Prefect's server, the watched inbox and the workbench."""
    _serve(watch, out, schedule, prefect_port, port)


def _serve(watch: Path, out: Path, schedule: str | None, port: int, workbench_port: int | None = None) -> None:
    import asyncio
    import os
    from contextlib import ExitStack

    from pipeline.record.types import RecordError
    from pipeline.review import STORE, OutError, prepare
    from pipeline.services import ServiceError, prefect_server, running

    try:
        prepare(out)
        with ExitStack() as started:
            address = started.enter_context(prefect_server(out / STORE / "prefect", port))
            if workbench_port:
                from workbench.serve import ask_for_administrator

                ask_for_administrator(out, new=True)
                command = [sys.executable, "-m", "cli", "workbench", str(out), "--port", str(workbench_port)]
                page = f"http://127.0.0.1:{workbench_port}"
                started.enter_context(running("The workbench", command, out / STORE / "workbench.log", page))
                typer.echo(f"The workbench is at {page}.")
            os.environ |= {"PREFECT_HOME": str(out / STORE / "prefect"), "READACROSS_PREFECT_API": address}
            import flows

            typer.echo(f"Watching {watch}. Runs are shown on {address.removesuffix('/api')}. Stop with Ctrl-C: nothing is lost.")
            asyncio.run(flows.serve(watch, out, schedule))
    except (OutError, ServiceError, RecordError, ValueError) as error:
        raise _stop(str(error), NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise _stop("Stopped. What was finished is kept; the next start goes on from there.", INTERRUPTED) from None


@app.command(
    epilog="Example: readacross doctor --out results.  Exit codes: 0 all is well; 3 something optional is missing, and the line under it "
    "says what is not read for want of it; 4 a review cannot run."
)
def doctor(
    out: Annotated[Path, typer.Option(help="Where results are to go: is it writable?")] = Path(),
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[Path | None, typer.Option(help="A folder of models of your own in place of those that ship.")] = None,
) -> None:
    """Look at this machine: what reviews need, what optional programs there are, and how to mend what is missing."""
    from classifiers.model import MODELS
    from pipeline.doctor import examine, show

    def start_prefect(home: Path) -> None:
        import os

        os.environ["PREFECT_HOME"] = str(home)
        from flows import try_out

        try_out()

    checks = [check for check in show(examine(out, pack, models or MODELS, start_prefect)) if check.remedy]
    raise typer.Exit(NOTHING_DONE if any(check.needed for check in checks) else SOME_UNREAD if checks else ALL_READ)


@app.command(epilog="Example: readacross workbench results")
def workbench(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    host: Annotated[str, typer.Option(help="The address to listen on; others than this machine need a certificate.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8008,
    name: Annotated[list[str] | None, typer.Option(help="A name by which browsers reach it, such as workbench.example.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="The server's TLS certificate, a PEM file.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's private key, a PEM file.")] = None,
    issuer: Annotated[str, typer.Option(help="The address of an identity provider (OpenID Connect) for single sign-on.")] = "",
    client: Annotated[str, typer.Option(help="The workbench's name there; its secret is in READACROSS_CLIENT_SECRET.")] = "",
) -> None:
    """Open the reviewers' workbench in the browser: pages beside grades, decisions, queues."""
    from pipeline.record.types import RecordError
    from workbench.serve import ServeError, serve

    try:
        serve(out, host, port, name or (), certificate, key, issuer, client)
    except (RecordError, ServeError) as error:
        raise _stop(str(error), NOTHING_DONE) from None


@app.command(epilog="Example: readacross examples inbox && readacross review inbox --out results")
def examples(folder: Annotated[Path, typer.Argument(help="Where to put them; made if need be.")]) -> None:
    """Write the bundled example submissions of two fictional forces into a folder."""
    try:
        shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    except OSError as error:
        raise _stop(f"{folder}: cannot be written ({error}). Choose another folder.", NOTHING_DONE) from None
    typer.echo(f"Two example submissions are in {folder}. Now: readacross review {folder} --out results")


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

    target = out or Path(f"{file.stem}.structure.html")
    try:
        with Bar(transient=True) as bar:
            task = bar.add_task("Drawing", total=None)
            document = draw(file, page, target, lambda done, total: bar.update(task, completed=done, total=total))
    except (NoDrawing, OSError) as error:
        raise _stop(f"Nothing was drawn. {error}", NOTHING_DONE) from None
    for problem in document.problems:
        typer.echo(str(problem), err=True)
    typer.echo(
        f"{document.file}: {document.pages_read} of {document.pages} pages read, {len(document.passages)} passages. Drawn in {target}"
    )
    raise typer.Exit(SOME_UNREAD if document.problems else ALL_READ)


@packs_app.callback()
def packs(context: typer.Context) -> None:
    """List the framework packs."""
    if context.invoked_subcommand is None:
        from rules.loader import bundled, load_pack

        for folder in bundled():
            pack = load_pack(folder.name)
            typer.echo(
                f"{pack.id}  version {pack.version}  {len(pack.areas)} areas x {len(pack.criteria)} criteria  "
                f"sha256 {pack.sha256[:12]}\n  {pack.name}"
            )


@packs_app.command("check", epilog="Example: readacross packs check my-pack/pack.yaml")
def check_pack(file: Annotated[Path, typer.Argument(help="A pack's folder, or the pack.yaml in it.")]) -> None:
    """Validate a pack: its keys, its references, its cues, and the texts that they must and must not match."""
    from rules.loader import PackError, check_texts, load_pack

    try:
        wrong = check_texts(str(file))
    except PackError as error:
        raise _stop(str(error), NOTHING_DONE) from None
    if wrong:
        raise _stop("\n".join(wrong), NOTHING_DONE)
    pack = load_pack(str(file))
    typer.echo(f"{file}: the pack {pack.id} {pack.version} is sound ({len(pack.areas)} areas, {len(pack.criteria)} criteria).")


def main() -> None:
    """The `readacross` command."""
    sys.exit(app())


if __name__ == "__main__":
    main()
