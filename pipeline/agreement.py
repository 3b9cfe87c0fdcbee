"""How well reviewers who graded the same cells apart agree: shares, quadratic-weighted kappa, Krippendorff's alpha for ordered grades.

A unit is the grades that one cell was given. Every measure is None where there is nothing to measure by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

Pair = tuple[int, int]


def exact(pairs: Sequence[Pair]) -> float | None:
    """The share of pairs with the same grade, 0 to 1."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def adjacent(pairs: Sequence[Pair]) -> float | None:
    """The share of pairs at most one grade apart, 0 to 1."""
    return sum(abs(a - b) <= 1 for a, b in pairs) / len(pairs) if pairs else None


def weighted_kappa(pairs: Sequence[Pair]) -> float | None:
    """Cohen's kappa with quadratic weights: 1 is full agreement, 0 what chance would give. None where both use one grade only."""
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum((a - b) ** 2 for a, b in pairs)
    by_chance = sum(n * m * (a - b) ** 2 for a, n in first.items() for b, m in second.items()) / max(1, len(pairs))
    return 1 - seen / by_chance if by_chance else None


def alpha(units: Sequence[Sequence[int]]) -> float | None:
    """Krippendorff's alpha with the ordinal distance; units graded once do not count. None where all grades are the same."""
    units = [unit for unit in units if len(unit) > 1]
    often = Counter(grade for unit in units for grade in unit)
    total = sum(often.values())
    grades = sorted(often)

    def distance(a: int, b: int) -> float:
        low, high = min(a, b), max(a, b)
        return (sum(often[g] for g in grades if low <= g <= high) - (often[low] + often[high]) / 2) ** 2

    seen = sum(distance(a, b) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2))
    by_chance = sum(often[a] * often[b] * distance(a, b) for a, b in permutations(grades, 2))
    return 1 - (total - 1) * seen / by_chance if by_chance else None
