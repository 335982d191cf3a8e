"""Seeds: what they depend on, and what they do not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regtune import seeds

whole = st.integers(0, 2**53)

FIRST_FIT_SEED = 1_392_174_910_671_944_833


def test_a_seed_is_the_same_on_every_machine_and_version() -> None:
    assert seeds.fit_seed(0, 0, 0, 0) == FIRST_FIT_SEED


@given(study=whole, number=whole, fold=st.integers(0, 20), repeat=st.integers(0, 20))
def test_a_fit_seed_fits_into_a_signed_64_bit_column(study: int, number: int, fold: int, repeat: int) -> None:
    assert 0 <= seeds.fit_seed(study, number, fold, repeat) < 2**63


@given(keys=st.sets(st.tuples(whole, whole, st.integers(0, 9), st.integers(0, 9)), max_size=50))
def test_fits_that_differ_in_anything_have_seeds_of_their_own(keys: set[tuple[int, int, int, int]]) -> None:
    assert len({seeds.fit_seed(*key) for key in keys}) == len(keys)


def test_the_parts_of_a_key_do_not_run_together() -> None:
    assert seeds.fit_seed(1, 23, 0, 0) != seeds.fit_seed(12, 3, 0, 0)


def test_uses_of_one_study_seed_share_no_stream() -> None:
    assert seeds.split_seed(7) != seeds.fit_seed(7, 0, 0, 0)


def test_the_test_rows_depend_on_the_data_and_the_share_alone() -> None:
    assert seeds.test_seed("ab", 0.2) == seeds.test_seed("ab", 0.2)
    assert len({seeds.test_seed("ab", 0.2), seeds.test_seed("ab", 0.3), seeds.test_seed("ac", 0.2)}) == 3
