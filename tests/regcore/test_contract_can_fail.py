"""The contract of a regularizer refuses kinds that break it. Source: written for this test, doi:none."""

import sys

import pytest
import torch

from regcore import regularizers, testing
from regcore.hyper import real
from regcore.sites import ActivationNoise, LossTerm


def strength(**options):
    return real(0.0, 1.0, default=0.5, off=0.0, doc="How strong.", **options)


class NotOffAtItsOffValue(LossTerm):
    strength = strength()

    def penalty(self, weights):
        return (self.strength + 0.01) * sum(weight.square().sum() for weight in weights.values())


class DependsOnHowOftenItWasCalled(LossTerm):
    strength = strength()
    calls = 0

    def penalty(self, weights):
        type(self).calls += 1
        return self.strength * self.calls * sum(weight.square().sum() for weight in weights.values())


class InfiniteAtItsLowEnd(LossTerm):
    strength = strength()

    def penalty(self, weights):
        return torch.log(torch.as_tensor(self.strength)) * sum(weight.square().sum() for weight in weights.values())


class HidesItsGradient(LossTerm):
    strength = strength()

    def penalty(self, weights):
        return self.strength * sum((weight.detach() * weight).sum() for weight in weights.values())


class IsForTablesAlone(LossTerm):
    inputs = ("table",)


class SaysNothingOfItsField(ActivationNoise):
    strength = real(0.0, 1.0, default=0.5, doc="")

    def apply(self, activation, key, site):
        return activation


def refuses(check, cls, monkeypatch, match):
    monkeypatch.setitem(regularizers._folder._found, "broken", cls)
    with pytest.raises(AssertionError, match=match):
        check("broken", "table")


def test_a_kind_that_is_not_off_at_its_off_value_is_refused(monkeypatch) -> None:
    check = testing.absent_and_masked_and_off_are_the_same
    refuses(check, NotOffAtItsOffValue, monkeypatch, match="broken off changes a fit")


def test_a_kind_that_remembers_other_fits_is_refused(monkeypatch) -> None:
    refuses(testing.lanes_equal_fits_alone, DependsOnHowOftenItWasCalled, monkeypatch, match="is not the same")
    refuses(testing.order_of_lanes_is_irrelevant, DependsOnHowOftenItWasCalled, monkeypatch, match="is not the same")


def test_a_kind_that_diverges_at_the_end_of_its_range_is_refused(monkeypatch) -> None:
    refuses(testing.range_ends_stay_finite, InfiniteAtItsLowEnd, monkeypatch, match="diverges")


def test_a_kind_whose_gradient_is_another_is_refused(monkeypatch) -> None:
    check = testing.gradients_are_those_of_the_forward
    refuses(check, HidesItsGradient, monkeypatch, match="not those of its forward")


def test_a_kind_that_is_not_for_the_inputs_is_refused(monkeypatch) -> None:
    monkeypatch.setitem(regularizers._folder._found, "broken", IsForTablesAlone)
    with pytest.raises(AssertionError, match="not for image"):
        testing.stays_within_its_catalogue_entry("broken", "image")


def test_a_kind_that_does_not_document_a_field_is_refused(monkeypatch) -> None:
    check = testing.stays_within_its_catalogue_entry
    refuses(check, SaysNothingOfItsField, monkeypatch, match="does not say in a sentence")


def test_a_kind_whose_docstring_begins_with_no_sentence_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "__doc__", "A kind\n\nSource: somewhere.")
    refuses(testing.names_a_source, NotOffAtItsOffValue, monkeypatch, match="the docstring of broken begins with")


@pytest.mark.parametrize("end", ["", "Parity: ", "Parity: none."])
def test_a_kind_that_does_not_say_what_it_is_compared_with_is_refused(end, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "__doc__", f"A kind. Source: somewhere.\n{end}")
    refuses(testing.names_its_parity, NotOffAtItsOffValue, monkeypatch, match="what its tests compare with")
