"""One training step of one lane, to be mapped over lanes: the whole order in which regularizers act.

Augment → targets → forward → data loss → terms → further passes → backward → gradient rules → optimizer → weight rules
→ averages. Each part is the identity for a lane that does not use it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from regcore.lanes.gradients import gradient_of
from regcore.lanes.kinds import Kinds, Masked
from regcore.lanes.network import Keys, LaneNetwork, Layout
from regcore.lanes.ops import soft_cross_entropy, squared_error
from regcore.lanes.randomness import fold
from regcore.network import Architecture
from regcore.sites import (
    ActivationNoise,
    Batch,
    BatchTransform,
    GradientRule,
    LossRule,
    LossTerm,
    NormPenalty,
    Parameters,
    Pass,
    Passes,
    PassRule,
    RememberingTerm,
    State,
    TargetRule,
    Update,
    WeightAverage,
    WeightRule,
    counts,
    norm_penalty,
)
from regcore.training import Moments, Optimizer, Schedule


class LaneState(NamedTuple):
    """Everything of a fit that training changes: a tree of tensors, with lanes as a leading axis once mapped.

    `state` is what kinds remember at sites of the network, `rules` what terms and weight rules remember, by kind, and
    `averages` what weight averages do.
    """

    parameters: Parameters
    state: State
    moments: Moments
    rules: dict[str, State]
    averages: dict[str, State]


def lane_state(kinds: Kinds, parameters: Parameters, state: State, layout: Layout, key_of: Keys) -> LaneState:
    """A fit at its start, before any optimizer: with what its kinds remember of these parameters and this state."""
    weights = {name: parameters[name] for name in layout.weights}
    rules = {member.kind: member.rule.state(parameters) for member in kinds.of(WeightRule)}
    for term in kinds.of(RememberingTerm):
        rules[term.kind] = term.rule.state(weights, key_of(f"start/{term.kind}"))
    averages = {member.kind: member.rule.state({**parameters, **state}) for member in kinds.of(WeightAverage)}
    return LaneState(parameters, state, {}, rules, averages)


class Clock(NamedTuple):
    """Where a fit is: its own step from 0, and how many steps it has in all."""

    step: Tensor
    steps: Tensor


@dataclass(frozen=True)
class Step:
    """The parts of a step that all lanes share; calling it takes one lane one step further."""

    architecture: Architecture
    layout: Layout
    outputs: int
    regression: bool

    def __call__(
        self,
        lane: LaneState,
        batch: Batch,
        kinds: Kinds,
        training: tuple[Optimizer, Schedule],
        keys: Keys,
        clock: Clock,
    ) -> tuple[LaneState, Tensor]:
        """The lane after the step, and its data loss: a scalar without penalties."""
        batch = prepared(batch, kinds, keys)
        gradient = gradient_of(lambda parameters: self.objective(parameters, lane, batch, kinds, keys))
        gradients, first = gradient(lane.parameters)
        gradients = shaped(gradients, lane.parameters, lambda at: gradient(at)[0], kinds, keys, clock)

        optimizer, schedule = training
        learning_rate = optimizer.learning_rate * schedule.factor(clock.step / clock.steps)
        parameters, moments = optimizer.update(lane.parameters, gradients, lane.moments, clock.step, learning_rate)
        after = self.settled(parameters, lane, first, kinds, learning_rate, clock)
        return after._replace(moments=moments), first.data_loss

    def settled(
        self,
        parameters: Parameters,
        lane: LaneState,
        first: FirstPass,
        kinds: Kinds,
        learning_rate: Tensor,
        clock: Clock,
    ) -> LaneState:
        """The lane after a step, from the parameters that its optimizer has made; the moments stay."""
        parameters, rules = self._ruled(parameters, lane, kinds, learning_rate, clock)
        state = {**lane.state, **first.state}
        averages = {
            average.kind: average.choose_all(
                average.rule.update({**parameters, **state}, lane.averages[average.kind], clock.step, clock.steps),
                lane.averages[average.kind],
            )
            for average in kinds.of(WeightAverage)
        }
        return LaneState(
            parameters,
            state,
            lane.moments,
            {**lane.rules, **first.terms, **rules},
            {**lane.averages, **averages},
        )

    def objective(
        self, parameters: Parameters, lane: LaneState, batch: Batch, kinds: Kinds, keys: Keys
    ) -> tuple[Tensor, FirstPass]:
        """The loss of the step on a batch that is prepared, and of its first pass what remains."""
        first = self._pass(parameters, lane, batch, kinds, keys)
        loss = first.loss
        # What they draw has changed the targets too, once for all passes.
        once = {member.kind for member in kinds.of(ActivationNoise) if member.rule.one_draw}

        def again(inputs: Tensor, number: int) -> Pass:
            def draws(stream: str) -> Tensor:
                return keys(stream) if number == 0 or stream in once else fold(keys(stream), number)

            further = self._pass(parameters, lane, Batch(inputs, batch.targets), kinds, draws)
            return Pass(further.loss, further.logits)

        for rule in kinds.of(PassRule):
            passes = Passes(batch, Pass(loss, first.logits), again, keys(rule.kind))
            loss = rule.choose(rule.rule.loss(passes), loss)
        return loss, first.remaining

    def _pass(self, parameters: Parameters, lane: LaneState, batch: Batch, kinds: Kinds, keys: Keys) -> _Result:
        network = LaneNetwork(kinds, parameters, lane.state, self.layout, keys)
        logits = self.architecture.forward(network, batch.inputs, self.outputs)
        data_loss = _data_loss(logits, batch.targets, kinds, squared_error if self.regression else soft_cross_entropy)
        weights = {name: parameters[name] for name in self.layout.weights}
        loss = data_loss
        remembered, terms = _remembering(weights, lane, kinds)
        for term in (*_penalties(weights, kinds), *terms, *network.terms):
            loss = loss + term
        return _Result(loss, logits, FirstPass(data_loss.detach(), network.changes, remembered))

    def _ruled(
        self, parameters: Parameters, lane: LaneState, kinds: Kinds, learning_rate: Tensor, clock: Clock
    ) -> tuple[Parameters, dict[str, State]]:
        remembered: dict[str, State] = {}
        for member in kinds.of(WeightRule):
            names = self.layout.weights if member.rule.scope == "weights" else list(parameters)
            update = Update(
                {name: lane.parameters[name] for name in names}, learning_rate, clock.step, lane.rules[member.kind]
            )
            changed = member.rule.apply({name: parameters[name] for name in names}, update)
            remembered[member.kind] = member.choose_all(member.rule.remember(changed, update), update.state)
            parameters = member.choose_all(changed, parameters)
        return parameters, remembered


class FirstPass(NamedTuple):
    """What remains of a step's first pass: its data loss, and what sites and terms then remember."""

    data_loss: Tensor
    state: State
    terms: dict[str, State]


class _Result(NamedTuple):
    loss: Tensor
    logits: Tensor
    remaining: FirstPass


def prepared(batch: Batch, kinds: Kinds, keys: Keys) -> Batch:
    """The batch as the network is to see it, and its targets as the loss is."""
    for transform in kinds.of(BatchTransform):
        changed = transform.rule.apply(batch, keys(transform.kind))
        batch = Batch(
            transform.choose(changed.inputs, batch.inputs),
            batch.targets if changed.targets is batch.targets else transform.choose(changed.targets, batch.targets),
        )
    for rule in kinds.of(TargetRule):
        batch = Batch(batch.inputs, rule.choose(rule.rule.targets(batch.targets, keys(rule.kind)), batch.targets))
    return batch


Losses = Callable[[Tensor, Tensor], Tensor]


def _data_loss(logits: Tensor, targets: Tensor, kinds: Kinds, losses: Losses) -> Tensor:
    rules = list(kinds.of(LossRule))
    for rule in rules:
        losses = _wrapped(rule, losses)
    loss = losses(logits, targets).mean()
    for rule in rules:
        loss = rule.change(loss, rule.rule.mean)
    return loss


def _wrapped(rule: Masked[LossRule], inner: Losses) -> Losses:
    def losses(logits: Tensor, targets: Tensor) -> Tensor:
        return rule.choose(rule.rule.losses(rule.safe(logits), targets, inner), inner(logits, targets))

    return losses


def _penalties(weights: Parameters, kinds: Kinds) -> list[Tensor]:
    """The loss terms; those that are norm penalties share one, with their coefficients added."""
    terms = []
    shared: tuple[list[Tensor], list[Tensor]] = [], []
    for term in kinds.of(LossTerm):
        if isinstance(term.rule, NormPenalty):
            for summed, coefficient in zip(shared, term.rule.coefficients(), strict=True):
                if counts(coefficient):
                    own = _on_device(coefficient, next(iter(weights.values())).device)
                    summed.append(term.choose(own, torch.zeros_like(own)))
        else:
            penalty = term.rule.penalty({name: term.safe(weight) for name, weight in weights.items()})
            terms.append(term.choose(penalty, torch.zeros_like(penalty)))
    if any(shared):
        terms.append(norm_penalty(weights, sum(shared[0]), sum(shared[1])))
    return terms


def _remembering(weights: Parameters, lane: LaneState, kinds: Kinds) -> tuple[dict[str, State], list[Tensor]]:
    """What the terms that remember do next, by kind, and the terms."""
    remembered, terms = {}, []
    for member in kinds.of(RememberingTerm):
        before = lane.rules[member.kind]
        term, after = member.rule.train({name: member.safe(weight) for name, weight in weights.items()}, before)
        detached = {name: value.detach() for name, value in after.items()}
        remembered[member.kind] = member.choose_all(detached, before)
        terms.append(member.choose(term, torch.zeros_like(term)))
    return remembered, terms


def shaped(
    gradients: Parameters,
    parameters: Parameters,
    gradients_at: Callable[[Parameters], Parameters],
    kinds: Kinds,
    keys: Keys,
    clock: Clock,
) -> Parameters:
    """The gradients that the optimizer is to see; `gradients_at` gives those at other parameters."""
    for rule in kinds.of(PassRule):
        gradients = _sharpened(rule, parameters, gradients, gradients_at)
    for shaping in kinds.of(GradientRule):
        changed = shaping.rule.gradients(gradients, parameters, clock.step, keys(shaping.kind))
        gradients = shaping.choose_all(changed, gradients)
    return gradients


def _on_device(number: Tensor | float, device: torch.device) -> Tensor:
    """The number as a tensor, filled in where it is used: a copy from the host would wait for all that is launched."""
    return number if isinstance(number, Tensor) else torch.full((), number, device=device)


def _sharpened(
    rule: Masked[PassRule],
    parameters: Parameters,
    gradients: Parameters,
    gradients_at: Callable[[Parameters], Parameters],
) -> Parameters:
    return rule.choose_all(rule.rule.gradients(parameters, gradients, gradients_at), gradients)
