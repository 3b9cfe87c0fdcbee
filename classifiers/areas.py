"""Which areas each passage of a submission is about (handbook section 2, design "How context carries").

The clues of every passage become features of each (passage, area) pair: who is named here, in the subject, above, by a local
name, by the words as the models read them. A small network weighs them; a second one looks again, and yet again, with names learnt
from the last answers, and those answers for the neighbouring passages, the section and the document. Both see only how clues stand
to *an* area, never which area it is, so they serve any pack.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from classifiers.clues import Clues
from classifiers.names import ABOVE, Company, names_in, phrase, shares
from classifiers.network import Floats, Network
from classifiers.units import Cues
from rules.pack import Pack

FIRST: Final = 40
"""Features of a pair as the clues give them."""
SECOND: Final = FIRST + 11
"""Those, and what the first network says of the neighbours."""
LEAST_ABOUT: Final = 0.1
"""Probability: an area less likely than this is not kept."""
LIKELY: Final = 0.5
"""Probability from which the first network's answer teaches names."""
AGAIN: Final = 3
"""Times that the second network looks: each carries areas a little further along the text and the local names. Of left-out voices'
bearing passages 12.1 % had no true area after one look, 9.9 % after two, 10.1 % after three, and three grade best."""
WIDE: Final = 0.3
"""Probability of a group from which naming an area after "except" takes it out of the group."""
BESIDE: Final = 0.9
"""Probability of an area, at the least, under whose column header a row says something; to the networks a row that names five areas names
them in passing."""
NEAR: Final = 2
"""Passages further apart than this in the document are not neighbours."""

Look = tuple[Sequence[Clues], Sequence[Company]]
"""One document's clues and the company its local names keep."""


def abouts(pack: Pack) -> list[str]:
    """What a passage can be about: the areas, then the groups."""
    return [a.id for a in pack.areas] + [g.id for g in pack.groups]


def local_names(pack: Pack, cues: Cues, looks: Sequence[Look], settled: Sequence[Floats] | None = None) -> dict[str, Floats]:
    """The submission's own names for areas: for each name the share of its company that each area and group has.

    `settled` [passages, abouts] for each document is what is thought of its passages so far: with it, names keep company with
    what the passages are about, without it only with what they name outright.
    """
    index = {about: i for i, about in enumerate(abouts(pack))}
    company = [one for _, sights in looks for one in sights]
    mentions: Counter[str] = Counter()
    for number, (clues, _) in enumerate(looks):
        for row, one in enumerate(clues):
            mentions.update(one.names)
            area, weight = _named(pack, one) if settled is None else _likeliest(pack, settled[number][row])
            if area and one.headings:
                company += [(name, area, ABOVE * weight) for name in sorted(_heading_names(one.headings[-1:]))]
            if area and settled is not None:
                company += [(name, area, weight) for name in one.names]
    result = {}
    for name, share in shares(company, mentions).items():
        if not any(key.startswith("area ") for key in cues.heading(name)):
            result[name] = np.zeros(len(index))
            for area, value in share.items():
                result[name][index[area]] = value
    return result


def _named(pack: Pack, clues: Clues) -> tuple[str, float]:
    """The one area that a passage names outright, "" when it names none or several."""
    named = [about for about in (clues.subject or clues.own) if pack.scope(about) == "specific"]
    return (named[0], 1.0) if len(named) == 1 else ("", 0.0)


def _likeliest(pack: Pack, probabilities: Floats) -> tuple[str, float]:
    """The likeliest area of a passage and its probability, "" when none is likelier than not."""
    best = int(np.argmax(probabilities[: len(pack.areas)]))
    p = float(probabilities[best])
    return (pack.areas[best].id, p) if p >= LIKELY else ("", 0.0)


def place(pack: Pack, cues: Cues, looks: Sequence[Look], networks: tuple[Network, Network]) -> list[list[dict[str, float]]]:
    """For each document, for each of its clues, the areas and groups it is about with their probabilities."""
    names = local_names(pack, cues, looks)
    settled = [networks[0].probabilities(first_features(pack, clues, names)) for clues, _ in looks]
    for _ in range(AGAIN):
        names = local_names(pack, cues, looks, settled)
        settled = [
            networks[1].probabilities(second_features(first_features(pack, clues, names), clues, before)) if clues else before
            for (clues, _), before in zip(looks, settled, strict=True)
        ]
    return [[_kept(pack, one, row) for one, row in zip(clues, rows, strict=True)] for (clues, _), rows in zip(looks, settled, strict=True)]


def excluded(pack: Pack, clues: Clues, about: Collection[str]) -> tuple[str, ...]:
    """The areas that the passage takes out of what it says of wider groups."""
    return clues.excluded if any(pack.scope(a) != "specific" for a in about) else ()


def _kept(pack: Pack, clues: Clues, row: Floats) -> dict[str, float]:
    likely = {a: max(float(p), BESIDE * (a in clues.beside)) for a, p in zip(abouts(pack), row, strict=True)}
    about = {a: p for a, p in likely.items() if p >= LEAST_ABOUT}
    out = excluded(pack, clues, [a for a, p in about.items() if p >= WIDE])
    return {a: round(p, 4) for a, p in about.items() if a not in out}


def first_features(pack: Pack, clues: Sequence[Clues], names: dict[str, Floats]) -> Floats:
    """[passages, abouts, FIRST]."""
    ids = abouts(pack)
    size = (len(clues), len(ids))

    def named(of: Callable[[Clues], Collection[str]]) -> Floats:
        return np.array([[float(a in of(one)) for a in ids] for one in clues]).reshape(size)

    def flag(of: Callable[[Clues], float]) -> Floats:
        return np.repeat(np.array([float(of(one)) for one in clues]).reshape(-1, 1), len(ids), axis=1)

    def known(of: Callable[[Clues], Iterable[str]]) -> Floats:
        rows = [[names[name] for name in of(one) if name in names] for one in clues]
        return np.array([np.max(row, axis=0) if row else np.zeros(len(ids)) for row in rows]).reshape(size)

    own, subject, above, title = named(lambda c: c.own), named(lambda c: c.subject), named(lambda c: c.above), named(lambda c: c.title)
    maybe, first = named(lambda c: c.maybe), named(lambda c: c.own[:1])
    by_name, by_cell = known(lambda c: c.names), known(lambda c: (c.subject_phrase,))
    by_heading, by_outer = known(lambda c: _heading_names(c.headings[-1:])), known(lambda c: _heading_names(c.headings[:-1]))
    words = np.array([one.words or (0.0,) * len(ids) for one in clues]).reshape(size)
    heard = np.array([one.heard or (0.0,) * len(ids) for one in clues]).reshape(size)
    kin = _kin(pack, ids)
    nothing, nothing_above = flag(lambda c: not c.own), flag(lambda c: not c.above)
    scopes = [np.tile([float(pack.scope(a) == scope) for a in ids], (len(clues), 1)) for scope in ("umbrella", "force_wide")]
    features = [
        *(own, first, subject, maybe, above, above * flag(lambda c: c.above_depth == 0), title),
        *(_another(m) for m in (own, subject, maybe, above, title)),
        *((m @ kin > 0).astype(float) for m in (own, above, subject)),
        *(by_name, by_heading, by_outer, by_cell, _best_other(by_name), _best_other(by_heading), _best_other(by_cell)),
        *(words, words - _best_other(words)),
        *(flag(lambda c: c.row), flag(lambda c: c.short), nothing, nothing_above, nothing * above, nothing * by_heading),
        *(flag(lambda c: len(c.own) > 1), flag(lambda c: bool(c.excluded)), own * above, own * by_heading),
        *scopes,
        flag(lambda c: bool(c.words)),
        *(heard, heard - _best_other(heard), flag(lambda c: bool(c.heard))),
    ]
    return np.stack(features, axis=2)


def second_features(features: Floats, clues: Sequence[Clues], probabilities: Floats) -> Floats:
    """[passages, abouts, SECOND]."""
    before, after, before_that, section, has_before = (np.zeros_like(probabilities) for _ in range(5))
    sections: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, one in enumerate(clues):
        sections[one.headings].append(i)
    for members in sections.values():
        for i, j in pairwise(members):
            if j - i <= NEAR:
                before[j], after[i], has_before[j] = probabilities[i], probabilities[j], 1.0
        for i, j in zip(members, members[2:], strict=False):
            before_that[j] = probabilities[i]
        if len(members) > 1:
            inside = probabilities[members]
            section[members] = (inside.sum(axis=0) - inside) / (len(members) - 1)
    whole = np.repeat(probabilities.mean(axis=0, keepdims=True), len(clues), axis=0)
    beside = [
        before,
        after,
        before_that,
        section,
        whole,
        has_before,
        *map(_best_other, (before, after, section, probabilities)),
        probabilities,
    ]
    return np.concatenate([features, np.stack(beside, axis=2)], axis=2)


def _heading_names(headings: Sequence[str]) -> set[str]:
    return {name for text in headings for name in (*names_in(text), phrase(text)) if name}


def _kin(pack: Pack, ids: Sequence[str]) -> Floats:
    """1 where the one is a group that holds the other."""
    held = {(group.id, member) for group in pack.groups for member in pack.members(group.id)}
    return np.array([[float((a, b) in held or (b, a) in held) for b in ids] for a in ids])


def _another(named: Floats) -> Floats:
    """Whether anything else is named."""
    others: Floats = named.sum(axis=1, keepdims=True) - named
    return (others > 0).astype(float)


def _best_other(values: Floats) -> Floats:
    """The highest value among the others of the same passage."""
    if values.shape[1] < 2:
        return np.zeros_like(values)
    ranked = np.sort(values, axis=1)
    best, second = ranked[:, -1:], ranked[:, -2:-1]
    return np.where(values == best, second, best)
