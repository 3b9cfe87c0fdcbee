"""More than one machine: the options that name what they share, and the command that makes one work for the others."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands.common import NOTHING_DONE, WRONG_COMMAND, stop

app = typer.Typer()


class Runner(StrEnum):
    """Who does the work of a review."""

    PROCESSES = "processes"
    DASK = "dask"


def _use_store(url: str) -> str:
    """As with the record, every door to the store looks at the variable."""
    if url:
        os.environ["READACROSS_STORE"] = url
    return url


StoreUrl = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="READACROSS_STORE",
        callback=_use_store,
        help="A store shared with other machines: s3://bucket/folder, or a folder that all of them have.",
    ),
]
RunnerOption = Annotated[
    Runner | None,
    typer.Option("--runner", help="Who does the work: this machine's processes, or a Dask cluster; where left out, whom --address names."),
]
AddressOption = Annotated[
    str, typer.Option("--address", envvar="READACROSS_DASK", help="The scheduler of a Dask cluster, such as tcp://server:8786.")
]


def use_cluster(runner: Runner | None, address: str) -> None:
    """Tells the review who does its work, as the variable does."""
    if runner is Runner.DASK and not address:
        raise stop("--runner dask needs the scheduler's --address, such as tcp://server:8786.", WRONG_COMMAND)
    os.environ["READACROSS_DASK"] = "" if runner is Runner.PROCESSES else address


@app.command(epilog="Example: readacross worker tcp://server:8786 --folder /var/lib/readacross-worker")
def worker(
    address: Annotated[str, typer.Argument(help="Of a Dask scheduler (tcp://server:8786) or a Prefect server (http://server:4200/api).")],
    folder: Annotated[Path, typer.Option(help="What the worker may write in: the documents that it is at, cleared when each is done.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Documents at once; by default one for each processor.")] = None,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[Path | None, typer.Option(help="A folder of models of your own in place of those that ship.")] = None,
    pool: Annotated[str, typer.Option(envvar="READACROSS_POOL", help="The pool whose runs it does for Prefect.")] = "readacross",
) -> None:
    """Work for other machines until stopped with Ctrl-C: on documents for a Dask cluster, on whole runs for a Prefect server."""
    from classifiers.model import MODELS, ModelError
    from pipeline.machines.cluster import make_of
    from pipeline.machines.worker import work_for
    from pipeline.services import ServiceError
    from rules.loader import PackError

    hands, where = workers or os.cpu_count() or 1, models or MODELS
    try:
        if address.startswith("http"):
            _take_runs(address, folder, pool)
        else:
            make = make_of(pack, where)
            typer.echo(f"Working for {address}, {hands} documents at once. Stop with Ctrl-C: what this worker was at goes to another.")
            work_for(address, folder, hands, make, pack, where)
    except (OSError, PackError, ModelError, ServiceError) as error:
        raise stop(str(error), NOTHING_DONE) from None


def _take_runs(address: str, folder: Path, pool: str) -> None:
    """Does the runs of a pool for a Prefect server. Raises ServiceError where none answers."""
    import asyncio

    from pipeline.services import SERVER, prefect_server

    os.environ |= {SERVER: address, "PREFECT_HOME": str(folder / "prefect")}
    with prefect_server(folder / "prefect", 0):
        import flows  # noqa: F401  (it tells Prefect where its files go)
        import serving

        typer.echo(f"Working for {address}, on the runs of the pool {pool}. Stop with Ctrl-C: the next run goes on from what was finished.")
        asyncio.run(serving.work(pool, lambda said: typer.echo(said, err=True)))
