"""Recording tables of trials: settings drawn at random, trained as lanes, and what each was worth.

`python -m benchmarks.recording` trains about a thousand settings of each of five small studies, on one core, in some
minutes, and writes a file for each study to benchmarks/recorded/. What searches on them are worth is measured by
`benchmarks.suggest`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks import machine
from benchmarks.definitions import parsed
from benchmarks.recorded import FOLDER
from regcore.architectures.mlp import Mlp
from regcore.catalog import load
from regcore.data import Split, load_bundled, prepare, split_rows
from regcore.lanes import Diverged, Fit, Lanes, Program
from regtune.setting import Value
from regtune.space import SearchSpace, fit_values, setting_of, space_of
from regtune.study import StudyDefinition
from service.coordinator import suggest
from service.coordinator.sampler import Point

LANES = 128
SEED = 0
SIGNIFICANT_DIGITS = 3
_RATE = {"low": 1e-4, "high": 1e-1, "log": True}
_DROPOUT = {"kind": "dropout", "gate": "search", "rate": {"low": 0.0, "high": 0.8}}
_DECAY = {"kind": "decoupled_weight_decay", "strength": {"low": 1e-5, "high": 1.0}}
_L1 = {"kind": "l1", "gate": "search", "strength": {"low": 1e-6, "high": 1e-1}}
_L2 = {"kind": "l2", "gate": "search", "strength": {"low": 1e-6, "high": 1e-1}}
_BATCH_NORM = {"kind": "batch_norm", "gate": "search", "momentum": {"low": 0.01, "high": 0.5}}
_PATIENCE = {"kind": "early_stopping", "patience": {"low": 1, "high": 20}}


def _study(dataset: str, metric: str, epochs: object, batch_size: int, *regularizers: Mapping[str, Any]) -> Any:
    optimizer = {"kind": "adamw", "learning_rate": _RATE}
    return {
        "dataset": dataset,
        "model": {"kind": "mlp", "width": 32, "depth": 2},
        "training": {"epochs": epochs, "batch_size": batch_size, "optimizer": optimizer},
        "regularizers": regularizers,
        "objective": {"metric": metric, "direction": "minimize"},
    }


_ROTATION = {"kind": "rotation", "gate": "search", "degrees": {"low": 0.0, "high": 45.0}}
_SCALING = {"kind": "scaling", "gate": "search", "amount": {"low": 0.0, "high": 0.4}}
STUDIES = {
    "augmented digits": _study("digits", "log_loss", 10, 128, _ROTATION, _SCALING, _DECAY, _DROPOUT),
    "digits": _study("digits-table", "log_loss", 12, 128, _L1, _L2, _BATCH_NORM, _DROPOUT),
    "breast cancer": _study("breast_cancer", "log_loss", 20, 64, _L1, _L2, _DECAY, _DROPOUT, _BATCH_NORM),
    "wine": _study("wine", "log_loss", {"low": 5, "high": 60}, 32, _L2, _DROPOUT, _PATIENCE),
    "diabetes": _study("diabetes", "rmse", 20, 64, _L1, _DECAY, _DROPOUT, _PATIENCE),
}
"""Studies whose trials are recorded, by the name of their table; all their dimensions are per lane."""


def main(words: Sequence[str] | None = None) -> None:
    """Records the tables that the words name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recording", description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=list(STUDIES), default=list(STUDIES))
    parser.add_argument("--trials", type=int, default=1000, help="settings of each study")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files go")
    options = parser.parse_args(words)
    torch.set_num_threads(1)
    for name in options.tables:
        began = time.perf_counter()
        path = options.folder / f"{name.replace(' ', '-')}.json"
        path.write_text(_text(record(name, options.trials)), encoding="utf-8")
        print(f"{name}: {options.trials} trials in {time.perf_counter() - began:.0f} s, written to {path}", flush=True)


def record(name: str, trials: int) -> dict[str, Any]:
    """The table of a study: its space, and a row for each trial, its values in the order of the dimensions.

    A dimension that a trial does not have is null in its row; so is the value, the last one, of a trial that diverged.
    """
    definition = parsed(STUDIES[name]).definition
    space = space_of(definition, load())
    points = [_rounded(space, suggest.build("random", space, SEED).suggest(at, at) or {}) for at in range(trials)]
    values = dict(_trained(definition, points))
    return {
        "table": name,
        "machine": machine.description(),
        "study": STUDIES[name],
        "seed_of_draws": SEED,
        "metric": definition.objective.metric,
        "dimensions": space.to_json()["dimensions"],
        "trials": [
            [*(point.get(dimension.name) for dimension in space), values[at]] for at, point in enumerate(points)
        ],
    }


def _rounded(space: SearchSpace, point: Point) -> dict[str, Value]:
    """The point with numbers short enough to be kept as they are trained, inside their ranges."""
    reals = {dimension.name: dimension for dimension in space if dimension.type == "real"}
    short: dict[str, Value] = dict(point)
    for name in reals.keys() & point.keys():
        low, high = reals[name].low or 0.0, reals[name].high or 0.0
        short[name] = min(max(float(f"{point[name]:.{SIGNIFICANT_DIGITS}g}"), low), high)
    return short


def _trained(definition: StudyDefinition, points: Sequence[Point]) -> Iterator[tuple[int, float | None]]:
    """The numbers of the points, and what the fit of each was worth; its seed is its number."""
    split = _split(definition)
    together = Lanes(_program(definition, split), split, lanes=min(LANES, len(points)))
    fit_of = partial(_fit, definition)
    waiting = list(enumerate(points))
    while waiting or together.busy:
        entering, waiting = waiting[: together.free], waiting[together.free :]
        together.fill([fit_of(number, point) for number, point in entering])
        tick = together.advance()
        for end in tick.ended if tick else ():
            lost = isinstance(end.outcome, Diverged)
            yield int(end.key), None if lost else float(f"{end.outcome.value:.5g}")  # type: ignore[union-attr]


def _fit(definition: StudyDefinition, number: int, point: Point) -> Fit:
    values = fit_values(definition, setting_of(definition, point))
    return Fit(str(number), seed=number, epochs=int(values["training.epochs"]), values=values)


def _program(definition: StudyDefinition, split: Split) -> Program:
    model, training = definition.model.hyperparameters, definition.training
    return Program(
        architecture=Mlp(width=model["width"], depth=model["depth"]),
        optimizer=training.optimizer.kind,
        schedule=training.schedule.kind,
        batch_size=int(str(training.batch_size)),
        kinds=tuple(sorted(use.kind for use in definition.regularizers)),
        task="regression" if split.classes is None else "classification",
        objective=definition.objective.metric,
        direction=definition.objective.direction,
        outputs=split.targets_train.shape[1],
    )


def _split(definition: StudyDefinition) -> Split:
    rows = load_bundled(definition.dataset)
    return prepare(rows, split_rows(rows, validation=0.2, test=0.2, stratify=True, test_seed=SEED, split_seed=SEED))


def _text(table: Mapping[str, Any]) -> str:
    """The table as JSON with a line for each trial, so that files stay small and differences readable."""
    head = json.dumps({**table, "trials": []}, indent=1).removesuffix("[]\n}")
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in table["trials"])
    return f"{head}[\n{rows}\n]}}\n"


if __name__ == "__main__":
    main()
