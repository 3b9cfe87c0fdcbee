"""Which force a text names: the pack's forces with their aliases and units, and the names that a round brings (handbook section 7)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from rules.pack import ForceNames

SHORTEST_STEM = 4
"""Letters: a learnt name without its last word ("Northmoor" of "Northmoor Police") is an alias when it is no shorter."""


class Gazetteer:
    """Finds names in texts; of names that contain one another the longest is meant. Names in `learnt`, full ones as the round gives
    them, are known too, and are how a force that the pack knows is then called."""

    def __init__(self, names: ForceNames, learnt: Iterable[str] = ()) -> None:
        learnt = list(dict.fromkeys(learnt))
        aliases = {_plain(a): f.name for f in names.known for a in (f.name, *f.also, *f.places)}
        called = {aliases[_plain(n)]: n for n in reversed(learnt) if _plain(n) in aliases}
        self._names = {plain: called.get(name, name) for plain, name in aliases.items()}
        self._regions = {called.get(f.name, f.name): f.region for f in names.known}
        self._units = {unit: region.id for region in names.regions for unit in region.units}
        new = [n for n in learnt if _plain(n) not in aliases]
        stems = {n: n.rsplit(" ", 1)[0] for n in new if " " in n}
        shared = Counter(map(_plain, stems.values()))
        stems = {n: s for n, s in stems.items() if len(s) >= SHORTEST_STEM and shared[_plain(s)] == 1 and _plain(s) not in aliases}
        self._names |= {_plain(s): n for n, s in stems.items()} | {_plain(n): n for n in new} | {_plain(u): u for u in self._units}
        short = [n for n in new if not n.endswith(names.suffixes)]
        full = [a for f in names.known for a in (f.name, *f.also)] + [n for n in new if n not in short] + list(self._units)
        places = [a for f in names.known for a in f.places] + list(stems.values()) + short
        self._pattern = _pattern(full, places, names.not_before)

    def find(self, text: str) -> Iterator[str]:
        """The forces and units that the text names, in order, each by its full name."""
        return (self._names[_plain(match.group())] for match in self._pattern.finditer(text))

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where these names begin and end."""
        return (match.span() for match in self._pattern.finditer(text))

    def resolve(self, name: str) -> str:
        """The full name of the force that is called so; the name itself when none is known."""
        return self._names.get(_plain(name), name)

    def region(self, name: str) -> str:
        """The region's id of a force or unit by its full name; "" when none is known."""
        return self._regions.get(name) or self._units.get(name, "")

    def is_known(self, name: str) -> bool:
        """Whether a full name is that of a force which the pack knows."""
        return name in self._regions

    def is_unit(self, name: str) -> bool:
        """Whether a full name is that of a unit which several forces keep in common."""
        return name in self._units


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\s-]+", " ", name.replace("&", " and ")).casefold().split())


def _pattern(full: Iterable[str], places: Iterable[str], not_before: Iterable[str]) -> re.Pattern[str]:
    """Every name as written or in capitals, longest first; a place only where no word of `not_before` follows."""
    other = "|".join(map(re.escape, not_before))
    ends = dict.fromkeys(places, rf"(?!\s+(?:{other})\b)" if other else "") | dict.fromkeys(full, "")
    ordered = sorted(ends, key=lambda name: (-len(name), name))
    forms = [_spelt(form) + rf"(?!\w){ends[name]}" for name in ordered for form in dict.fromkeys((name, name.upper()))]
    return re.compile(r"(?<!\w)(?:" + ("|".join(forms) or r"(?!)") + ")")


def _spelt(name: str) -> str:
    words = (re.escape(word) for word in re.split(r"[\s-]+", name))
    return r"[\s-]+".join("(?:[Aa]nd|AND|&)" if word.lower() in ("and", r"\&") else word for word in words)
