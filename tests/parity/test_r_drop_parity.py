"""R-Drop beside torch's cross_entropy and kl_div, put together as the authors do."""

import torch
from asked_passes import drawn, passes_of
from torch.nn import functional

from regcore.regularizers.r_drop import RDrop


def test_it_is_the_authors_loss_in_torchs_terms() -> None:
    """To float64's own tolerance."""
    logits, labels = (drawn(8, 5, seed=1), drawn(8, 5, seed=2)), torch.arange(8) % 5
    one, other = (values.log_softmax(1) for values in logits)
    divergence = sum(
        functional.kl_div(q, p, reduction="batchmean", log_target=True) for p, q in ((one, other), (other, one))
    )
    expected = 0.5 * sum(functional.cross_entropy(values, labels) for values in logits) + 0.3 * divergence / 2
    asked = passes_of(lambda inputs, number: logits[number], drawn(8, 3), functional.one_hot(labels).double())
    torch.testing.assert_close(RDrop(strength=0.3).loss(asked), expected)
