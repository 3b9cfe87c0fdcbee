"""A Dask cluster: each stage of each document is one of its tasks, named by our own keys, and done by a worker of the same make as we.

The scheduler sees to both. A worker announces of what make it is, part by part, as resources, and a task asks for them. What a lost
worker was at is given to another, which first looks whether it is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from threading import Event
from typing import Any, Final, Self

from classifiers import classify, encoder
from classifiers.model import FIRST, load
from extractors import office, read, tesseract
from pipeline.machines.stages import Files
from pipeline.machines.worker import ANSWERS, ClusterError, work_on
from pipeline.pool import Limits, Stopped
from pipeline.store import key
from rules.code import code_version
from rules.loader import load_pack

ADDRESS: Final = "READACROSS_DASK"
"""The variable that names the scheduler of a cluster; without it this machine does the work."""

LOOK: Final = 5.0
"""Seconds between two looks at whether there are still workers, while a result is waited for."""
PATIENCE: Final = 12
"""Looks in a row that may find none: a worker that is started anew is there before."""

_LOG: Final = logging.getLogger(__name__)
_START: Final = "Start one with `readacross worker`."
_GO_ON: Final = "What was finished is kept: the same command goes on from there."


def make_of(pack: str, models: Path) -> tuple[str, ...]:
    """What a result depends on besides the documents, part by part. Raises PackError or ModelError."""
    told = {
        "rules": code_version("rules"),
        "extractors": code_version("extractors", *read.LIBRARIES),
        "classifiers": code_version("classifiers", *classify.LIBRARIES),
        "pipeline": code_version("pipeline"),
        "pack": load_pack(pack).sha256,
        "models": load(models / FIRST).sha256 + encoder.digest(models),
        "Tesseract": " ".join(tesseract.installed()),
        "LibreOffice": " ".join(part for kind in sorted(office.CONVERTED) for part in (kind, *office.there_for(kind))),
    }
    return tuple(f"{part} {key(value)[:12]}" for part, value in told.items())


class Cluster:
    """Gives items of work to the workers of a cluster. Safe for several threads."""

    def __init__(self, address: str, store: str, make: tuple[str, ...], limits: Limits) -> None:
        """Connects, and looks for workers of that make. Raises ClusterError."""
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError("A cluster needs a library: pip install 'readacross[cluster]'.") from None
        self._address, self._store, self._limits, self._make = address, store, limits, make
        try:
            self._client = Client(address, timeout=ANSWERS, set_as_default=False)
        except (OSError, ValueError):
            raise ClusterError(
                f"No Dask scheduler answers at {address}. Start one with `dask scheduler`, or check the address, which is written like "
                "tcp://server:8786, and for tls:// the certificates."
            ) from None
        hands, unfit = self._look()
        for one in unfit:
            _LOG.warning("%s", one)
        if not hands:
            self.close()
            raise ClusterError(" ".join([f"The cluster at {address} has no worker for this review.", *unfit, _START]))
        self.workers = 2 * hands
        """Items under way at once: no worker waits while the result of its last one is fetched."""

    def run(self, function: Callable[[Any], Any], item: Any, files: Files) -> Any:
        """What the function gives on a worker, or why it has no result. Raises ClusterError, and what ends a run."""
        from distributed import KilledWorker

        name, asks = f"{function.__name__}-{files.key}", dict.fromkeys(self._make, 1)
        try:
            future = self._client.submit(work_on, function, item, files, self._store, self._limits, key=name, resources=asks)
            self._wait(future)
            return future.result()
        except KilledWorker:
            return Stopped("crash", "several workers of the cluster were lost over it, one after the other")
        except CancelledError:
            raise ClusterError(f"The Dask scheduler at {self._address} is gone. Start it again. {_GO_ON}") from None

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _wait(self, future: Any) -> None:
        """Waits for a result as long as there is anybody who could bring it. Raises ClusterError."""
        done, without = Event(), 0
        future.add_done_callback(lambda _: done.set())
        while not done.wait(LOOK):
            without = 0 if self._look()[0] else without + 1
            if without == PATIENCE:
                raise ClusterError(f"The cluster at {self._address} has lost all its workers. {_START} {_GO_ON}")

    def _look(self) -> tuple[int, list[str]]:
        """How many items its workers can do at once for us, and of each other worker why it cannot."""
        hands, unfit = 0, []
        for address, worker in self._client.scheduler_info().get("workers", {}).items():
            theirs = worker["resources"]
            if all(part in theirs for part in self._make):
                hands += worker["nthreads"]
            elif theirs:
                differ = " and ".join(part.partition(" ")[0] for part in self._make if part not in theirs)
                unfit.append(
                    f"The worker {worker['name']} at {address} gets no work, as it has not this machine's {differ}: install the same "
                    "version there, and give both the same --pack and --models."
                )
            else:
                unfit.append(f"The worker {worker['name']} at {address} gets no work, as it was not started with `readacross worker`.")
        return hands, unfit
