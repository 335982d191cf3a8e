"""Skip connections: a block adds what it computes to its input instead of replacing it.

h ← h + f(h) for every block of a plain network, where it was h ← f(h): gradients reach early layers past the later
ones, so that deep networks train. Nothing is learned besides. Networks that are residual already have no use for it;
the kinds that disturb residual branches (`drop_path`, `shake_drop`, `shake_shake`) need one or the other.
Source: He, Zhang, Ren and Sun (2016), arXiv:1512.03385.
Parity: none; the tests add a block's input by hand.
"""

from __future__ import annotations

from torch import Tensor

from regcore.sites import Shortcut


class SkipConnections(Shortcut):
    def join(self, shortcut: Tensor, branch: Tensor) -> Tensor:
        return shortcut + branch
