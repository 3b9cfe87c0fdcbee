"""What the national figures say, in sentences that each rest on figures named in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pipeline import words
from pipeline.publish.picture import Picture, count_words
from pipeline.publish.tables import COMPLIANT, LEVELS, Figure, Table

STATUS: Final = {"provisional": "Provisional", "validated": "Validated", "mixed": "Mixed", "given": "As given"}
STATUS_WORDS: Final = {
    "provisional": "These figures rest on grades that software proposed. No reviewer has yet accepted or replaced them.",
    "validated": "These figures rest on grades that reviewers have accepted or replaced.",
    "mixed": "These figures rest partly on grades that reviewers have settled, and partly on grades that software proposed.",
    "given": "These figures are counted from a table of grades. Who settled the grades is not said there.",
}


def headline_sentences(picture: Picture) -> list[str]:
    """One sentence for each headline count."""
    result = []
    for h in picture.headlines:
        says = h.words if h.figure.count != 1 else h.words.replace("have ", "has ", 1)
        result.append(f"{count_words(h.figure.count, 'force')} of {h.figure.out_of} ({_per_cent(h.figure)}) {says}.")
    return result


def about(table: Table) -> str:
    """What a table says at its ends: where most and fewest forces stand; empty where nothing is known."""
    number = table.number
    if number == "5":
        return _extremes(table.row_names, table.totals, "Plans fall short most often in", "least often in", "of cells")
    if number == "6":
        return ""
    row = table.rows.index(LEVELS[-1] if LEVELS[-1] in table.rows else COMPLIANT)
    most = "Plans meet the standard in most forces for" if COMPLIANT in table.rows else f"Most forces are at the level {LEVELS[-1]} for"
    return _extremes(table.column_names, table.figures[row], most, "in fewest for", "of forces")


def follows(picture: Picture) -> str:
    """In how many forces provision follows need, and threat."""
    need, threat = (sum(x.follows for x in found) for found in zip(*((n.need, n.threat) for n in picture.needs), strict=True))
    unknown = sum(n.need.tau is None for n in picture.needs)
    tail = f" For {count_words(unknown, 'force')} no order can be compared." if unknown else ""
    return f"Provision follows need in {count_words(need, 'force')} of {len(picture.needs)}, and threat in {threat}.{tail}"


def proportion(picture: Picture) -> str:
    """Which areas are planned for out of proportion to their need, nationally."""
    over, under = ([picture.areas[p.area] for p in picture.proportions if p.finding == finding] for finding in ("over", "under"))
    return f"Planned for beyond their part of need: {listed(over)}. Planned for less than their part of need: {listed(under)}."


def listed(names: Iterable[str]) -> str:
    """Names in a row, "none" when there is none."""
    return words.listed(names) or "none"


def _extremes(names: Sequence[str], figures: Sequence[Figure], most: str, fewest: str, of: str) -> str:
    known = [(f.percent, name) for f, name in zip(figures, names, strict=True) if f.percent is not None]
    if not known:
        return ""
    high, low = max(p for p, _ in known), min(p for p, _ in known)
    tops, bottoms = ([words.uncapital(n) for p, n in known if p == end] for end in (high, low))
    if high == low:
        return f"The share is the same throughout: {high}% {of}."
    return f"{most} {listed(tops)} ({high}% {of}), {fewest} {listed(bottoms)} ({low}%)."


def _per_cent(figure: Figure) -> str:
    return "–" if figure.percent is None else f"{figure.percent}%"
