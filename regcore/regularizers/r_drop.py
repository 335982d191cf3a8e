"""R-Drop: passes each batch twice, with other noise, and asks the two predictions to agree.

The loss is (ℓ₁ + ℓ₂) / 2 + strength · (KL(p₁‖p₂) + KL(p₂‖p₁)) / 2 with the losses ℓ and the predicted probabilities p
of the two passes, the divergences being means over the batch. It needs noise inside the network, such as `dropout`;
without any the passes are the same, and it only takes time. Only the first pass moves running statistics. Evaluation is
one pass, as ever.
Source: Liang, Wu, Li, Wang, Meng, Qin, Chen, Zhang and Liu (2021), arXiv:2106.14448, with the mean of the two losses as
in the authors' code, where the paper adds them.
Parity: torch.nn.functional.cross_entropy and kl_div, put together as in the authors' code.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.sites import Passes, PassRule


class RDrop(PassRule):
    gate_per = "program"
    tasks = ("classification",)
    order = 0

    strength: Tensor = real(
        1e-3, 100.0, default=1.0, log=True, search=(0.1, 5.0), doc="α, in units of the loss per nat of divergence."
    )

    def loss(self, passes: Passes) -> Tensor:
        second = passes.again(passes.batch.inputs, 1)
        apart = _divergence(passes.first.logits, second.logits)
        return (passes.first.loss + second.loss) / 2 + self.strength * apart / 2


def _divergence(logits: Tensor, others: Tensor) -> Tensor:
    """KL(p‖q) + KL(q‖p), the mean over the batch in nats, of the probabilities that logits `[B, classes]` stand for."""
    one, other = logits.log_softmax(-1), others.log_softmax(-1)
    return ((one.exp() - other.exp()) * (one - other)).sum(-1).mean()
