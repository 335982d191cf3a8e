"""Settings: which kinds they use, and what tells them apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regtune.setting import kinds_in_use, setting_digest

settings = st.dictionaries(st.sampled_from(["l1.strength", "l1.gate", "dropout.rate", "model.width"]), st.floats(0, 1))


def test_a_kind_with_a_hyperparameter_is_in_use() -> None:
    assert kinds_in_use({"dropout.rate": 0.3, "l1.gate": True, "l1.strength": 1e-4}) == ("dropout", "l1")


def test_a_kind_whose_gate_is_false_is_not_in_use() -> None:
    assert kinds_in_use({"l1.gate": False}) == ()


def test_a_kind_of_which_there_is_nothing_but_a_true_gate_is_in_use() -> None:
    assert kinds_in_use({"gradient_centralization.gate": True}) == ("gradient_centralization",)


def test_searched_numbers_of_network_and_training_are_no_kinds() -> None:
    assert kinds_in_use({"model.width": 64, "training.optimizer.learning_rate": 0.1}) == ()


@given(setting=settings)
def test_the_order_of_a_setting_does_not_enter_its_digest(setting: dict[str, float]) -> None:
    assert setting_digest(setting) == setting_digest(dict(reversed(setting.items())))


@given(first=settings, second=settings)
def test_settings_have_equal_digests_only_if_they_are_equal(first: dict[str, float], second: dict[str, float]) -> None:
    same_text = repr(sorted(first.items())) == repr(sorted(second.items()))
    assert (setting_digest(first) == setting_digest(second)) is same_text
