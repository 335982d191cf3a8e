"""Sites in words: what the kinds of a site are called together, and what they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class SiteInWords(NamedTuple):
    """The heading of a site, and the end of a sentence that begins "It changes"."""

    heading: str
    changes: str


SITES: Mapping[str, SiteInWords] = {
    "batch_transform": SiteInWords("Batch transforms", "each training batch, before the network sees it"),
    "target_rule": SiteInWords("Target rules", "the targets, in training only"),
    "reparametrization": SiteInWords("Reparametrizations", "the weights that a layer uses"),
    "normalization": SiteInWords("Normalizations", "what a layer gives to its nonlinearity"),
    "activation_noise": SiteInWords("Activation noise", "the hidden activations, in training only"),
    "shortcut": SiteInWords("Shortcuts", "what a block of the network gives on"),
    "branch": SiteInWords("Branches", "how the branches of a residual block join"),
    "loss_rule": SiteInWords("Loss rules", "how predictions and targets become a loss"),
    "loss_term": SiteInWords("Loss terms", "the loss, by a term of its own"),
    "activation_term": SiteInWords("Activation terms", "the loss, by a term of the hidden activations"),
    "pass_rule": SiteInWords("Pass rules", "how often a step passes through the network"),
    "gradient_rule": SiteInWords("Gradient rules", "the gradients, before the optimizer sees them"),
    "weight_rule": SiteInWords("Weight rules", "the weights, after each step of the optimizer"),
    "weight_average": SiteInWords("Weight averages", "the weights that evaluation uses"),
    "stopping_rule": SiteInWords("Stopping rules", "when the training ends"),
}
"""In the order in which a step comes by them."""
