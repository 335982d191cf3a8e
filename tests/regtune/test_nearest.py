"""The nearest name to a misspelt one."""

from __future__ import annotations

import pytest

from regtune.nearest import nearest, suggestion

KINDS = ("l1", "l2", "elastic_net", "dropout", "batch_norm", "early_stopping", "decoupled_weight_decay")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("drop_out", "dropout"),
        ("Dropout", "dropout"),
        ("batchnorm", "batch_norm"),
        ("elastic-net", "elastic_net"),
        ("early stopping", "early_stopping"),
        ("decoupled_weight_dacay", "decoupled_weight_decay"),
    ],
)
def test_a_slip_finds_what_was_meant(written: str, meant: str) -> None:
    assert nearest(written, KINDS) == meant


def test_what_is_like_nothing_finds_nothing() -> None:
    assert nearest("xyzzy", KINDS) is None


def test_a_suggestion_names_the_nearest() -> None:
    assert suggestion("droput", KINDS) == 'did you mean "dropout"?'


def test_without_anything_near_a_suggestion_lists_what_there_is() -> None:
    assert suggestion("xyzzy", ("l1", "l2")) == "there are l1, l2"


def test_a_long_list_is_cut_and_says_by_how_much() -> None:
    assert suggestion("xyzzy", [f"data{index}" for index in range(40)]).endswith("data31 and 8 more")


def test_an_empty_list_is_said_to_be_empty() -> None:
    assert suggestion("xyzzy", ()) == "there are none"
