"""The review as a Prefect flow: orchestration only. `pipeline.review` says what happens, this says who sees it happen.

Prefect runs its embedded server on this machine, keeps its files in its own folder inside OUT and calls nobody.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from itertools import count
from pathlib import Path
from typing import Any

QUIET: dict[str, str] = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
"""Settings that keep Prefect on this machine; they must stand before Prefect is imported."""


def stay_here(home: Path) -> None:
    """Points Prefect at its own folder and away from any server that the surroundings name. Call before Prefect is imported."""
    home.mkdir(parents=True, exist_ok=True)
    for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE"):
        os.environ.pop(name, None)
    os.environ.update(QUIET, PREFECT_HOME=str(home.resolve()))


stay_here(Path(os.environ.get("PREFECT_HOME", ".prefect")))

from prefect import flow, task  # noqa: E402  (Prefect reads its settings when it is imported)
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402

from classifiers.model import MODELS  # noqa: E402
from pipeline.review import Outcome, Progress, Settings, review  # noqa: E402
from pipeline.work import Pool  # noqa: E402
from rules.loader import DEFAULT as DEFAULT_PACK  # noqa: E402

_PROGRESS: ContextVar[Progress] = ContextVar("progress", default=lambda stage, done, total: None)
"""Who wants to see how far the run is; a flow's parameters are data, and a callback is none."""


class PrefectRunner:
    """One Prefect task for each document and stage; the work itself runs on the shared worker pool."""

    def __init__(self, pool: Pool, progress: Progress) -> None:
        self._pool = pool
        self._progress = progress

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        done = count(1)

        def run(item: Any) -> Any:
            result = self._pool.run(function, item)
            self._progress(stage, next(done), len(items))
            return result

        self._progress(stage, 0, len(items))
        work = task(name=stage, persist_result=False, cache_policy=NO_CACHE)(run)
        futures = [work.with_options(task_run_name=f"{stage}: {item}").submit(item) for item in items]
        return [future.result() for future in futures]


@flow(name="review_batch", flow_run_name="review of {inbox}", task_runner=ThreadPoolTaskRunner(max_workers=os.cpu_count()))  # type: ignore[arg-type]
def review_batch(inbox: Path, out: Path, pack: str = DEFAULT_PACK, models: Path = MODELS, workers: int | None = None) -> Outcome:
    """Reviews every submission of an inbox; ends with the provisional matrix, awaiting review by people."""
    with Pool(workers) as pool:
        return review(Settings(inbox, out, pack, models, workers), PrefectRunner(pool, _PROGRESS.get()))


def run_review(settings: Settings, progress: Progress) -> Outcome:
    """Runs `review_batch` on Prefect's embedded server, showing progress, and gives its outcome."""
    _PROGRESS.set(progress)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):  # its thread would hold up the end of a flow by a second
        return review_batch(settings.inbox, settings.out, settings.pack, settings.models, settings.workers)
