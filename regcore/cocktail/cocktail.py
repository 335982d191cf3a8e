"""The cocktail: a setting of regularizers that can be brought into a loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torch.optim import Optimizer

from regcore.cocktail.attached import Attached
from regcore.cocktail.setting import Setting, read_setting
from regcore.cocktail.start import start
from regcore.cocktail.targets import Task
from regcore.hyper import Value


@dataclass(frozen=True, slots=True)
class Cocktail:
    """A legal setting, and the seed that decides every draw of its regularizers."""

    setting: Setting
    seed: int = 0

    @classmethod
    def from_setting(cls, setting: Mapping[str, Value], seed: int = 0) -> Cocktail:
        """The cocktail of a flat setting, as the service shows that of a trial; "training.…" and "model.…" are ignored.

        Raises:
            InvalidSetting: a kind or hyperparameter is unknown, a value not allowed, or two kinds exclude each other.
        """
        return cls(read_setting(setting), seed)

    def attach(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        *,
        rows: tuple[Tensor, ...],
        steps: int,
        task: Task = "classification",
    ) -> Attached:
        """Bring the setting into the loop that trains the model with the optimizer, before its first step.

        `rows` are the training rows, inputs and targets, on the model's device; a batch will do where no kind learns
        from the rows (`regcore.sites.TrainingRows` also says which column a feature is of). `steps` is how many the
        loop has in all. Targets are class indices `[B]` or soft ones `[B, classes]`, and numbers `[B]` or `[B, D]` of a
        regression. The optimizer holds the parameters of the model that require a gradient, decays none of them, and
        has one learning rate.

        Raises:
            UnsuitedModel: the setting cannot act on this model, these rows or this optimizer.
            regcore.modules.UnsuitedModule: the model is no network of one input and one row of outputs each.
        """
        return Attached(start(self.setting, self.seed, model, rows, task), optimizer, steps)
