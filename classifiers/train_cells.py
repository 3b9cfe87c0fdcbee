"""Learns to weigh cells: what cells.find adds up for each element, first by itself, then with the other areas and criteria in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array, hstack

from classifiers.cells import ANYWHERE, FEATURES, NARROW, SPECIFIC, context_features, first_look
from classifiers.features import targets
from classifiers.model import CellWeights
from classifiers.network import Floats
from rules.pack import Pack

Example = tuple[Floats, np.ndarray]
"""A voice: cells.cell_features [areas, targets, FEATURES], and what is there by its labels [3, areas, targets], below 0 where that is
not known."""

FIRST_C: Final = 0.3
AGAIN_C: Final = 0.2
"""Inverse regularisation of the two looks, chosen on left-out voices."""
OWN: Final = 0.5
"""How freely the weights of the first look's summaries may differ from target to target: the scale of their own features."""
BESIDE: Final = 0.1
"""Likewise for what the first look says of the other elements and criteria of the area."""
KINDS: Final = (ANYWHERE, SPECIFIC, NARROW)
_Target = tuple[str, str]


def nothing(pack: Pack) -> CellWeights:
    """What has learnt nothing."""
    kinds, count = len(KINDS), len(targets(pack))
    sizes = (kinds, len(FEATURES) + 1), (kinds, count), (kinds, count, len(FEATURES) + 3 * kinds + count + 1)
    return CellWeights(*map(np.zeros, sizes))


def learn(pack: Pack, groups: Sequence[Sequence[Example]]) -> CellWeights:
    """Learns from groups of voices.

    The second look learns from first looks that never saw the group looked at, as it will in use.
    """
    wanted = targets(pack)
    seen: list[Floats] = []
    for group in groups:
        others = [one for some in groups if some is not group for one in some]
        first, habits = _first(wanted, others or group)
        seen += [first_look(one, first, habits) for one, _ in group]
    everyone = [one for group in groups for one in group]
    again = np.concatenate([context_features(wanted, one, logits) for (one, _), logits in zip(everyone, seen, strict=True)])
    first, habits = _first(wanted, everyone)
    return CellWeights(first, habits, _again(again, _there(everyone)))


def _there(examples: Sequence[Example]) -> np.ndarray:
    """[3, areas of all, targets]"""
    return np.concatenate([there for _, there in examples], axis=1)


def _first(wanted: Sequence[_Target], examples: Sequence[Example]) -> tuple[Floats, Floats]:
    """(weights [3, FEATURES + 1], habits [3, targets])."""
    count, there = len(wanted), _there(examples)
    features = np.concatenate([x for x, _ in examples])
    which = np.broadcast_to(np.eye(count), (len(features), count, count))
    x = np.concatenate([features, which], axis=2).reshape(-1, len(FEATURES) + count)
    weights, habits = np.zeros((len(KINDS), len(FEATURES) + 1)), np.zeros((len(KINDS), count))
    for kind in KINDS:
        known = there[kind].reshape(-1) >= 0
        fitted = regression(FIRST_C, "newton-cholesky").fit(x[known], there[kind].reshape(-1)[known] > 0)
        weights[kind, :-1], weights[kind, -1] = fitted.coef_[0][: len(FEATURES)], fitted.intercept_[0]
        habits[kind] = fitted.coef_[0][len(FEATURES) :]
    return weights, habits


def _again(features: Floats, there: np.ndarray) -> Floats:
    """[3, targets, features + 1]: weights that all targets share, and what each target's own add to them.

    `features` is [areas of all, targets, cells.context_features]; only the last, of the area's other targets, are never shared.
    """
    size, count, wide = features.shape
    shared, summaries = wide - count, wide - count - len(FEATURES)
    flat = features.reshape(-1, wide)
    middle, spread = flat[:, :shared].mean(axis=0), flat[:, :shared].std(axis=0) + 1e-6
    plain = (flat[:, :shared] - middle) / spread
    target = np.tile(np.arange(count), size)
    own = np.concatenate([np.ones((len(flat), 1)), OWN * plain[:, len(FEATURES) :], BESIDE * flat[:, shared:]], axis=1)
    x = hstack([csr_array(plain), _by_target(own, target)]).tocsr()
    result = np.zeros((len(KINDS), count, wide + 1))
    for kind in KINDS:
        known = there[kind].reshape(-1) >= 0
        fitted = regression(AGAIN_C, "lbfgs").fit(x[known], there[kind].reshape(-1)[known] > 0)
        together, apart = fitted.coef_[0][:shared], fitted.coef_[0][shared:].reshape(count, -1)
        weights = np.tile(together, (count, 1))
        weights[:, len(FEATURES) :] += OWN * apart[:, 1 : 1 + summaries]
        result[kind, :, :shared] = weights / spread
        result[kind, :, shared:wide] = BESIDE * apart[:, 1 + summaries :]
        result[kind, :, -1] = fitted.intercept_[0] + apart[:, 0] - weights @ (middle / spread)
    return result


def _by_target(values: Floats, target: np.ndarray) -> csr_array:
    """[n, targets * k] with the row's k values in the columns of its target."""
    n, k = values.shape
    columns = target[:, None] * k + np.arange(k)
    return csr_array((values.ravel(), columns.ravel(), np.arange(0, n * k + 1, k)), shape=(n, (int(target.max()) + 1) * k))


def regression(c: float, solver: str) -> Any:
    """An unfitted logistic regression with this inverse regularisation; the same data give the same weights."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, solver=solver, max_iter=2000, random_state=0)
