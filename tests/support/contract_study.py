"""A study's keys with the contract's defaults, where what is not available yet is switched off."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    "labels": {},
    "priority": 0,
    "seed": 0,
    "runner": "workers",
    "model": {"kind": "mlp", "width": 128, "depth": 2},
    "training": {
        "epochs": 50,
        "batch_size": 128,
        "schedule": {"kind": "constant"},
        "optimizer": {"kind": "adamw", "learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    },
    "objective": {"metric": "balanced_accuracy", "direction": "maximize"},
    "constraints": [],
    "split": {"kind": "holdout", "validation": 0.2, "test": 0.2, "stratify": True},
    "sampler": {"kind": "tpe"},
    "pruner": {"kind": "early_stopping", "keep": 0.5},
    "budget": {
        "trials": 128,
        "epochs": None,
        "device_seconds": None,
        "wall_seconds": None,
        "cost": None,
        "failed_trials": 10,
    },
    "stagnation": None,
    "confirm": None,
    "baselines": True,
    "warm_start": [],
    "resources": {"device": "any", "precision": "float32"},
}
"""All keys but `name`, `dataset` and `regularizers`; `confirm` is null until there is a verdict."""
