"""One submission's way to its entry in matrix.json, once its documents are read: named, assessed, and kept by content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from classifiers.model import FIRST, load
from extractors import passwords
from extractors.document import Document, Problem
from extractors.read import aids
from pipeline.findings import Findings
from pipeline.identify import document_kind, force_name, strange_name
from pipeline.ingest import Submission
from pipeline.matrix import submission_result
from pipeline.pool import Stopped
from pipeline.store import Store, key
from pipeline.work import Job, classifier_of, document_of, is_classified, is_extracted, judged_of, stopped_at
from rules.code import code_version
from rules.loader import load_pack

NAME: Final = TypeAdapter(str)
ENTRY: Final = TypeAdapter(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Case:
    """A submission and its readable files' jobs. `problems` are the files that could not even be opened."""

    submission: Submission
    jobs: tuple[Job, ...]
    problems: tuple[Problem, ...]
    store: str
    pack: str
    models: str

    def __str__(self) -> str:
        return self.submission.folder

    def job(self, path: Path, name: str, sha256: str) -> Job:
        """The work on one of its documents. Raises OSError."""
        passwords = self.submission.passwords
        return Job(str(path), name, sha256, self.store, self.pack, self.models, passwords, aids(path, passwords))

    @property
    def told(self) -> list[Problem]:
        """What is said of the folder itself, or once more of a document that was read."""
        lost = {document.file for document in self.lost}
        return [problem for problem in (*self.submission.unread, *self.problems) if problem.file not in lost]

    @property
    def lost(self) -> list[Document]:
        """What was sent and never came to a reader: links, pipes, files too large or closed to us, what is damaged in a zip.

        Passwords are no document.
        """
        apart = {self.submission.folder, *(job.name for job in self.jobs)}
        found: dict[str, list[Problem]] = {}
        for problem in (*self.submission.unread, *self.problems):
            if problem.file not in apart and Path(problem.file).name.lower() != passwords.FILE:
                found.setdefault(problem.file, []).append(problem)
        return [Document(file, "", "", 1, 0, (), (), tuple(problems), pages_known=False) for file, problems in found.items()]

    @property
    def name_key(self) -> str:
        documents = [job.document_key for job in self.jobs]
        return key(self.submission.folder, self.submission.manifest.force or "", *documents, load_pack(self.pack).sha256, _code())


@dataclass(frozen=True, slots=True)
class Assessment:
    """A case under the name that its matrix is shown by; `others` are the other forces of the round, which may be named as partners."""

    case: Case
    force: str
    others: tuple[str, ...]
    notes: tuple[Problem, ...]

    @property
    def told(self) -> list[Problem]:
        """What a reviewer should know of the submission before it is judged."""
        return [*self.case.submission.notes, *self.case.told, *self.notes]

    def __str__(self) -> str:
        return self.force

    @property
    def key(self) -> str:
        case = self.case
        looks = [f"{job.document_key} {job.look_key}" for job in case.jobs]
        others = [f"other {name}" for name in sorted(self.others)]
        problems = map(str, (*self.told, *case.submission.unread, *case.problems))
        return key(case.name_key, case.submission.manifest.model_dump_json(), self.force, *looks, *others, *problems)


LABEL_WORDS: Final = 3
"""A line with fewer words than this beside the force's own name is a label."""


def _code() -> str:
    return code_version("pipeline") + code_version("classifiers") + code_version("rules")


@cache
def _findings(pack: str, models: str) -> Findings:
    classifier = classifier_of(pack, models)
    return Findings(classifier.pack, classifier.cues)


def name_submission(case: Case) -> None:
    """Finds out whose documents these are and keeps the answer."""
    documents = [document_of(job) for job in case.jobs]
    name = case.submission.manifest.force or force_name(case.submission.folder, documents, load_pack(case.pack).force_names)
    Store(Path(case.store)).put("names", case.name_key, NAME, name)


def is_named(case: Case) -> bool:
    return Store(Path(case.store)).get("names", case.name_key, NAME) is not None


def name_of(case: Case) -> str:
    """The force's name; the folder's where finding it came to nothing."""
    return Store(Path(case.store)).get("names", case.name_key, NAME) or case.submission.folder


def assess_submission(assessment: Assessment) -> None:
    """Judges every cell of a submission and keeps its entry in matrix.json."""
    case = assessment.case
    classifier = classifier_of(case.pack, case.models)
    judged = [judged_of(job) for job in case.jobs]
    readings = classifier.read([look for _, look in judged])
    documents = [
        (document, [r for r in some if not _only_names(assessment.force, document.passages[r.passage].text)])
        for (document, _), some in zip(judged, readings, strict=True)
    ]
    notes = [*assessment.told, *_remarks(case, [d for d, _ in documents if d.passages]), *_strangers(case, [d for d, _ in documents])]
    documents += [(document, []) for document in case.lost]
    entry = submission_result(
        _findings(case.pack, case.models), classifier.model, case.submission, assessment.force, assessment.others, documents, notes
    )
    Store(Path(case.store)).put("entries", assessment.key, ENTRY, entry)


def _only_names(force: str, text: str) -> bool:
    """Whether a line says no more than whose paper it is ("Force: Saltmere Police"): that is no word of a partner."""
    left, found, right = text.casefold().partition(force.casefold())
    return bool(found) and len(f"{left} {right}".split()) < LABEL_WORDS


def is_assessed(assessment: Assessment) -> bool:
    """Whether the same documents were judged already, by the same code, pack and models.

    The entry stands when what it was judged from was damaged later. A document that it has nothing of and that left nothing behind may
    leave something the next time: with it, it is judged again.
    """
    entry = Store(Path(assessment.case.store)).get("entries", assessment.key, ENTRY)
    if entry is None:
        return False
    judged = {document["file"] for document in entry["documents"] if document["passages"]}
    return all(job.name in judged or (is_extracted(job) and is_classified(job)) for job in assessment.case.jobs)


def entry_of(assessment: Assessment) -> dict[str, Any]:
    """The submission's entry in matrix.json; one without cells where judging it stopped its worker."""
    case = assessment.case
    entry = Store(Path(case.store)).get("entries", assessment.key, ENTRY)
    if entry is not None:
        return entry
    stopped = stopped_at(case.store, assessment.key) or Stopped("crash", "judging it left nothing behind")
    problem = Problem(case.submission.folder, f"could not be judged: {stopped.why}.", "Review it again, alone; tell us if it stays.")
    documents = [(replace(document, passages=(), pages_read=0), ()) for document in (*map(document_of, case.jobs), *case.lost)]
    findings, model = _findings(case.pack, case.models), load(Path(case.models) / FIRST)
    return submission_result(findings, model, case.submission, assessment.force, assessment.others, documents, [*assessment.told, problem])


def _strangers(case: Case, documents: Sequence[Document]) -> list[Problem]:
    """Plans in the folder that seem to be another force's: their words were judged as this one's. What only supports a plan may be
    another's."""
    if case.submission.manifest.force:
        return []
    pack, force = load_pack(case.pack), name_of(case)
    plans = [d for d in documents if document_kind(d, pack) != pack.kinds[-1].id]
    return [
        Problem(
            document.file,
            f"names {other} and never {force}, but is judged as {force}'s.",
            "Move it into a folder of its own force and review both again; if it is this force's, state `force:` in a submission.yaml.",
        )
        for document in plans
        if (other := strange_name(document, force, pack.force_names))
    ]


def _remarks(case: Case, readable: Sequence[object]) -> list[Problem]:
    if case.jobs and not readable:
        return [Problem(case.submission.folder, "none of its documents could be read.", "Ask the force for readable copies.")]
    if len(readable) == 1:
        return [Problem(case.submission.folder, "only one document could be reviewed.", "Check that the force sent all its plans.")]
    return []
