"""Small trainings for the tests of the engine: a split of digits, and fits driven to their ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from regcore.architectures.mlp import Mlp
from regcore.data import Split, load_bundled, prepare, split_rows
from regcore.lanes import Diverged, EpochOfLane, Finished, Fit, Lanes, Program
from regcore.lanes.engines import EngineName
from regcore.network import Architecture
from regcore.testing.settings import fixed_of

MANY: Mapping[str, float | int | str] = {
    "l1.strength": 1e-5,
    "proximal_l1.strength": 1e-4,
    "l2.strength": 1e-4,
    "elastic_net.l1": 1e-5,
    "elastic_net.l2": 1e-4,
    "weight_regularization.norm": "l2",
    "weight_regularization.strength": 1e-5,
    "dropout.rate": 0.2,
    "batch_norm.momentum": 0.1,
    "rotation.degrees": 10.0,
    "scaling.amount": 0.1,
    "flip.horizontal": 0.2,
    "crop.padding": 0.125,
    "decoupled_weight_decay.strength": 1e-2,
    "early_stopping.patience": 3,
}
"""Values at which kinds of many sites learn together."""

MANY_KINDS = tuple(sorted({name.partition(".")[0] for name in MANY}))


@dataclass
class Run:
    """What a set of fits reported."""

    epochs: dict[str, list[EpochOfLane]] = field(default_factory=dict)
    ends: dict[str, Finished | Diverged] = field(default_factory=dict)

    def losses(self, key: str) -> list[float]:
        return [loss for epoch in self.epochs[key] for loss in (epoch.train_loss, epoch.validation_loss)]


@cache
def digits_split(name: str = "digits") -> Split:
    rows = load_bundled(name)
    indices = split_rows(rows, validation=0.2, test=0.2, stratify=True, test_seed=0, split_seed=0)
    return prepare(rows, indices)


def digits_program(named: Sequence[str] = (), architecture: Architecture | None = None, **changes: str) -> Program:
    chosen = {"optimizer": "adamw", "schedule": "constant", "objective": "balanced_accuracy", "direction": "maximize"}
    return Program(
        architecture=architecture or Mlp(width=32, depth=2),
        batch_size=128,
        kinds=tuple(named),
        task="classification",
        outputs=10,
        fixed={name: value for kind in named for name, value in fixed_of(kind).items()},
        **{**chosen, **changes},
    )


def trained(
    program: Program, fits: Sequence[Fit], lanes: int, split: Split | None = None, engine: EngineName = "eager"
) -> Run:
    """All fits trained to their ends, refilling lanes as they come free."""
    together = Lanes(program, split or digits_split(), lanes=lanes, engine=engine)
    waiting, run = list(fits), Run()
    while waiting or together.busy:
        entering, waiting = waiting[: together.free], waiting[together.free :]
        together.fill(entering)
        tick = together.advance()
        if tick is None:
            continue
        for epoch in tick.epochs:
            run.epochs.setdefault(epoch.key, []).append(epoch)
        run.ends.update({end.key: end.outcome for end in tick.ended})
    return run
