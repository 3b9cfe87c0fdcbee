"""The handbook's arithmetic: from elements to a grade, from grades to area and criterion grades. No document, no model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod

from rules.pack import Criterion, RollUp


def grade_cell(
    criterion: Criterion, roll_up: RollUp, *, present: Collection[str], specific: Collection[str], local: bool, bears: bool
) -> int:
    """The grade of a cell, 0 to 3 (handbook section 4).

    `present` are the elements found, force-wide ones included; `specific` those found in a passage about this very area;
    `local` says that at least one required element came from something narrower than a force-wide statement;
    `bears` that anything at all bears on the criterion for the area. Required elements may come from wider statements; depth
    elements count only where they are specific to the area.
    """
    if not bears and not present:
        return 0
    if any(e.id not in present for e in criterion.required):
        return 1
    if not criterion.force_wide_suffices and not local:
        return 1
    own_depth = sum(e.id in specific for e in criterion.depth)
    return 3 if own_depth >= roll_up.depth_for_highest else 2


def grade_probabilities(
    criterion: Criterion,
    roll_up: RollUp,
    *,
    present: Mapping[str, float],
    specific: Mapping[str, float],
    local: float,
    bears: float,
) -> tuple[float, float, float, float]:
    """The probability of each grade, from the elements' probabilities, by the same rule as `grade_cell`.

    Elements of one cell stand or fall together (one good passage often bears several), so the chance that all are there lies
    between their product, were they independent, and the least of them; the middle is taken. Monotone: a likelier element
    never makes a higher grade less likely.
    """
    something = max([bears, *present.values()], default=0.0)
    standard = min(something, _together([present.get(e.id, 0.0) for e in criterion.required]))
    if not criterion.force_wide_suffices:
        standard = min(standard, _together([standard, local]))
    depth = sorted((specific.get(e.id, 0.0) for e in criterion.depth), reverse=True)
    enough = depth[: roll_up.depth_for_highest]
    high = _together([standard, *enough]) if len(enough) == roll_up.depth_for_highest else 0.0
    high = min(high, standard)
    return (1 - something, something - standard, standard - high, high)


def _together(probabilities: Sequence[float]) -> float:
    return (prod(probabilities) + min(probabilities)) / 2 if probabilities else 1.0


def roll_up_grades(grades: Sequence[int], rule: str) -> int:
    """An area's or a criterion's grade out of its cells' (handbook section 5): the mean rounded half up, or the lowest."""
    if rule == "lowest":
        return min(grades)
    return (2 * sum(grades) + len(grades)) // (2 * len(grades))
