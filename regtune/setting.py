"""A setting: the value of each hyperparameter in one trial, flat, by dotted name.

`{"l1.gate": true, "l1.strength": 1e-4, "dropout.rate": 0.3, "training.optimizer.learning_rate": 0.001}`: every
hyperparameter of a kind in use and every searched number; of a kind whose gate is false, the gate alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from regcore.hyper import Value as Value
from regtune.digests import digest_of

Setting = Mapping[str, Value]

GATE = "gate"
_NOT_KINDS = ("model", "training")


def gate_of(kind: str) -> str:
    """The name under which a setting says whether it uses a kind."""
    return f"{kind}.{GATE}"


def is_gate(name: str) -> bool:
    """Whether a name of a setting is that of a gate."""
    return name.endswith(f".{GATE}")


def kinds_in_use(setting: Setting) -> tuple[str, ...]:
    """The kinds of regularizers that a setting switches on, in its order: those with anything but a false gate."""
    kinds: dict[str, None] = {}
    for name, value in setting.items():
        kind, _, hyperparameter = name.partition(".")
        if kind not in _NOT_KINDS and (hyperparameter != GATE or value is True):
            kinds[kind] = None
    return tuple(kinds)


def setting_digest(setting: Setting) -> str:
    """What tells settings apart: a SHA-256 that does not depend on their order."""
    return digest_of(dict(setting))
