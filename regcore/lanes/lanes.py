"""The lanes: fits of one program training as one tensor program, refilled as they end."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from regcore.lanes import stacking
from regcore.lanes.ending import Ending, divergence, endings, finished
from regcore.lanes.engines import EngineName
from regcore.lanes.engines import find as find_engine
from regcore.lanes.fused import FusedLanes, FusedProgram
from regcore.lanes.graphs import on_device
from regcore.lanes.program import EndOfFit, EpochOfLane, Finished, Fit, Program, TickOfLanes
from regcore.lanes.record import Record
from regcore.lanes.settings import LaneSettings, lane_settings
from regcore.lanes.step import Clock
from regcore.lanes.turns import wait_patiently

if TYPE_CHECKING:
    # scikit-learn and polars come with it, which one who only writes or tries a regularizer need not load
    from regcore.data import Split


@dataclass
class _Company:
    """The lanes that train together: their tensors, their settings, and a record for each but the silent ones."""

    lanes: FusedLanes
    settings: LaneSettings
    records: list[Record]


@dataclass
class _Epoch:
    """An epoch in progress: the rows of every lane in order `[K, N]`, its first steps, and the data losses so far."""

    order: Tensor
    clock: Clock
    losses: list[Tensor]


class Lanes:
    """Trains fits of one program side by side; a fit's curve does not depend on its neighbours.

    Fill it, then call `advance` until nothing is busy, filling again as lanes come free::

        lanes = Lanes(program, split, lanes=32)
        lanes.fill(fits)
        while lanes.busy:
            tick = lanes.advance()
    """

    def __init__(
        self,
        program: Program,
        split: Split,
        device: str = "cpu",
        lanes: int = 16,
        engine: EngineName = "eager",
        *,
        while_waiting: Callable[[], None] = wait_patiently,
    ) -> None:
        """Put the split's rows on a device ("cpu", "cuda", "cuda:N") and make room for so many lanes, at least 1.

        The engine `alone` has room for one, whatever is asked for, and so has `compiled` where a network convolves on a
        processor. The engine `compiled` compiles here, which takes up to a minute where no graph of the same structure
        is kept from before. A graph that another process is compiling is waited for; `while_waiting` is called twice a
        second then, and what it raises ends the waiting.

        Raises:
            ValueError: there are fewer than one lane.
            CannotCompile: the engine is `compiled`, and this machine cannot.
        """
        if lanes < 1:
            raise ValueError(f"a program needs at least one lane, got {lanes}")
        self.program = program
        where = torch.device(device)
        self._fused = FusedProgram(program, split, where, on_device(find_engine(engine), where))
        self._engine = self._fused.engine
        self._capacity = min(lanes, self._engine.most_lanes or lanes)
        self._fused.make_ready(while_waiting)
        self._entering: list[Record] = []
        self._company: _Company | None = None
        self._epoch: _Epoch | None = None

    @property
    def busy(self) -> int:
        """How many fits are training or about to."""
        return len(self._entering) + len(self._training())

    @property
    def free(self) -> int:
        """How many more fits may be filled in."""
        return self._capacity - self.busy

    def fill(self, fits: Sequence[Fit]) -> None:
        """Let fits enter at the next epoch.

        Raises:
            ValueError: there are more fits than free lanes.
        """
        if len(fits) > self.free:
            raise ValueError(f"{len(fits)} fits do not fit into {self.free} free lanes")
        self._entering += [Record(fit) for fit in fits]

    def cancel(self, keys: Collection[str]) -> dict[str, Finished]:
        """End fits now, each at the last epoch that it finished, and free their lanes; gives what they are worth.

        Those that had finished no epoch are left out.
        """
        self._entering = [record for record in self._entering if record.fit.key not in keys]
        ending: list[Ending] = []
        for place in self._training():
            record = self._together().records[place]
            if record.fit.key in keys:
                record.over = True
                if record.epoch:
                    ending.append(Ending(place, "cancelled", "cancelled by the caller"))
        worth = zip(ending, self._finished(ending), strict=True)
        return {self._together().records[end.place].fit.key: outcome for end, outcome in worth}

    def advance(self, seconds: float = 2.0) -> TickOfLanes | None:
        """Train for about so many seconds: what the epoch gave if it is over, None if it goes on at the next call."""
        until = time.monotonic() + seconds
        if self._epoch is None:
            self._company = self._arranged()
            if self._company is None:
                return TickOfLanes((), ())
            self._epoch = self._begun(self._company)
        company, epoch = self._together(), self._epoch
        while len(epoch.losses) < self._fused.steps_per_epoch:
            self._step(company, epoch)
            if time.monotonic() >= until and len(epoch.losses) < self._fused.steps_per_epoch:
                return None
        self._epoch = None
        return self._ticked(company, stacking.on_host(torch.stack(epoch.losses)).mean(0))

    def _training(self) -> list[int]:
        records = [] if self._company is None else self._company.records
        return [place for place, record in enumerate(records) if not record.over]

    def _together(self) -> _Company:
        if self._company is None:
            raise RuntimeError("no lane is busy")
        return self._company

    def _arranged(self) -> _Company | None:
        """The company without the lanes that are over and with the fits that enter; None if nobody is left."""
        staying = self._training()
        if self._company is not None and not self._entering and len(staying) == len(self._company.records):
            return self._company
        parts: list[FusedLanes] = []
        records: list[Record] = []
        if self._company is not None and staying:
            parts.append(stacking.take(self._company.lanes, self._places(staying)))
            records += [self._company.records[place] for place in staying]
        if self._entering:
            new = self._fused.start([record.fit for record in self._entering])
            parts.append(stacking.moved(new, self._fused.device))
            records += self._entering
            self._entering = []
        if not records:
            return None
        silent = self._engine.width(len(records), self._capacity) - len(records)
        if silent:
            parts.append(stacking.take(parts[0], self._places([0] * silent)))
        settings = self._settings([record.fit for record in records] + [records[0].fit] * silent)
        return _Company(stacking.join(parts), settings, records)

    def _settings(self, fits: Sequence[Fit]) -> LaneSettings:
        return lane_settings(self.program, fits, self._fused.device, spare=self._engine.spares)

    def _places(self, places: Sequence[int]) -> Tensor:
        return torch.tensor(places, dtype=torch.int64, device=self._fused.device)

    def _begun(self, company: _Company) -> _Epoch:
        silent = [company.records[0]] * (len(company.lanes.keys) - len(company.records))
        records = company.records + silent
        epochs = torch.tensor([r.epoch for r in records], dtype=torch.int32, device=self._fused.device)
        lengths = self._places([r.fit.epochs for r in records])
        steps = self._fused.steps_per_epoch
        return _Epoch(self._fused.order(company.lanes, epochs), Clock(epochs * steps, lengths * steps), [])

    def _step(self, company: _Company, epoch: _Epoch) -> None:
        done, size = len(epoch.losses), self._fused.batch_size
        rows = epoch.order[:, done * size : (done + 1) * size]
        clock = epoch.clock._replace(step=epoch.clock.step + done)
        company.lanes, losses = self._fused.step(company.lanes, company.settings, rows, clock)
        epoch.losses.append(losses)

    def _ticked(self, company: _Company, train: stacking.Numbers) -> TickOfLanes:
        """Evaluate all lanes, note the epoch, and end what diverged, stopped or is complete."""
        evaluation, rows = self._fused.evaluation, self._fused.validation_rows
        measured = evaluation.measure(company.lanes.now, company.settings, rows, evaluation.of_epoch)
        validation, metrics = measured.losses, measured.metrics
        epochs: list[EpochOfLane] = []
        ended: list[EndOfFit] = []
        improved = np.zeros(len(company.lanes.keys), dtype=bool)
        for place in self._training():
            record = company.records[place]
            of_lane = {name: float(column[place]) for name, column in metrics.items()}
            diverged = divergence(record, train[place], validation[place], of_lane[self.program.objective])
            if diverged is not None:
                ended.append(EndOfFit(record.fit.key, diverged))
                record.over = True
                continue
            epochs.append(record.add(float(train[place]), float(validation[place]), of_lane, self.program.objective))
            improved[place] = record.best_epoch == record.epoch
        mask = torch.from_numpy(improved).to(self._fused.device)
        company.lanes = self._fused.keep_best(company.lanes, mask)
        ending = endings(self.program, {place: company.records[place] for place in self._training()})
        for end, outcome in zip(ending, self._finished(ending), strict=True):
            company.records[end.place].over = True
            ended.append(EndOfFit(company.records[end.place].fit.key, outcome))
        return TickOfLanes(tuple(epochs), tuple(ended))

    def _finished(self, ending: Sequence[Ending]) -> list[Finished]:
        at_once = self._fused.lanes_at_once
        return [one for start in range(0, len(ending), at_once) for one in self._few_finished(ending[start:][:at_once])]

    def _few_finished(self, ending: Sequence[Ending]) -> list[Finished]:
        company = self._together()
        places = [end.place for end in ending]
        padded = places + places[:1] * max(0, self._engine.least_lanes - len(places))
        best = stacking.take(company.lanes.best, self._places(padded))
        settings = self._settings([company.records[place].fit for place in padded])
        return finished(self.program, self._fused, best, settings, [(e, company.records[e.place]) for e in ending])
