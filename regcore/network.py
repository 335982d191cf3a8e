"""What an architecture is written against: one lane's layers, each a place where regularizers act."""

from __future__ import annotations

from typing import ClassVar, Protocol

from torch import Tensor

from regcore.hyper import Declared


class Network(Protocol):
    """The layers of one fit's network. Paths name layers; the same path twice is the same layer."""

    def inputs(self, inputs: Tensor) -> Tensor:
        """Where noise on the inputs acts."""
        ...

    def linear(self, path: str, inputs: Tensor, features: int) -> Tensor:
        """An affine layer `[B, in]` → `[B, features]`; its weight `[features, in]` is penalized, its bias is not."""
        ...

    def convolution(self, path: str, inputs: Tensor, channels: int, kernel: int = 3) -> Tensor:
        """A convolution `[B, C, H, W]` → `[B, channels, H, W]`, padded to keep the size; weight and bias as above."""
        ...

    def normalization(self, path: str, activation: Tensor) -> Tensor:
        """Where normalizations act, before the nonlinearity."""
        ...

    def activation(self, path: str, activation: Tensor) -> Tensor:
        """Where noise and terms on hidden activations act, after the nonlinearity."""
        ...

    def join(self, path: str, shortcut: Tensor, branches: tuple[Tensor, ...]) -> Tensor:
        """Where residual branches meet their shortcut: their sum, unless a branch rule says otherwise."""
        ...


class Architecture(Declared):
    """A family of networks: the class of a file under `regcore/architectures/`."""

    accepts: ClassVar[tuple[str, ...]] = ("table", "image")
    """The sorts of inputs: "table" for `[B, F]`, "image" for `[B, C, H, W]`."""

    sites: ClassVar[tuple[str, ...]] = ()
    """Sites that depend on the network and that this one has: "normalization", "activation_noise", "branch", …"""

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        """The logits `[B, outputs]` of one fit's batch."""
        raise NotImplementedError
