"""The confidence penalty beside the entropy of torch's distributions."""

import torch

from regcore.lanes.ops import soft_cross_entropy
from regcore.regularizers.confidence_penalty import ConfidencePenalty


def test_it_subtracts_the_entropy_of_torchs_distribution() -> None:
    logits = torch.randn(9, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    targets = torch.eye(4, dtype=torch.float64)[[0, 1, 2, 3, 0, 1, 2, 3, 0]]
    found = ConfidencePenalty(strength=0.3).losses(logits, targets, soft_cross_entropy)
    entropy = torch.distributions.Categorical(logits=logits).entropy()
    torch.testing.assert_close(found, soft_cross_entropy(logits, targets) - 0.3 * entropy, rtol=1e-12, atol=0)
