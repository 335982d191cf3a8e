"""What an architecture is written against: one lane's layers, each a place where regularizers act."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from torch import Tensor

from regcore.hyper import Declared
from regcore.sites import State


class Network(Protocol):
    """The layers of one fit's network. Paths name layers; the same path twice is the same layer."""

    @property
    def training(self) -> bool:
        """Whether the pass is one of training, and not of evaluation."""
        ...

    def inputs(self, inputs: Tensor) -> Tensor:
        """Where noise on the inputs acts."""
        ...

    def linear(self, path: str, inputs: Tensor, features: int) -> Tensor:
        """An affine layer `[B, in]` → `[B, features]`; its weight `[features, in]` is penalized, its bias is not."""
        ...

    def convolution(self, path: str, inputs: Tensor, channels: int, kernel: int = 3, stride: int = 1) -> Tensor:
        """A convolution `[B, C, H, W]` → `[B, channels, ⌈H/stride⌉, ⌈W/stride⌉]`, padded; weight and bias as above."""
        ...

    def weight(self, path: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        """The weight `[out, in, …]` of a layer of another sort, as the layers above have it: `<path>.weight`."""
        ...

    def parameter(self, name: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        """The same without reparametrization, by its whole name: a bias, which is penalized only if not of one axis."""
        ...

    def learned(self, name: str, start: Tensor, penalized: bool) -> Tensor:
        """A parameter of no layer, which starts in every fit as `start` is."""
        ...

    def buffers(self, start: State) -> State:
        """What the network itself remembers between steps, by name; asked for at most once in a pass."""
        ...

    def keep_buffers(self, buffers: State) -> None:
        """What it remembers after this pass."""
        ...

    def normalization(self, path: str, activation: Tensor) -> Tensor:
        """Where normalizations act, before the nonlinearity."""
        ...

    def activation(self, path: str, activation: Tensor) -> Tensor:
        """Where noise and terms on hidden activations act, after the nonlinearity."""
        ...

    def residual(self, path: str, shortcut: Tensor, branch: Callable[[str], Tensor]) -> Tensor:
        """A residual block: the shortcut plus what `branch("")` makes of it, of the same shape.

        `branch(suffix)` runs the block's layers, with the suffix at the end of their paths: a kind that mixes several
        branches has it called for each.
        """
        ...

    def block(self, path: str, inputs: Tensor, branch: Callable[[str], Tensor]) -> Tensor:
        """A block without a shortcut, `branch("")`, which a kind may make residual."""
        ...


class Architecture(Declared):
    """A family of networks: the class of a file under `regcore/architectures/`."""

    accepts: ClassVar[tuple[str, ...]] = ("table", "image")
    """The sorts of inputs: "table" for `[B, F]`, "image" for `[B, C, H, W]`."""

    sites: ClassVar[tuple[str, ...]] = ()
    """Places that depend on the network and that this one has.

    "normalization", "activation_noise", "activation_term" and "reparametrization" as the sites of these names,
    "branch" for residual blocks, "shortcut" for blocks that may become such, "channels" for hidden images.
    """

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        """The logits `[B, outputs]` of one fit's batch."""
        raise NotImplementedError
