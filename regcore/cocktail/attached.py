"""A setting at work in a loop: the loss of each step, and what happens around the optimizer's own step."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from regcore.cocktail.curve import Curve
from regcore.cocktail.errors import LoopError
from regcore.cocktail.optimizer import learning_rate, let_go, refuse_unsuited_optimizer, take_in
from regcore.cocktail.shared import SharedLane
from regcore.cocktail.start import Start
from regcore.cocktail.targets import soft_targets
from regcore.cocktail.trained import Trained, plain
from regcore.lanes import stacking
from regcore.lanes.gradients import gradient_of
from regcore.lanes.network import Keys
from regcore.lanes.step import Clock, FirstPass, prepared, shaped
from regcore.regularizers import find
from regcore.sites import Batch, Parameters, WeightAverage, WeightRule


class _Pending(NamedTuple):
    """A loss whose step has not been taken: its batch as the network saw it, its keys, and what its pass left."""

    batch: Batch
    keys: Keys
    first: FirstPass
    counters: dict[str, Tensor]


class Attached:
    """A setting in the loop of one model and one optimizer, whose step is that of a lane with the same seed::

        for inputs, targets in loader:
            optimizer.zero_grad()
            attached.loss(inputs, targets).backward()
            optimizer.step()

    A batch of the loop is a step of the fit: of losses without a step in between the last one counts, and gradients of
    several batches cannot be added up. `model(inputs)` by itself knows nothing of the setting; `predict` does.
    """

    def __init__(self, start: Start, optimizer: Optimizer, steps: int) -> None:
        self._start = start
        self._optimizer = optimizer
        self._steps = steps
        self._taken = 0
        self._pending: _Pending | None = None
        self._before: Parameters = {}
        self._curve = Curve(start.program, start.fit)
        with torch.no_grad():
            self._lane = SharedLane(start)
        self._has_rules = any(True for _ in start.kinds.of(WeightRule))
        self._has_averages = any(True for _ in start.kinds.of(WeightAverage))
        refuse_unsuited_optimizer(optimizer, self._lane.of_model)
        take_in(optimizer, self._lane.own)
        self._hooks = [
            optimizer.register_step_pre_hook(self._before_step),
            optimizer.register_step_post_hook(self._after_step),
        ]

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The loss of the next step, a scalar to go backward from: of the batch as it is changed, with every term.

        Raises:
            LoopError: all steps have been taken, or a kind cannot work on so few rows.
            UnsuitedModel: the targets are not of the task.
        """
        self._refuse_to_go_on(len(inputs))
        start = self._start
        keys = start.streams.at(self._taken)
        soft = soft_targets(targets, start.program.task, start.program.outputs)
        batch = prepared(Batch(inputs, soft), start.kinds, keys)
        start.architecture.counters = {}
        state = self._lane.state
        loss, first = start.step.objective(state.parameters, state, batch, start.kinds, keys)
        self._pending = _Pending(batch, keys, first, start.architecture.counters)
        if loss.requires_grad:
            loss.register_hook(self._refuse_added)
        return loss

    @property
    def data_loss(self) -> Tensor:
        """The mean data loss of the last batch, without penalties, a scalar.

        Raises:
            LoopError: there has been none yet.
        """
        last = self._curve.last if self._pending is None else self._pending.first.data_loss
        if last is None:
            raise LoopError("no batch has had a loss yet")
        return last

    def stops(self, validation_loss: float) -> str | None:
        """Why the loop is to end with this epoch, by the setting's stopping rules; None where it goes on.

        Call it after every epoch, with the mean data loss of `predict` on rows that are not trained on. The best epoch,
        that of the lowest such loss, is remembered for `take_best`.

        Raises:
            LoopError: there has been no step since the last epoch.
        """
        reason, best = self._curve.add(validation_loss)
        if best:
            self._curve.best = stacking.copied(self._lane.evaluated)
        return reason

    def predict(self, inputs: Tensor) -> Tensor:
        """The model's outputs `[N, outputs]` in evaluation, by the averages of its weights if the setting has any."""
        with torch.no_grad():
            return self._start.evaluation.logits(self._lane.evaluated, self._start.kinds, inputs)

    def take_best(self) -> None:
        """Go back to the weights, statistics and averages of the best epoch, before `predict` or `detach`.

        Raises:
            LoopError: no epoch has been told to `stops`.
        """
        if self._curve.best is None:
            raise LoopError("there is no best epoch before stops has been told of one")
        with torch.no_grad():
            self._lane.put(self._curve.best)

    def detach(self) -> nn.Module:
        """Take the setting out of the loop, and give what predicts as `predict` does.

        That is the model itself, plain, where all that is left of the setting can be written into its weights. Else it
        is a `Trained`, a module around it that holds what kinds have learned, such as a normalization's statistics.
        """
        for hook in self._hooks:
            hook.remove()
        let_go(self._optimizer, self._lane.own)
        with torch.no_grad():
            evaluated = self._lane.evaluated
            return plain(self._start, evaluated) or Trained(self._start, stacking.copied(evaluated))

    def state_dict(self) -> dict[str, Any]:
        """What a loop needs, beside the model's state and the optimizer's, to go on as though it had not ended."""
        fit = self._start.fit
        return {
            "setting": dict(fit.values),
            "seed": fit.seed,
            "steps": self._steps,
            "taken": self._taken,
            "fit": self._lane.state_dict(),
            "curve": self._curve.state_dict(),
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on where another loop of the same setting, seed and steps was.

        Raises:
            LoopError: it had another setting or seed, or other steps.
        """
        mine = self.state_dict()
        for name in ("setting", "seed", "steps"):
            if saved[name] != mine[name]:
                raise LoopError(f"the saved loop had another {name}: {saved[name]}, and this one has {mine[name]}")
        self._taken = saved["taken"]
        self._pending = None
        with torch.no_grad():
            self._lane.load_state_dict(saved["fit"])
        self._curve.load_state_dict(saved["curve"])

    def _before_step(self, optimizer: Optimizer, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Change the gradients, before the optimizer sees them."""
        if len(arguments) > 1 or named.get("closure") is not None:
            raise LoopError("a step that is handed a closure has no gradients before it; call backward, then step()")
        pending, start, lane = self._of_this_step(), self._start, self._lane
        gradient = gradient_of(
            lambda at: start.step.objective(at, lane.state, pending.batch, start.kinds, pending.keys)
        )
        with torch.no_grad():
            self._before = stacking.copied(lane.values) if self._has_rules else {}
            lane.gradients = shaped(
                lane.gradients, lane.values, lambda at: gradient(at)[0], start.kinds, pending.keys, self._clock()
            )

    def _after_step(self, optimizer: Optimizer, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Change the weights, after the optimizer has, and remember what the step was."""
        pending, start = self._of_this_step(), self._start
        with torch.no_grad():
            now = self._lane.values
            if self._has_rules or self._has_averages:
                # They may keep what they are handed, and the optimizer works in place.
                now = stacking.copied(now)
            before = self._lane.state._replace(parameters=self._before)
            rate = torch.tensor(learning_rate(optimizer), device=start.device)
            after = start.step.settled(now, before, pending.first, start.kinds, rate, self._clock())
            self._lane.follow(after, now, pending.counters)
        self._curve.note(pending.first.data_loss)
        self._pending, self._before = None, {}
        self._taken += 1

    def _of_this_step(self) -> _Pending:
        if self._pending is None:
            raise LoopError("the optimizer steps without a loss; take the loss of a batch from attached.loss first")
        return self._pending

    def _clock(self) -> Clock:
        step, steps = (torch.tensor(count, device=self._start.device) for count in (self._taken, self._steps))
        return Clock(step.to(torch.int32), steps)

    def _refuse_to_go_on(self, rows: int) -> None:
        if self._taken >= self._steps:
            raise LoopError(f"all {self._steps} steps have been taken; attach with as many as the loop has")
        for kind in self._start.program.kinds:
            least = find(kind).least_batch
            if rows < least:
                raise LoopError(
                    f"{kind} needs batches of {least} rows at least, got {rows}; a loader with drop_last=True leaves "
                    "out a last one that is smaller"
                )

    def _refuse_added(self, gradient: Tensor) -> None:
        """Refuse to add this loss's gradients to others: a step's rules would see the last batch alone."""
        if any(value.grad is not None and bool(value.grad.any()) for value in self._lane.state.parameters.values()):
            raise LoopError(
                "there are gradients from before this loss; call optimizer.zero_grad() before each, and put the rows "
                "of several batches into one rather than add their gradients up"
            )
