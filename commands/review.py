"""Reviewing: what people run first, and what helps them to."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from commands.common import ALL_READ, EXIT_CODES, INTERRUPTED, NOTHING_DONE, SOME_UNREAD, RecordUrl, stop
from commands.machines import AddressOption, RunnerOption, StoreUrl, use_cluster

if TYPE_CHECKING:
    from pipeline.review import Outcome, Settings
    from pipeline.telling import Progress

app = typer.Typer()

EXAMPLES: Final = Path(__file__).parent.parent / "corpus" / "examples" / "inbox"


@app.command(epilog=f"Example: readacross review inbox --out results.  {EXIT_CODES}")
def review(
    submissions: Annotated[Path, typer.Argument(help="A folder with one folder for each force, a zip of it, or one force's folder.")],
    out: Annotated[Path, typer.Option(help="Where matrix.json, matrix.xlsx, report.html and the store go.")],
    direct: Annotated[bool, typer.Option("--direct", help="Run without Prefect.")] = False,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[
        Path | None, typer.Option(help="A folder of models; by default those that OUT adopted (`train`), else those that ship.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; by default one for each processor.")] = None,
    record: RecordUrl = "",
    store: StoreUrl = "",
    runner: RunnerOption = None,
    address: AddressOption = "",
    changed_only: Annotated[
        bool, typer.Option("--changed-only", help="Only changed documents were sent; take the others from before.")
    ] = False,
    time_limit: Annotated[int, typer.Option(min=1, help="Seconds after which a document is given up that reads no further page.")] = 120,
    memory_limit: Annotated[int, typer.Option(min=700, help="Megabytes that a worker may hold before its document is given up.")] = 1_500,
) -> None:
    """Review a batch of submissions: a provisional matrix for each force, every grade with its quotes."""
    from classifiers.model import ModelError
    from pipeline.ingest import InboxError
    from pipeline.machines.store import StoreError
    from pipeline.machines.worker import ClusterError
    from pipeline.pool import Limits
    from pipeline.review import OutError, PublishError, Settings, prepare
    from pipeline.summary import progress_bars, show_outcome
    from rules.loader import PackError, load_pack

    use_cluster(runner, address)
    limits = Limits(time_limit, memory_limit)
    settings = Settings(submissions, out, pack, models, workers, limits, changed_only=changed_only)
    try:
        prepare(out)
        load_pack(pack)
        with progress_bars() as progress:
            outcome = _run(settings, direct, progress)
    except (InboxError, OutError, StoreError, ClusterError, PackError, ModelError) as error:
        raise stop(f"Nothing was reviewed. {error}", NOTHING_DONE) from None
    except PublishError as error:
        raise stop(f"The review is done, but not all of it could be written. {error}", NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise stop("Stopped. What was finished is kept: the same command goes on from there.", INTERRUPTED) from None
    show_outcome(outcome, out)
    read_something = any(s["cells"] for s in outcome.matrix["submissions"])
    raise typer.Exit(NOTHING_DONE if not read_something else SOME_UNREAD if outcome.unread else ALL_READ)


def _run(settings: Settings, direct: bool, progress: Progress) -> Outcome:
    """Through Prefect where it can be started, else directly: the stages and their results are the same.

    Where nothing is to be done neither is started, unless a server of ours is there to show the run, or a store that others share.
    """
    from classifiers.model import ModelError
    from pipeline.ingest import InboxError
    from pipeline.machines.crew import crew
    from pipeline.machines.store import ENVIRONMENT, StoreError
    from pipeline.machines.worker import ClusterError
    from pipeline.review import STORE, DirectRunner, IdleRunner, OutError, PublishError, WorkToDo
    from pipeline.review import review as run
    from pipeline.services import SERVER
    from rules.loader import PackError

    if not any(map(os.environ.get, (SERVER, ENVIRONMENT))):
        with suppress(WorkToDo):
            return run(settings, IdleRunner())
    if not direct:
        try:
            os.environ["PREFECT_HOME"] = str(settings.out / STORE / "prefect")
            from flows import run_review

            return run_review(settings, progress)
        except (InboxError, OutError, StoreError, ClusterError, PublishError, PackError, ModelError):
            raise
        except Exception as error:
            typer.echo(f"Prefect could not be used ({type(error).__name__}: {error}). Going on without it.", err=True)
    with crew(settings) as pool:
        return run(settings, DirectRunner(pool, progress))


@app.command(epilog="Example: readacross examples inbox && readacross review inbox --out results")
def examples(folder: Annotated[Path, typer.Argument(help="Where to put them; made if need be.")]) -> None:
    """Write the bundled example submissions of two fictional forces into a folder."""
    try:
        shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    except OSError as error:
        raise stop(f"{folder}: cannot be written to ({error.strerror or error}). Choose another folder.", NOTHING_DONE) from None
    typer.echo(f"Two example submissions are in {folder}. Now: readacross review {folder} --out results")


@app.command(
    epilog="Example: readacross doctor --out results.  Exit codes: 0 all is well; 3 something optional is missing, and the line under it "
    "says what is not read for want of it; 4 a review cannot run."
)
def doctor(
    out: Annotated[Path, typer.Option(help="Where results are to go: is it writable?")] = Path(),
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[
        Path | None, typer.Option(help="A folder of models; by default those that OUT adopted (`train`), else those that ship.")
    ] = None,
) -> None:
    """Look at this machine: what reviews need, what optional programs there are, and how to mend what is missing."""
    from pipeline.doctor import examine, show

    def start_prefect(home: Path) -> None:
        os.environ["PREFECT_HOME"] = str(home)
        from flows import try_out

        try_out(home)

    checks = [check for check in show(examine(out, pack, models, start_prefect)) if check.remedy]
    raise typer.Exit(NOTHING_DONE if any(check.needed for check in checks) else SOME_UNREAD if checks else ALL_READ)
