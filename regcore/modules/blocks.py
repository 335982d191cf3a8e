"""Blocks: the parts of a module at which shortcuts are, or may be."""

from __future__ import annotations

from torch import Tensor, nn


class Residual(nn.Module):
    """A residual block, shortcut(h) + branch(h): where `drop_path` and its like act.

    The shortcut is h itself unless a module is given, as where the branch changes the shape. A kind that mixes two
    branches runs a second one, of the same modules with weights of its own.
    """

    def __init__(self, branch: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    def forward(self, hidden: Tensor) -> Tensor:
        joined: Tensor = self.shortcut(hidden) + self.branch(hidden)
        return joined


class Block(nn.Module):
    """A block without a shortcut, branch(h), of one shape throughout: `skip_connections` gives it one."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, hidden: Tensor) -> Tensor:
        output: Tensor = self.branch(hidden)
        return output
