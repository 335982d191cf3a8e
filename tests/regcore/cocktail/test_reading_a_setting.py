"""Settings: what the service writes is read, and what cannot be is refused with place, value and what is allowed."""

from __future__ import annotations

import pytest

import regcore
from regcore.cocktail import Cocktail, InvalidSetting
from regcore.hyper import Value


def test_a_winner_s_setting_can_be_pasted_with_its_training() -> None:
    setting: dict[str, Value] = {
        "training.optimizer.learning_rate": 3e-3,
        "model.width": 128,
        "dropout.gate": True,
        "dropout.rate": 0.3,
        "l2.gate": False,
    }
    read = Cocktail.from_setting(setting).setting
    assert read.kinds == ("dropout",)
    assert read.values == {"dropout.rate": 0.3, "dropout.gate": True}


def test_a_value_of_the_whole_program_is_read_apart() -> None:
    assert Cocktail.from_setting({"shake_shake.gate": True}).setting.fixed == {}
    assert Cocktail.from_setting({"shake_shake.gate": True}).setting.kinds == ("shake_shake",)


def test_off_is_allowed_outside_the_range() -> None:
    assert Cocktail.from_setting({"l2.strength": 0.0}).setting.values["l2.strength"] == 0.0


def test_a_whole_number_may_be_written_as_a_real_one() -> None:
    assert Cocktail.from_setting({"early_stopping.patience": 5.0}).setting.values["early_stopping.patience"] == 5


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"droput.rate": 0.3}, r"droput\.rate: got 'droput', allowed is a regularizer: 'dropout', which is nearest"),
        ({"dropout.strength": 0.3}, r"dropout\.strength: got 'strength', allowed is .*rate.* of dropout"),
        ({"dropout.rate": 1.5}, r"dropout\.rate: got 1\.5, allowed is a number from 0\.0 to 0\.95, or 0\.0"),
        ({"dropout.rate": "0.3"}, r"dropout\.rate: got '0\.3', allowed is a number"),
        ({"dropout.rate": True}, r"dropout\.rate: got True, allowed is a number"),
        ({"dropout.rate": float("nan")}, r"dropout\.rate: got nan, allowed is a number"),
        ({"early_stopping.patience": 2.5}, r"early_stopping\.patience: got 2\.5, allowed is a whole number"),
        ({"early_stopping.rule": "fast"}, r"early_stopping\.rule: got 'fast', allowed is one of rises, no_improvement"),
        ({"skip_connections.gate": 1}, r"skip_connections\.gate: got 1, allowed is True or False"),
        (
            {"shake_drop.rate": 0.5, "shake_shake.gate": True},
            "shake_drop: got 'shake_drop beside shake_shake', allowed is one of them alone",
        ),
    ],
)
def test_what_cannot_be_is_refused(setting: dict[str, Value], message: str) -> None:
    with pytest.raises(InvalidSetting, match=message):
        Cocktail.from_setting(setting)


def test_a_refusal_says_where_what_and_what_is_allowed() -> None:
    with pytest.raises(InvalidSetting) as caught:
        Cocktail.from_setting({"dropout.rate": 2})
    assert (caught.value.at, caught.value.got) == ("dropout.rate", 2)
    assert "0.95" in caught.value.allowed


def test_the_package_has_the_cocktail() -> None:
    assert regcore.Cocktail is Cocktail


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Cocktails'"):
        regcore.Cocktails  # noqa: B018
