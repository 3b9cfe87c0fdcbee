"""Worker processes with limits: what a document does to its worker costs that document, and no other."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import LifoQueue
from typing import Annotated, Any, Final, Literal, NamedTuple, Protocol, Self, TypeVar

from pydantic import Field

from classifiers.model import ModelError
from extractors import progress
from extractors.document import Problem
from pipeline import guard
from rules.loader import PackError

A = TypeVar("A")
B = TypeVar("B")

ENDS_THE_RUN: Final = (OSError, PackError, ModelError)
"""Errors that every other item would meet too: they are raised where the pool was asked, not laid to the item."""

_SPAWN: Final = get_context("spawn")  # forking a process with threads can hang
_STARTING: Final = threading.Lock()  # multiprocessing looks after its children without a lock of its own


Limit = Literal["time", "memory", "output", "crash", "error"]


_OUT_OF_MEMORY: Final = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGKILL)
"""How libraries end that are refused memory, and whom the system ends when it has none left."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: seconds without a further page, megabytes held, megabytes written into one file."""

    seconds: Annotated[float, Field(gt=0)] = 120
    memory: Annotated[int, Field(ge=700)] = 1_500
    output: Annotated[int, Field(gt=0)] = 2_000

    @property
    def whole(self) -> float:
        """Seconds that a document may take in all, however many pages it goes on to have."""
        return 30 * self.seconds


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why an item has no result: the limit that it met, in words, and how far it was (0 where that is not known)."""

    limit: Limit
    why: str
    page: int = 0
    pages: int = 0

    def problem(self, name: str) -> Problem:
        return Problem(name, f"was given up: {self.why}.", _REMEDIES[self.limit], self.page or None)


_REMEDIES: Final = {
    "time": "Open it, print it to a new PDF or save it anew and add that; or allow it more with --time-limit.",
    "memory": "Split it into smaller files, or allow it more with --memory-limit.",
    "output": "Check that the right file was sent; split it if it was.",
    "crash": "Open it, save it under a new name and add that, or ask the force for a sound copy.",
    "error": "Open it, save it under a new name and add that, or ask the force for a sound copy.",
}


class UnderWay(NamedTuple):
    """What a worker is at: the item, the page and the pages in all (0 where that is not known)."""

    item: str
    page: int
    pages: int


class _Fault(NamedTuple):
    """What stopped an item, before it is said where."""

    limit: Limit
    why: str


class Crew(Protocol):
    """Whoever runs the stages: this machine's worker processes, or more than those."""

    @property
    def workers(self) -> int:
        """How many items may be asked for at once."""

    def run(self, function: Callable[[A], B], item: A) -> B | Stopped:
        """The function's result, or why it has none."""

    def under_way(self) -> list[UnderWay]:
        """What the worker processes of this machine are at."""

    def close(self) -> None:
        """Ends what is under way."""


class Pool:
    """Worker processes shared by all stages; `run` may be called from as many threads as there are workers.

    The workers write below `folder` alone, their temporary files among it.
    """

    def __init__(self, folder: Path, workers: int | None = None, limits: Limits | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self.folder, self._scratch = folder, folder / "scratch"
        self._closed = False
        self._idle: LifoQueue[_Worker] = LifoQueue()  # who was at work last has loaded what the next stage needs
        self._all = [_Worker(folder, self._scratch / str(number), limits or Limits()) for number in range(self.workers)]
        for worker in self._all:
            self._idle.put(worker)

    def run(self, function: Callable[[A], B], item: A) -> B | Stopped:
        """The function's result in a worker, or why it has none. Raises what ENDS_THE_RUN names."""
        worker = self._idle.get()
        try:
            return Stopped("error", "the review was stopped") if self._closed else worker.run(function, item)
        finally:
            self._idle.put(worker)

    def under_way(self) -> list[UnderWay]:
        """What the workers are at."""
        return [worker.at() for worker in self._all if worker.item]

    def close(self) -> None:
        """Ends the workers, what they are at included; whoever waits for a result is told that it was stopped."""
        self._closed = True
        for worker in self._all:
            worker.kill()
        for worker in [self._idle.get() for _ in self._all]:
            worker.end()
            self._idle.put(worker)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Worker:
    """One process, started when it is first needed and again after it was ended."""

    def __init__(self, folder: Path, scratch: Path, limits: Limits) -> None:
        self._folder, self._scratch, self._limits = folder, scratch, limits
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._at: Any = _SPAWN.RawArray("d", 3)
        """The page that the worker is at, the pages in all, and the moment when it said so."""
        self.item = ""
        """What it is at, "" for nothing."""

    def at(self) -> UnderWay:
        return UnderWay(self.item, int(self._at[0]), int(self._at[1]))

    def run(self, function: Callable[[A], B], item: A) -> B | Stopped:
        stays = False
        try:
            process, pipe = self._start()
            begun = time.monotonic()
            self._at[:] = (0, 0, begun)
            self.item = str(item)
            pipe.send((function, item))
            result, error, stays = pipe.recv() if (late := self._late(process, pipe, begun)) is None else (late, None, False)
        except (EOFError, ConnectionError):
            result, error = self._how_it_ended(), None
        finally:
            self.item = ""
            if not stays:
                self.end()
        if error is not None:
            raise error
        return Stopped(*result, page=int(self._at[0]), pages=int(self._at[1])) if isinstance(result, _Fault) else result

    def _late(self, process: BaseProcess, pipe: Connection, begun: float) -> _Fault | None:
        """None once there is an answer or the process has ended; before that, the limit that was met."""
        limits = self._limits
        while True:
            stalled, over = self._at[2] + limits.seconds, begun + limits.whole
            if wait([pipe, process.sentinel], max(0.0, min(stalled, over) - time.monotonic())):
                return None
            if time.monotonic() >= over:
                return _Fault("time", f"it took more than {limits.whole / 60:g} minutes")
            if time.monotonic() >= self._at[2] + limits.seconds:
                return _Fault("time", f"in {limits.seconds:g} seconds nothing further of it was read")

    def _start(self) -> tuple[BaseProcess, Connection]:
        """The process, ready for an item: its own start takes none of the item's time. Raises EOFError when it was killed meanwhile."""
        if self._process is None or self._pipe is None:
            with _STARTING:
                self._pipe, theirs = _SPAWN.Pipe()
                arguments = theirs, self._at, self._folder, self._scratch, self._limits
                self._process = _SPAWN.Process(target=_serve, args=arguments, daemon=True)
                self._process.start()
                theirs.close()
            self._pipe.recv()
        return self._process, self._pipe

    def kill(self) -> None:
        """Kills the process and whatever it started."""
        with _STARTING:
            if self._process is not None and self._process.pid is not None:
                self._process.kill()
                guard.end_session(self._process.pid)

    def end(self) -> None:
        """Kills the process and clears up after it; the next item gets a new one."""
        self.kill()
        with _STARTING:
            if self._process is not None and self._pipe is not None:
                self._process.join()
                self._pipe.close()
            self._process = self._pipe = None
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _how_it_ended(self) -> _Fault:
        with _STARTING:
            if self._process is not None:
                self._process.join(5)
            code = (self._process and self._process.exitcode) or 0
        how = f"it ended the program that read it ({signal.strsignal(-code) if code < 0 else f'exit code {code}'})"
        if -code in _OUT_OF_MEMORY:
            return _Fault("memory", f"{how}, most likely for want of memory: {self._limits.memory:,} MB are allowed")
        return _Fault("crash", how)


def _serve(pipe: Connection, at: Any, folder: Path, scratch: Path, limits: Limits) -> None:
    """The worker: answers each item with (result, error that ends the run, whether the worker stays for more)."""
    os.setsid()  # Ctrl-C is the parent's affair, and what is started here can be killed with it
    guard.confine(folder, scratch, limits.memory, limits.output)

    def here(page: int, pages: int) -> None:
        at[:] = (page or at[0], pages or at[1], time.monotonic())

    progress.watch(here)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pipe.send("ready")
    stays = True
    while stays:
        try:
            function, item = pipe.recv()
        except EOFError:
            return
        guard.allow_seconds(limits.whole)
        result: Any = None
        error: Exception | None = None
        try:
            result = function(item)
        except MemoryError:
            result = _Fault("memory", f"it needs more than {limits.memory:,} MB of memory")
        except OSError as failed:
            error = failed
            if failed.errno == errno.EFBIG:
                error, result = None, _Fault("output", f"it fills more than {limits.output:,} MB of disk")
        except ENDS_THE_RUN as failed:
            error = failed
        except Exception as failed:
            result = _Fault("error", f"the program made an error over it ({type(failed).__name__}: {failed})")
        stays = not isinstance(result, _Fault) and guard.held() < limits.memory * guard.MB / 2
        pipe.send((result, error, stays))


def _end_with_parent() -> None:
    """Ends the worker, and what it started, once the program that asked it is gone: killed, it could not do so itself."""
    if parent := parent_process():
        wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)
