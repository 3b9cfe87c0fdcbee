"""The numbers that office programs give by themselves to headings and paragraphs: "3.", "3.2", "(a)", "Annex B"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST = 4000
"""A list numbered beyond this in letters or Roman numbers is shown in figures."""

_PLACE = re.compile(r"%(\d)")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
    (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Depth:
    """How one depth of a list is numbered: `text` is the pattern, "%1.%2"; `form` is what Word calls the kind of number."""

    form: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """The depths of a list; lists of one shape count on from one another, unless one has its own `starts`."""

    id: str
    depths: dict[int, Depth]
    starts: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Numbers:
    """Counts paragraphs as the program does while a document is walked in order."""

    shapes: dict[str, Shape]
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def begin(self, number: str, depth: int, at: int) -> None:
        """Has the next paragraph of that list at that depth numbered `at`."""
        if number in self.shapes:
            self.counts.setdefault(self.shapes[number].id, {})[depth] = at - 1

    def is_bullet(self, number: str, depth: int) -> bool:
        """True where that list has no numbers at that depth, or is not known."""
        shape = self.shapes.get(number)
        return shape is None or depth not in shape.depths or shape.depths[depth].form in ("bullet", "none")

    def label(self, number: str, depth: int) -> str:
        """The number of the next paragraph of that list at that depth, "" for bullets and unknown lists."""
        shape = self.shapes.get(number)
        if shape is None or depth not in shape.depths:
            return ""
        counts = self.counts.setdefault(shape.id, {})
        if depth in shape.starts and (number, depth) not in self.begun:
            counts[depth] = shape.starts[depth]
        else:
            counts[depth] = counts.get(depth, shape.depths[depth].start - 1) + 1
        self.begun.add((number, depth))
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if self.is_bullet(number, depth):
            return ""

        def part(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            held = shape.depths.get(level, Depth())
            return _formed(counts.get(level, held.start), held.form)

        return _PLACE.sub(part, shape.depths[depth].text).strip()


def _formed(count: int, form: str) -> str:
    if not 0 < count < MOST:
        return str(count)
    if form.endswith("Letter"):
        text = chr(97 + (count - 1) % 26) * (1 + (count - 1) // 26)
    elif form.endswith("Roman"):
        text = ""
        for size, sign in _ROMAN:
            text += sign * (count // size)
            count %= size
    else:
        return f"{count:02d}" if form == "decimalZero" else str(count)
    return text.upper() if form.startswith("upper") else text
