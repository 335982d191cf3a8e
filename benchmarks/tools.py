"""Peers: the same study searched by other tools, each as its users run it on so many cores of one machine.

Every tool trains with the careful loop, reports each epoch's log loss, and prunes nothing. What a tool starts once and
keeps (processes, a cluster) is there before its time begins. One that is not installed raises ImportError.
"""

from __future__ import annotations

import math
import pickle
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.loops import Training, careful
from benchmarks.processes import Team, wait_for_all
from benchmarks.searching import Rules, best, search
from benchmarks.workload import RANGES

Setting = dict[str, float]


@dataclass(frozen=True)
class Question:
    """What to search: a training, with so many trials on so many cores; `folder` is for what a tool writes."""

    training: Training
    trials: int
    cores: int
    folder: Path


@dataclass(frozen=True)
class Outcome:
    """What a search took, how many trials it was, and the lowest log loss of any."""

    seconds: float
    trials: int
    best: float


def with_optuna(question: Question) -> Outcome:
    """TPE, a process a core, a journal that they share."""
    rules = Rules("careful", str(question.folder / "journal"), prunes=False, trials=question.trials // question.cores)
    with Team(question.cores) as team:
        searched = search(team, question.training, rules, question.folder)
    seconds = max(one.ended for one in searched) - min(one.began for one in searched)
    return Outcome(seconds, sum(one.trials for one in searched), best(searched).score)


def with_hyperopt(question: Question) -> Outcome:
    """TPE, a process a core, each with its share of the trials and a past of its own.

    It has no processes that share a past without a MongoDB or Spark beside it.
    """
    import_module("hyperopt")
    shared = _shared(question)
    with Team(question.cores) as team:
        found = team.work(_hyperopt, shared, question.trials // question.cores)
    seconds = max(ended for _, ended, _ in found) - min(began for began, _, _ in found)
    return Outcome(seconds, question.trials // question.cores * question.cores, min(least for _, _, least in found))


def with_ray_tune(question: Question) -> Outcome:
    """Its default, random search, a trial a core; the cluster is up before."""
    ray: Any = import_module("ray")
    tune: Any = import_module("ray.tune")
    space = {
        name: tune.loguniform(low, high) if log else tune.uniform(low, high)
        for name, (low, high, log) in RANGES.items()
    }
    ray.init(num_cpus=question.cores, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        tuner = tune.Tuner(
            tune.with_resources(tune.with_parameters(_ray_trial, training=question.training), {"cpu": 1}),
            param_space=space,
            tune_config=tune.TuneConfig(metric="loss", mode="min", num_samples=question.trials),
            run_config=tune.RunConfig(storage_path=str(question.folder), verbose=0),
        )
        began = time.monotonic()
        results = tuner.fit()
        seconds = time.monotonic() - began
        least = float(results.get_best_result(scope="all").metrics["loss"])
        return Outcome(seconds, len(results), least)
    finally:
        ray.shutdown()


def with_syne_tune(question: Question) -> Outcome:
    """Its TPE on its local backend, which starts a process for each trial; it looks at them ten times a second."""
    space_of: Any = import_module("syne_tune.config_space")
    local: Any = import_module("syne_tune.backend")
    syne_tune: Any = import_module("syne_tune")
    baselines: Any = import_module("syne_tune.optimizer.baselines")
    callback: Any = import_module("syne_tune.tuner_callback").TunerCallback
    found: list[float] = []

    class Least(callback):  # type: ignore[misc]
        def on_trial_result(self, trial: Any, status: str, result: dict[str, Any], decision: str) -> None:
            found.append(float(result["loss"]))

    space = {
        name: space_of.loguniform(low, high) if log else space_of.uniform(low, high)
        for name, (low, high, log) in RANGES.items()
    }
    script = Path(__file__).with_name("syne_tune_trial.py")
    tuner = syne_tune.Tuner(
        trial_backend=local.LocalBackend(entry_point=str(script)),
        scheduler=baselines.TPE({**space, "training": str(_shared(question))}, metric="loss", do_minimize=True),
        stop_criterion=syne_tune.StoppingCriterion(max_num_trials_started=question.trials - 1),
        n_workers=question.cores,
        sleep_time=0.1,
        callbacks=[Least()],
        save_tuner=False,
        wait_trial_completion_when_stopping=True,
        trial_backend_path=str(question.folder / "syne-tune"),
    )
    began = time.monotonic()
    tuner.run()
    seconds = time.monotonic() - began
    return Outcome(seconds, question.trials, min(found, default=math.inf))


TOOLS: dict[str, Callable[[Question], Outcome]] = {
    "optuna": with_optuna,
    "ray tune": with_ray_tune,
    "syne tune": with_syne_tune,
    "hyperopt": with_hyperopt,
}


def _shared(question: Question) -> Path:
    path = question.folder / "training.pickle"
    path.write_bytes(pickle.dumps(question.training))
    return path


def _hyperopt(shared: Path, trials: int) -> tuple[float, float, float]:
    """When it started and ended, and the lowest log loss."""
    hyperopt: Any = import_module("hyperopt")
    training: Training = pickle.loads(shared.read_bytes())
    space = {
        name: hyperopt.hp.loguniform(name, math.log(low), math.log(high))
        if log
        else hyperopt.hp.uniform(name, low, high)
        for name, (low, high, log) in RANGES.items()
    }
    trained = hyperopt.Trials()
    wait_for_all()
    began = time.monotonic()
    hyperopt.fmin(
        lambda setting: min(careful(training, setting)),
        space,
        algo=hyperopt.tpe.suggest,
        max_evals=trials,
        trials=trained,
        show_progressbar=False,
        verbose=False,
    )
    return began, time.monotonic(), float(min(trained.losses()))


def _ray_trial(config: Setting, training: Training) -> None:
    import torch

    tune: Any = sys.modules.get("ray.tune") or import_module("ray.tune")
    torch.set_num_threads(1)
    for score in careful(training, config):
        tune.report({"loss": score})
