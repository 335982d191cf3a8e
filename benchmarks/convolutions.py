"""What one convolution of K lanes costs in each form that one could write it, forward and backward.

Run it as `python -m benchmarks.convolutions`. Forms take turns, and what counts are the ratios to the form that
the engine uses, `grouped`: what `vmap` makes of torch's own convolution. `one by one` is the loop over lanes with
channels last, which is what the engine does on a processor. `--compile` makes a graph of each form first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks import machine
from benchmarks.report import add_output, report, write

Convolution = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Of one lane: images `[B, C, H, W]`, weights `[D, C, k, k]`, biases `[D]` → `[B, D, H, W]`, zeros around."""
Gradients = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, ...]]
"""Of K lanes `[K, …]`: the gradients of the sum of squared outputs, in the order of the arguments."""

BASE = "grouped"
_ROWS = 128
_CALLS = 3


def grouped(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """torch's own convolution, one with a group for each lane once it is mapped."""
    return functional.conv2d(images, weight, bias, padding=weight.shape[-1] // 2)


def unfolded(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Patches as columns, by `unfold`, and one product."""
    kernel = weight.shape[-1]
    columns = functional.unfold(images, kernel, padding=kernel // 2)
    outputs = weight.flatten(start_dim=1) @ columns + bias[:, None]
    return outputs.reshape(*outputs.shape[:-1], *images.shape[-2:])


def sliced(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Patches as rows with channels last, put together from shifted views, and one product."""
    (height, width), kernel = images.shape[-2:], weight.shape[-1]
    padded = functional.pad(images, [kernel // 2] * 4).permute(0, 2, 3, 1)
    shifted = [padded[:, y : y + height, x : x + width] for y in range(kernel) for x in range(kernel)]
    outputs = functional.linear(torch.cat(shifted, dim=-1), weight.permute(0, 2, 3, 1).flatten(start_dim=1), bias)
    return outputs.permute(0, 3, 1, 2)


FORMS: dict[str, Convolution] = {"grouped": grouped, "unfolded": unfolded, "sliced": sliced}


def over_lanes(form: Convolution) -> Gradients:
    """The gradients of K lanes in a form, mapped."""

    def loss(images: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return form(images, weight, bias).square().sum()

    gradients: Gradients = torch.func.vmap(torch.func.grad(loss, argnums=(0, 1, 2)))
    return gradients


def one_by_one(images: Tensor, weights: Tensor, biases: Tensor) -> tuple[Tensor, ...]:
    """The gradients of K lanes, one after the other with channels last."""
    found = []
    for lane in zip(images, weights, biases, strict=True):
        own = [part.to(memory_format=torch.channels_last) if part.dim() == 4 else part for part in lane]
        own = [part.detach().requires_grad_() for part in own]
        found.append(torch.autograd.grad(grouped(*own).square().sum(), own))
    return tuple(torch.stack(parts) for parts in zip(*found, strict=True))


def contestants(compiled: bool) -> dict[str, Gradients]:
    """Every form for K lanes; compiled ones as graphs of whatever sizes come."""
    mapped = {name: over_lanes(form) for name, form in FORMS.items()}
    if not compiled:
        return {**mapped, "one by one": one_by_one}
    return {**mapped, **{f"{name}, compiled": torch.compile(form) for name, form in mapped.items()}}


def measured(options: argparse.Namespace, lanes: int, side: int) -> dict[str, Any]:
    """The time of each form for so many lanes and pixels, and its ratio to the base, above 1 if faster."""
    device = torch.device(options.device)
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(lanes, _ROWS, options.channels, side, side, generator=generator).to(device)
    weights = torch.randn(lanes, 2 * options.channels, options.channels, 3, 3, generator=generator).to(device)
    biases = torch.zeros(lanes, 2 * options.channels, device=device)
    forms = contestants(options.compile)
    seconds: dict[str, list[float]] = {name: [] for name in forms}
    for number in range(options.rounds + 1):
        for name, form in forms.items():
            spent = _seconds(lambda form=form: form(images, weights, biases), device)  # type: ignore[misc]
            if number:  # the first round is not counted: it compiles, and picks algorithms
                seconds[name].append(spent)
    return {
        "lanes": lanes,
        "side": side,
        "channels": options.channels,
        "microseconds_a_lane": {name: round(statistics.median(s) / lanes * 1e6) for name, s in seconds.items()},
        "ratios": {
            name: round(statistics.median(b / o for b, o in zip(seconds[BASE], s, strict=True)), 2)
            for name, s in seconds.items()
        },
    }


def main(words: Sequence[str] | None = None) -> None:
    """Runs the benchmark that the words describe, prints its table and writes its JSON."""
    options = _options(words)
    torch.set_num_threads(1)
    before = machine.speed()
    found = []
    for side in options.sides:
        for lanes in options.lanes:
            found.append(measured(options, lanes, side))
            print(f"{lanes} lanes, {side}×{side}: {json.dumps(found[-1]['ratios'])}", flush=True)
    write(report({"device": options.device, "forms": found}, [before, machine.speed()]), options.output)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    """Seconds of a call: of the processor, or of a GPU until it is done."""
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    began = clock()
    for _ in range(_CALLS):
        work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return (clock() - began) / _CALLS


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.convolutions", description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--lanes", type=int, nargs="+", default=(1, 2, 4, 16))
    parser.add_argument("--sides", type=int, nargs="+", default=(8, 28), help="pixels of the square images' sides")
    parser.add_argument("--channels", type=int, default=16, help="channels in; twice as many come out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="each form as it is, and as a graph")
    add_output(parser)
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
