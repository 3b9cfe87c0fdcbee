"""The review as Prefect flows: orchestration only. `pipeline` says what happens, this says who sees it happen, and when.

Prefect keeps its files in its own folder inside OUT, and talks to a server of ours on this machine, or to the one that we name.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from time import sleep
from typing import Annotated, Any, TypeVar, cast

from pydantic import BeforeValidator, Field

from pipeline.services import QUIET, SERVER


def stay_here(home: Path) -> None:
    """Points Prefect at its own folder, and at no server but the one that SERVER names. Call before Prefect is imported."""
    home.mkdir(parents=True, exist_ok=True)
    for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE"):
        os.environ.pop(name, None)
    os.environ.update(QUIET, PREFECT_HOME=str(home.resolve()))
    for noisy in ("asyncio", "prefect.concurrency", "EventsWorker", "APILogWorker"):  # Prefect tells at length that it was stopped
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    if server := os.environ.get(SERVER):
        os.environ["PREFECT_API_URL"] = server


stay_here(Path(os.environ.get("PREFECT_HOME", ".prefect")))

from prefect import Flow, flow, runtime, task  # noqa: E402  (Prefect reads its settings when it is imported)
from prefect.artifacts import create_table_artifact  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.schemas.objects import FlowRun, State  # noqa: E402
from prefect.events.worker import EventsWorker  # noqa: E402
from prefect.logging.handlers import APILogWorker  # noqa: E402
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: E402
from prefect.states import Completed  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402

from pipeline import watch  # noqa: E402
from pipeline.machines.crew import crew  # noqa: E402
from pipeline.patience import WAITS, may_pass  # noqa: E402
from pipeline.pool import Crew, Limits  # noqa: E402
from pipeline.record.record import Record  # noqa: E402
from pipeline.record.reviewed import publish as publish_round  # noqa: E402
from pipeline.review import STORE, Outcome, Settings, review  # noqa: E402
from pipeline.services import end_with_starter, free_port, prefect_server  # noqa: E402
from pipeline.store import alone  # noqa: E402
from pipeline.summary import awaiting, grades, problems  # noqa: E402
from pipeline.telling import Progress, Telling  # noqa: E402
from rules.loader import DEFAULT as DEFAULT_PACK  # noqa: E402


def _named(folder: object) -> object:
    """A field left empty in Prefect's pages would mean the folder that the program happens to run in."""
    if isinstance(folder, str) and not folder.strip():
        raise ValueError("no folder is named. Write its whole path, such as /srv/inbox")
    return folder


T = TypeVar("T")
Folder = Annotated[Path, BeforeValidator(_named)]
Workers = Annotated[int | None, Field(ge=1)]
Patience = Annotated[float, Field(ge=0)]
LIMITS = Limits()
RUNNER: Any = ThreadPoolTaskRunner(max_workers=64)
"""Threads that only wait for whoever does the work: as many as a cluster can do at once."""
_LAST_WORDS = 20.0
"""Seconds that Prefect may take at the end of a command to tell its server what it has still to tell."""
_PROGRESS: ContextVar[Progress] = ContextVar("progress", default=lambda stage, done, total, at="": None)
"""Who wants to see how far the run is; a flow's parameters are data, and a callback is none."""


class PrefectRunner:
    """One Prefect task for each document and stage; the work itself runs on the shared worker pool."""

    def __init__(self, pool: Crew, progress: Progress) -> None:
        self._pool = pool
        self._progress = progress

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        with Telling(self._pool, self._progress, stage, len(items)) as telling:

            def run(item: Any) -> Any:
                result = self._pool.run(function, item)
                telling.one_done()
                return result

            work = task(name=stage, persist_result=False, cache_policy=NO_CACHE)(run)
            futures = [work.with_options(task_run_name=f"{stage}: {item}").submit(item) for item in items]
            return [future.result() for future in futures]


def _patiently(what: str, work: Callable[[], T]) -> T:
    """Does the work of a run, again later where it met what may pass by itself. A person at a terminal is told at once instead."""
    tries = WAITS if runtime.deployment.id else ()
    run = task(name=what, retries=len(tries), retry_delay_seconds=list(tries), retry_condition_fn=_worth_it, cache_policy=NO_CACHE)(work)
    result: T = run.with_options(task_run_name=what)()
    return result


def _worth_it(_: object, __: object, state: State[Any]) -> bool:
    passing = isinstance(state.data, Exception) and may_pass(state.data)
    if passing:
        print(f"{state.data} It is tried again in a while.", file=sys.stderr, flush=True)
    return passing


def _reviewed(settings: Settings) -> Outcome:
    """A review as a flow does it; the matrix and what could not be read stand in Prefect's pages as tables.

    The outcome goes to Prefect in the state that the run ends in, by the name that its pages show; whoever called the flow gets it bare.
    """

    def work() -> Outcome:
        with crew(settings) as pool:
            return review(settings, PrefectRunner(pool, _PROGRESS.get()))

    outcome = _patiently("Review", work)
    said = f"Provisional grades. {awaiting(outcome)}"
    create_table_artifact(grades(outcome.matrix), key="provisional-matrix", description=said)
    create_table_artifact(problems(outcome.matrix), key="problems", description="What could not be read, and what to do about it.")
    ended: Any = Completed(name="Awaiting review" if outcome.awaiting else "Reviewed", message=awaiting(outcome), data=outcome)
    return cast(Outcome, ended)


@flow(name="review_batch", flow_run_name="review of {inbox}", task_runner=RUNNER)
def review_batch(
    inbox: Folder,
    out: Folder,
    pack: str = DEFAULT_PACK,
    models: Folder | None = None,
    workers: Workers = None,
    limits: Limits = LIMITS,
    changed_only: bool = False,
) -> Outcome:
    """Reviews every submission of an inbox; ends with the provisional matrix, awaiting review by people."""
    return _reviewed(Settings(inbox, out, pack, models, workers, limits, changed_only))


@flow(name="review_submission", flow_run_name="review of {folder}", task_runner=RUNNER)
def review_submission(
    folder: Folder, out: Folder, pack: str = DEFAULT_PACK, models: Folder | None = None, workers: Workers = None
) -> Outcome:
    """Reviews one force's folder; ends with its provisional matrix, awaiting review by people."""
    return _reviewed(Settings(folder, out, pack, models, workers))


@flow(name="rereview_changed", flow_run_name="changes in {inbox}", task_runner=RUNNER)
def rereview_changed(
    inbox: Folder, out: Folder, pack: str = DEFAULT_PACK, models: Folder | None = None, workers: Workers = None, patience: Patience = 5.0
) -> Outcome | None:
    """Reviews the inbox if a submission in it is new or changed; None if not. What is still being copied waits.

    `patience` is the number of seconds between two looks at a copy under way.
    """
    before = watch.seen(out / STORE)
    now, moving = watch.settled(inbox, lambda: sleep(patience), before)
    if not set(watch.changed(before, now)) - set(moving):
        return None
    ended = _reviewed(Settings(inbox, out, pack, models, workers, waiting=tuple(moving)))
    watch.remember(out / STORE, {name: sight for name, sight in now.items() if name not in moving})
    return ended


@flow(name="publish", flow_run_name="publish {out}")
def publish(out: Folder) -> None:
    """Writes the round as it stands, with every decision in force: what sign-off is followed by."""

    def work() -> dict[str, Any]:
        with Record.open(out) as record, alone(out / STORE):
            return publish_round(record, out)

    create_table_artifact(grades(_patiently("Publish", work)), key="reviewed-matrix", description="Grades in force.")


@flow(name="retrain", flow_run_name="learn from {out}")
def retrain(out: Folder) -> str:
    """Learns from the decisions of a round (source tree only). Models that are no worse judge its reviews from then on."""
    from pipeline.learning.learn import learn  # lazy: over a second to import, and only training needs it
    from pipeline.learning.told import trial_rows, verdict

    learnt = learn(out, _PROGRESS.get())
    said = verdict(learnt.worse)
    create_table_artifact(trial_rows(learnt.trials), key="trial-of-new-models", description=said)
    return said


def run_review(settings: Settings, progress: Progress) -> Outcome:
    """Runs `review_batch` on a Prefect server of its own, or the one that SERVER names, showing progress; gives its outcome.

    Raises ServiceError where that does not answer, before any work is done.
    """
    _PROGRESS.set(progress)
    _keep_traces_from_terminal()
    own = settings.inbox, settings.out, settings.pack, settings.models, settings.workers, settings.limits, settings.changed_only
    with _served(settings.out / STORE / "prefect"):
        return review_batch(*own)


def _keep_traces_from_terminal() -> None:
    """Prefect's pages keep the trace; at the terminal stands what to do."""
    for logger in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(logger).propagate = False


@contextmanager
def _served(home: Path) -> Iterator[None]:
    """A Prefect server for the flows in the block, which ends with this program, however that ends."""
    with (
        prefect_server(home, free_port(), brief=True) as address,
        # The heartbeat's thread would hold up the end of a flow by a second.
        temporary_settings({PREFECT_API_URL: address, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        try:
            yield
        finally:
            for sender in (APILogWorker, EventsWorker):  # what they have still to send finds no server later
                sender.drain_all(timeout=_LAST_WORDS)


@flow(name="nothing")
def nothing() -> None:
    """Does nothing."""


def try_out(home: Path) -> None:
    """Raises whatever keeps a flow from being run on a Prefect server."""
    with _served(home):
        nothing()


FLOWS: dict[str, Flow[..., Any]] = {one.name: one for one in (review_batch, review_submission, rereview_changed, publish, retrain)}


def _tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    why = str(state.message).removeprefix("Flow run encountered an exception: ").partition(": ")[2]
    print(f"{flow_run.name}: {why or state.message}", file=sys.stderr, flush=True)


if os.environ.get("PREFECT__FLOW_RUN_ID"):  # a process that `serve` or a worker started for one run
    end_with_starter()
    _keep_traces_from_terminal()
    for one in FLOWS.values():
        one.on_failure(_tell_failure)
