"""The decisions of a round as training takes them: the last word on each cell, with its quotes found again in the version that it was
said of. What cannot teach is told, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from classifiers.teachers import Lesson
from extractors.document import Document
from pipeline.learning.lessons import Decided, Quote, Word, lessons_of, there_in
from pipeline.record.record import Record
from pipeline.record.types import Decision, Version
from pipeline.words import place_of
from rules.pack import Criterion, Pack


@dataclass(frozen=True, slots=True)
class Submission:
    """A version of a force's submission, and the decisions that were made on it."""

    version: Version
    markings: Mapping[str, str]
    """Of each document, "" where it bears none."""
    documents: tuple[Document, ...]
    decided: tuple[Decided, ...]
    lessons: tuple[Lesson, ...]


def last_words(record: Record, until: int | None = None) -> list[Decision]:
    """The last decision of a person on each cell, as of the decision numbered `until`; none for a cell that was reopened since."""
    last: dict[tuple[str, str, str], Decision] = {}
    for one in record.decisions():
        key = (one.force, one.area, one.criterion)
        if until is not None and one.number > until:
            break
        if one.kind in ("accepted", "overridden"):
            last[key] = one
        elif one.kind == "reopened":
            last.pop(key, None)
    return sorted(last.values(), key=lambda one: one.number)


def forces_decided(record: Record) -> list[str]:
    """The forces that people decided on, in the order of the first decision on each: it stays as the record grows."""
    return list(dict.fromkeys(one.force for one in record.decisions() if one.kind in ("accepted", "overridden")))


def taught(record: Record, pack: Pack, until: int | None = None) -> tuple[list[Submission], list[str]]:
    """Every submission with decisions, as of the decision numbered `until`, and what teaches nothing, with the reason.

    Raises RecordError.
    """
    by_version: dict[tuple[str, int], list[Decision]] = defaultdict(list)
    for decision in last_words(record, until):
        by_version[decision.force, decision.version].append(decision)
    versions = {force: {v.version: v for v in record.versions(force)} for force in {force for force, _ in by_version}}
    notes: list[str] = []
    found = []
    for (force, number), decisions in by_version.items():
        one = _submission(record, pack, versions[force][number], decisions, notes)
        if one is not None:
            found.append(one)
    return without_contradictions(found, notes), notes


def _submission(record: Record, pack: Pack, version: Version, decisions: Sequence[Decision], notes: list[str]) -> Submission | None:
    where, count = f"{version.force}, version {version.version}", _counted(decisions)
    judged_by = record.review_of(version)["pack"]["id"]
    if judged_by != pack.id:
        notes.append(f"{where}: {count} on it follow the pack {judged_by}, not {pack.id}, and teach nothing.")
        return None
    entry = record.entry(version)
    texts = {d["file"]: record.document(version, d["file"]) for d in entry["documents"]}
    if gone := [d["file"] for d in entry["documents"] if d["passages"] and texts[d["file"]] is None]:
        remedy = "Review the force again, and decide on the new version."
        notes.append(f"{where}: the text of {', '.join(gone)} was not kept, so {count} on it teach nothing. {remedy}")
        return None
    documents = tuple(document for document in texts.values() if document and document.passages)
    criteria = {criterion.id: criterion for criterion in pack.criteria}
    decided = []
    for decision in decisions:
        cell = entry["cells"][decision.area][decision.criterion]
        criterion = criteria.get(decision.criterion)
        if criterion is None or decision.area not in {area.id for area in pack.areas}:
            notes.append(f"{_name(decision)}: the pack has no such cell any more; it teaches nothing.")
            continue
        quotes = tuple(_quotes(decision, criterion, cell["evidence"], documents, notes))
        if decision.grade == 0 and any(quote.said == "added" for quote in quotes):
            notes.append(f"{_name(decision)}: it gives 0 (no evidence) and adds evidence; it teaches nothing. Was one a slip?")
            continue
        decided.append(Decided(decision, quotes, there_in(criterion, decision, cell, quotes)))
    return Submission(
        version,
        {d["file"]: str(d["marking"] or "") for d in entry["documents"]},
        documents,
        tuple(decided),
        tuple(lessons_of(pack, decided)),
    )


def _quotes(
    decision: Decision, criterion: Criterion, evidence: Sequence[Mapping[str, Any]], documents: Sequence[Document], notes: list[str]
) -> Iterator[Quote]:
    """The quotes that a decision speaks of, found again in the documents."""
    marks = decision.evidence
    scopes = {(item["file"], tuple(item["range"])): str(item["scope"]) for item in evidence}
    said: list[tuple[Word, Mapping[str, Any]]] = [
        *(("accepted", evidence[n - 1]) for n in marks.accepted),
        *(("rejected", evidence[n - 1]) for n in marks.rejected),
        *(("added", item) for item in marks.added),
    ]
    names = {element.id for element in criterion.elements}
    for what, item in said:
        found = list(_places(item, documents))
        if not found:
            notes.append(f"{_name(decision)}: a quote from {item['file']}, {place_of(item)}, stands there no longer; it teaches nothing.")
        address = {key: item[key] for key in ("file", "page", "sheet", "cell", "range") if item.get(key) is not None}
        scope = scopes.get((item["file"], tuple(item.get("range") or ())), "")
        for paper, passage, start, end in found:
            elements = tuple(e for e in item.get("elements") or () if e in names)
            yield Quote(what, paper, passage, start, end, elements, scope, address)


def _places(item: Mapping[str, Any], documents: Sequence[Document]) -> Iterator[tuple[int, int, int, int]]:
    """(document, passage, start, end) of a quote in each passage that it touches; nothing where its words do not stand there."""
    for number, document in enumerate(documents):
        if document.file != item["file"]:
            continue
        text = "\n".join(passage.text for passage in document.passages)
        start, end = item.get("range") or (-1, -1)
        if text[start:end] != item["quote"]:
            start = text.find(item["quote"])
            end = start + len(item["quote"])
        for index, passage in enumerate(document.passages) if start >= 0 else ():
            if passage.start < end and start < passage.end and passage.kind != "heading":
                yield number, index, max(0, start - passage.start), min(len(passage.text), end - passage.start)


def without_contradictions(found: Sequence[Submission], notes: list[str]) -> list[Submission]:
    """Without the lessons on words of one force of which its reviewers said both: that they bear something and that they do not.

    What is said of another force's paper plays no part: no force's decisions may reach the models that judge it.
    """
    says: dict[tuple[str, str, str], set[bool]] = defaultdict(set)
    for one in found:
        for lesson in one.lessons:
            says[_subject(one, lesson)].add(lesson.borne)
    kept, told = [], set()
    for one in found:
        sound = [lesson for lesson in one.lessons if len(says[_subject(one, lesson)]) == 1]
        for lesson in set(one.lessons) - set(sound):
            where = f"{one.version.force}, {one.documents[lesson.paper].file}"
            told.add(f"{where}: reviewers said of the same words that they bear {lesson.target} and that they do not; neither is learnt.")
        kept.append(replace(one, lessons=tuple(sound)))
    notes += sorted(told)
    return kept


def _subject(one: Submission, lesson: Lesson) -> tuple[str, str, str]:
    words = " ".join(one.documents[lesson.paper].passages[lesson.passage].text.casefold().split())
    return one.version.force, words, lesson.target


def _name(decision: Decision) -> str:
    return f"Decision {decision.number}, {decision.force}, {decision.area} / {decision.criterion}"


def _counted(decisions: Sequence[Decision]) -> str:
    return "1 decision" if len(decisions) == 1 else f"{len(decisions)} decisions"
