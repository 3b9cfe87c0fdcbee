"""How much the corpus repeats itself: near-duplicate passages and repeated sentence frames. `python -m corpus.repeats`.

A generator that fills slots would show here: the same sentence with other names in it. A test holds both measures below a level.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from classifiers.units import units
from corpus.notation import FORCES, Force, forces
from corpus.passages import as_passages

LEAST_WORDS: Final = 8
"""Shorter texts are headings, cells and fragments, which any two forces share."""
RUN: Final = 4
ALIKE: Final = 0.5
"""Two passages are near-duplicates when they share this much (Jaccard) of their runs of RUN words."""
COMMON: Final = 80
"""A frame keeps the corpus' commonest words and masks the others."""
OFTEN: Final = 3
"""A frame is repeated when this many sentences have it."""

_WORD: Final = re.compile(r"[a-z']+|\d+")


def texts(data: Sequence[Force]) -> Iterator[tuple[str, str]]:
    """(passage id, text) of every paragraph and list item of some length; rows repeat their table's shape by nature."""
    for force in data:
        for plan in force.plans:
            for labelled, passage in zip(plan.passages, as_passages(plan), strict=True):
                if passage.kind in ("paragraph", "list_item", "note") and len(passage.text.split()) >= LEAST_WORDS:
                    yield labelled.id, passage.text


def near_duplicates(data: Sequence[Force]) -> list[tuple[str, str, float]]:
    """Pairs of passages that say almost the same, with their likeness."""
    runs = {name: frozenset(_runs(text)) for name, text in texts(data)}
    holders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, own in runs.items():
        for run in own:
            holders[run].append(name)
    shared: Counter[tuple[str, str]] = Counter()
    for names in holders.values():
        if 1 < len(names) <= 50:
            shared.update((a, b) for i, a in enumerate(names) for b in names[i + 1 :])
    likeness = ((a, b, n / len(runs[a] | runs[b])) for (a, b), n in shared.items())
    return sorted((pair for pair in likeness if pair[2] >= ALIKE), key=lambda pair: -pair[2])


def frames(data: Sequence[Force]) -> tuple[Counter[str], int]:
    """How many sentences have each frame that OFTEN have, and how many sentences there are."""
    sentences = []
    for force in data:
        for plan in force.plans:
            for passage in as_passages(plan):
                if passage.kind in ("paragraph", "list_item", "note"):
                    sentences += [words for unit in units(passage) if len(words := _WORD.findall(unit.text.lower())) >= LEAST_WORDS]
    common = {word for word, _ in Counter(w for words in sentences for w in words).most_common(COMMON)}
    counted = Counter(" ".join(w if w in common else "0" if w.isdigit() else "_" for w in words) for words in sentences)
    return Counter({frame: n for frame, n in counted.items() if n >= OFTEN}), len(sentences)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def main() -> None:
    data = forces(FORCES)
    count = sum(1 for _ in texts(data))
    pairs = near_duplicates(data)
    print(f"{len(pairs)} pairs of near-duplicates among {count} passages")
    for a, b, likeness in pairs[:10]:
        print(f"  {likeness:.2f}  {a}  {b}")
    repeated, sentences = frames(data)
    print(f"{sum(repeated.values())} of {sentences} sentences have a frame that {OFTEN} or more share")
    for frame, n in repeated.most_common(10):
        print(f"  {n}  {frame}")


if __name__ == "__main__":
    main()
