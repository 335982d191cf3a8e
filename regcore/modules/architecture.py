"""A module as an architecture: it runs as it is written, and at its places the network is asked.

Its inputs, the weights of its linear layers and convolutions, their outputs but the last one's, what nonlinearities
make of them, and the blocks of `regcore.modules.blocks` are places; paths are the modules' names. All tensors that it
learns or remembers come from the network, so that one module serves any number of fits, and is left as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from torch import Tensor, nn
from torch.backends import mha
from torch.func import functional_call

from regcore.modules.blocks import Block, Residual
from regcore.modules.errors import UnsuitedModule
from regcore.modules.places import LAYERS, NONLINEARITIES, NORMALIZATIONS, POOLINGS, find_places, in_mode
from regcore.network import Architecture, Network

Forward = Callable[[Tensor], Tensor]


class ModuleArchitecture(Architecture):
    """A module of one input as an architecture.

    Linear layers and convolutions start as torch's own do, and every other parameter as the module has it. What does
    not require a gradient stays as it is.
    """

    def __init__(self, model: nn.Module, rows: Tensor) -> None:
        """`rows` are like those that it will see, at least two.

        Raises:
            UnsuitedModule: it does not make one row of outputs of each row.
        """
        super().__init__()
        self.model = model
        self.places = find_places(model, rows)
        self.counters: dict[str, Tensor] = {}
        """Whole numbers among the module's buffers, as the first pass since this was last emptied has left them."""
        self._learned = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self._layers = {
            path
            for path, module in model.named_modules()
            if path in self.places.called and _gives_its_weight(path, module, self._learned)
        }
        self._routed = {
            path: module
            for path, module in model.named_modules()
            if path in self._layers or isinstance(module, (*NONLINEARITIES, *POOLINGS, Block, Residual))
        }
        gains = {
            f"{path}.{name}"
            for path, module in model.named_modules()
            if isinstance(module, NORMALIZATIONS)
            for name, _ in module.named_parameters(recurse=False)
        }
        self._of_layers = {f"{path}.{name}" for path in self._layers for name in ("weight", "bias")}
        self._penalized = {name for name, value in self._learned.items() if value.dim() >= 2} - gains

    def forward(self, network: Network, inputs: Tensor, outputs: int) -> Tensor:
        given = network.inputs(inputs)
        others = {
            name: network.learned(name, value.detach(), name in self._penalized)
            for name, value in self._learned.items()
            if name not in self._of_layers
        }
        floating = {name: value for name, value in self.model.named_buffers() if value.is_floating_point()}
        whole = {name: value.clone() for name, value in self.model.named_buffers() if name not in floating}
        remembered = network.buffers(floating) if floating else {}
        # Modules write what they remember in place.
        working = {name: value.clone() for name, value in remembered.items()}
        with (
            in_mode(self.model, training=network.training),
            _every_module_called(),
            _routed(self._routed, _Pass(self, network)),
        ):
            logits: Tensor = functional_call(self.model, {**others, **working, **whole}, (given,))
        if working:
            network.keep_buffers(working)
        if not self.counters:
            self.counters = whole
        return logits

    def layer_parameters(self, path: str, suffix: str, network: Network) -> dict[str, Tensor]:
        """What a layer learns in this pass, by its own names; `suffix` tells branches of the same modules apart."""
        if path not in self._layers:
            return {}
        shape = tuple(self._learned[f"{path}.weight"].shape)
        fan_in = int(self._learned[f"{path}.weight"][0].numel())
        own = {"weight": network.weight(f"{path}{suffix}", shape, fan_in)}
        if f"{path}.bias" in self._learned:
            own["bias"] = network.parameter(f"{path}{suffix}.bias", shape[:1], fan_in)
        return own

    def branch_parameters(self, block: nn.Module, suffix: str, network: Network) -> dict[str, dict[str, Tensor]]:
        """What modules of a further branch learn that are no layers, by path and their own names.

        Raises:
            UnsuitedModule: one of them remembers something, of which a further branch would need its own.
        """
        found: dict[str, dict[str, Tensor]] = {}
        inside = set(block.modules())
        for path, module in self.model.named_modules():
            if module not in inside or path in self._layers:
                continue
            if any(True for _ in module.named_buffers(recurse=False)):
                raise UnsuitedModule(
                    f"{path} remembers something ({type(module).__name__}), so that its block can have no second "
                    "branch; leave it out, and use a normalization among the regularizers"
                )
            names = {name: f"{path}.{name}" for name, _ in module.named_parameters(recurse=False)}
            found[path] = {
                name: network.learned(f"{path}{suffix}.{name}", self._learned[whole].detach(), whole in self._penalized)
                for name, whole in names.items()
                if whole in self._learned
            }
        return found


class _Pass:
    """One pass through a module: which of its calls are places, and what the network makes of them."""

    def __init__(self, architecture: ModuleArchitecture, network: Network) -> None:
        self._architecture = architecture
        self._network = network
        self._calls: dict[str, int] = {}
        self._activated: dict[str, int] = {}
        self._suffix = ""
        self._layer = ""

    def run(self, path: str, module: nn.Module, forward: Forward, inputs: Tensor) -> Tensor:
        """What the module called makes of its inputs."""
        call = (path, self._calls.get(path, 0))
        self._calls[path] = call[1] + 1
        places = self._architecture.places
        if isinstance(module, Residual):
            return self._joined(path, module, partial(self._network.residual, shortcut=module.shortcut(inputs)), inputs)
        if isinstance(module, Block):
            return self._joined(path, module, partial(self._network.block, inputs=inputs), inputs)
        if isinstance(module, LAYERS):
            own = self._architecture.layer_parameters(path, self._suffix, self._network)
            with _swapped(module, own):
                output = forward(inputs)
            self._layer = path + self._suffix
            return self._network.normalization(self._layer, output) if call in places.normalized else output
        output = forward(inputs)
        return self._network.activation(self._place(path), output) if call in places.activations else output

    def _joined(self, path: str, block: Block | Residual, join: Callable[..., Tensor], inputs: Tensor) -> Tensor:
        """A block's output; `join` takes its path, and what runs its branch."""
        calls, layer, outer = dict(self._calls), self._layer, self._suffix
        at = path + outer

        def branch(suffix: str) -> Tensor:
            # Another branch consists of the same calls as the first.
            self._calls, self._layer, self._suffix = dict(calls), layer, outer + suffix
            further = self._architecture.branch_parameters(block.branch, self._suffix, self._network) if suffix else {}
            with ExitStack() as stack:
                for where, own in further.items():
                    stack.enter_context(_swapped(self._architecture.model.get_submodule(where), own))
                output: Tensor = block.branch(inputs)
            self._suffix = outer
            return output

        output: Tensor = join(at, branch=branch)
        self._layer = at
        return output

    def _place(self, path: str) -> str:
        """The path of an activation: that of the layer or block before it, told apart where there are several."""
        at = self._layer or path + self._suffix
        number = self._activated.get(at, 0)
        self._activated[at] = number + 1
        return f"{at}.activation.{number}" if number else at


def _gives_its_weight(path: str, module: nn.Module, learned: dict[str, nn.Parameter]) -> bool:
    """Whether a layer's weight is its own: neither another's, nor frozen, nor made of something else."""
    return isinstance(module, LAYERS) and learned.get(f"{path}.weight") is module._parameters.get("weight", path)


@contextmanager
def _every_module_called() -> Iterator[None]:
    """While it lasts, torch's transformers call their layers in evaluation too, rather than read their weights."""
    before = mha.get_fastpath_enabled()
    mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        mha.set_fastpath_enabled(before)


@contextmanager
def _routed(modules: dict[str, nn.Module], run: _Pass) -> Iterator[None]:
    """While it lasts, calls of these modules are those of the pass."""
    with ExitStack() as stack:
        for path, module in modules.items():
            before = vars(module).get("forward")
            vars(module)["forward"] = partial(run.run, path, module, module.forward)
            stack.callback(_put_back, vars(module), "forward", before)
        yield


@contextmanager
def _swapped(module: nn.Module, own: dict[str, Tensor]) -> Iterator[None]:
    """While it lasts, the module has these tensors as its parameters."""
    before = dict(module._parameters)
    module._parameters.update(own)  # type: ignore[arg-type]
    try:
        yield
    finally:
        module._parameters.update(before)


def _put_back(attributes: dict[str, object], name: str, before: object) -> None:
    if before is None:
        del attributes[name]
    else:
        attributes[name] = before
