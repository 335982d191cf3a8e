"""R-Drop: the mean loss of two passes, and how far their predictions are apart."""

import torch
from asked_passes import drawn, passes_of

from regcore.regularizers.r_drop import RDrop

INPUTS, TARGETS = drawn(6, 3), torch.eye(3, dtype=torch.float64).repeat(2, 1)
LOGITS = {0: drawn(6, 3, seed=1), 1: drawn(6, 3, seed=2)}


def passes(second=LOGITS[1]):
    return passes_of(lambda inputs, number: second if number else LOGITS[0], INPUTS, TARGETS)


def test_it_is_the_mean_of_two_losses_and_half_the_divergences_both_ways() -> None:
    one, other = LOGITS[0].softmax(1), LOGITS[1].softmax(1)
    losses = [-(TARGETS * p.log()).sum(1).mean() for p in (one, other)]
    divergences = [(p * (p / q).log()).sum(1).mean() for p, q in ((one, other), (other, one))]
    expected = sum(losses) / 2 + 0.7 * sum(divergences) / 2
    torch.testing.assert_close(RDrop(strength=0.7).loss(passes()), expected)


def test_passes_that_agree_cost_nothing_more() -> None:
    asked = passes(second=LOGITS[0])
    torch.testing.assert_close(RDrop(strength=5.0).loss(asked), asked.first.loss)


def test_the_second_pass_has_the_same_inputs_and_noise_of_its_own() -> None:
    seen = []

    def network(inputs, number):
        seen.append((inputs, number))
        return LOGITS[0]

    RDrop().loss(passes_of(network, INPUTS, TARGETS))
    assert [number for _, number in seen] == [0, 1]
    assert torch.equal(seen[1][0], INPUTS)


def test_certain_predictions_that_differ_stay_finite() -> None:
    far = 1e4 * LOGITS[1]
    assert torch.isfinite(RDrop().loss(passes(second=far)))
