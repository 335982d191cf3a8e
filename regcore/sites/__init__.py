"""Sites: where a regularizer acts on training, one base class for each.

Authors write ONE lane. Every method sees one fit's tensors (no lane axis) and hyperparameters that are tensors of no
dimension; the engine maps it over lanes with `torch.func.vmap`, asks for the lane mask, and guards a lane that is off
with `where(on, f(where(on, x, safe)), x)`. Hence: no Python branch on a tensor's value, no in-place write, no torch
generator (draw from the key, `regcore.lanes.randomness`), and no operation that `regcore.lanes.ops` replaces.

A step runs: batch transforms → target rules → forward (reparametrization, normalization, noise, branches) → loss rules
→ loss and activation terms → pass rules → backward → gradient rules → optimizer → weight rules → weight averages.
"""

from regcore.sites.adversaries import Adversary, uphill
from regcore.sites.batches import BatchTransform
from regcore.sites.layers import (
    ActivationNoise,
    ActivationTerm,
    Branch,
    Normalization,
    Reparametrization,
    Shortcut,
    by_feature,
)
from regcore.sites.losses import LossRule, LossTerm, NormPenalty, RememberingTerm, TargetRule, counts, norm_penalty
from regcore.sites.passes import Pass, Passes, PassRule
from regcore.sites.stopping import Curves, StoppingRule
from regcore.sites.updates import GradientRule, Update, WeightAverage, WeightRule
from regcore.sites.words import Batch, Key, Parameters, Regularizer, Site, State, TrainingRows, Weights

__all__ = [
    "ActivationNoise",
    "ActivationTerm",
    "Adversary",
    "Batch",
    "BatchTransform",
    "Branch",
    "Curves",
    "GradientRule",
    "Key",
    "LossRule",
    "LossTerm",
    "NormPenalty",
    "Normalization",
    "Parameters",
    "Pass",
    "PassRule",
    "Passes",
    "Regularizer",
    "RememberingTerm",
    "Reparametrization",
    "Shortcut",
    "Site",
    "State",
    "StoppingRule",
    "TargetRule",
    "TrainingRows",
    "Update",
    "WeightAverage",
    "WeightRule",
    "Weights",
    "by_feature",
    "counts",
    "norm_penalty",
    "uphill",
]
