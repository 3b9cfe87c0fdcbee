"""Who does the stages of a review: worker processes of this machine, or the workers of a cluster; a shared store between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.adopted import models_of
from pipeline.machines.cluster import ADDRESS, Cluster, make_of
from pipeline.machines.stages import SHARED, STAGES, Files, files_of, keep_originals, stays_here
from pipeline.machines.store import ENVIRONMENT, SharedStore, StoreError
from pipeline.pool import Crew, Pool, UnderWay
from pipeline.record.record import ROUND
from pipeline.review import STORE, Settings


@contextmanager
def crew(settings: Settings) -> Iterator[Crew]:
    """The crew that the environment asks for: READACROSS_STORE names a shared store, READACROSS_DASK a cluster.

    Raises StoreError or ClusterError before any work is done.
    """
    url, address = os.environ.get(ENVIRONMENT), os.environ.get(ADDRESS)
    if address and not url:
        raise StoreError("The workers of a cluster fetch the documents from a store that all machines reach: name it with --store.")
    with Pool(settings.out / STORE, settings.workers, settings.limits) as pool:
        if not url:
            yield pool
            return
        with _one_round(settings.out, SharedStore(url)) as shared:
            if not address:
                yield Sharing(settings.out / STORE, shared, pool)
                return
            make = make_of(settings.pack, settings.models or models_of(settings.out))
            with Cluster(address, shared.url, make, settings.limits) as cluster:
                yield Sharing(settings.out / STORE, shared, pool, cluster)


@contextmanager
def _one_round(out: Path, shared: SharedStore) -> Iterator[SharedStore]:
    """OUT folders that share a store are of one round, and of the same record on a server."""
    if not (out / ROUND).exists():
        shared.fetch(ROUND, out / ROUND)
    yield shared
    if (out / ROUND).exists():
        shared.send(out / ROUND, ROUND)


class Sharing:
    """Works things out once for all machines: what the shared store holds is fetched, what it lacks is worked out and put there."""

    def __init__(self, folder: Path, shared: SharedStore, here: Pool, away: Cluster | None = None) -> None:
        """Puts into the shared store what `folder` (OUT/store) has already. Raises StoreError."""
        self._folder, self._shared, self._here, self._away = folder, shared, here, away
        self._there = shared.names()
        for stage in SHARED:
            self._send(f"{stage}/{path.name}" for path in sorted((folder / stage).glob("[!.]*")))

    @property
    def workers(self) -> int:
        return self._away.workers if self._away else self._here.workers

    def run(self, function: Callable[[Any], Any], item: Any) -> Any:
        """What Pool.run gives. What cannot be sent - a password stays here, something is lost, a zip is still whole - is done here."""
        if function not in STAGES:
            return self._here.run(function, item)
        keep_originals(item)
        files = files_of(function, item)
        if self._fetched(files):
            return None
        self._there.difference_update(files.makes)  # what was there of them is damaged
        if self._away and not stays_here(function, item) and all((self._folder / name).exists() for name in files.needs):
            self._send((*files.needs, *files.helps))
            result = self._away.run(function, item, files)
            self._fetched(files)
            return result
        result = self._here.run(function, item)
        self._send((*files.needs, *files.makes))
        return result

    def under_way(self) -> list[UnderWay]:
        return self._here.under_way()

    def close(self) -> None:
        """Ends the workers of this machine and lets go of those of the cluster."""
        if self._away:
            self._away.close()
        self._here.close()

    def _fetched(self, files: Files) -> bool:
        there = [name for name in files.makes if self._shared.fetch(name, self._folder / name)]
        self._there.update(there)
        return len(there) == len(files.makes)

    def _send(self, names: Iterable[str]) -> None:
        """Puts into the shared store what this machine has and that one lacks."""
        for name in names:
            if name not in self._there and (self._folder / name).exists():
                self._shared.send(self._folder / name, name)
                self._there.add(name)
