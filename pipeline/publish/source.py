"""What a national picture rests on, for its first page: the round, when it was read and decided, and by what rules.

No line comes from the clock, so that the same round gives the same files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.record.record import Record
from pipeline.round import is_settled
from pipeline.words import count_words, listed
from rules.pack import Pack

Source = tuple[tuple[str, str], ...]
"""(what, value), in the order in which they are read."""


def of_review(pack: Pack, out: Path, whole: Mapping[str, Any]) -> Source:
    """Of the round in the folder that a review wrote. The days of reading are in its record, if it has one. Raises RecordError."""
    entries = whole["submissions"]
    cells = [cell for entry in entries for row in (entry.get("cells") or {}).values() for cell in row.values()]
    documents = sum(len(entry.get("documents") or ()) for entry in entries)
    days, model = _days_read(out, entries), (whole.get("model") or {}).get("id")
    read = [*([_span(days)] if days else []), *([f"with the model {model}"] if model else [])]
    last = max((cell["decision"]["at"] for cell in cells if cell.get("decision")), default="")
    decided = f"{sum(map(is_settled, cells)):,} of {count_words(len(cells), 'cell')}{f', the last on {_day(last)}' if last else ''}"
    return (
        ("Round", out.resolve().name),
        ("Submissions", f"{len(entries)}, with {count_words(documents, 'document')}"),
        *([("Read", ", ".join(read))] if read else []),
        ("Decided by reviewers", decided),
        _rules(pack),
    )


def of_tables(pack: Pack, files: Sequence[Path]) -> Source:
    """Of tables of grades and levels, told by name and content."""
    told = (f"{file.name} (SHA-256 begins {hashlib.sha256(file.read_bytes()).hexdigest()[:12]})" for file in files)
    return ("Figures from", listed(told)), _rules(pack)


def _rules(pack: Pack) -> tuple[str, str]:
    return "Framework", f"{pack.name}, version {pack.version}"


def _days_read(out: Path, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """When the versions that the round tells of were read."""
    if not Record.kept(out):
        return []
    with Record.open(out) as record:
        known = {force: record.versions(force) for force in record.forces()}
    told = (
        next((v for v in known[e["force"]] if v.version == e.get("version")), known[e["force"]][-1]) for e in entries if e["force"] in known
    )
    return sorted({version.at for version in told})


def _span(moments: Sequence[str]) -> str:
    first, last = _day(moments[0]), _day(moments[-1])
    return first if first == last else f"{first} to {last}"


def _day(moment: str) -> str:
    day = date.fromisoformat(moment[:10])
    return f"{day.day} {day:%B %Y}"
