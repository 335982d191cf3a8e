"""Batch transforms: a training row before, and what several draws make of it."""

from __future__ import annotations

from torch import Tensor

from regcore.drawing import Drawing
from regcore.lanes.randomness import fold
from regcore.pictures.examples import digits, key, wines
from regcore.pictures.tiles import shades
from regcore.sites import Batch, BatchTransform, TrainingRows

PLAIN = "a row as it is"
_DRAWS = 4
_PIXEL, _CELL = 10, 13


def draw(drawing: Drawing, rule: BatchTransform) -> str:
    """A digit and four draws of it, or the rows of a table before and after one draw."""
    if "image" in rule.inputs:
        return _digit(drawing, rule)
    return _table(drawing, rule)


def _digit(drawing: Drawing, rule: BatchTransform) -> str:
    rows = digits()
    images = [rows.inputs[0, 0], *(_changed(rule, rows, number)[0, 0] for number in range(_DRAWS))]
    for place, image in enumerate(images):
        corner = (12 + 94 * place, 56)
        shades(drawing, image, corner, _PIXEL, "kind" if place else "plain")
        drawing.text((corner[0] + 4 * _PIXEL, 152), f"draw {place}" if place else "before", "faint", "middle")
        _note(drawing, images[0], image)
    return "A handwritten 3 in a batch of eight digits, before and after each of four draws."


def _table(drawing: Drawing, rule: BatchTransform) -> str:
    rows = wines()
    changed = _changed(rule, rows, 0)
    for place, values in enumerate((rows.inputs, changed)):
        corner = (12 + 240 * place, 44)
        shades(drawing, 0.5 + values / 4, corner, _CELL, "plain")
        if place:
            for row, column in (values != rows.inputs).nonzero().tolist():
                _cell(drawing, corner, row, column, float(0.5 + values[row, column] / 4))
        drawing.text((corner[0] + 6.5 * _CELL, 166), "after one draw" if place else "before", "faint", "middle")
    _note(drawing, rows.inputs / 4, changed / 4)
    return "Eight wines, a row each, with 13 measurements, before and after; what has changed is orange."


def _cell(drawing: Drawing, corner: tuple[float, float], row: int, column: int, shade: float) -> None:
    place = corner[0] + _CELL * column, corner[1] + _CELL * row
    drawing.rectangle(place, (_CELL, _CELL), "paper")
    drawing.rectangle(place, (_CELL, _CELL), "kind", min(max(shade, 0.15), 1.0))


def _changed(rule: BatchTransform, rows: TrainingRows, number: int) -> Tensor:
    rule.known = rule.prepare(rows)
    return rule.apply(Batch(rows.inputs, rows.targets), fold(key("batch_transform"), number)).inputs


def _note(drawing: Drawing, before: Tensor, after: Tensor) -> None:
    drawing.moved = max(drawing.moved, 100 * float((after - before).abs().max()))
