"""Synthetic surfaces in the shape of regularization searches: what a study would find, without training anything.

Each has its least loss, 0, at a place that its seed chooses, so that no sampler can be made to fit one. Distances are
measured on each dimension's own scale. Most have what makes real searches hard: strengths behind gates, gates that do
harm, hyperparameters that trade off against each other, cliffs, plateaus, and dimensions that do not matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from regtune.space import Dimension, SearchSpace
from service.coordinator.draws import place, share_of, unit_from
from service.coordinator.sampler import Point

Luck = Callable[[str], float]
"""A number in [0, 1) that the instance has under a name."""

Shape = Callable[[Mapping[str, float], Point, Luck], float]
"""Loss of a point from its signed distances to the optimum, by number dimension, of those that the point has."""


@dataclass(frozen=True)
class Surface:
    """A kind of search. `noise` is the standard deviation of what a trial reports beside its true loss."""

    name: str
    space: SearchSpace
    shape: Shape
    noise: float = 0.0

    def loss(self, seed: int, point: Point) -> float:
        """The true loss of a point in the instance with this seed."""

        def luck(name: str) -> float:
            return unit_from("surface", self.name, seed, name)

        distances = {at.name: _distance(at, point, luck) for at in self.space if at.name in point and not _options(at)}
        return self.shape(distances, point, luck)

    def reported(self, seed: int, number: int, point: Point) -> float:
        """What trial `number` reports: the true loss, and noise that depends on the instance and the number alone."""
        if self.noise == 0:
            return self.loss(seed, point)
        first, second = (1 - unit_from("noise", self.name, seed, number, part) for part in range(2))
        return self.loss(seed, point) + self.noise * math.sqrt(-2 * math.log(first)) * math.cos(math.tau * second)


def _options(at: Dimension) -> bool:
    return at.low is None


def _distance(at: Dimension, point: Point, luck: Luck) -> float:
    best = share_of(at, place(at, 0.1 + 0.8 * luck(at.name)))
    return share_of(at, point[at.name]) - best


def _real(name: str, low: float = 0.0, high: float = 0.9, gate: str | None = None) -> Dimension:
    return Dimension(name, "real", low=low, high=high, conditions=_behind(gate))


def _log(name: str, low: float = 1e-6, high: float = 1.0, gate: str | None = None) -> Dimension:
    return Dimension(name, "real", low=low, high=high, log=True, conditions=_behind(gate))


def _whole(name: str, low: int, high: int, *, log: bool = False, gate: str | None = None) -> Dimension:
    return Dimension(name, "integer", low=low, high=high, log=log, conditions=_behind(gate))


def _behind(gate: str | None) -> dict[str, bool]:
    return {} if gate is None else {gate: True}


def _choice(name: str, count: int) -> Dimension:
    return Dimension(name, "choice", choices=tuple(f"{name} {index}" for index in range(count)))


def _gated(*names: str) -> Iterable[Dimension]:
    for name in names:
        yield Dimension(f"{name}.gate", "flag")
        yield _log(f"{name}.strength", gate=f"{name}.gate")


def _space(*dimensions: Dimension) -> SearchSpace:
    return SearchSpace(dimensions)


def _squares(distances: Mapping[str, float], names: Iterable[str] | None = None) -> float:
    return sum(distances[name] ** 2 for name in (distances if names is None else names))


def _valley(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    rate, decay = distances["rate"], distances["decay"]
    return 4 * (rate + decay) ** 2 + 0.3 * (rate - decay) ** 2


def _trade_off(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    total = distances["dropout"] + 0.7 * distances["decay"] + 0.4 * distances["smoothing"]
    return 2 * total**2 + 0.15 * _squares(distances)


def _cliff(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    rate = distances["rate"] + 0.3 * distances["momentum"]
    return 1.0 if rate > 0.3 else rate**2 + 0.3 * _squares(distances)


def _plateau(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    patience, epochs = min(distances["patience"], 0.0), min(distances["epochs"], 0.0)
    return 1 - math.exp(-4 * (patience**2 + epochs**2)) + 0.2 * _squares(distances) + abs(distances["decay"])


def _few_matter(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    return _squares(distances, ("h0", "h1")) + 0.01 * _squares(distances)


def _sum_of_squares(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    return _squares(distances)


def _rotated(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    values = list(distances.values())
    pairs = [first + (2 * luck(f"tilt {index}") - 1) * second for index, (first, second) in enumerate(_chain(values))]
    return sum((1 + 3 * (index % 3)) * pair**2 for index, pair in enumerate(pairs))


def _chain(values: list[float]) -> Iterable[tuple[float, float]]:
    return zip(values, [*values[1:], values[0]], strict=True)


def _ripples(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    return sum(each**2 + 0.03 * (1 - math.cos(6 * math.pi * each)) for each in distances.values())


def _gates(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    """A gate that helps is worth the more the nearer its strength; two in five do harm at any strength."""
    loss = 0.0
    for name in (name for name in point if name.endswith(".gate")):
        kind = name.removesuffix(".gate")
        worth = 0.3 + luck(f"worth of {kind}")
        if luck(f"helps {kind}") < 0.4:
            loss += 0.3 * worth if point[name] else 0.0
        else:
            loss += worth * (min(1.0, 12 * distances[f"{kind}.strength"] ** 2) if point[name] else 0.6)
    return loss + _squares({name: each for name, each in distances.items() if "." not in name})


def _substitutes(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    """Either of two does the work of both, and the second does it better: on together, they overdo it."""
    first = min(1.0, 10 * distances["l1.strength"] ** 2) if point["l1.gate"] else 1.0
    second = min(1.0, 10 * distances["l2.strength"] ** 2) if point["l2.gate"] else 1.0
    return (
        _squares(distances, ("rate", "dropout"))
        + min(0.2 + first, second)
        + (0.3 if point["l1.gate"] and point["l2.gate"] else 0.0)
    )


def _norms(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    """Each norm wants another strength, and one norm is the best."""
    norm = str(point["norm"])
    away = distances["strength"] - 0.5 * (luck(norm) - 0.5) * (norm != _best("norm", 4, luck))
    return 3 * away**2 + _squares(distances, ("dropout",)) + 0.2 * (norm != _best("norm", 4, luck)) * luck(f"{norm} 2")


def _best(name: str, count: int, luck: Luck) -> str:
    return f"{name} {int(luck(f'best {name}') * count)}"


def _many_choices(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    names = ("norm", "schedule", "initialization", "optimizer")
    wrong = [point[name] != _best(name, 3 + index, luck) for index, name in enumerate(names)]
    prices = [0.1 + 0.4 * luck(str(point[name])) for name in names]
    together = 0.2 * (wrong[0] and wrong[3])
    return sum(price * is_wrong for price, is_wrong in zip(prices, wrong, strict=True)) + together + _squares(distances)


def _augmentation(distances: Mapping[str, float], point: Point, luck: Luck) -> float:
    """Augmentations help up to a sum; patience must grow with them."""
    on = [name for name in ("rotation.degrees", "scaling.percent", "crop.padding") if name in distances]
    harm = sum(0.4 - min(0.4, 2 * abs(distances[name])) for name in on)
    wanted = abs(1.2 - harm)
    return wanted + 0.5 * (distances["patience"] + 0.2 * (3 - len(on))) ** 2 + distances["decay"] ** 2


_AUGMENTATIONS = _space(
    Dimension("rotation.gate", "flag"),
    _real("rotation.degrees", 0.0, 45.0, gate="rotation.gate"),
    Dimension("scaling.gate", "flag"),
    _whole("scaling.percent", 1, 40, gate="scaling.gate"),
    Dimension("crop.gate", "flag"),
    _whole("crop.padding", 1, 6, gate="crop.gate"),
    _whole("patience", 1, 100, log=True),
    _log("decay"),
)
_PROGRAM = _space(
    *_gated("l1", "noise"),
    _real("dropout"),
    _log("rate", 1e-5, 1e-1),
    Dimension("width", "integer", low=16, high=1024, log=True, per="program"),
    Dimension("batch", "integer", low=16, high=512, log=True, per="program"),
)
_FOUR_GATES = _space(*_gated("l1", "l2", "noise", "mixup"), _log("rate"), _real("dropout"))

SURFACES = (
    Surface("valley", _space(_log("rate"), _log("decay")), _valley),
    Surface("trade-off", _space(_real("dropout"), _log("decay"), _real("smoothing", 0.0, 0.4)), _trade_off),
    Surface("cliff", _space(_log("rate", 1e-5, 10.0), _real("momentum"), _log("decay"), _real("dropout")), _cliff),
    Surface(
        "plateau",
        _space(_whole("patience", 1, 100, log=True), _whole("epochs", 10, 1000, log=True), _log("decay")),
        _plateau,
    ),
    Surface("few matter", _space(*(_log(f"h{index}") for index in range(8))), _few_matter),
    Surface("bowl of 12", _space(*(_real(f"h{index}") for index in range(12))), _sum_of_squares),
    Surface("tilted", _space(*(_log(f"h{index}") for index in range(6))), _rotated),
    Surface("ripples", _space(*(_log(f"h{index}") for index in range(4))), _ripples),
    Surface("whole numbers", _space(*(_whole(f"h{index}", 0, 5 * 2**index) for index in range(5))), _sum_of_squares),
    Surface("substitutes", _space(*_gated("l1", "l2"), _log("rate"), _real("dropout")), _substitutes),
    Surface("four gates", _FOUR_GATES, _gates),
    Surface("six gates", _space(*_gated(*(f"k{index}" for index in range(6)))), _gates),
    Surface("norms", _space(_choice("norm", 4), _log("strength"), _real("dropout")), _norms),
    Surface(
        "many choices",
        _space(
            *(
                _choice(name, 3 + index)
                for index, name in enumerate(("norm", "schedule", "initialization", "optimizer"))
            ),
            _log("rate"),
            _real("dropout"),
        ),
        _many_choices,
    ),
    Surface("augmentation", _AUGMENTATIONS, _augmentation),
    Surface("programs", _PROGRAM, _gates),
    Surface("noisy trade-off", _space(_real("dropout"), _log("decay"), _real("smoothing", 0.0, 0.4)), _trade_off, 0.03),
    Surface("noisy gates", _FOUR_GATES, _gates, 0.1),
)
