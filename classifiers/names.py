"""A submission's own names for the areas: project names, codes, teams, pet headings. Learnt from the company that they keep.

A force writes "Project Lantern (serious and organised crime)" once and "Lantern" ever after, or gives each service a code that
its other tables repeat. A name that stands beside one area, and seldom beside another, is taken for that area's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

Company = tuple[str, str, float]
"""(name, area it stood beside, weight of that sight)."""

DEFINED: Final = 3.0
"""Weight of a sight where name and area stand in one heading, one subject or a few words: that is how names are introduced."""
MET: Final = 1.0
"""Weight of a sight in a longer sentence."""
ABOVE: Final = 0.7
"""Weight of a passage that names an area below a heading that has the name."""
LEAST_SHARE: Final = 0.3
"""A name is kept when one area has at least this share of its company."""

_NAME: Final = re.compile(r"\b(?:[A-Z]{1,4}[/.-]?\d+(?:[/.-]\d+)*|[A-Z]{2,6}\d*|(?:[A-Z]{1,3}-)?[A-Z][a-z]{2,})\b")
"""A code ("GB/08/03", "PS07"), an abbreviation or a capitalised word ("Eco", "X-Ray")."""
_LONGER: Final = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b|\b[A-Z][a-z]+ (?:[A-Z]|[IVX]+|\d{1,2})\b")
"""A name of several words ("Mill Lane"), or a word with a letter or number ("Strand J", "Part VII")."""
_LETTER: Final = re.compile(r"([A-Z])[.:]?\s")
"""A letter that a text begins with, for forces that letter their services."""
_EDGES: Final = re.compile(r"^[\W\d]+|\W+$")
_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        "This That These Those They There Their When What Where Which With From Then Have Will Each Police Force Authority Constabulary "
        "Chief Board Plan Officer January February March April June July August September October November December "
        "The And But For Our All Any Are Was Has Had Not Now New Two Six Ten One Who How Why She His Her Its You Your Their See Out "
        "May Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun Det Sup Supt Insp Mrs",
    )
)
MOST_TEXTS: Final = 10_000
"""Texts whose names are remembered: a heading is asked for with each passage below it."""
LONGEST_PHRASE: Final = 6
"""Words: a heading or subject no longer than this may be a name as a whole ("Who's looking for Gran?")."""


@lru_cache(MOST_TEXTS)
def names_in(text: str) -> frozenset[str]:
    """What may be a local name in a text."""
    found = {match.group() for pattern in (_NAME, _LONGER) for match in pattern.finditer(text)} - _COMMON
    if letter := _LETTER.match(text):
        found.add(phrase(letter.group(1)))
    return frozenset(found)


@lru_cache(MOST_TEXTS)
def phrase(text: str) -> str:
    """A whole heading or subject cell as a name, "" when it is too long for one."""
    bare = _EDGES.sub("", text).lower()
    return bare if len(bare.split()) <= LONGEST_PHRASE else ""


def shares(company: Iterable[Company], mentions: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """For each name the share of its company that each area has, 0 to 1; names without a clear area are left out.

    `mentions` counts the passages that hold each name: a name met mostly away from any area is a poor sign of one.
    """
    met: dict[str, dict[str, float]] = defaultdict(dict)
    for name, area, weight in company:
        met[name][area] = met[name].get(area, 0.0) + weight
    result = {}
    for name, areas in met.items():
        total = sum(areas.values())
        out_of = total + 1 + 0.3 * max(0.0, mentions.get(name, 0) - total)
        share = {area: weight / out_of for area, weight in areas.items()}
        if max(share.values()) >= LEAST_SHARE:
            result[name] = share
    return result
