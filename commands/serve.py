"""Letting it run: by schedule, with deadlines."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.common import INTERRUPTED, NOTHING_DONE, stop

app = typer.Typer()


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
    from contextlib import ExitStack

    from pipeline.record.types import RecordError
    from pipeline.review import STORE, OutError, prepare
    from pipeline.services import HOST, SERVER, ServiceError, check_port, prefect_server, running
    from pipeline.store import Busy, alone
    from pipeline.watch import WATCH

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, so that nothing started here is left behind
    if not watch.is_dir():
        raise stop(
            f"{watch}: there is no such folder to watch. Make it, or give the one that the forces' folders are copied into.", NOTHING_DONE
        )
    try:
        prepare(out)
        with ExitStack() as started:
            started.enter_context(alone(out / STORE, WATCH, "`readacross serve` or `up`"))
            if workbench_port:
                check_port(HOST, workbench_port, "--port")
            pages = "--prefect-port" if workbench_port else "--port"
            address = started.enter_context(prefect_server(out / STORE / "prefect", port, pages))
            if workbench_port:
                from workbench.serve import ask_for_administrator

                ask_for_administrator(out, new=True)
                command = [sys.executable, "-m", "cli", "workbench", str(out), "--port", str(workbench_port)]
                page = f"http://{HOST}:{workbench_port}"
                started.enter_context(running("The workbench", command, out / STORE / "workbench.log", page))
                typer.echo(f"The workbench is at {page}.")
            os.environ |= {"PREFECT_HOME": str(out / STORE / "prefect"), SERVER: address}
            import flows  # noqa: F401  (first: it tells Prefect where its files go)
            import serving

            typer.echo(f"Watching {watch}. Runs are shown on {address.removesuffix('/api')}. Stop with Ctrl-C: nothing is lost.")
            asyncio.run(serving.serve(watch, out, schedule))
    except (OutError, Busy, ServiceError, RecordError, ValueError) as error:
        raise stop(str(error), NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise stop("Stopped. What was finished is kept; the next start goes on from there.", INTERRUPTED) from None


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
            arrivals = {force: record.arrivals(force) for force in record.forces()}
    except (DeadlineError, RecordError) as error:
        raise stop(str(error), NOTHING_DONE) from None
    show_owed(owed(calendar, arrivals, today.date() if today else date.today()), sorted(set(calendar) - set(arrivals)))
