"""Tree-structured Parzen estimator, batched: a suggestion is a few matrix products over the past as columns.

A suggestion is the one of many draws from the estimator of the good trials that is likeliest under it relative to the
estimator of the others. Draws are keyed by (study seed, trial number), so that an answer depends on the past that was
told and on nothing else. What no gate leaves out is drawn first, and then, stage by stage, what hangs on gates that
came out as it needs them. The first sampled trial of a block of 32 draws the program part; the others take it over, and
draw the rest as it goes with that program.

Sources: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24; Watanabe (2023),
arXiv:2304.11127; pending trials as liars: Ginsbourger et al. (2010), doi:10.1007/978-3-642-10701-6_6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regtune.setting import Value
from regtune.space import SearchSpace
from service.coordinator.blocks import ProgramBlocks
from service.coordinator.draws import draw, draw_unlearned, seed_from
from service.coordinator.parzen.axes import Axes
from service.coordinator.parzen.groups import good_and_bad
from service.coordinator.parzen.mixture import Mixture
from service.coordinator.parzen.past_columns import Columns
from service.coordinator.sampler import PastTrial, Pending, Point, Sampler

STARTUP_TRIALS = 10
"""How many trials with a value, or cut, it takes before the estimators are asked; draws are unlearned until then."""

CANDIDATES = 24

FINENESS = (2.0, 1.0)
"""How many times narrower than usual the kernels of good and of bad trials may be.

Few good trials are made more of. Narrow kernels of bad ones do worse on recorded trials of networks (decision 3),
probably because the search may then return right beside a bad trial.
"""


def build(space: SearchSpace, seed: int) -> Sampler:
    """The sampler of a study with this space and seed."""
    return TpeSampler(space, seed)


class TpeSampler(Sampler):
    """Learns from trials that ended with a value and, behind those, from trials that were cut.

    Pending ones count as bad, so that batches spread out.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._seed = seed
        self._axes = Axes(space)
        self._columns = Columns(self._axes)
        self._blocks = ProgramBlocks(space)

    def pending_limit(self, finished: int) -> int:
        """A quarter of what was learned from, so that search quality does not pay for speed."""
        return max(STARTUP_TRIALS, finished // 4)

    def learn(self, trials: Sequence[PastTrial]) -> None:
        """Take in trials that are new or whose outcome has changed, in the order of their numbers."""
        for trial in trials:
            self._columns.take(trial)
            self._blocks.take(trial)

    def suggest(self, number: int, rank: int) -> Point:
        """The point of trial `number`, which counts as pending from here on."""
        held = self._blocks.held(number)
        finished = np.count_nonzero(np.isfinite(self._columns.losses()))
        point = (
            self._estimated(number, held)
            if finished >= STARTUP_TRIALS
            else draw_unlearned(self._space, self._seed, number, held)
        )
        self.learn([PastTrial(number, sampled=True, point=point, outcome=Pending())])
        return point

    def _estimated(self, number: int, held: Mapping[str, Value]) -> Point:
        random = np.random.default_rng(seed_from(self._seed, "tpe", number))
        good, bad = (
            Mixture.of(self._axes, self._columns.rows(group.numbers), group.weights, fineness)
            for group, fineness in zip(
                good_and_bad(self._columns.losses(), self._columns.cut_epochs()), FINENESS, strict=True
            )
        )
        # What a block holds of gates may not exist in this trial: it counts where its own stage is reached.
        known, found = self._axes.row(held), self._axes.row({})
        for stage in self._axes.stages:
            if len(stage.reached(found)):
                likely, unlikely = good.at(stage), bad.at(stage)
                drawn = self._axes.settled(likely.draw(CANDIDATES, known, random), known)
                best = int(np.argmax(likely.log_densities(drawn) - unlikely.log_densities(drawn)))
                found = stage.moved(found, drawn, best)
        return draw(self._space, lambda at: held[at.name] if at.name in held else self._axes.value(found, at))
