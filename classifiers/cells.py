"""From readings to the elements of each cell: how likely an element is there at all, given every passage that may bear it.

A cell is not its best passage: two fair ones are better than one, an element is likelier where its siblings are found, and some
elements are commoner than others. Nor does a cell stand alone: a force that names owners in nine areas seldom leaves them out of the
tenth. So a linear model learnt on left-out voices looks twice, the second time with what it first thought of the other areas and
criteria; the handbook's rules do the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from classifiers.model import Model
from classifiers.network import Floats, sigmoid
from classifiers.reading import Reading
from rules.pack import Pack

FEATURES: Final = (
    "best",
    "second",
    "third",
    "best_specific",
    "second_specific",
    "best_narrow",
    "best_wide",
    "any_of_all",
    "any_of_specific",
    "bears",
    "bears_second",
    "volume",
    "habit_of_the_force",
    "share_of_the_area",
    "sum",
    "siblings",
    "siblings_specific",
)
OTHER_AREA: Final = 0.4
"""Factor: the sentence itself names another area than the one asked about."""
_FLOOR: Final = 0.003
SUREST: Final = 7.0
"""Logit: a first look surer than this tells its neighbours no more."""

ANYWHERE, SPECIFIC, NARROW = range(3)
"""What an element comes from: anything, passages about this very area, anything narrower than the whole force."""


@dataclass(frozen=True)
class Found:
    """Probabilities [3, areas, targets] for ANYWHERE, SPECIFIC and NARROW; targets as features.targets gives them."""

    probabilities: Floats
    best: Floats
    """[areas, targets]: the score of the likeliest single passage."""


def find(pack: Pack, model: Model, targets: Sequence[tuple[str, str]], readings: Sequence[Reading]) -> Found:
    """Weighs all readings of one submission; for a pack that the model was not trained for, the best passage decides."""
    features, best = cell_features(pack, targets, readings)
    if model.pack != pack.id:
        tops = [FEATURES.index(name) for name in ("best", "best_specific", "best_narrow")]
        return Found(np.moveaxis(sigmoid(features[:, :, tops]), 2, 0), best)
    first = first_look(features, model.cells.first, model.cells.habits)
    again = context_features(targets, features, first)
    weights = model.cells.context
    return Found(sigmoid(np.einsum("atf,ktf->kat", again, weights[:, :, :-1]) + weights[:, None, :, -1]), best)


def first_look(features: Floats, weights: Floats, habits: Floats) -> Floats:
    """Logits [3, areas, targets] of each element by itself."""
    logits: Floats = np.einsum("atf,kf->kat", features, weights[:, :-1]) + weights[:, -1][:, None, None] + habits[:, None, :]
    return logits


def context_features(targets: Sequence[tuple[str, str]], features: Floats, first: Floats) -> Floats:
    """[areas, targets, FEATURES + 9 + targets]: what a second look sees.

    After the features: `first` [3, areas, targets], the logits of the first look, its means over the other areas and over the
    area's other criteria, and its ANYWHERE of every target in the area.
    """
    sure = np.clip(first, -SUREST, SUREST)
    same = np.array([[float(c == d) for d, _ in targets] for c, _ in targets])
    elsewhere = (sure.sum(axis=1, keepdims=True) - sure) / max(1, sure.shape[1] - 1)
    apart = (sure.sum(axis=2, keepdims=True) - sure @ same) / np.maximum(1, len(targets) - same.sum(axis=1))
    beside = np.broadcast_to(sure[ANYWHERE][:, None, :], (*sure.shape[1:], len(targets)))
    return np.concatenate([features, np.moveaxis(np.concatenate([sure, elsewhere, apart]), 0, 2), beside], axis=2)


def cell_features(pack: Pack, targets: Sequence[tuple[str, str]], readings: Sequence[Reading]) -> tuple[Floats, Floats]:
    """([areas, targets, FEATURES], best scores [areas, targets])."""
    areas = [area.id for area in pack.areas]
    scores, ways = _scores(pack, targets, readings)
    specific, narrow, wide = ways["specific"], np.maximum(ways["specific"], ways["umbrella"]), ways["force_wide"]
    everything = np.maximum(narrow, wide)
    count = len(readings)

    def ranked(weights: Floats, most: int) -> Floats:
        """The highest scores [most, areas, targets]."""
        product = np.sort(scores * weights[:, :, None], axis=0)[::-1][:most]
        return np.concatenate([product, np.zeros((most - len(product), len(areas), len(targets)))])

    top, own, near, far = ranked(everything, 3), ranked(specific, 2), ranked(narrow, 1), ranked(wide, 1)
    index = {target: i for i, target in enumerate(targets)}
    whole = [index[criterion, ""] for criterion, _ in targets]
    volume = specific.sum(axis=0)[:, None] if count else np.zeros((len(areas), 1))
    alike = np.array([[float(c == d and bool(f) and i != j) for j, (d, f) in enumerate(targets)] for i, (c, _) in enumerate(targets)])
    alike /= np.maximum(alike.sum(axis=1, keepdims=True), 1)
    habit = scores.max(axis=1).sum(axis=0) / max(1, count) if count else np.zeros(len(targets))
    own_sum = (scores * specific[:, :, None]).sum(axis=0)
    features = [
        *(_logit(x) for x in (*top, *own, *near, *far)),
        _logit(1 - np.prod(1 - np.clip(scores * everything[:, :, None], 0, 0.98), axis=0)),
        _logit(1 - np.prod(1 - np.clip(scores * specific[:, :, None], 0, 0.98), axis=0)),
        _logit(top[0][:, whole]),
        _logit(top[1][:, whole]),
        np.broadcast_to(np.log1p(volume), top[0].shape),
        np.broadcast_to(_logit(habit), top[0].shape),
        _logit(own_sum / np.maximum(volume, 1e-6)),
        np.log((scores * everything[:, :, None]).sum(axis=0) + 0.05),
        _logit(top[0]) @ alike.T,
        _logit(own[0]) @ alike.T,
    ]
    return np.stack(features, axis=2), top[0]


def _scores(pack: Pack, targets: Sequence[tuple[str, str]], readings: Sequence[Reading]) -> tuple[Floats, dict[str, Floats]]:
    """What each passage bears [passages, areas, targets], and by scope how surely it reaches each area [passages, areas]."""
    areas = {area.id: i for i, area in enumerate(pack.areas)}
    index = {target: i for i, target in enumerate(targets)}
    scores = np.zeros((len(readings), len(areas), len(targets)))
    ways = {scope: np.zeros((len(readings), len(areas))) for scope in ("specific", "umbrella", "force_wide")}
    for row, reading in enumerate(readings):
        for about, p in reading.areas:
            way = ways[pack.scope(about)][row]
            for area in pack.members(about):
                if area not in reading.excluded:
                    way[areas[area]] = max(way[areas[area]], p)
        for bearing in reading.bearings:
            column = index[bearing.criterion, bearing.element]
            factor = np.full(len(areas), bearing.probability)
            if bearing.own:
                others = [i for area, i in areas.items() if area != bearing.own]
                factor[others] *= OTHER_AREA
            scores[row, :, column] = np.maximum(scores[row, :, column], factor)
    return scores, ways


def _logit(p: Floats) -> Floats:
    clipped = np.clip(p, _FLOOR, 1 - _FLOOR)
    return np.asarray(np.log(clipped / (1 - clipped)))
