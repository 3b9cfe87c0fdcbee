"""Which force a text names: the pack's forces with their aliases and units, and the names that a round brings (handbook section 7)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from rules.pack import ForceNames

SHORTEST_STEM = 4
"""Letters: a learnt name without its suffix ("Northmoor" of "Northmoor Police") is an alias when it is no shorter."""

_WORD = re.compile(r"\w+")


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
        stems = {n: stem for n in new if (stem := _stem(n, names.suffixes))}
        shared = Counter(map(_plain, stems.values()))
        stems = {n: s for n, s in stems.items() if len(s) >= SHORTEST_STEM and shared[_plain(s)] == 1 and _plain(s) not in aliases}
        self._names |= (
            {_plain(s): n for n, s in stems.items()}
            | {_plain(n): n for n in new}
            | {_plain(u): name for u, name in _one_name(self._units).items()}
        )
        short = [n for n in new if not n.endswith(names.suffixes)]
        full = [a for f in names.known for a in (f.name, *f.also)] + [n for n in new if n not in short] + list(self._units)
        places = [a for f in names.known for a in f.places] + list(stems.values()) + short
        other = "|".join(map(re.escape, names.not_before))
        before = "".join(rf"(?<!\b{re.escape(words)}\s)" for words in names.not_after)
        beside = dict.fromkeys(places, (before, rf"(?!\s+(?:{other})\b)" if other else "")) | dict.fromkeys(full, ("", ""))
        self._by_first: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for name in sorted(beside, key=lambda name: (-len(name), name)):
            if first := _WORD.search(name):
                self._by_first[first.group().casefold()].append((name, *beside[name]))

    def find(self, text: str) -> Iterator[str]:
        """The forces and units that the text names, in order, each by its full name."""
        return (name for name, _ in self._met(text))

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where these names begin and end."""
        return (span for _, span in self._met(text))

    def _met(self, text: str) -> Iterator[tuple[str, tuple[int, int]]]:
        end = 0
        for word in _WORD.finditer(text):
            for name, before, after in self._by_first.get(word.group().casefold(), ()) if word.start() >= end else ():
                if match := _pattern(name, before, after).match(text, word.start()):
                    end = match.end()
                    yield self._names[_plain(name)], match.span()
                    break

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


def _one_name(units: Mapping[str, str]) -> dict[str, str]:
    """For each unit, by its region, what it is called: units of one region with the same initials are one ("EMSOU")."""
    first: dict[tuple[str, str], str] = {}
    return {unit: first.setdefault((region, _initials(unit)), unit) for unit, region in units.items()}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper()) if " " in name else name


def _stem(name: str, suffixes: Iterable[str]) -> str:
    """A force's name without what it has in common with others ("Isle Vale" of "Isle Vale Police Service"), else without its last word."""
    for suffix in sorted(suffixes, key=len, reverse=True):
        if name.endswith(" " + suffix):
            return name.removesuffix(" " + suffix)
    return name.rpartition(" ")[0]


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\s-]+", " ", name.replace("&", " and ")).casefold().split())


@lru_cache(4096)
def _pattern(name: str, before: str, after: str) -> re.Pattern[str]:
    """A name from its first word on, as written or in capitals, and what must not stand before and after it. Compiled when that word
    first turns up."""
    name = re.sub(r"^\W+", "", name)
    forms = map(_spelt, dict.fromkeys((name, name.upper())))
    return re.compile(rf"{before}(?:{'|'.join(forms)})(?!\w){after}")


def _spelt(name: str) -> str:
    words = (re.escape(word) for word in re.split(r"[\s-]+", name))
    return r"[\s-]+".join("(?:[Aa]nd|AND|&)" if word.lower() in ("and", r"\&") else word for word in words)
