"""One trial of Syne Tune, which starts this file as a process with a setting in its words, and reads its reports."""

from __future__ import annotations

import argparse
import pickle
from importlib import import_module
from pathlib import Path

import torch

from benchmarks.loops import Training, careful
from benchmarks.workload import RANGES


def main() -> None:
    """Trains the setting and reports each epoch's log loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training", type=Path, required=True)
    for name in RANGES:
        parser.add_argument(f"--{name}", type=float, required=True)
    words = vars(parser.parse_known_args()[0])
    torch.set_num_threads(1)
    training: Training = pickle.loads(words["training"].read_bytes())
    report = import_module("syne_tune").Reporter()
    for epoch, score in enumerate(careful(training, {name: words[name] for name in RANGES}), start=1):
        report(epoch=epoch, loss=score)


if __name__ == "__main__":
    main()
