"""The stages that run in worker processes: read one document, classify one document. Results go into the store, by content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import TypeAdapter

from classifiers import classify, encoder
from classifiers.model import FIRST, load
from classifiers.reading import Look
from extractors import office, read, tesseract
from extractors.document import Document, Problem, full_title
from extractors.kinds import kind_of
from extractors.locked import is_locked
from extractors.passwords import passwords_in
from pipeline.pool import Stopped
from pipeline.store import Store, key
from pipeline.words import count_words
from rules.code import code_version
from rules.loader import load_pack

DOCUMENT: Final = TypeAdapter(Document)
LOOKS: Final = TypeAdapter(Look)
STOPPED: Final = TypeAdapter(Stopped)
MOST_IN_A_BATCH: Final = 20
"""Documents that one run of LibreOffice converts: more would make a failure dear."""


@dataclass(frozen=True, slots=True)
class Job:
    """One document's way through the stages. Paths are strings so that any runner can pass a job on."""

    path: str
    name: str
    sha256: str
    store: str
    pack: str
    models: str
    passwords: str = ""
    """The path of the submission's file of passwords."""
    aids: str = ""
    """What else the reading depends on, for the key: the programs of this machine, the passwords."""

    def __str__(self) -> str:
        return f"{Path(self.path).parent.name}/{self.name}"

    @property
    def document_key(self) -> str:
        return key(self.sha256, self.name, code_version("extractors", *read.LIBRARIES), self.aids)

    @property
    def look_key(self) -> str:
        models = Path(self.models)
        own = load(models / FIRST).sha256, encoder.digest(models)
        code = code_version("classifiers", *classify.LIBRARIES), code_version("rules")
        return key(self.document_key, *code, load_pack(self.pack).sha256, *own)


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents that LibreOffice converts in one run."""

    jobs: tuple[Job, ...]

    def __str__(self) -> str:
        return count_words(len(self.jobs), "document")


def extract_document(job: Job) -> None:
    """Reads a document into the store: a copy that stays, so that nobody can change it under the reader."""
    store = Store(Path(job.store))
    tesseract.keep_in(store.folder / "ocr")
    if kept := store.keep_original(Path(job.path), job.sha256):
        made = conversion_of(job, kept)
        path = made.target if made and made.target.is_file() else kept
        store.put("documents", job.document_key, DOCUMENT, read.read_document(path, job.name, job.sha256, passwords_in(job.passwords)))


def is_extracted(job: Job) -> bool:
    """Whether the same content was read already, by the same code."""
    return Store(Path(job.store)).get("documents", job.document_key, DOCUMENT) is not None


def batches_to_convert(jobs: Sequence[Job], workers: int) -> list[Batch]:
    """The documents in old kinds that are not converted yet, shared out among the workers."""
    if office.find_office() is None:
        return []  # each will say so when it is read
    old = [job for job in jobs if (made := _conversion(job, Path(job.path))) and not made.target.is_file()]
    size = max(1, min(MOST_IN_A_BATCH, -(-len(old) // workers)))
    return [Batch(tuple(old[start : start + size])) for start in range(0, len(old), size)]


def convert_batch(batch: Batch) -> None:
    """Converts documents in old kinds in one run of LibreOffice. One that spoils the run is tried again alone when it is read."""
    folder = Path(batch.jobs[0].store)
    kept = [(job, path) for job in batch.jobs if (path := Store(folder).keep_original(Path(job.path), job.sha256))]
    with TemporaryDirectory(dir=folder, prefix="office-") as scratch:
        office.convert([made for job, path in kept if (made := conversion_of(job, path))], Path(scratch))


def conversion_of(job: Job, path: Path) -> office.Conversion | None:
    """How the job's file, of which a copy lies at `path`, becomes one of a new kind; None for one that is, and for a protected one."""
    try:
        return None if is_locked(path) else _conversion(job, path)
    except OSError:
        return None  # reading it will say so


def _conversion(job: Job, path: Path) -> office.Conversion | None:
    """The same for one that no password protects: whether one does, only a worker may look, as strangers made the file."""
    try:
        kind = kind_of(path)
    except OSError:
        return None  # reading it will say so
    if kind not in office.CONVERTED:
        return None
    return office.Conversion(path, kind, Path(job.store) / "converted" / f"{job.sha256}.{office.CONVERTED[kind]}")


def classify_document(job: Job) -> None:
    """Classifies an extracted document into the store; one that could not be extracted is left for another run."""
    if is_extracted(job):
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


def judged_of(job: Job) -> tuple[Document, Look]:
    """The document and its look; without passages, and with the reason, where it could not be classified."""
    document, look = document_of(job), Store(Path(job.store)).get("looks", job.look_key, LOOKS)
    if look is None and document.passages:
        problem = (stopped_at(job.store, job.look_key) or Stopped("crash", "finding evidence in it left nothing behind")).problem(job.name)
        document = replace(document, passages=(), pages_read=0, problems=(*document.problems, problem))
    return document, look or Look((), (), ())


def stopped_at(store: str, result: str) -> Stopped | None:
    """Why the result of that key is not there."""
    return Store(Path(store)).get("stopped", result, STOPPED)


def lost(job: Job) -> Document:
    """Stands for a document that left nothing behind: it met a limit of its worker, or it went away or changed in mid-run."""
    stopped, pages = stopped_at(job.store, job.document_key), 1
    try:
        whole = read.sha256_of(Path(job.path)) == job.sha256
    except OSError:
        problem = Problem(job.name, "was there when the review began and is there no longer.", "Put it back and run the review again.")
    else:
        if whole:
            stopped = stopped or Stopped("crash", "reading it left nothing behind")
            problem, pages = stopped.problem(job.name), max(1, stopped.pages)
        else:
            problem = Problem(job.name, "was changed while it was being read.", "Run the review again.")
    return Document(job.name, job.sha256, "", pages, 0, (), (), (problem,), pages_known=bool(stopped and stopped.pages))


@cache
def classifier_of(pack: str, models: str) -> classify.Classifier:
    """The classifier of this process, its encoder included. Raises PackError or ModelError."""
    folder = Path(models)
    model = load(folder / FIRST)
    wanted = load_pack(pack)
    return classify.Classifier(wanted, model, encoder.load(folder) if model.pack == wanted.id else None)
