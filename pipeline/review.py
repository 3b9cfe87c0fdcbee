"""The review, as it happens: ingest, extract, classify, assess, publish. Who runs the stages (here or Prefect) is the runner's affair."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from classifiers.encoder import digest
from classifiers.model import FIRST, load
from extractors.document import Problem
from extractors.read import sha256_of
from pipeline.adopted import learnt_from, models_of
from pipeline.ingest import Submission, find_submissions
from pipeline.machines.store import StoreError
from pipeline.machines.worker import ClusterError
from pipeline.matrix import Entries, matrix, written
from pipeline.pool import Crew, Limits, Stopped
from pipeline.record.reviewed import REVIEWED
from pipeline.record.types import RecordError, Source
from pipeline.report import write_report
from pipeline.resubmission import NewVersion, folders_of, keep, round_alone, with_earlier, without_emptied
from pipeline.store import Busy, Store, alone, key, write_pieces, write_whole
from pipeline.submission import NAME, Assessment, Case, assess_submission, entry_of, is_assessed, is_named, name_of, name_submission
from pipeline.telling import Progress, Telling
from pipeline.work import (
    STOPPED,
    Job,
    batches_to_convert,
    classify_document,
    convert_batch,
    extract_document,
    is_classified,
    is_extracted,
)
from pipeline.workbook import write_workbook
from rules.code import code_version
from rules.loader import DEFAULT as DEFAULT_PACK
from rules.loader import load_pack

STORE: Final = "store"
"""The folder inside OUT that holds what was worked out, and Prefect's own files."""


class OutError(OSError):
    """OUT cannot be written to; the message names the folder and the remedy."""


class PublishError(OSError):
    """The review is done, but an output cannot be written; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is reviewed, with what, and where the results go."""

    inbox: Path
    out: Path
    pack: str = DEFAULT_PACK
    models: Path | None = None
    """A folder of models: the first classifier and, if there is one, the encoder. None: those that OUT adopted, else those that ship."""
    workers: int | None = None
    limits: Limits = field(default_factory=Limits)
    changed_only: bool = False
    """The inbox holds only documents that changed; the others are those of each force's last version."""
    recorded: bool = True
    """Whether the result goes into the record; a force's check of its own draft does not."""
    waiting: tuple[str, ...] = ()
    """Folders and files of the inbox that are still being copied, and wait for the next review."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was asked for: it goes into the record, never into matrix.json."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The matrix as written, and how much of what was sent could be read."""

    matrix: dict[str, Any]
    documents: int
    unread: int
    """Documents with at least one page that could not be read, files that no extractor reads among them."""
    versions: tuple[NewVersion, ...] = ()
    """The submissions that are not as they were."""
    learnt: Path | None = None
    """The folder of models that judged it, where these learnt from decisions."""
    awaiting: int = 0
    """Cells of the round that wait for a reviewer: provisional ones and stale ones, of whatever force."""


class Runner(Protocol):
    """Runs one stage over many items, in order, and says when each is done."""

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]: ...


class DirectRunner:
    """Runs the stages without an orchestrator: on the worker pool, a thread waiting for each worker."""

    def __init__(self, pool: Crew, progress: Progress) -> None:
        self._pool = pool
        self._progress = progress

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        with ThreadPoolExecutor(self._pool.workers) as threads, Telling(self._pool, self._progress, stage, len(items)) as telling:
            futures = [threads.submit(self._pool.run, function, item) for item in items]
            try:
                for _ in as_completed(futures):
                    telling.one_done()
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                self._pool.close()
                raise
            return [future.result() for future in futures]


class WorkToDo(Exception):
    """A stage has something to do."""


class IdleRunner:
    """For a review that may have nothing to do: no workers, no orchestrator; the first stage with work raises WorkToDo."""

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        raise WorkToDo(stage)


def prepare(out: Path) -> None:
    """Makes OUT and tries to write there. Raises OutError."""
    try:
        (out / STORE).mkdir(parents=True, exist_ok=True)
        write_whole(out / STORE / "writable", b"")
    except OSError as error:
        raise OutError(f"{out}: cannot be written to ({error.strerror or error}). Choose another folder with --out.") from error


def review(settings: Settings, runner: Runner) -> Outcome:
    """Reviews an inbox and writes matrix.json, matrix.xlsx and report.html.

    Raises InboxError, OutError, PackError or ModelError before any work is done, PublishError after it.
    """
    prepare(settings.out)
    try:
        with alone(settings.out / STORE), round_alone(settings.out) if settings.recorded else nullcontext():
            return _review(settings, settings.models or models_of(settings.out), runner)
    except (Busy, RecordError) as error:
        raise OutError(str(error)) from error


def _review(settings: Settings, models: Path, runner: Runner) -> Outcome:
    pack, model = load_pack(settings.pack), load(models / FIRST)
    unpacking = partial(runner.each, "Unpacking")
    with _kept_in(settings.out / STORE):
        inbox = find_submissions(
            settings.inbox, settings.out, settings.out / STORE / "inbox", pack.force_names, unpacking, settings.waiting
        )
    if settings.recorded:
        inbox = without_emptied(inbox, settings.out)
    cases = [_case(settings, models, submission) for submission in inbox.submissions]
    new = [case for case in cases if not is_named(case)]
    read, each = (partial(stage, runner, Store(settings.out / STORE)) for stage in (_read, _each))
    read(settings.workers, _left(new, is_extracted))
    each("Naming forces", name_submission, new, lambda case: case.name_key)
    assessments = _assessments(cases, settings)
    cases = [assessment.case for assessment in assessments]
    to_judge = [assessment for assessment in assessments if not is_assessed(assessment)]
    read(settings.workers, _left([case for case in cases if case not in new], is_extracted))
    each("Finding evidence", classify_document, _left(cases, is_classified), lambda job: job.look_key)
    each("Grading", assess_submission, to_judge, lambda assessment: assessment.key)
    entries = Entries(len(assessments), lambda index: entry_of(assessments[index]))
    encoder = digest(models) if model.pack == pack.id else ""
    whole = matrix(pack, model, encoder, entries, inbox.loose)
    _write(settings.out / "matrix.json", lambda path: write_pieces(path, written(whole, entries)))
    versions, awaiting = _keep(whole, settings, cases) if settings.recorded else ([], 0)
    if not (settings.out / REVIEWED).exists():  # where people have decided, the round as it now stands is out already
        made = key(sha256_of(settings.out / "matrix.json"), code_version("pipeline"))
        _write_anew(settings.out / "matrix.xlsx", made, lambda path: write_workbook(whole, path))
        _write_anew(settings.out / "report.html", made, lambda path: write_report(whole, path))
    told = sum(len(case.told) for case in cases) + len(inbox.loose)
    unread = sum(d["pages_read"] < d["pages"] or not d["passages"] for entry in entries for d in entry["documents"])
    learnt = models if learnt_from(models) else None
    return Outcome(whole, sum(len(case.jobs) + len(case.lost) for case in cases) + told, unread + told, tuple(versions), learnt, awaiting)


def _keep(whole: dict[str, Any], settings: Settings, cases: Sequence[Case]) -> tuple[list[NewVersion], int]:
    """Takes the result into the record (`keep`). Raises PublishError."""
    sources = {(case.submission.folder, job.name): Source(job.path, job.document_key) for case in cases for job in case.jobs}
    try:
        return keep(whole, settings.out, settings.at, sources)
    except (RecordError, OSError) as error:
        raise PublishError(str(error)) from error


def _each(
    runner: Runner, store: Store, stage: str, function: Callable[[Any], Any], items: Sequence[Any], key: Callable[[Any], str]
) -> None:
    """A stage over what it has still to do, with note of what a limit stopped; a stage without work is not shown."""
    if not items:
        return
    with _kept_in(store.folder):
        for item, result in zip(items, runner.each(stage, function, items), strict=True):
            if isinstance(result, Stopped):
                store.put("stopped", key(item), STOPPED, result)


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Has a disk that takes no more named, with the remedy. Raises OutError."""
    try:
        yield
    except (StoreError, ClusterError, OutError):
        raise  # they say themselves what to do
    except OSError as error:
        remedy = "Free the disk, or choose another folder with --out."
        raise OutError(f"{folder}: cannot be written to ({error.strerror or error}). {remedy}") from error


def _read(runner: Runner, store: Store, workers: int | None, jobs: Sequence[Job]) -> None:
    """Reads documents; those in old kinds are converted first, many in one run."""
    if batches := batches_to_convert(jobs, workers or os.cpu_count() or 1):
        runner.each("Converting old documents", convert_batch, batches)
    _each(runner, store, "Reading documents", extract_document, jobs, lambda job: job.document_key)


def _left(cases: Sequence[Case], done: Callable[[Job], bool]) -> list[Job]:
    """The documents for which a stage has still to be run."""
    return [job for case in cases for job in case.jobs if not done(job)]


def _case(settings: Settings, models: Path, submission: Submission) -> Case:
    case = Case(submission, (), (), str(settings.out / STORE), settings.pack, str(models))
    jobs, problems = [], []
    for path, name in submission.files:
        try:
            jobs.append(case.job(path, name, sha256_of(path)))
        except OSError as error:
            problems.append(Problem(name, f"cannot be opened ({error.strerror}).", "Check who may read it, and run the review again."))
    return replace(case, jobs=tuple(jobs), problems=tuple(problems))


def _assessments(cases: Sequence[Case], settings: Settings) -> list[Assessment]:
    """Each submission under its force's name; two folders of one force are told apart by their folders.

    The one that the round knows the force from keeps the name, and with it the decisions.
    """
    names = [name_of(case) for case in cases]
    claims = Counter(names)
    known = folders_of(settings.out, [name for name in claims if claims[name] > 1]) if settings.recorded else {}
    assessments = []
    for case, name in zip(cases, names, strict=True):
        folder = case.submission.folder
        rivals = [c.submission.folder for c, n in zip(cases, names, strict=True) if n == name and c is not case]
        notes = (_twice(folder, name, rivals),) if rivals else ()
        shown = name if claims[name] == 1 or known.get(name) == folder else f"{name} ({folder})"
        if settings.changed_only:
            case = with_earlier(case, shown, settings.out)
        assessments.append(Assessment(case, shown, tuple(n for n in names if n != name), notes))
    return assessments


def _twice(folder: str, name: str, others: Sequence[str]) -> Problem:
    return Problem(
        folder,
        f"its documents say that they are {name}'s, and so do those in {', '.join(others)}; they are reviewed apart.",
        "Put them into one folder, or state `force:` in a submission.yaml.",
    )


@contextmanager
def _temporary_files_in(out: Path) -> Iterator[None]:
    """Has libraries make their temporary files in OUT: openpyxl writes whole sheets of quotes into some."""
    (out / STORE).mkdir(parents=True, exist_ok=True)
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(dir=out / STORE) as own:
        tempfile.tempdir = own
        try:
            yield
        finally:
            tempfile.tempdir = before


def _write(path: Path, write: Callable[[Path], None]) -> None:
    """Writes one output, whole. Raises PublishError."""
    try:
        with _temporary_files_in(path.parent):
            write(path)
    except OSError as error:
        remedy = "Close it if another program has it open, or free the disk, and run the same command again."
        raise PublishError(f"{path}: cannot be written ({error.strerror or error}). {remedy}") from error


def _write_anew(path: Path, made: str, write: Callable[[Path], None]) -> None:
    """Writes one output unless it is there already, just as it was written from the same matrix by the same code (`made`)."""
    store = Store(path.parent / STORE)
    if path.exists() and store.get("outputs", path.name, NAME) == f"{made} {sha256_of(path)}":
        return
    _write(path, write)
    store.put("outputs", path.name, NAME, f"{made} {sha256_of(path)}")
