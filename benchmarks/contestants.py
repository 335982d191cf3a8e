"""Three ways to train the same trials in one process: a typical loop, a careful one, and lanes.

The typical one is what the tutorials of its libraries teach; the careful one does by hand what one would to make a
single training fast. Both ask their pruner and go on all the same, so that everyone trains the same epochs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import optuna
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.careful import add_l1_gradient
from benchmarks.workload import CLASSES, Workload, rows, suggested
from regcore.architectures.mlp import Mlp
from regcore.lanes import Diverged, Fit, Lanes, Program
from regcore.lanes.engines import EngineName

Contestant = Callable[[Workload, str], None]
"""Trains `workload.trials` trials; the string is the URL of a storage that typical loops share."""


def typical(workload: Workload, storage: str) -> None:
    """DataLoader, `nn.Module`, AdamW, TPE, median pruner, every epoch reported to SQLite."""
    train, validation = _typical_loaders(workload)

    def objective(trial: optuna.trial.Trial) -> float:
        setting = suggested(trial)
        model = _network(workload, setting["dropout.rate"])
        optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=setting["training.optimizer.learning_rate"],
            weight_decay=setting["decoupled_weight_decay.strength"],
        )
        best = 0.0
        for epoch in range(workload.epochs):
            model.train()
            for inputs, targets in train:
                optimizer.zero_grad()
                loss = functional.cross_entropy(model(inputs), targets)
                penalty = sum(weight.abs().sum() for weight in model.parameters() if weight.dim() > 1)
                (loss + setting["l1.strength"] * penalty).backward()
                optimizer.step()
            accuracy = _accuracy_of_loader(model, validation)
            best = max(best, accuracy)
            trial.report(accuracy, epoch)
            trial.should_prune()
        return best

    study = optuna.create_study(
        storage=storage,
        study_name="typical",
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(),
        pruner=optuna.pruners.MedianPruner(),
    )
    study.optimize(objective, n_trials=workload.trials)


def careful(workload: Workload, storage: str) -> None:
    """Tensors in memory, batches by index, a fused optimizer, the study in memory."""
    split = rows()
    inputs, targets = split.inputs_train.flatten(start_dim=1), split.targets_train.argmax(dim=1)
    validation, expected = split.inputs_validation.flatten(start_dim=1), split.targets_validation.argmax(dim=1)
    steps = workload.steps_per_epoch()

    def objective(trial: optuna.trial.Trial) -> float:
        setting = suggested(trial)
        model = _network(workload, setting["dropout.rate"])
        weights = [weight for weight in model.parameters() if weight.dim() > 1]
        optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=setting["training.optimizer.learning_rate"],
            weight_decay=setting["decoupled_weight_decay.strength"],
            fused=True,
        )
        best = 0.0
        for epoch in range(workload.epochs):
            model.train()
            order = torch.randperm(len(inputs))[: steps * workload.batch_size]
            for batch in order.split(workload.batch_size):
                optimizer.zero_grad(set_to_none=True)
                functional.cross_entropy(model(inputs[batch]), targets[batch]).backward()
                add_l1_gradient(weights, setting["l1.strength"])
                optimizer.step()
            model.eval()
            with torch.inference_mode():
                accuracy = float((model(validation).argmax(dim=1) == expected).float().mean())
            best = max(best, accuracy)
            trial.report(accuracy, epoch)
            trial.should_prune()
        return best

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(), pruner=optuna.pruners.MedianPruner()
    )
    study.optimize(objective, n_trials=workload.trials)


def _lanes(workload: Workload, storage: str, engine: EngineName) -> None:
    """regcore's lanes as a worker drives them, refilled at the end of an epoch, the study in memory."""
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler())
    together = Lanes(_program(workload), rows(), lanes=workload.lanes, engine=engine)
    training: dict[str, optuna.trial.Trial] = {}
    asked = 0
    while asked < workload.trials or together.busy:
        entering = []
        for _ in range(min(together.free, workload.trials - asked)):
            trial = study.ask()
            asked += 1
            training[str(trial.number)] = trial
            entering.append(Fit(str(trial.number), seed=trial.number, epochs=workload.epochs, values=suggested(trial)))
        together.fill(entering)
        tick = together.advance()
        for end in tick.ended if tick else ():
            if isinstance(end.outcome, Diverged):
                study.tell(training.pop(end.key), state=optuna.trial.TrialState.FAIL)
            else:
                study.tell(training.pop(end.key), end.outcome.value)


CONTESTANTS: dict[str, Contestant] = {
    "typical": typical,
    "careful": careful,
    "compiled": partial(_lanes, engine="compiled"),
    "eager": partial(_lanes, engine="eager"),
}


def _program(workload: Workload) -> Program:
    return Program(
        architecture=Mlp(width=workload.width, depth=workload.depth),
        optimizer="adamw",
        schedule="constant",
        batch_size=workload.batch_size,
        kinds=("decoupled_weight_decay", "dropout", "l1"),
        task="classification",
        objective="accuracy",
        direction="maximize",
        outputs=CLASSES,
    )


def _network(workload: Workload, dropout: float) -> nn.Module:
    layers: list[nn.Module] = []
    features = rows().inputs_train[0].numel()
    for _ in range(workload.depth):
        layers += [nn.Linear(features, workload.width), nn.ReLU(), nn.Dropout(dropout)]
        features = workload.width
    return nn.Sequential(*layers, nn.Linear(features, CLASSES))


def _typical_loaders(workload: Workload) -> tuple[DataLoader[tuple[Tensor, ...]], DataLoader[tuple[Tensor, ...]]]:
    split = rows()
    train = TensorDataset(split.inputs_train.flatten(start_dim=1), split.targets_train.argmax(dim=1))
    validation = TensorDataset(split.inputs_validation.flatten(start_dim=1), split.targets_validation.argmax(dim=1))
    return (
        DataLoader(train, batch_size=workload.batch_size, shuffle=True, drop_last=True),
        DataLoader(validation, batch_size=workload.batch_size),
    )


def _accuracy_of_loader(model: nn.Module, loader: DataLoader[tuple[Tensor, ...]]) -> float:
    model.eval()
    right = total = 0
    with torch.no_grad():
        for inputs, targets in loader:
            right += int((model(inputs).argmax(dim=1) == targets).sum())
            total += len(targets)
    return right / total
