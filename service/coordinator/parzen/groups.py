"""The good and the bad trials of a past, and how much each of them weighs.

Sources: the share of good trials and the weights that fade: Bergstra et al. (2013), "Making a science of model
search", ICML, and Watanabe (2023), arXiv:2304.11127, sections 3.1 and 3.2; that the better of the good count more:
Song et al. (2022), "A general recipe for likelihood-free Bayesian optimization", ICML, who weigh them by improvement;
ranks do not depend on the scale of losses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.coordinator.parzen.axes import Floats, Places

GOOD_SHARE = 0.1
MOST_GOOD = 25
FRESH_TRIALS = 25
"""So many of the latest bad trials weigh 1 each; before them, weights fall evenly to 1/n."""

MOST_BAD = 256
"""How many bad trials are looked at, at most: a suggestion costs time in proportion."""


@dataclass(frozen=True, slots=True)
class Group:
    """Trial numbers, rising, and their weights; both `(n,)`."""

    numbers: Places
    weights: Floats


def good_and_bad(losses: Floats, cut_epochs: Floats) -> tuple[Group, Group]:
    """Splits trials by their losses, of which NaN is left out and infinity, a pending trial, counts as bad.

    `cut_epochs` is finite for trials that were cut, which stand behind those with a value, the earliest cut last: the
    loss of a cut trial is that of a training not finished, and no estimate of what it would have become. A tenth of
    both together is good, 25 at most; of equals the earlier trial is the better.
    """
    present = np.flatnonzero(~np.isnan(losses))
    found, cut = losses[present], cut_epochs[present]
    good_count = min(math.ceil(GOOD_SHARE * np.count_nonzero(np.isfinite(found))), MOST_GOOD)
    is_good = _least(np.where(np.isinf(cut), found, np.inf), good_count)
    missing = good_count - np.count_nonzero(is_good)
    if missing:
        places = np.flatnonzero(np.isfinite(cut))
        is_good[places[np.lexsort((found[places], -cut[places]))[:missing]]] = True
    good, bad = present[is_good], present[~is_good]
    weights = rank_weights(found[is_good], cut[is_good])
    return Group(good, weights), thinned(Group(bad, fading_weights(len(bad))))


def _least(losses: Floats, count: int) -> npt.NDArray[np.bool_]:
    """Which are the `count` least of the finite losses, or all of those; of equals the first."""
    last = np.partition(losses, count - 1)[count - 1]
    if np.isinf(last):
        return np.asarray(np.isfinite(losses))
    is_least = losses < last
    is_least[np.flatnonzero(losses == last)[: count - np.count_nonzero(is_least)]] = True
    return np.asarray(is_least)


def rank_weights(losses: Floats, cut_epochs: Floats) -> Floats:
    """Weights of good trials, 1 on average, that fall evenly from the best to the worst of them."""
    count = len(losses)
    ranks = np.empty(count)
    ranks[np.lexsort((losses, -cut_epochs))] = np.arange(count)
    return 2 * (count - ranks) / (count + 1)


def fading_weights(count: int) -> Floats:
    """Weights of bad trials from the oldest to the latest, so that a search can leave where it has been."""
    old = max(0, count - FRESH_TRIALS)
    return np.concatenate([np.linspace(1 / max(count, 1), 1.0, old), np.ones(count - old)])


def thinned(group: Group) -> Group:
    """At most `MOST_BAD` of a group: half are the latest, as they are; half stand for the rest, by weight.

    Pending trials are among the latest, and each must keep the next suggestions away from itself. What is taken depends
    on the group alone, so that the same past gives the same answer. Where the rest is small, a trial may stand twice.
    """
    steps = MOST_BAD // 2
    old = len(group.numbers) - (MOST_BAD - steps)
    if old <= steps:
        return group
    sums = np.cumsum(group.weights[:old])
    places = np.searchsorted(sums, (np.arange(steps) + 0.5) / steps * sums[-1])
    return Group(
        np.concatenate([group.numbers[places], group.numbers[old:]]),
        np.concatenate([np.full(steps, sums[-1] / steps), group.weights[old:]]),
    )
