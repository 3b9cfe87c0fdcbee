"""A worker of a Dask cluster: fetches what an item reads from the shared store, works on it within limits, puts the result there.

Nothing of a document stays behind: each item has a folder of its own, which is cleared when the item is done.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final

from pipeline.machines.stages import Files, Place, moved
from pipeline.machines.store import SharedStore, StoreError
from pipeline.pool import Limits, Pool
from pipeline.store import alone

ANSWERS: Final = 10
"""Seconds that a scheduler has to answer."""


class ClusterError(OSError):
    """The cluster cannot do the work; the message says why and what to do."""


@dataclass
class Bench:
    """What the worker of this process works with: its folder, pack and models, and what it opened on the way."""

    folder: Path
    pack: str
    models: str
    hands: int
    stores: dict[str, SharedStore] = field(default_factory=dict)
    pools: dict[Limits, Pool] = field(default_factory=dict)
    lock: Any = field(default_factory=Lock)

    def store(self, url: str) -> SharedStore:
        with self.lock:
            if url not in self.stores:
                self.stores[url] = SharedStore(url)
            return self.stores[url]

    def pool(self, limits: Limits) -> Pool:
        with self.lock:
            if limits not in self.pools:
                folder = self.folder / str(len(self.pools))
                folder.mkdir(parents=True)
                self.pools[limits] = Pool(folder, self.hands, limits)
            return self.pools[limits]


_BENCH: list[Bench] = []
"""One in a process that is a worker, none in others."""


def work_on(function: Callable[[Any], Any], item: Any, files: Files, url: str, limits: Limits) -> Any:
    """The task: what Pool.run gives for the item, its files in the store at `url`. Raises ClusterError, and what ends a run."""
    bench = _BENCH[0]
    try:
        store, pool = bench.store(url), bench.pool(limits)
        with TemporaryDirectory(dir=pool.folder, prefix="item-") as folder:
            if all(store.fetch(name, Path(folder) / name) for name in files.makes):
                return None  # done by a worker that was lost before it could say so
            there = {name for name in (*files.needs, *files.helps) if store.fetch(name, Path(folder) / name)}
            if lost := set(files.needs) - there:
                raise StoreError(f"{url}: {min(lost)} is gone from it. Run the same command again.")
            result = pool.run(function, moved(item, Place(folder, bench.pack, bench.models)))
            for name in files.makes:
                if (made := Path(folder) / name).exists():
                    store.send(made, name)
            return result
    except OSError as error:
        raise ClusterError(f"The worker on {socket.gethostname()}: {error}") from None


def work_for(address: str, folder: Path, hands: int, make: tuple[str, ...], pack: str, models: Path) -> None:
    """Works for the scheduler at that address until Ctrl-C or SIGTERM, so many items at once; writes in `folder` alone.

    Raises ClusterError where there is no scheduler or it goes away, Busy where another worker is in the folder, OSError.
    """
    try:
        import dask
        import distributed  # noqa: F401
    except ImportError:
        raise ClusterError("A cluster needs a library: pip install 'readacross[cluster]'.") from None
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder), dask.config.set({"distributed.worker.http.routes": []}):
        items = folder / "items"
        shutil.rmtree(items, ignore_errors=True)  # of a worker that was killed
        bench = Bench(items, pack, str(models), hands)
        _BENCH[:] = [bench]
        try:
            if not asyncio.run(_work(address, folder / "dask", hands, make)):
                raise ClusterError(f"The Dask scheduler at {address} is gone. Start it again, and this worker after it.")
        finally:
            for pool in bench.pools.values():
                pool.close()
            shutil.rmtree(items, ignore_errors=True)
            shutil.rmtree(folder / "dask", ignore_errors=True)


async def _work(address: str, folder: Path, hands: int, make: tuple[str, ...]) -> bool:
    """Whether it was we who ended it."""
    from distributed import Worker
    from distributed.comm.addressing import get_address_host
    from distributed.utils import get_ip

    host = get_ip(get_address_host(address))  # the network that the scheduler is on, and no other
    worker = Worker(
        address, nthreads=hands, name=socket.gethostname() + f" {folder.parent.name}", local_directory=str(folder),
        host=host, dashboard_address=f"{host}:0", resources=dict.fromkeys(make, hands), memory_limit=0, death_timeout=ANSWERS,
    )  # fmt: skip
    try:
        await worker
    except (OSError, ValueError):
        raise ClusterError(f"No Dask scheduler answers at {address}. Check the address, and for tls:// the certificates.") from None
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    ended = [asyncio.create_task(wait) for wait in (asked.wait(), worker.finished())]
    await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
    for one in ended:
        one.cancel()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it tells at length what it breaks off
    await worker.close(executor_wait=False)  # what it is at goes to others; the result must not be told by halves
    return asked.is_set()
