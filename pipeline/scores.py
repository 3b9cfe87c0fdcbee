"""Agreement between provisional grades and gold ones: the figures by which judgement is known to be good or bad.

The definitions are the review team's own scorer's: exact, adjacent, quadratic-weighted kappa, F1 of "inadequate" (0 or 1), precision
and recall of "no evidence", agreement of elements, quotes found among the first five, and calibration.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

GRADES: Final = 4
BINS: Final = 10
FIRST_QUOTES: Final = 5
SHARED: Final = 0.6
"""Of the shorter quote's words, the least share that must stand in one run common to both for them to be the same quote."""

Quote = tuple[str, str]
"""(file, words)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One cell as graded, beside its gold."""

    voice: str
    area: str
    criterion: str
    gold: int
    grade: int
    probabilities: tuple[float, ...]
    gold_elements: frozenset[str]
    elements: frozenset[str]
    gold_quotes: tuple[Quote, ...] = ()
    quotes: tuple[Quote, ...] = ()

    @property
    def confidence(self) -> float:
        return self.probabilities[self.grade]


@dataclass(frozen=True, slots=True)
class Facts:
    """What else is judged of a force, beside its gold: pairs (gold, got) and partner links."""

    voice: str
    levels: tuple[tuple[int, int], ...]
    governance: tuple[tuple[bool, bool], ...]
    orientation: tuple[str, str]
    gold_partners: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    partners: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def figures(cells: Sequence[Judged], facts: Sequence[Facts]) -> dict[str, float]:
    """Every figure by name; a figure that nothing bears on is left out."""
    pairs = [(c.gold, c.grade) for c in cells]
    values: dict[str, float | None] = {
        "exact": _share(g == p for g, p in pairs),
        "adjacent": _share(abs(g - p) <= 1 for g, p in pairs),
        "qwk": kappa(pairs),
        "majority_exact": max(Counter(g for g, _ in pairs).values()) / len(pairs),
        "inadequate_f1": f1((g < 2, p < 2) for g, p in pairs),
        "no_evidence_precision": _share(g == 0 for g, p in pairs if p == 0),
        "no_evidence_recall": _share(p == 0 for g, p in pairs if g == 0),
        "element_precision": _share(e in c.gold_elements for c in cells for e in c.elements),
        "element_recall": _share(e in c.elements for c in cells for e in c.gold_elements),
        "element_f1": f1((e in c.gold_elements, e in c.elements) for c in cells for e in c.gold_elements | c.elements),
        "evidence_recall_at_5": _share(_found(q, c.quotes[:FIRST_QUOTES]) for c in cells for q in c.gold_quotes),
        "evidence_recall": _share(_found(q, c.quotes) for c in cells for q in c.gold_quotes),
        "levels_exact": _share(g == p for f in facts for g, p in f.levels),
        "governance_exact": _share(g == p for f in facts for g, p in f.governance),
        "orientation_exact": _share(f.orientation[0] == f.orientation[1] for f in facts if f.orientation[0]),
        "partners_f1": f1((x in f.gold_partners, x in f.partners) for f in facts for x in f.gold_partners | f.partners),
        "exact_in_surest_50": surest(cells, 0.5),
        "expected_calibration_error": calibration_error(cells),
    }
    return {name: value for name, value in values.items() if value is not None}


def kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Quadratic-weighted kappa of (gold, got) grades."""
    if not pairs:
        return None
    n = len(pairs)
    gold, got = Counter(g for g, _ in pairs), Counter(p for _, p in pairs)
    expected = sum(gold[i] * got[j] * (i - j) ** 2 for i in range(GRADES) for j in range(GRADES)) / n**2
    return 1 - sum((g - p) ** 2 for g, p in pairs) / n / expected if expected else None


def f1(pairs: Iterable[tuple[bool, bool]]) -> float | None:
    """F1 of (true, said) pairs."""
    counts = Counter(pairs)
    hits, errors = counts[True, True], counts[True, False] + counts[False, True]
    return 2 * hits / (2 * hits + errors) if hits + errors else None


def surest(cells: Sequence[Judged], share: float) -> float | None:
    """Exact agreement in the share of the cells that the program is surest of."""
    ranked = sorted(cells, key=lambda c: -c.confidence)
    return _share(c.gold == c.grade for c in ranked[: max(1, int(len(ranked) * share))])


def reliability(cells: Sequence[Judged]) -> list[tuple[float, float, int]]:
    """(mean confidence, exact agreement, cells) for each tenth of confidence that has any."""
    bins: dict[int, list[Judged]] = {}
    for cell in cells:
        bins.setdefault(min(BINS - 1, int(cell.confidence * BINS)), []).append(cell)
    return [
        (sum(c.confidence for c in some) / len(some), sum(c.gold == c.grade for c in some) / len(some), len(some))
        for _, some in sorted(bins.items())
    ]


def calibration_error(cells: Sequence[Judged]) -> float:
    """The expected calibration error of the grades' confidence, in ten bins."""
    return sum(n / len(cells) * abs(said - true) for said, true, n in reliability(cells))


def _share(flags: Iterable[bool]) -> float | None:
    some = list(flags)
    return sum(some) / len(some) if some else None


def _found(wanted: Quote, quotes: Sequence[Quote]) -> bool:
    return any(file == wanted[0] and same_words(wanted[1], quote) for file, quote in quotes)


def same_words(a: str, b: str) -> bool:
    """Whether two quotes share most of the shorter one's words in one run."""
    if a == b:
        return True
    left, right = (re.findall(r"[a-z0-9£%]+", text.lower()) for text in (a, b))
    best, previous = 0, [0] * (len(right) + 1)
    for x in left:
        row = [0] * (len(right) + 1)
        for j, y in enumerate(right, 1):
            if x == y:
                row[j] = previous[j - 1] + 1
                best = max(best, row[j])
        previous = row
    return bool(left and right) and best >= SHARED * min(len(left), len(right))
