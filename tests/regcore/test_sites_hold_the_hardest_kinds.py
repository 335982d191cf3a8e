"""The hardest kinds fit the sites: throw-away ones, which keep the contract and do what their formulas say.

Source: named at each class.
"""

import pytest
import torch
from torch.nn import functional

from regcore import regularizers
from regcore.hyper import integer, real
from regcore.lanes.randomness import normal, uniform
from regcore.sites import Branch, Pass, PassRule
from regcore.testing import CHECKS, lanes_equal_fits_alone
from regcore.testing.trainings import fit_of, ordinary, trained


class ShakeDrop(Branch):
    """ShakeDrop: Yamada, Iwamura, Akiba and Kise (2018), arXiv:1802.02375. Its backward is not that of its forward."""

    rate = real(0.0, 1.0, default=0.5, off=0.0, doc="The chance of the last block to be shaken.")

    def keep(self, site):
        return 1 - self.rate * (site.index + 1) / max(site.count, site.index + 1)

    def train(self, branches, key, site):
        (branch,) = branches
        rows = (len(branch), *[1] * (branch.dim() - 1))
        keep, forwards, backwards = uniform(key, (3, *rows)).unbind(0)
        kept = (keep < self.keep(site)).to(branch.dtype)
        forward = kept + (2 * forwards - 1) * (1 - kept)
        backward = kept + backwards * (1 - kept)
        return backward * branch + ((forward - backward) * branch).detach()

    def evaluate(self, branches, site):
        return self.keep(site) * branches[0]


class Sharpness(PassRule):
    """SAM: Foret, Kleiner, Mobahi and Neyshabur (2021), arXiv:2010.01412."""

    radius = real(1e-3, 1.0, default=0.05, log=True, off=0.0, doc="ρ.")

    def gradients(self, parameters, gradients, gradients_at):
        length = torch.stack([gradient.square().sum() for gradient in gradients.values()]).sum().sqrt()
        step = self.radius / (length + 1e-12)
        return gradients_at({name: value + step * gradients[name] for name, value in parameters.items()})


class RDrop(PassRule):
    """R-Drop: Liang et al. (2021), arXiv:2106.14448."""

    strength = real(1e-2, 10.0, default=1.0, log=True, doc="α.")

    def loss(self, passes):
        second = passes.again(passes.batch.inputs, 1)
        one, other = passes.first.logits.log_softmax(-1), second.logits.log_softmax(-1)
        apart = ((one.exp() - other.exp()) * (one - other)).sum(-1).mean()
        return (passes.first.loss + second.loss) / 2 + self.strength / 4 * apart


class VirtualAdversarial(PassRule):
    """Virtual adversarial training: Miyato, Maeda, Koyama and Ishii (2018), arXiv:1704.03976."""

    strength = real(1e-3, 10.0, default=1.0, log=True, off=0.0, doc="λ.")
    radius = real(1e-2, 10.0, default=1.0, log=True, doc="ε.")
    iterations = integer(1, 3, default=1, per="program", doc="Steps of the power method.")

    def loss(self, passes):
        inputs = passes.batch.inputs
        target = passes.first.logits.detach()

        def apart(direction):
            found = passes.again(inputs + direction, 0).logits.log_softmax(-1)
            return (target.softmax(-1) * (target.log_softmax(-1) - found)).sum(-1).mean()

        direction = normal(passes.key, tuple(inputs.shape))
        for _ in range(self.iterations):
            direction = self.unit(torch.func.grad(apart)(0.1 * self.unit(direction))).detach()
        return passes.first.loss + self.strength * apart(self.radius * direction)

    def unit(self, direction):
        lengths = direction.flatten(start_dim=1).square().sum(1).sqrt()
        return direction / (lengths.reshape(-1, *[1] * (direction.dim() - 1)) + 1e-12)


HARDEST = {
    "shake_drop": ShakeDrop,
    "sharpness": Sharpness,
    "r_drop": RDrop,
    "virtual_adversarial": VirtualAdversarial,
}


@pytest.fixture(autouse=True)
def installed(monkeypatch) -> None:
    """The kinds as if each were a file among the regularizers."""
    for name, cls in HARDEST.items():
        monkeypatch.setitem(regularizers._folder._found, name, cls)


def curve(kinds, setting, seed=0):
    """The losses of one fit, epoch by epoch."""
    epochs = trained(kinds, ordinary("table"), [fit_of("fit", setting, seed)])["fit"]
    return [loss for epoch in epochs for loss in (epoch.train_loss, epoch.validation_loss)]


@pytest.mark.parametrize("kind", HARDEST)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_hard_kind_keeps_the_contract(check, kind) -> None:
    check(kind, "table")


@pytest.mark.parametrize("kind", HARDEST)
def test_a_hard_kind_has_lanes_of_its_own_on_images_too(kind) -> None:
    lanes_equal_fits_alone(kind, "image")


@pytest.mark.parametrize("kind", [kind for kind in HARDEST if kind != "r_drop"])
def test_a_hard_kind_changes_the_training(kind) -> None:
    defaults = {f"{kind}.{name}": knob.default for name, knob in HARDEST[kind].hyperparameters.items()}
    assert curve((kind,), defaults) != curve((), {})


def test_consistency_of_two_passes_needs_noise_of_their_own() -> None:
    alone, beside_dropout = {"r_drop.strength": 1.0}, {"r_drop.strength": 1.0, "dropout.rate": 0.5}
    assert curve(("r_drop",), alone) == pytest.approx(curve((), {}), rel=1e-5)
    found = curve(("r_drop", "dropout"), beside_dropout)
    assert found != pytest.approx(curve(("dropout",), {"dropout.rate": 0.5}), rel=1e-5)


def test_a_sharpness_aware_step_is_that_of_its_formula() -> None:
    parameters = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0])}
    found = Sharpness(radius=0.1).gradients(parameters, parameters, lambda at: {k: v**3 for k, v in at.items()})
    length = 14**0.5
    torch.testing.assert_close(found["b"], torch.tensor([(3 * (1 + 0.1 / length)) ** 3]))


def test_a_shaken_branch_has_another_gradient_than_its_forward() -> None:
    branch = torch.ones(64, 1, requires_grad=True)
    site = type("Place", (), {"index": 0, "count": 1})()
    output = ShakeDrop(rate=1.0).train((branch,), torch.tensor(7, dtype=torch.int32), site)
    output.sum().backward()
    assert torch.all((output >= -1) & (output <= 1))
    assert torch.all((branch.grad >= 0) & (branch.grad <= 1))
    assert not torch.allclose(output, branch.grad)


def test_the_adversarial_direction_raises_the_divergence_most() -> None:
    weight = torch.tensor([[3.0, 0.0], [0.0, 0.0]])
    inputs = torch.tensor([[0.2, 0.1]])

    def again(changed, number):
        logits = changed @ weight.T
        return Pass(functional.cross_entropy(logits, torch.tensor([0])), logits)

    batch = type("Rows", (), {"inputs": inputs})()
    passes = type("Asked", (), {"batch": batch, "first": again(inputs, 0), "again": staticmethod(again)})()
    passes.key = torch.tensor(5, dtype=torch.int32)
    found = VirtualAdversarial(radius=0.5).loss(passes) - passes.first.loss
    target = passes.first.logits
    along = again(inputs + torch.tensor([[-0.5, 0.0]]), 0).logits, again(inputs + torch.tensor([[0.5, 0.0]]), 0).logits
    most = max(functional.kl_div(x.log_softmax(-1), target.softmax(-1), reduction="batchmean") for x in along)
    assert 0 < found <= most * (1 + 1e-4)
