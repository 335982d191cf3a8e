"""The model by which limits of pending suggestions are compared."""

from benchmarks.pending import searched
from benchmarks.surfaces import SURFACES


def test_lanes_that_stay_empty_cost_time() -> None:
    few, many = (searched(SURFACES[0], seed=1, least=least) for least in (10, 64))
    assert many.seconds[-1] < few.seconds[-1]


def test_what_is_left_of_the_regret_never_grows() -> None:
    run = searched(SURFACES[0], seed=1, least=10)
    assert list(run.regrets) == sorted(run.regrets, reverse=True)
