"""Time to target: how long until a search has the validation score that the typical loop reaches in ten minutes.

`python -m benchmarks.time_to_target --output FILE` takes hours: three data sets, three seeds, and for each of the nine
cells ten minutes of the typical loop and then the careful loop and the whole service, each until it has reached the
typical loop's best score or the same time is over. Every finished cell is written at once; started again with the same
file and options, the benchmark goes on after the last one. `--quick` takes a minute or two, and says little.

All search the same space for the same network on the same rows of the same split, which the seed decides, with as many
processes of one thread. The typical loop shares a study in SQLite (TPE, median pruner), the careful one a journal
(likewise); the service is `regtune up` with its own sampler and its own pruner, early stopping, and compiles where it
chooses to, in a folder without any graph kept from before. The score is the log loss of the validation rows, that of
the best epoch: on few rows accuracies are equal or 1 by luck, which a log loss is not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine, whole_service
from benchmarks.data_sets import split_of, upload
from benchmarks.loops import Training, losses
from benchmarks.machine import Speed
from benchmarks.processes import Team
from benchmarks.report import report, spread, table, write
from benchmarks.searching import Rules, best, search, seconds_to
from benchmarks.workload import Workload

BUNDLED = ("digits-table", "breast_cancer", "wine")
TABLES = ("digits-table", "credit-g", "phoneme")
PATIENCE_EPOCHS = 10
_MOST_TRIALS = 1_000_000


@dataclass(frozen=True)
class Cell:
    """One data set and seed."""

    dataset: str
    seed: int


def main(words: Sequence[str] | None = None) -> None:
    """Runs the cells that are not in the file yet, prints the table of all and writes the file after each."""
    options = _options(words)
    asked = {name: getattr(options, name) for name in ("minutes", "cores", "lanes", "width", "epochs", "batch_size")}
    cells, speeds = _kept(options.output, asked)
    wanted = [Cell(dataset, seed) for seed in range(options.seeds) for dataset in options.datasets]
    done = [Cell(cell["dataset"], cell["seed"]) for cell in cells]
    for cell in wanted:
        if cell in done:
            print(f"{cell.dataset}, seed {cell.seed}: kept from before", flush=True)
            continue
        cells.append(_measured(cell, options))
        speeds.append(machine.speed())
        print(f"{cell.dataset}, seed {cell.seed}: {_line(cells[-1])}", flush=True)
        write(_document(cells, asked, speeds), options.output)
    print(_table(_summaries(cells)))


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.time_to_target", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="the JSON, which is also where to go on from")
    parser.add_argument("--tables", type=Path, default=None, help="a folder of tables, <name>.csv.gz, target last")
    parser.add_argument("--datasets", nargs="+", default=None, help="bundled ones, and names of tables")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the typical loop, and at most of the others")
    parser.add_argument("--cores", type=int, default=2, help="processes of each contestant, one thread each")
    parser.add_argument("--lanes", type=int, default=32, help="fits that a process of ours trains at once")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--quick", action="store_true", help="one set, one seed, 9 seconds, a small network")
    options = parser.parse_args(words)
    options.datasets = options.datasets or (BUNDLED if options.tables is None else TABLES)
    if options.quick:
        options.datasets, options.seeds, options.minutes = options.datasets[:1], 1, min(options.minutes, 0.15)
        options.width, options.epochs = 32, min(options.epochs, 10)
    return options


def _kept(path: Path, asked: Mapping[str, object]) -> tuple[list[dict[str, Any]], list[Speed]]:
    """The cells and the machine's speeds that the file has from before."""
    if not path.exists():
        return [], []
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["asked"] != asked:
        raise SystemExit(f"{path} was measured with {document['asked']}, not {asked}: name another file, or the same")
    return document["cells"], [Speed(**speed) for speed in document["speeds"]]


def _measured(cell: Cell, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        document = _document_of_study(cell, options, data)
        split = split_of(data, document)
        training = Training(split, options.width, 2, options.epochs, options.batch_size, losses)
        seconds = 60 * options.minutes
        with Team(options.cores) as team:
            rules = Rules("typical", f"sqlite:///{folder / 'typical.db'}", prunes=True, seconds=seconds)
            searched = search(team, training, rules, folder)
            target = best(searched)
            rules = Rules("careful", str(folder / "journal"), prunes=True, seconds=seconds, target=target.score)
            careful = seconds_to(target.score, search(team, training, rules, folder))
        with whole_service.running_service(data, options.cores, options.lanes) as url:
            # What workers load first is not in the time, as it is not in that of the loops.
            whole_service.warm_up(url, options.cores, options.lanes)
            ours = whole_service.seconds_to(url, document, target.score, seconds)
    return {
        "dataset": cell.dataset,
        "seed": cell.seed,
        "rows": {"training": len(split.inputs_train), "validation": len(split.inputs_validation)},
        "target": target.score,
        "typical": {"seconds": seconds, "reached_after": target.seconds, "trials": sum(s.trials for s in searched)},
        "careful": careful,
        "service": ours,
    }


def _document_of_study(cell: Cell, options: argparse.Namespace, data: Path) -> dict[str, Any]:
    """The study, on a data set that the deployment on the folder has."""
    workload = Workload(options.width, 2, options.epochs, options.batch_size, _MOST_TRIALS, options.lanes)
    document = whole_service.study_of(workload, f"{cell.dataset}, seed {cell.seed}")
    dataset = cell.dataset
    if options.tables is not None and (options.tables / f"{dataset}.csv.gz").exists():
        with whole_service.running_service(data, cores=1, lanes=1) as url:
            dataset = upload(url, dataset, options.tables)
    stopping = {"kind": "early_stopping", "patience": PATIENCE_EPOCHS}
    return {
        **document,
        "dataset": dataset,
        "seed": cell.seed,
        "regularizers": [*document["regularizers"], stopping],
        "objective": {"metric": "log_loss", "direction": "minimize"},
        "pruner": {"kind": "early_stopping"},
    }


def _document(cells: Sequence[dict[str, Any]], asked: Mapping[str, object], speeds: Sequence[Speed]) -> dict[str, Any]:
    results = {
        "asked": asked,
        "summaries": list(_summaries(cells)),
        "cells": cells,
        "speeds": [vars(speed) for speed in speeds],
    }
    return report(results, speeds)


def _summaries(cells: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """For each data set the spread over seeds; one that was not reached counts as the time that it had."""
    for dataset in dict.fromkeys(cell["dataset"] for cell in cells):
        of_set = [cell for cell in cells if cell["dataset"] == dataset]
        seconds = {
            name: [cell[name] if cell[name] is not None else cell["typical"]["seconds"] for cell in of_set]
            for name in ("careful", "service")
        }
        yield {
            "dataset": dataset,
            "seeds": len(of_set),
            "targets": spread([cell["target"] for cell in of_set], digits=5),
            "reached": {name: sum(cell[name] is not None for cell in of_set) for name in seconds},
            "seconds": {name: spread(of_name, digits=1) for name, of_name in seconds.items()},
            "typical_seconds_over": {
                name: spread([cell["typical"]["seconds"] / each for cell, each in zip(of_set, of_name, strict=True)])
                for name, of_name in seconds.items()
            },
        }


def _line(cell: Mapping[str, Any]) -> str:
    shown = {name: "not reached" if cell[name] is None else f"{cell[name]:.1f} s" for name in ("careful", "service")}
    typical = f"typical {cell['target']:.4f} after {cell['typical']['reached_after']:.0f} s"
    return f"{typical} of {cell['typical']['seconds']:.0f}, careful {shown['careful']}, service {shown['service']}"


def _table(summaries: Iterator[dict[str, Any]]) -> str:
    rows = []
    for each in summaries:
        for name, seconds in each["seconds"].items():
            ratio = each["typical_seconds_over"][name]
            rows.append(
                (
                    *(each["dataset"], f"{each['targets']['median']:.4f}", name),
                    *(f"{seconds['median']:.1f}", f"{seconds['low']:.1f}–{seconds['high']:.1f}"),
                    *(f"{ratio['median']:.1f}×", f"{each['reached'][name]} of {each['seeds']}"),
                )
            )
    return table(("data set", "target", "who", "seconds", "low–high", "typical's time over it", "reached"), rows)


if __name__ == "__main__":
    main()
