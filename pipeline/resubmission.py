"""What a review means for the round that it belongs to: new versions of submissions, and the decisions that they leave standing."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from extractors.document import Problem
from pipeline.compare.passages import repeats, texts
from pipeline.compare.versions import carry, documents
from pipeline.ingest import Inbox, InboxError
from pipeline.record.database import ENVIRONMENT
from pipeline.record.record import Record
from pipeline.record.reviewed import REVIEWED, is_published, publish
from pipeline.record.types import OPEN, RecordError, Source, Version
from pipeline.store import Busy, Store
from pipeline.submission import Case
from pipeline.work import Job, document_of


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A submission as the round now has it: its version, what became of earlier decisions, and what a reviewer should know."""

    force: str
    version: int
    carried_forward: int
    stale: int
    notes: tuple[str, ...]


@contextmanager
def round_alone(out: Path) -> Iterator[None]:
    """Holds a round whose record is on a server for this review alone, so that no two runs overlap on a force, on whatever machines.

    Raises Busy where another review is at it, RecordError where the record cannot be used.
    """
    if not os.environ.get(ENVIRONMENT):
        yield  # the record is in OUT, and so is its lock
        return
    with Record.open(out, new=True) as record, record.database.alone() as ours:
        if not ours:
            name = record.database.name
            raise Busy(f"{name}: another review of this round is at work, on this machine or another. Wait until it is done.")
        yield


def keep(whole: Mapping[str, Any], out: Path, at: datetime, sources: Mapping[tuple[str, str], Source]) -> tuple[list[NewVersion], int]:
    """Takes a finished review into OUT's record and its earlier decisions to the new versions; gives these, and the number of open cells.

    Where people have decided, or the round was published before, it is published as it now stands.
    `sources` says by folder and file where each document came from. Raises RecordError or OSError.
    """
    with Record.open(out, new=True) as record:
        known = record.forces()
        versions = record.add_review(whole, at, out / "store", sources)
        found = []
        for version in versions:
            carried = carry(record, version.force, at)
            stale = sum(decision.kind == "stale" for decision in carried)
            found.append(NewVersion(version.force, version.version, len(carried) - stale, stale, _notes(record, version, known)))
        if (record.decisions() or (out / REVIEWED).exists()) and not is_published(record, out):
            publish(record, out)
        return found, sum(stands.status in OPEN for cells in record.standings().values() for stands in cells.values())


def _notes(record: Record, version: Version, known: list[str]) -> tuple[str, ...]:
    if version.version == 1:
        return (f"New to the round, which has {', '.join(known)}.",) if known else ()
    versions = record.versions(version.force)
    sent = {v.version: record.sent(v) for v in versions}
    now, before = sent[version.version], sent[version.version - 1]
    notes = [] if version.force in known else ["It had been withdrawn; with these documents it is in the round again."]
    older = [n for n in range(1, version.version - 1) if set(sent[n].values()) == set(now.values())]
    if older and set(before.values()) != set(now.values()):
        notes.append(f"These are the documents of version {older[-1]}: an older version has come after a newer one.")
    if gone := [one.file for one in documents(record, versions[-2], version) if one.change == "removed"]:
        remedy = "If the force sent only what changed, review again with --changed-only."
        notes.append(f"Sent with version {version.version - 1} and not with this one: {', '.join(gone)}. {remedy}")
    return tuple(notes)


def folders_of(out: Path, forces: Collection[str]) -> dict[str, str]:
    """The folder that each of these forces' last version came from, of those that the round knows. Raises RecordError."""
    if not forces or not (Record.kept(out) or os.environ.get(ENVIRONMENT)):
        return {}
    with Record.open(out) as record:
        return {force: record.entry(record.latest(force))["folder"] for force in {*forces} & {*record.forces()}}


def without_emptied(inbox: Inbox, out: Path) -> Inbox:
    """The inbox without the folders that the round knows and that are empty now: nobody takes plans back by clearing a folder.

    Each is told. Raises RecordError, and InboxError where nothing else is left to review.
    """
    empty = {one.folder for one in inbox.submissions if one.is_empty}
    if not empty or not (Record.kept(out) or os.environ.get(ENVIRONMENT)):
        return inbox
    with Record.open(out) as record:
        forces = folders_of(out, record.forces())
        stands = {folder: record.latest(force) for force, folder in forces.items() if folder in empty}
    told = [
        Problem(
            folder,
            f"holds no documents any more; {version.force} stays as it is in version {version.version}.",
            "Put its documents back, or take the folder away.",
        )
        for folder, version in sorted(stands.items())
    ]
    left = tuple(one for one in inbox.submissions if one.folder not in stands)
    if told and not left:
        raise InboxError(" ".join(map(str, told)))
    return Inbox(left, (*inbox.loose, *told))


def with_earlier(case: Case, force: str, out: Path) -> Case:
    """The case and, where its force was reviewed before, the documents of its last version that it does not replace.

    A document replaces the one of its name, and one under another name that it mostly repeats. Raises RecordError.
    """
    try:
        with Record.open(out) as record:
            latest = record.latest(force)
            earlier = {file: sha256 for file, sha256 in record.sent(latest).items() if sha256}
            read = {file: record.document(latest, file) for file in earlier}
    except RecordError:
        return case
    own = {job.name: document_of(job) for job in case.jobs}
    kept: list[Job] = []
    notes: list[Problem] = []
    for file, sha256 in earlier.items():
        document = read[file]
        successor = next((name for name, new in own.items() if document and repeats(texts(new), texts(document))), None)
        path = Store(Path(case.store)).original(sha256, file)
        if file in own:
            continue
        if successor:
            message = f"stands in the place of {file} of version {latest.version}, most of which it repeats."
            notes.append(Problem(successor, message, "If both count, send both."))
        elif path.exists():
            kept.append(case.job(path, file, sha256))
            notes.append(
                Problem(
                    file, f"was not sent again; it is taken from version {latest.version}.", "If it no longer counts, send all that does."
                )
            )
        else:
            notes.append(Problem(file, f"is missing: it was sent with version {latest.version} and is not kept.", "Ask for it again."))
    submission = replace(case.submission, notes=(*case.submission.notes, *notes))
    return replace(case, submission=submission, jobs=(*case.jobs, *kept))
