"""What runs the flows by themselves: deployments, schedules, an inbox that is watched, sign-offs that are followed.

Import `flows` first: it tells Prefect where its files go.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from socket import gethostname
from time import monotonic
from typing import Any, Final
from uuid import UUID

import httpx
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectAlreadyExists, PrefectException
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker
from pydantic import BaseModel, ConfigDict, Field

from flows import FLOWS
from pipeline import watch
from pipeline.record.record import Record
from pipeline.record.signoff import unpublished
from pipeline.record.types import RecordError
from pipeline.review import STORE

POOL: Final = "READACROSS_POOL"
"""The variable that names a pool of Prefect's workers, who do the runs; without it `serve` does them itself."""
EVERY: Final = 10.0
"""Seconds between two looks at the inbox, and at the record."""
AGAIN: Final = 900.0
"""Seconds after which a run is asked for again if the inbox still holds what no review has seen, or a sign-off is not published."""
AWAY: Final = (OSError, httpx.HTTPError, PrefectException)
"""The inbox or Prefect's server is away for the moment."""
ONE_AT_A_TIME: Final = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
"""Two runs over one inbox never overlap: the second waits."""
_LOCALTIME: Final = Path("/etc/localtime")
_UNDER_WAY: Final = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


class Deployment(BaseModel):
    """One entry of deployments.yaml: a flow, what people call it, and when it runs by itself (cron; None: only when asked)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    flow: str
    name: str
    description: str
    schedule: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)


class Served(Runner):
    """Prefect's runner of deployments, which a SIGTERM ends as Ctrl-C does: its own way shows a trace, and reports success."""

    handle_sigterm = staticmethod(signal.default_int_handler)


def deployments() -> list[Deployment]:
    """What is served. Raises ValidationError."""
    data = files("pipeline").joinpath("deployments.yaml").read_text("utf-8")
    return [Deployment.model_validate(one) for one in yaml.safe_load(data)]


async def serve(inbox: Path, out: Path, schedule: str | None) -> None:
    """Serves the deployments until stopped: on the schedule (cron), else at once when the inbox changes, and nightly.

    A force that is signed off has the round published. Raises ValueError for what is no schedule.
    """
    try:
        wanted = Cron(schedule, timezone=_timezone()) if schedule else None
    except ValueError as error:
        raise ValueError(f"{error}. A schedule is written like '0 2 * * *': every night at two.") from None
    server = Served(name="readacross", limit=1, pause_on_shutdown=False)
    pool = os.environ.get(POOL)
    if pool:
        await _make(pool)
    with Record.open(out, new=True) as record:
        name = record.called(out)
    given = {"inbox": str(inbox.resolve()), "out": str(out.resolve())}
    served: dict[UUID, str] = {}
    for one in deployments():
        chosen = FLOWS[one.flow]
        own = {name: value for name, value in given.items() if name in chosen.parameters.properties}
        deployment = await chosen.ato_deployment(
            f"{one.name} ({name})",
            schedule=(wanted or Cron(one.schedule, timezone=_timezone())) if one.schedule else None,
            parameters=own | one.parameters,
            description=one.description,
            concurrency_limit=ONE_AT_A_TIME,
            entrypoint_type=EntrypointType.MODULE_PATH,
            work_pool_name=pool,
        )
        known = await (deployment.aapply() if pool else server.aadd_deployment(deployment))
        served[known] = str(chosen.flow_run_name).format(**own)
    if not pool:  # else other machines may be at them
        await take_up(served)
    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(_follow_sign_offs(out, name)), group.create_task(_name_what_is_to_come(served))]
        if schedule is None:
            watching.append(group.create_task(_ask_at_once(inbox, out, name)))
        await server.start()
        for one_of in watching:
            one_of.cancel()


async def _make(pool: str) -> None:
    """Makes a pool of workers where there is none of that name."""
    async with get_client() as client:
        with suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=pool, type=ProcessWorker.type))


async def work(pool: str, tell: Callable[[str], None]) -> None:
    """Takes the runs of a pool, one at a time, until stopped."""
    await ProcessWorker(work_pool_name=pool, limit=1, name=f"{gethostname()} {os.getpid()}").start(printer=tell)


def _timezone() -> str | None:
    """This machine's, by name; None (UTC) where it does not say."""
    if named := os.environ.get("TZ"):
        return named.removeprefix(":")
    _, found, name = str(_LOCALTIME.resolve()).partition("zoneinfo/")
    return name if found else None


async def take_up(deployments: Collection[UUID]) -> None:
    """Goes on after a stop: what was under way is marked as broken off, and of the runs that were missed one is made up for.

    Only for the one program that serves these deployments.
    """
    ours = FlowRunFilterDeploymentId(any_=list(deployments))
    async with get_client() as client:
        broken_off = FlowRunFilter(deployment_id=ours, state=_in(*_UNDER_WAY))
        for run in await client.read_flow_runs(flow_run_filter=broken_off):
            await client.set_flow_run_state(run.id, Crashed(message="The program that ran it was stopped."), force=True)
        past = FlowRunFilterExpectedStartTime.model_validate({"before_": datetime.now(UTC)})
        missed = FlowRunFilter(deployment_id=ours, state=_in(StateType.SCHEDULED), expected_start_time=past)
        known: set[UUID | None] = set()
        for run in await client.read_flow_runs(flow_run_filter=missed, sort=FlowRunSort.EXPECTED_START_TIME_DESC):
            if run.deployment_id in known:
                await client.delete_flow_run(run.id)
            known.add(run.deployment_id)


async def _name_what_is_to_come(deployments: Mapping[UUID, str]) -> None:
    """Has Prefect's pages show the runs to come by the names of their deployments' runs; its scheduler names them at random."""
    to_come = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=list(deployments)), state=_in(StateType.SCHEDULED))
    while True:
        with suppress(*AWAY):
            async with get_client() as client:
                for run in await client.read_flow_runs(flow_run_filter=to_come):
                    if run.auto_scheduled and run.deployment_id and run.name != deployments[run.deployment_id]:
                        await client.update_flow_run(run.id, name=deployments[run.deployment_id])
        await asyncio.sleep(EVERY)


def _in(*states: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))


async def _ask_at_once(inbox: Path, out: Path, name: str) -> None:
    """Asks for a review of what changed: once for every state of the inbox, and again after a while where that came to nothing."""
    asked: watch.Sight = {}
    since, away = 0.0, ""
    while True:
        with suppress(*AWAY):  # the next look asks again
            before, away = away, _away(inbox)
            if away != before:
                print(away or f"{inbox}: can be looked into again.", file=sys.stderr, flush=True)
            now = watch.look(inbox)
            ready = [name for name in watch.changed(watch.seen(out / STORE), now) if now.get(name) != ""]
            if ready and (now != asked or monotonic() - since > AGAIN):
                wanted = f"rereview_changed/changed submissions ({name})"
                await arun_deployment(wanted, flow_run_name=f"changes in {inbox}", timeout=0, as_subflow=False)
                asked, since = now, monotonic()
        await asyncio.sleep(EVERY)


def _away(inbox: Path) -> str:
    """Why an inbox cannot be looked into, "" where it can: a drive that is away is no reason to stop, but one to say so."""
    try:
        next(inbox.iterdir(), None)
    except OSError as error:
        return f"{inbox}: cannot be looked into ({error.strerror or error}). Put it back; nothing is reviewed until it is there."
    return ""


async def _follow_sign_offs(out: Path, name: str) -> None:
    """Asks for the round to be published once a force is signed off: once for every state of the record, and again after a while."""
    asked: list[tuple[str, int]] = []
    since = 0.0
    while True:
        with suppress(RecordError, *AWAY):  # RecordError: there is no review yet
            waiting = await asyncio.to_thread(_signed_off, out)
            if waiting and (waiting != asked or monotonic() - since > AGAIN):
                await arun_deployment(f"publish/publish ({name})", flow_run_name=f"publish {out}", timeout=0, as_subflow=False)
                asked, since = waiting, monotonic()
        await asyncio.sleep(EVERY)


def _signed_off(out: Path) -> list[tuple[str, int]]:
    """The forces that are signed off and not published so, each with its last decision."""
    with Record.open(out) as record:
        return sorted(unpublished(record, out).items())
