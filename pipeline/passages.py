"""Passages from anywhere, one JSON object a line, labelled as each stands alone (formats.md, "Passages, one per line")."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from classifiers.classify import Classifier
from classifiers.levels.elements import by_levels
from classifiers.levels.reader import level_reader
from classifiers.reading import taken
from extractors.document import CELL_BREAK, Block, Document, Passage
from extractors.sections import passages

CUT: Final = 0.4
"""Probability from which a passage is said to bear an element; on left-out voices this cut gives the best F1."""


class LineError(ValueError):
    """A line that is no passage; the message names the line and the remedy."""


def classify_lines(classifier: Classifier, lines: Iterable[str]) -> Iterator[dict[str, Any] | LineError]:
    """One answer for each line that is not blank, in order: the labels, or what is wrong with the line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                identity, passage = _passage(number, line)
            except LineError as error:
                yield error
            else:
                yield {"id": identity, **classify_passage(classifier, passage)}


def classify_passage(classifier: Classifier, passage: Passage) -> dict[str, Any]:
    """Areas, scope, elements by criterion, and every probability that is not next to nothing."""
    pack = classifier.pack
    reader = level_reader(pack)
    read = [(Document("", "", "", 1, 1, (passage,), (), ()), classifier.read([classifier.look([passage], "")])[0])]
    [(_, readings)] = by_levels(reader, read, reader.stated(read))
    probabilities: dict[str, float] = {}
    abouts: dict[str, float] = {}
    for reading in readings:
        abouts = dict(reading.areas)
        for b in reading.bearings:
            name = f"{b.criterion}.{b.element}" if b.element else b.criterion
            probabilities[name] = max(b.probability, probabilities.get(name, 0.0))
    criteria = {}
    for criterion in pack.criteria:
        elements = [e.id for e in criterion.elements if probabilities.get(f"{criterion.id}.{e.id}", 0.0) >= CUT]
        if elements or probabilities.get(criterion.id, 0.0) >= CUT:
            criteria[criterion.id] = elements
    about = taken(list(abouts.items()))
    areas = [a.id for a in pack.areas if a.id in about]
    scope = "areas" if areas else max(about, key=lambda a: abouts[a], default="none")
    if not criteria:
        areas, scope = [], "none"
    return {
        "areas": areas,
        "scope": scope,
        "criteria": criteria,
        "probabilities": {**dict(sorted(probabilities.items())), **{f"about {a}": p for a, p in sorted(abouts.items())}},
    }


def _passage(number: int, line: str) -> tuple[str, Passage]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise LineError(f"line {number}: is not JSON ({error}). Write one object a line.") from None
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str) or not entry["text"].strip():
        raise LineError(f'line {number}: has no text. Write {{"id": "...", "text": "..."}}.')
    for name in ("headings", "columns"):
        value = entry.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise LineError(f"line {number}: {name} is not a list of texts.")
    headings, columns, text = entry.get("headings") or [], entry.get("columns") or [], entry["text"]
    blocks = [Block("heading", heading, level=level) for level, heading in enumerate(headings, 1) if heading.strip()]
    cells = tuple(text.split(CELL_BREAK))
    if columns and len(cells) > 1:
        header = (*columns, *("",) * len(cells))[: len(cells)]
        last = Block("table_row", CELL_BREAK.join(c for c in cells if c), cells=cells, columns=header, table=1)
    else:
        last = Block("paragraph", text)
    return str(entry.get("id", number)), passages([*blocks, last])[-1]
