"""The review, as it happens: ingest, extract, classify, assess, publish. Who runs the stages (here or Prefect) is the runner's affair."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from classifiers.classify import Classifier
from classifiers.encoder import digest
from classifiers.model import FIRST, MODELS, load
from extractors.document import Problem
from extractors.read import sha256_of
from pipeline.findings import Findings
from pipeline.identify import force_name
from pipeline.ingest import Submission, find_submissions
from pipeline.matrix import matrix, submission_result
from pipeline.report import write_report
from pipeline.store import write_whole
from pipeline.work import Job, Pool, classify_document, document_of, extract_document, look_of
from pipeline.workbook import write_workbook
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
    models: Path = MODELS
    """A folder of models: the first classifier and, if there is one, the encoder."""
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The matrix as written, and how much of what was sent could be read."""

    matrix: dict[str, Any]
    documents: int
    unread: int
    """Documents with at least one page that could not be read, files that no extractor reads among them."""


class Runner(Protocol):
    """Runs one stage over many items, in order, and says when each is done."""

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]: ...


Progress = Callable[[str, int, int], None]
"""Called with the stage, the items done and the items in all."""


class DirectRunner:
    """Runs the stages without an orchestrator: on the worker pool, a thread waiting for each worker."""

    def __init__(self, pool: Pool, progress: Progress) -> None:
        self._pool = pool
        self._progress = progress

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        self._progress(stage, 0, len(items))
        with ThreadPoolExecutor(self._pool.workers) as threads:
            futures = [threads.submit(self._pool.run, function, item) for item in items]
            try:
                for done, _ in enumerate(as_completed(futures), 1):
                    self._progress(stage, done, len(items))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise
            return [future.result() for future in futures]


def prepare(out: Path) -> None:
    """Makes OUT and tries to write there. Raises OutError."""
    try:
        (out / STORE).mkdir(parents=True, exist_ok=True)
        write_whole(out / STORE / "writable", b"")
    except OSError as error:
        raise OutError(f"{out}: cannot be written to ({error.strerror or error}). Choose another folder with --out.") from None


def review(settings: Settings, runner: Runner) -> Outcome:
    """Reviews an inbox and writes matrix.json, matrix.xlsx and report.html.

    Raises InboxError, OutError, PackError or ModelError before any work is done, PublishError after it.
    """
    prepare(settings.out)
    pack, model = load_pack(settings.pack), load(settings.models / FIRST)
    inbox = find_submissions(settings.inbox, settings.out, settings.out / STORE / "inbox", pack.force_names)
    jobs, closed = [], list[list[Problem]]()
    for submission in inbox.submissions:
        own, problems = _jobs(settings, submission)
        jobs.append(own)
        closed.append([*submission.unread, *problems])
    flat = [job for own in jobs for job in own]
    runner.each("Reading documents", extract_document, flat)
    runner.each("Finding evidence", classify_document, flat)
    results, unread = _assess(settings, inbox.submissions, jobs, closed)
    encoder = digest(settings.models) if model.pack == pack.id else ""
    whole = matrix(pack, model, encoder, results, inbox.loose)
    publish(whole, settings.out)
    lost = sum(map(len, closed)) + len(inbox.loose)
    return Outcome(whole, len(flat) + lost, unread + lost)


def _jobs(settings: Settings, submission: Submission) -> tuple[list[Job], list[Problem]]:
    jobs, problems = [], []
    for path, name in submission.files:
        try:
            digest = sha256_of(path)
        except OSError as error:
            problems.append(Problem(name, f"cannot be opened ({error.strerror}).", "Check who may read it, and run the review again."))
            continue
        jobs.append(Job(str(path), name, digest, str(settings.out / STORE), settings.pack, str(settings.models)))
    return jobs, problems


def _assess(
    settings: Settings, submissions: Sequence[Submission], jobs: Sequence[Sequence[Job]], closed: Sequence[Sequence[Problem]]
) -> tuple[list[dict[str, Any]], int]:
    """The submissions' entries in matrix.json, and the number of documents not wholly read."""
    pack = load_pack(settings.pack)
    classifier = Classifier(pack, load(settings.models / FIRST))
    findings = Findings(pack, classifier.cues)
    read = []
    for own in jobs:
        readings = classifier.read([look_of(job) for job in own])
        read.append(list(zip(map(document_of, own), readings, strict=True)))
    names = [
        submission.manifest.force or force_name(submission.folder, [d for d, _ in documents], pack.force_names)
        for submission, documents in zip(submissions, read, strict=True)
    ]
    claims = Counter(names)
    results, unread = [], 0
    for submission, name, documents, problems in zip(submissions, names, read, closed, strict=True):
        notes = [*submission.notes, *problems]
        if claims[name] > 1:
            others = [s.folder for s, n in zip(submissions, names, strict=True) if n == name and s is not submission]
            notes.append(_twice(submission.folder, name, others))
        readable = [d for d, _ in documents if d.passages]
        if documents and not readable:
            notes.append(Problem(submission.folder, "none of its documents could be read.", "Ask the force for readable copies."))
        elif len(readable) == 1:
            notes.append(Problem(submission.folder, "only one document could be reviewed.", "Check that the force sent all its plans."))
        unread += sum(document.pages_read < document.pages or not document.passages for document, _ in documents)
        shown = name if claims[name] == 1 else f"{name} ({submission.folder})"
        results.append(submission_result(findings, classifier.model, submission, shown, [n for n in names if n != name], documents, notes))
    return results, unread


def _twice(folder: str, name: str, others: Sequence[str]) -> Problem:
    return Problem(
        folder,
        f"its documents say that they are {name}'s, and so do those in {', '.join(others)}; they are reviewed apart.",
        "Put them into one folder, or state `force:` in a submission.yaml.",
    )


def publish(whole: dict[str, Any], out: Path) -> None:
    """Writes the three outputs, each whole. Raises PublishError."""
    content = json.dumps(whole, ensure_ascii=False, indent=1).encode()
    writers: list[tuple[str, Callable[[Path], None]]] = [
        ("matrix.json", lambda path: write_whole(path, content)),
        ("matrix.xlsx", lambda path: write_workbook(whole, path)),
        ("report.html", lambda path: write_report(whole, path)),
    ]
    for name, write in writers:
        try:
            write(out / name)
        except OSError as error:
            remedy = "Close it if another program has it open, or free the disk, and run the same command again."
            raise PublishError(f"{out / name}: cannot be written ({error.strerror or error}). {remedy}") from None
