"""Memory: how many bytes the lanes of a program take, found by rehearsing them on tensors without numbers.

What lanes hold between steps is the size of their tensors. What a step, an evaluation and a refill take beyond that is
the most that is alive at once while they run on torch's device "meta", which computes shapes alone: so every network
and every kind is counted, also those of others, at no cost in memory. docs/memory.md says what the numbers are made of.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from regcore.lanes import stacking
from regcore.lanes.engines import EngineName
from regcore.lanes.engines import find as find_engine
from regcore.lanes.evaluation import ROWS_AT_ONCE, Rows, lanes_at_once
from regcore.lanes.fused import FusedProgram
from regcore.lanes.metrics import RANKING
from regcore.lanes.program import Fit, Program
from regcore.lanes.settings import lane_settings
from regcore.lanes.step import Clock

if TYPE_CHECKING:
    from regcore.data import Split

_REHEARSED_LANES = 2
_WITHOUT_NUMBERS = torch.device("meta")

_COPIES = 14
"""How often ranking holds the logits of the lanes that it ranks, as integers and in double precision among others."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What ranking rows takes: bytes of logits for each lane, many times over for a few lanes at once.

    `kept` is what every lane keeps meanwhile.
    """

    logits: int
    lanes_at_once: int
    kept: int

    def bytes(self, lanes: int) -> int:
        """Those of so many lanes."""
        return lanes * self.kept + min(lanes, self.lanes_at_once) * self.logits * _COPIES


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a program takes on its device.

    `shared` once; for each lane what it `holds` all the time, and what its `work` takes for a moment beyond that.
    There are never fewer than `least_lanes`: a fit that trains by itself has a silent neighbour.
    """

    shared: int
    holds: int
    work: int
    least_lanes: int
    rankings: tuple[Ranking, ...]

    def bytes(self, fits: int) -> int:
        """What so many fits take together, at least 1."""
        lanes = max(fits, self.least_lanes)
        moment = max([lanes * self.work, *(ranking.bytes(lanes) for ranking in self.rankings)])
        return self.shared + lanes * self.holds + moment

    def most_fits(self, free: int) -> int:
        """How many fits find room in so many bytes; 0 where not even one does."""
        most = max(1, (free - self.shared) // (self.holds + self.work))
        while most and self.bytes(most) > free:
            most -= 1
        return most


def need_of(program: Program, split: Split, engine: EngineName, device: torch.device) -> Need:
    """What the fits of a program take, all of its kinds in use; rows that lie on the device already count nothing."""
    with _WITHOUT_NUMBERS:
        rehearsal = _Rehearsal(program, split, engine)
        holds = rehearsal.held_bytes()
        work = rehearsal.most_bytes()
    rows = (split.inputs_train, split.targets_train, split.inputs_validation, split.targets_validation)
    return Need(
        shared=sum(_bytes(tensor) for tensor in rows if tensor.device != device),
        holds=holds,
        work=work,
        least_lanes=find_engine(engine).least_lanes,
        rankings=tuple(_rankings(program, split, rehearsal.best_bytes())),
    )


def _rankings(program: Program, split: Split, best: int) -> Iterator[Ranking]:
    """Those of an epoch, whose objective ranks the validation rows, and of the end of fits, by their best weights."""
    if program.task == "classification":
        yield _ranking(program, len(split.targets_validation), kept=2 * best)
    if program.objective in RANKING:
        yield _ranking(program, len(split.targets_validation), kept=4 * len(split.targets_validation) * program.outputs)
        yield _ranking(program, len(split.targets_train), kept=2 * best)


def _ranking(program: Program, rows: int, kept: int) -> Ranking:
    return Ranking(4 * rows * program.outputs, lanes_at_once(rows, program.outputs), kept)


class _Rehearsal:
    """A few lanes of a program on tensors without numbers, all kinds in use."""

    def __init__(self, program: Program, split: Split, engine: EngineName) -> None:
        # The compiled step is traced from the mapped one, and cannot run without numbers itself.
        runs = find_engine("eager" if engine == "compiled" else engine)
        self._fused = FusedProgram(program, split, _WITHOUT_NUMBERS, runs)
        self._count = runs.most_lanes or _REHEARSED_LANES
        used = {f"{kind}.gate": True for kind in program.kinds}
        fits = [Fit("nobody", seed, 1, used) for seed in range(self._count)]
        # Where there are neighbours, those may use other kinds: each is masked then, which takes copies of its own.
        self._settings = lane_settings(program, fits, _WITHOUT_NUMBERS, spare=self._count == 1)
        self._lanes = self._fused.start(fits)
        self._first = torch.zeros(self._count, dtype=torch.int32)

    def held_bytes(self) -> int:
        """What a lane holds between steps: its tensors, and the order of its rows."""
        return _bytes(self._lanes) // self._count + 8 * len(self._fused.train_rows.targets)

    def best_bytes(self) -> int:
        """What the weights of a lane's best epoch take."""
        return _bytes(self._lanes.best) // self._count

    def most_bytes(self) -> int:
        """The most that a lane takes for a moment beyond what it holds."""
        moments = (self._refill, self._step, self._evaluate)
        return max(_most_alive(moment) for moment in moments) // self._count

    def _refill(self) -> object:
        parts = [stacking.take(self._lanes, torch.tensor([place])) for place in range(self._count)]
        return stacking.join([parts[0], *parts])

    def _step(self) -> object:
        clock = Clock(self._first, torch.ones_like(self._first, dtype=torch.int64))
        rows = torch.zeros((self._count, self._fused.batch_size), dtype=torch.int64)
        return self._fused.step(self._lanes, self._settings, rows, clock)

    def _evaluate(self) -> object:
        evaluation, rows = self._fused.evaluation, self._fused.train_rows
        return list(
            evaluation.chunks(
                self._lanes.now, self._settings, Rows(rows.inputs[:ROWS_AT_ONCE], rows.targets[:ROWS_AT_ONCE])
            )
        )


class _Alive(TorchDispatchMode):
    """Counts the bytes of the tensors that operations make, and the most that are alive at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.most = 0
        self._now = 0
        self._known: dict[int, weakref.ref[Any]] = {}

    def __torch_dispatch__(
        self,
        operation: Callable[..., Any],
        types: Any,
        arguments: tuple[Any, ...] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Any:
        result = operation(*arguments, **(named or {}))
        pytree.tree_map_only(Tensor, self._note, result)
        return result

    def _note(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        place, size = id(storage), storage.nbytes()
        if place in self._known:
            return

        def forget(_: object) -> None:
            self._now -= size
            del self._known[place]

        self._known[place] = weakref.ref(storage, forget)
        self._now += size
        self.most = max(self.most, self._now)


def _most_alive(work: Callable[[], object]) -> int:
    """The bytes that are alive at once while it works, at most, without those that were there before."""
    alive = _Alive()
    with alive:
        work()
    return alive.most


def _bytes(tree: Any) -> int:
    return sum(leaf.numel() * leaf.element_size() for leaf in pytree.tree_leaves(tree) if isinstance(leaf, Tensor))
