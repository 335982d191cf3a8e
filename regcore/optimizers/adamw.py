"""AdamW: Adam, meant to be used with the regularizer `decoupled_weight_decay`, which is what sets the two apart.

By itself it decays nothing, so that a baseline without regularizers has none.
Source: Loshchilov and Hutter (2019), arXiv:1711.05101.
"""

from regcore.optimizers.adam import Adam


class AdamW(Adam):
    pass
