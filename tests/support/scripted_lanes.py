"""Lanes that train nothing: each fit follows a script, so that what a run does with it can be told beforehand."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from regcore.lanes import Diverged, EndOfFit, EpochOfLane, Finished, Fit, TickOfLanes, Weights

Script = Callable[[Fit, int], Literal["go on", "stop early", "diverge"]]


def to_the_end(fit: Fit, epoch: int) -> Literal["go on", "stop early", "diverge"]:
    """The script of a fit that trains all its epochs."""
    return "go on"


@dataclass
class ScriptedLanes:
    """One epoch a call; in epoch E of a fit its losses are 1/E and its objective is E, unless it is said otherwise."""

    script: Script = to_the_end
    before_epoch: Callable[[Sequence[Fit]], None] = lambda fits: None
    """Called before each epoch, with the fits that train; may raise, as a regularizer might."""
    objective: Callable[[Fit, int], float] = lambda fit, epoch: float(epoch)
    validation_loss: Callable[[Fit, int], float] = lambda fit, epoch: 1 / epoch
    together: list[int] = field(default_factory=list)
    """How many fits trained in each epoch."""
    _done: dict[str, tuple[Fit, int]] = field(default_factory=dict)

    @property
    def busy(self) -> int:
        return len(self._done)

    def fill(self, fits: Sequence[Fit]) -> None:
        self._done.update({fit.key: (fit, 0) for fit in fits})

    def cancel(self, keys: Collection[str]) -> dict[str, Finished]:
        ended = {key: self._done.pop(key)[1] for key in keys}
        return {key: finished(epoch, "cancelled") for key, epoch in ended.items() if epoch}

    def advance(self, seconds: float) -> TickOfLanes | None:
        self.before_epoch([fit for fit, _ in self._done.values()])
        self.together.append(len(self._done))
        epochs, ended = [], []
        for key, (fit, before) in list(self._done.items()):
            epoch = before + 1
            self._done[key] = fit, epoch
            said = self.script(fit, epoch)
            if said == "diverge":
                ended.append(EndOfFit(key, Diverged(epoch, f"the training loss stopped being finite in epoch {epoch}")))
            else:
                epochs.append(
                    EpochOfLane(
                        key,
                        epoch,
                        1 / epoch,
                        self.validation_loss(fit, epoch),
                        self.objective(fit, epoch),
                        {"accuracy": 0.5},
                    )
                )
                if said == "stop early":
                    ended.append(EndOfFit(key, finished(epoch, "early_stopping")))
                elif epoch == fit.epochs:
                    ended.append(EndOfFit(key, finished(epoch, "epochs")))
        for end in ended:
            del self._done[end.key]
        return TickOfLanes(tuple(epochs), tuple(ended))


def finished(epoch: int, by: Literal["epochs", "early_stopping", "cancelled"]) -> Finished:
    """The end of a scripted fit: its best epoch is its last."""
    return Finished(
        by, epoch, f"by script: {by}", epoch, float(epoch), float(epoch), {"sparsity": 0.0}, 0.1, Weights({}, {})
    )
