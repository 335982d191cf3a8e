"""One lane's network: layers that read its parameters and let its regularizers act at every site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from regcore.lanes.kinds import Kinds, Masked
from regcore.lanes.precision import product
from regcore.sites import (
    ActivationNoise,
    ActivationTerm,
    Branch,
    Key,
    Normalization,
    Parameters,
    Reparametrization,
    Shortcut,
    Site,
    State,
)

_BUFFERS = "buffers"

Keys = Callable[[str], Key]
"""From the name of a stream to its key at this step."""


@dataclass(slots=True)
class Layout:
    """What a program's network consists of, the same for all its lanes.

    `weights` names the parameters that are penalized, `places` counts the sites of each sort, `streams` names the
    streams from which a step draws, `starts` those from which a fit starts, `factors` is what layers round to what they
    multiply, and `convolves` says whether there is a convolution.
    """

    weights: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    streams: list[str] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    factors: torch.dtype = torch.float32
    convolves: bool = False


class LaneNetwork:
    """The layers of one lane, in training (with keys) or in evaluation (without): a `regcore.network.Network`.

    `state` holds what the kinds remember, by "kind/path/name". Training leaves the new values in `changes`, and what
    the sites add to the loss in `terms`; `weights` are those that layers have used, by the name of the learned ones.
    """

    def __init__(self, kinds: Kinds, parameters: Parameters, state: State, layout: Layout, keys: Keys | None) -> None:
        self.changes: State = {}
        self.terms: list[Tensor] = []
        self.weights: Parameters = {}
        self._kinds = kinds
        self._parameters = parameters
        self._state = state
        self._layout = layout
        self._keys = keys
        self._passed: dict[str, int] = {}

    @property
    def training(self) -> bool:
        return self._keys is not None

    def inputs(self, inputs: Tensor) -> Tensor:
        return self._disturbed("inputs", self._site("inputs", "inputs", inputs.shape[1:]), inputs)

    def linear(self, path: str, inputs: Tensor, features: int) -> Tensor:
        fan_in = inputs.shape[-1]
        weight = self.weight(path, (features, fan_in), fan_in)
        bias = self.parameter(f"{path}.bias", (features,), fan_in)
        return product(functional.linear, self._layout.factors, inputs, weight, bias)

    def convolution(self, path: str, inputs: Tensor, channels: int, kernel: int = 3, stride: int = 1) -> Tensor:
        fan_in = inputs.shape[1] * kernel * kernel
        weight = self.weight(path, (channels, inputs.shape[1], kernel, kernel), fan_in)
        bias = self.parameter(f"{path}.bias", (channels,), fan_in)
        convolve = partial(functional.conv2d, padding=kernel // 2, stride=stride)
        return product(convolve, self._layout.factors, inputs, weight, bias)

    def normalization(self, path: str, activation: Tensor) -> Tensor:
        site = self._site("normalization", path, activation.shape[1:])
        for member in self._kinds.of(Normalization):
            activation = self._normalized(member, site, activation)
        return activation

    def activation(self, path: str, activation: Tensor) -> Tensor:
        for member in self._kinds.of(ActivationTerm):
            if self._keys is not None:
                self._add_term(member, member.rule.penalty(member.safe(activation)))
        return self._disturbed("hidden", self._site("hidden", path, activation.shape[1:]), activation)

    def residual(self, path: str, shortcut: Tensor, branch: Callable[[str], Tensor]) -> Tensor:
        before = dict(self._passed)
        return shortcut + self._joining(path, branch(""), branch, before)

    def block(self, path: str, inputs: Tensor, branch: Callable[[str], Tensor]) -> Tensor:
        before = dict(self._passed)
        alone = branch("")
        givers = list(self._kinds.of(Shortcut))
        # Whether or not a lane has a shortcut here, the places of other blocks keep their numbers.
        if not givers:
            self._site("branch", path, alone.shape[1:])
            return alone
        joining, joined = self._joining(path, alone, branch, before), alone
        for member in givers:
            joined = member.choose(member.rule.join(inputs, joining), joined)
        return joined

    def _joining(self, path: str, alone: Tensor, branch: Callable[[str], Tensor], before: dict[str, int]) -> Tensor:
        """What joins a block's shortcut: `alone`, its branch by itself, or what branch rules make of it."""
        site = self._site("branch", path, alone.shape[1:])
        rules = list(self._kinds.of(Branch))
        after, others = self._passed, []
        for number in range(1, max([1, *[member.rule.branches for member in rules]])):
            # Another branch lies as deep as the first: it begins with the same numbers and leaves those after it alone.
            self._passed = dict(before)
            others.append(branch(f".branch.{number}"))
        self._passed = after
        joining = alone
        for member in rules:
            joining = self._ruled(member, site, (joining, *others[: member.rule.branches - 1]))
        return joining

    def _ruled(self, member: Masked[Branch], site: Site, branches: tuple[Tensor, ...]) -> Tensor:
        safe = tuple(member.choose(branch, torch.ones_like(branch)) for branch in branches)
        if self._keys is None:
            return member.choose(member.rule.evaluate(safe, site), branches[0])
        return member.choose(member.rule.train(safe, self._keys(f"{member.kind}/{site.path}"), site), branches[0])

    def _disturbed(self, where: str, site: Site, activation: Tensor) -> Tensor:
        for member in self._kinds.of(ActivationNoise):
            if self._keys is not None and member.rule.where in (where, "everywhere"):
                key = self._keys(member.kind if member.rule.one_draw else f"{member.kind}/{site.path}")
                activation = self._noise(member, key, site, activation)
        return activation

    def _noise(self, member: Masked[ActivationNoise], key: Key, site: Site, activation: Tensor) -> Tensor:
        return member.change(activation, lambda used: member.rule.apply(used, key, site))

    def _normalized(self, member: Masked[Normalization], site: Site, activation: Tensor) -> Tensor:
        rule, place = member.rule, f"{member.kind}/{site.path}"
        own = self._own(f"{site.path}.{member.kind}", lambda: rule.parameters(site))
        state = self._remembered(place, lambda: rule.state(site))
        if self._keys is None:
            return member.change(activation, lambda used: rule.evaluate(used, own, state))

        def train(used: Tensor) -> Tensor:
            normalized, new = rule.train(used, own, state)
            self._remember(place, new)
            return normalized

        return member.change(activation, train)

    def weight(self, path: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        weight = self.parameter(f"{path}.weight", shape, fan_in)
        site = self._site("weight", path, weight.shape)
        for member in self._kinds.of(Reparametrization):
            weight = member.choose(self._reparametrized(member, site, member.safe(weight)), weight)
        self.weights[f"{path}.weight"] = weight
        return weight

    def _reparametrized(self, member: Masked[Reparametrization], site: Site, weight: Tensor) -> Tensor:
        rule, place = member.rule, f"{member.kind}/{site.path}"
        own = self._own(f"{site.path}.{member.kind}", lambda: rule.parameters(site, weight))
        state = self._remembered(place, lambda: rule.state(site, weight, self._start_key(place)))
        if self._keys is None:
            return rule.evaluate(weight, own, state)
        used, new = rule.train(weight, own, state, self._keys(place))
        self._remember(place, new)
        self._add_term(member, rule.penalty(weight, own))
        return used

    def _add_term(self, member: Masked[ActivationTerm] | Masked[Reparametrization], term: Tensor) -> None:
        self.terms.append(member.choose(term, term.new_zeros(())))

    def _site(self, sort: str, path: str, shape: tuple[int, ...]) -> Site:
        index = self._passed.get(sort, 0)
        self._passed[sort] = index + 1
        return Site(path, tuple(shape), index, self._places(sort), self._places("hidden"))

    def _places(self, sort: str) -> int:
        # The length of a range is fixed in a graph, which would take the number itself for one that may change.
        return len(range(self._layout.places.get(sort, 0)))

    def _remember(self, place: str, state: State) -> None:
        self.changes.update({f"{place}/{name}": value.detach() for name, value in state.items()})

    def parameter(self, name: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        return self._parameters[name]

    def learned(self, name: str, start: Tensor, penalized: bool) -> Tensor:
        return self._parameters[name]

    def buffers(self, start: State) -> State:
        return self._remembered(_BUFFERS, lambda: start)

    def keep_buffers(self, buffers: State) -> None:
        self._remember(_BUFFERS, buffers)

    def _own(self, prefix: str, start: Callable[[], Parameters]) -> Parameters:
        return _below(self._parameters, f"{prefix}.")

    def _remembered(self, prefix: str, start: Callable[[], State]) -> State:
        return _below(self._state, f"{prefix}/")

    def _start_key(self, place: str) -> Key:
        raise LookupError(f"what {place} remembers starts when its network is built, and only then")


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
