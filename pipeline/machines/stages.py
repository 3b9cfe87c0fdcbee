"""What each stage reads from the store and what it leaves there, and the same item of work on another machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from extractors.read import aids
from pipeline.store import Store, key
from pipeline.submission import Assessment, Case, assess_submission, name_submission
from pipeline.work import Batch, Job, classify_document, conversion_of, convert_batch, extract_document

SHARED: Final = ("originals", "documents", "looks", "names", "entries")
"""The parts of a store that are of use to other machines."""
STAGES: Final = (convert_batch, extract_document, classify_document, name_submission, assess_submission)
"""What other machines can do. What arrives in the inbox is unpacked on the machine that has it."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a store by their names in it: what a stage cannot do without, what spares it work, and what it makes."""

    needs: tuple[str, ...]
    makes: tuple[str, ...]
    helps: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Names the work by its results, hence by content x code version x pack x model."""
        return key(*self.makes)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is worked on: the machine's own store, pack and models."""

    store: str
    pack: str
    models: str


def files_of(function: Callable[[Any], Any], item: Any) -> Files:
    """What a stage over an item reads and makes. Raises OSError where the submitted file cannot be looked at."""
    if function is convert_batch:
        return Files(tuple(map(_original, item.jobs)), _converted(item.jobs))
    if function is extract_document:
        return Files((_original(item),), (_document(item),), _converted([item]))
    if function is classify_document:
        return Files((_document(item),), (_look(item),))
    if function is name_submission:
        return Files(tuple(map(_document, item.jobs)), (_name(item),))
    if function is assess_submission:
        jobs = item.case.jobs
        return Files((*map(_document, jobs), *map(_look, jobs)), (f"entries/{item.key}.json",), (_name(item.case),))
    raise AssertionError(f"{function.__name__} is no stage")


def keep_originals(item: Any) -> None:
    """Keeps what was submitted in this machine's store, so that it can be sent and looked at. Raises OSError."""
    for job in item.jobs if isinstance(item, Batch) else [item] if isinstance(item, Job) else []:
        Store(Path(job.store)).keep_original(Path(job.path), job.sha256)


def stays_here(function: Callable[[Any], Any], item: Any) -> bool:
    """Whether it is read with a password, which never leaves the machine that it was given on."""
    jobs = item.jobs if isinstance(item, Batch) else [item] if function is extract_document else []
    return any(job.passwords and aids(Path(job.path), "") != job.aids for job in jobs)


def moved(item: Any, to: Place) -> Any:
    """The same item of work at another place, where it reads what was submitted from the store."""
    if isinstance(item, Job):
        path = str(Path(to.store) / _original(item))
        return replace(item, path=path, passwords="", store=to.store, pack=to.pack, models=to.models)
    if isinstance(item, Batch):
        return Batch(tuple(moved(job, to) for job in item.jobs))
    if isinstance(item, Case):
        return replace(item, jobs=tuple(moved(job, to) for job in item.jobs), store=to.store, pack=to.pack, models=to.models)
    if isinstance(item, Assessment):
        return replace(item, case=moved(item.case, to))
    raise AssertionError(f"{type(item).__name__} is no item of work")


def _original(job: Job) -> str:
    return f"originals/{Store(Path()).original(job.sha256, job.path).name}"


def _document(job: Job) -> str:
    return f"documents/{job.document_key}.json"


def _look(job: Job) -> str:
    return f"looks/{job.look_key}.json"


def _name(case: Case) -> str:
    return f"names/{case.name_key}.json"


def _converted(jobs: Sequence[Job]) -> tuple[str, ...]:
    made = [conversion_of(job, Path(job.path)) for job in jobs]
    return tuple(f"converted/{one.target.name}" for one in made if one)
