"""The estimator learns: it beats random draws, and holds its place when much is forgotten."""

from __future__ import annotations

import math
from statistics import mean

from regtune.space import SearchSpace
from service.coordinator import suggest
from service.coordinator.sampler import Censored, PastTrial, Pending, Point, Scored
from service.coordinator.suggest.optuna_tpe import REMEMBERED_BEST, REMEMBERED_TRIALS, forgotten_trials, remembered


def bowl(point: Point) -> float:
    """Lowest, at 0, where x = 0.3, y = 10⁻² and z = 10⁻⁴."""
    x, y, z = (float(point[name]) for name in ("x", "y", "z"))
    return (x - 0.3) ** 2 + ((math.log10(y) + 2) / 6) ** 2 + ((math.log10(z) + 4) / 6) ** 2


def best_of(kind: str, space: SearchSpace, seed: int, trials: int) -> float:
    sampler = suggest.build(kind, space, seed)
    losses: list[float] = []
    while len(losses) < trials:
        first = len(losses)
        batch = [sampler.suggest(number, number) for number in range(first, first + 5)]
        losses += [bowl(point) for point in batch if point is not None]
        sampler.learn(
            [PastTrial(first + index, True, point, Scored(losses[first + index])) for index, point in enumerate(batch)]
        )
    return min(losses)


def test_it_beats_random_draws_on_a_bowl(bowl_space: SearchSpace) -> None:
    seeds = range(12)
    learned, drawn = (
        mean(math.log(best_of(kind, bowl_space, seed, trials=60)) for seed in seeds)
        for kind in ("optuna_tpe", "random")
    )
    assert learned < drawn - math.log(2)


def test_pending_trials_keep_a_batch_from_gathering_in_one_place(bowl_space: SearchSpace) -> None:
    sampler = suggest.build("optuna_tpe", bowl_space, seed=0)
    for number in range(40):
        point = sampler.suggest(number, number)
        assert point is not None
        sampler.learn([PastTrial(number, True, point, Scored(bowl(point)))])
    batch = [sampler.suggest(number, number) or {} for number in range(40, 50)]
    assert len({round(float(point["x"]), 3) for point in batch}) == 10


def test_pending_suggestions_are_a_quarter_of_what_was_learned_from(bowl_space: SearchSpace) -> None:
    sampler = suggest.build("optuna_tpe", bowl_space, seed=0)
    assert [sampler.pending_limit(scored) for scored in (0, 40, 44, 400)] == [10, 10, 11, 100]


def test_the_past_is_forgotten_in_steps_so_that_it_is_seldom_rebuilt() -> None:
    steps = [forgotten_trials(scored) for scored in (0, 999, 1000, 1499, 1500)]
    assert steps == [0, 0, REMEMBERED_TRIALS, REMEMBERED_TRIALS, 2 * REMEMBERED_TRIALS]


def test_the_best_of_what_is_forgotten_and_all_that_is_pending_stay() -> None:
    past = [PastTrial(number, True, {}, Scored(float((number * 7919) % 1000))) for number in range(1000)]
    past.insert(3, PastTrial(1000, True, {}, Pending()))
    kept = remembered(past, forgotten=500)
    best = sorted(past_loss(trial) for trial in past[:501])[:REMEMBERED_BEST]
    assert len(kept) == 500 + REMEMBERED_BEST + 1
    assert sorted(past_loss(trial) for trial in kept[: REMEMBERED_BEST + 1])[:REMEMBERED_BEST] == best


def past_loss(trial: PastTrial) -> float:
    return trial.outcome.loss if isinstance(trial.outcome, Scored) else math.inf


def test_a_restart_after_forgetting_changes_nothing(bowl_space: SearchSpace) -> None:
    draws = suggest.build("random", bowl_space, seed=0)
    past = []
    for number in range(1100):
        point = draws.suggest(number, number)
        assert point is not None
        past.append(PastTrial(number, True, point, Scored(bowl(point))))
    grown, restarted = (suggest.build("optuna_tpe", bowl_space, seed=0) for _ in range(2))
    for start in range(0, 1100, 50):
        grown.learn(past[start : start + 50])
    restarted.learn(past)
    assert [grown.suggest(number, number) for number in (1100, 1101)] == [
        restarted.suggest(number, number) for number in (1100, 1101)
    ]


def test_what_is_forgotten_of_cut_trials_are_those_cut_first(bowl_space: SearchSpace) -> None:
    past = [PastTrial(number, True, {}, Censored(1 + number % 30, 0.0)) for number in range(600)]
    past[7] = PastTrial(7, True, {}, Scored(9.0))
    kept = remembered(past, forgotten=300)[:REMEMBERED_BEST]
    assert kept[0].number == 7
    assert {trial.outcome.epochs for trial in kept if isinstance(trial.outcome, Censored)} == {28, 29, 30}


def test_a_trial_that_was_cut_counts_alike_when_told_at_its_end_and_when_rebuilt(bowl_space: SearchSpace) -> None:
    draws = suggest.build("random", bowl_space, seed=0)
    pending = [PastTrial(number, True, draws.suggest(number, number), Pending()) for number in range(30)]
    ended = [
        PastTrial(trial.number, True, trial.point, Censored(1 + trial.number % 4, bowl(trial.point or {})))
        if trial.number % 3
        else PastTrial(trial.number, True, trial.point, Scored(bowl(trial.point or {})))
        for trial in pending
    ]
    grown, restarted = (suggest.build("optuna_tpe", bowl_space, seed=0) for _ in range(2))
    grown.learn(pending)
    grown.learn(ended)
    restarted.learn(ended)
    assert grown.suggest(30, 30) == restarted.suggest(30, 30)
