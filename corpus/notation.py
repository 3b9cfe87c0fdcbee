"""Reads the hand-written corpus: whole submissions in the notation that guidelines.md describes.

`python -m corpus.notation FOLDER...` checks forces and prints their counts.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import yaml

Kind = Literal["heading", "paragraph", "list_item", "table_row", "note"]
FORCES: Final = Path(__file__).parent / "forces"
REASONS: Final = ("negated", "plan_to_plan", "mention")

_SPAN = re.compile(r"\{([a-z_]+\.[a-z_]+(?:\+[a-z_]+\.[a-z_]+)*):\s*([^{}]*)\}")
_LABEL = re.compile(r"^\[([^\]]*)\]\s*")


class CorpusError(ValueError):
    """A corpus file breaks the notation; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of a passage bears `element` of `criterion`."""

    criterion: str
    element: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LabelledPassage:
    """One paragraph, list item, row, heading or note with its context and its labels."""

    id: str
    text: str
    kind: Kind
    level: int = 0
    headings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    lead_in: str = ""
    table: int = 0
    about: tuple[str, ...] = ()
    """Area and group ids, as written."""
    excluded: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    bears: tuple[tuple[str, str], ...] = ()
    """(criterion, reason) pairs: bears on the criterion, carries no element."""

    @property
    def criteria(self) -> frozenset[str]:
        return frozenset(span.criterion for span in self.spans) | {criterion for criterion, _ in self.bears}


@dataclass(frozen=True, slots=True)
class Plan:
    """One document of a submission."""

    file: str
    title: str
    kind: str
    marking: str
    options: dict[str, str]
    passages: tuple[LabelledPassage, ...]


@dataclass(frozen=True, slots=True)
class Force:
    """One whole submission: a voice."""

    slug: str
    name: str
    voice: str
    plans: tuple[Plan, ...]
    orientation: str = ""
    governance: dict[str, bool] = field(default_factory=dict)
    need: dict[str, int] = field(default_factory=dict)
    threat: dict[str, int] = field(default_factory=dict)
    partners: dict[str, list[str]] = field(default_factory=dict)


def read_force(folder: Path) -> Force:
    """Reads a force's folder. Raises CorpusError."""
    facts_file = folder / "force.yaml"
    if not facts_file.is_file():
        raise CorpusError(f"{folder}: there is no force.yaml. Write one as guidelines.md shows.")
    facts: dict[str, Any] = yaml.safe_load(facts_file.read_text(encoding="utf-8")) or {}
    known = {"force", "voice", "orientation", "governance", "need", "threat", "partners", "notes", "region", "files"}
    if unknown := sorted(set(facts) - known):
        raise CorpusError(f"{facts_file}: unknown key {unknown[0]!r}. Known keys: {', '.join(sorted(known))}.")
    files: dict[str, dict[str, str]] = facts.get("files") or {}
    plans = tuple(_as_file(read_plan(path), files.pop(path.name, {})) for path in sorted(folder.glob("*.plan")))
    if files:
        raise CorpusError(f"{facts_file}: files names {min(files)!r}, which is not there. Known: {', '.join(p.file for p in plans)}.")
    return Force(
        folder.name,
        facts["force"],
        facts.get("voice", ""),
        plans,
        facts.get("orientation", ""),
        facts.get("governance") or {},
        facts.get("need") or {},
        facts.get("threat") or {},
        facts.get("partners") or {},
    )


def _as_file(plan: Plan, options: dict[str, str]) -> Plan:
    """The plan with what force.yaml says of it as a real file."""
    return replace(plan, options={**plan.options, **options})


def read_plan(path: Path) -> Plan:
    """Reads one .plan document. Raises CorpusError naming file and line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        cut = next(i for i, line in enumerate(lines) if re.fullmatch(r"={4,}\s*", line))
    except StopIteration:
        raise CorpusError(f"{path}: the line ==== that ends the header is missing. Add it after the header.") from None
    header = yaml.safe_load("\n".join(lines[:cut])) or {}
    for key in ("title", "kind", "marking"):
        if key not in header:
            raise CorpusError(f"{path}: the header lacks {key!r}. Add it above the line ====.")
    options = {key: str(value) for key, value in header.items() if key not in ("title", "kind", "marking")}
    passages = tuple(_passages(path, lines, cut + 1))
    return Plan(path.name, str(header["title"]), str(header["kind"]), str(header["marking"]), options, passages)


def _passages(path: Path, lines: list[str], first: int) -> Iterator[LabelledPassage]:
    headings: list[tuple[int, str]] = []
    columns: tuple[str, ...] = ()
    table = 0
    in_table = False
    previous = ""
    lead_in = ""
    in_list = False
    for number, kind, level, raw in _pieces(lines, first):
        where = f"{path}, line {number}"
        identity = f"{path.parent.name}/{path.stem}/{number}"
        outline = tuple(text for _, text in headings)
        if kind == "header_row":
            columns = tuple(cell.strip() for cell in raw.split("|"))
            table += 1
            in_table = True
            continue
        if kind == "table_row" and not in_table:
            table += 1
            columns = ()
            in_table = True
        if kind != "table_row":
            in_table = False
        about, excluded, bears, body = _label(where, raw)
        if kind == "heading":
            text, _ = _spans(where, body)
            headings = [h for h in headings if h[0] < level] + [(level, text)]
            yield LabelledPassage(identity, text, "heading", level, outline)
            previous, in_list = "", False
            continue
        if kind == "table_row":
            text, cells, spans = _row(where, body)
            yield LabelledPassage(
                identity, text, "table_row", 0, outline, _fit(columns, len(cells)), cells, "", table, about, excluded, spans, bears
            )
            continue
        if kind == "list_item" and not in_list:
            lead_in = previous if previous.rstrip().endswith(":") else ""
        in_list = kind == "list_item"
        text, spans = _spans(where, body)
        yield LabelledPassage(
            identity,
            text,
            kind,  # type: ignore[arg-type]  # one of Kind: the two other kinds were handled above
            0,
            outline,
            lead_in=lead_in if in_list else "",
            about=about,
            excluded=excluded,
            spans=spans,
            bears=bears,
        )
        previous = text


def _pieces(lines: list[str], first: int) -> Iterator[tuple[int, str, int, str]]:
    """(line number, kind, heading level, raw text) of each piece."""
    start, paragraph = 0, list[str]()
    kind = "paragraph"
    for i in range(first, len(lines) + 1):
        line = lines[i].strip() if i < len(lines) else ""
        opens = bool(line) and (line[0] in "#*|~")
        if paragraph and (not line or opens):
            yield start + 1, kind, 0, " ".join(paragraph)
            paragraph = []
        if not line:
            continue
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            yield i + 1, "heading", level, line[level:].strip()
        elif line.startswith("|="):
            yield i + 1, "header_row", 0, line[2:].strip().rstrip("|")
        elif line.startswith("|"):
            yield i + 1, "table_row", 0, line[1:].strip()
        elif line[0] in "*~":
            start, paragraph = i, [line[1:].strip()]
            kind = "list_item" if line[0] == "*" else "note"
        else:
            if not paragraph:
                start, kind = i, "paragraph"
            paragraph.append(line)


def _label(where: str, raw: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...], str]:
    match = _LABEL.match(raw)
    if not match:
        return (), (), (), raw
    about: list[str] = []
    excluded: list[str] = []
    bears: list[tuple[str, str]] = []
    for word in re.split(r"[,\s]+", match.group(1).strip()):
        if word.startswith("!"):
            criterion, _, reason = word[1:].partition("=")
            if reason not in REASONS:
                raise CorpusError(f"{where}: unknown reason in {word!r}. Use one of {', '.join(REASONS)}.")
            bears.append((criterion, reason))
        elif word.startswith("-"):
            excluded.append(word[1:])
        elif word:
            about.append(word)
    return tuple(about), tuple(excluded), tuple(bears), raw[match.end() :]


def _spans(where: str, body: str) -> tuple[str, tuple[Span, ...]]:
    text = ""
    spans: list[Span] = []
    position = 0
    for match in _SPAN.finditer(body):
        text += body[position : match.start()]
        start = len(text)
        text += match.group(2)
        for name in match.group(1).split("+"):
            criterion, _, element = name.partition(".")
            spans.append(Span(criterion, element, start, len(text)))
        position = match.end()
    text += body[position:]
    if "{" in text or "}" in text:
        raise CorpusError(f"{where}: a brace is left over in {text[:60]!r}. Spans are {{criterion.element: words}}, not nested.")
    return text, tuple(spans)


def _row(where: str, body: str) -> tuple[str, tuple[str, ...], tuple[Span, ...]]:
    """A row's text (non-empty cells joined as extractors join them), its cells and its spans in that text."""
    raw_cells = [cell.strip() for cell in body.split("|")]
    text = ""
    cells: list[str] = []
    spans: list[Span] = []
    for raw in raw_cells:
        cell, inside = _spans(where, raw)
        cells.append(cell)
        if not cell:
            continue
        if text:
            text += " | "
        spans += [Span(s.criterion, s.element, s.start + len(text), s.end + len(text)) for s in inside]
        text += cell
    return text, tuple(cells), tuple(spans)


def _fit(columns: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (columns + ("",) * width)[:width]


def check(force: Force, areas: set[str], groups: set[str], elements: set[tuple[str, str]]) -> list[str]:
    """What is wrong with a force's labels, one line each."""
    wrong: list[str] = []
    criteria = {criterion for criterion, _ in elements}
    seen: set[str] = set()
    for plan in force.plans:
        for passage in plan.passages:
            where = passage.id
            if where in seen:
                wrong.append(f"{where}: this id occurs twice. Rename the file.")
            seen.add(where)
            wrong += [f"{where}: unknown area or group {a!r}." for a in passage.about if a not in areas | groups]
            wrong += [f"{where}: cannot take away {a!r}. Name the areas, one by one." for a in passage.excluded if a not in areas]
            wrong += [
                f"{where}: unknown element {s.criterion}.{s.element}." for s in passage.spans if (s.criterion, s.element) not in elements
            ]
            wrong += [f"{where}: an empty span for {s.criterion}.{s.element}." for s in passage.spans if s.start == s.end]
            wrong += [f"{where}: unknown criterion {c!r}." for c, _ in passage.bears if c not in criteria]
            if (passage.spans or passage.bears) and not passage.about:
                wrong.append(f"{where}: elements without an area. Put [area] or [force_wide] before the passage.")
    return wrong


def forces(folder: Path) -> list[Force]:
    """Every force below `folder`, by slug. Raises CorpusError."""
    return [read_force(path) for path in sorted(folder.iterdir()) if (path / "force.yaml").is_file()]


if __name__ == "__main__":
    from rules.loader import load_pack

    pack = load_pack()
    pairs = {(criterion.id, element.id) for criterion in pack.criteria for element in criterion.elements}
    bad = 0
    for folder in map(Path, sys.argv[1:]):
        one = read_force(folder)
        errors = check(one, {a.id for a in pack.areas}, {g.id for g in pack.groups}, pairs)
        bad += len(errors)
        print(*errors, sep="\n", end="\n" if errors else "")
        body = [p for plan in one.plans for p in plan.passages if p.kind != "heading"]
        bearing = [p for p in body if p.about]
        kinds = Counter(f"{s.criterion}.{s.element}" for p in body for s in p.spans)
        print(f"{one.name}: {len(body)} passages, {len(bearing)} bearing, {sum(kinds.values())} spans, {len(kinds)} kinds of element")
    sys.exit(1 if bad else 0)
