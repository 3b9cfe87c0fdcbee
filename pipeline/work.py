"""The stages that run in worker processes: read one document, classify one document. Results go into the store, by content."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from classifiers import classify, encoder
from classifiers.model import FIRST, load
from classifiers.reading import Look
from extractors import read
from extractors.document import Document, Problem, full_title
from pipeline.store import Store, key
from rules.code import code_version
from rules.loader import load_pack

A = TypeVar("A")
B = TypeVar("B")

DOCUMENT: Final = TypeAdapter(Document)
LOOKS: Final = TypeAdapter(Look)


@dataclass(frozen=True, slots=True)
class Job:
    """One document's way through the stages. Paths are strings so that any runner can pass a job on."""

    path: str
    name: str
    sha256: str
    store: str
    pack: str
    models: str

    def __str__(self) -> str:
        return f"{Path(self.path).parent.name}/{self.name}"

    @property
    def document_key(self) -> str:
        return key(self.sha256, self.name, code_version("extractors", *read.LIBRARIES))

    @property
    def look_key(self) -> str:
        models = Path(self.models)
        own = load(models / FIRST).sha256, encoder.digest(models)
        code = code_version("classifiers", *classify.LIBRARIES), code_version("rules")
        return key(self.document_key, *code, load_pack(self.pack).sha256, *own)


def extract_document(job: Job) -> None:
    """Reads a document into the store: a copy that stays, so that nobody can change it under the reader."""
    store = Store(Path(job.store))
    if kept := store.keep_original(Path(job.path), job.sha256):
        store.put("documents", job.document_key, DOCUMENT, read.read_document(kept, job.name, job.sha256))


def is_extracted(job: Job) -> bool:
    """Whether the same content was read already, by the same code."""
    return Store(Path(job.store)).get("documents", job.document_key, DOCUMENT) is not None


def classify_document(job: Job) -> None:
    """Classifies an extracted document into the store."""
    document = document_of(job)
    look = classifier_of(job.pack, job.models).look(document.passages, full_title(document.title, document.file))
    Store(Path(job.store)).put("looks", job.look_key, LOOKS, look)


def is_classified(job: Job) -> bool:
    """Whether the same document was classified already, by the same code, pack and models."""
    return Store(Path(job.store)).get("looks", job.look_key, LOOKS) is not None


def document_of(job: Job) -> Document:
    """The extracted document; one with a problem in place of pages where extraction left nothing behind."""
    document = Store(Path(job.store)).get("documents", job.document_key, DOCUMENT)
    return document or lost(job)


def look_of(job: Job) -> Look:
    return Store(Path(job.store)).get("looks", job.look_key, LOOKS) or Look((), (), ())


def lost(job: Job) -> Document:
    """Stands for a document that left nothing behind: its reading ended its worker, or it went away or changed in mid-run."""
    try:
        whole = read.sha256_of(Path(job.path)) == job.sha256
    except OSError:
        problem = Problem(job.name, "was there when the review began and is there no longer.", "Put it back and run the review again.")
    else:
        if whole:
            problem = Problem(
                job.name, "reading this file stopped the program that read it.", "Open it, save it under a new name and resend it."
            )
        else:
            problem = Problem(job.name, "was changed while it was being read.", "Run the review again.")
    return Document(job.name, job.sha256, "", 1, 0, (), (), (problem,))


@cache
def classifier_of(pack: str, models: str) -> classify.Classifier:
    """The classifier of this process, its encoder included. Raises PackError or ModelError."""
    folder = Path(models)
    model = load(folder / FIRST)
    wanted = load_pack(pack)
    return classify.Classifier(wanted, model, encoder.load(folder) if model.pack == wanted.id else None)


def _ignore_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Pool:
    """Worker processes shared by all stages. A document that kills its worker costs that document only."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._executor = self._new(self.workers)

    def _new(self, workers: int) -> ProcessPoolExecutor:
        # Forking a process with threads can hang; Ctrl-C is the parent's affair.
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ignore_interrupt)

    def run(self, function: Callable[[A], B], item: A) -> B | None:
        """The function's result in a worker; None when the item killed its worker twice, the second time alone in one."""
        try:
            return self._executor.submit(function, item).result()
        except BrokenProcessPool:
            with self._new(1) as alone:
                try:
                    return alone.submit(function, item).result()
                except BrokenProcessPool:
                    return None
        finally:
            self._mend()

    def _mend(self) -> None:
        if getattr(self._executor, "_broken", False):
            self._executor = self._new(self.workers)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
