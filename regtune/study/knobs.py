"""Reading hyperparameters: a fixed value, a range or choices, each held against its declaration in the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from regcore.hyper import Hyperparameter
from regtune.nearest import suggestion
from regtune.setting import Value
from regtune.study.definition import Knob, OneOf, Range
from regtune.study.reading import Fields, Findings, below
from regtune.study.values import real_number, shown, whole_number

MOST_CHOICES = 100

_WHAT_IT_IS = {"real": "a number", "integer": "a whole number", "flag": "true or false"}


def read_knobs(fields: Fields, declared: Iterable[Hyperparameter]) -> dict[str, Knob]:
    """A knob for each declared hyperparameter, in their order; one left out is as the catalogue declares it."""
    return {
        hyperparameter.name: read_knob(
            hyperparameter, fields.get(hyperparameter.name), fields.at(hyperparameter.name), fields.findings
        )
        if fields.has(hyperparameter.name)
        else knob_left_out(hyperparameter)
        for hyperparameter in declared
    }


def knob_left_out(declared: Hyperparameter) -> Knob:
    """The knob of a hyperparameter that a study leaves out: searched if the catalogue says so, or its default."""
    if declared.search is None:
        return default_of(declared)
    if declared.type in ("choice", "flag"):
        return OneOf(choices=declared.search)
    low, high = (_typed(declared, end) for end in declared.search)
    return Range(low=low, high=high, log=declared.log)


def default_of(declared: Hyperparameter) -> Value:
    """The declared default, a real one as a float however it was written."""
    return declared.default if declared.type in ("choice", "flag") else _typed(declared, declared.default)


def read_knob(declared: Hyperparameter, value: object, pointer: str, findings: Findings) -> Knob:
    """One knob as a study writes it; where it is wrong the error is recorded and the declared default returned."""
    if not isinstance(value, Mapping):
        fixed = _read_value(declared, value, pointer, findings)
        return default_of(declared) if fixed is None else fixed
    if "schedule" in value:
        findings.refuse(
            below(pointer, "schedule"),
            "not_available",
            f"a schedule is not available yet; {declared.name} may be {_forms(declared)}",
        )
        return default_of(declared)
    if "choices" in value:
        return _read_choices(declared, value, pointer, findings)
    if declared.type in ("choice", "flag"):
        findings.refuse(pointer, "wrong_type", f"{declared.name} is {_forms(declared)}, got {shown(value)}")
        return default_of(declared)
    return _read_range(declared, value, pointer, findings)


def _read_range(declared: Hyperparameter, value: object, pointer: str, findings: Findings) -> Knob:
    fields = Fields(value, pointer, findings, noun="a range")
    ends: dict[str, float | int] = {}
    for key in ("low", "high"):
        if not fields.has(key):
            fields.refuse(key, "missing", f"a range has a low and a high end; {key} is left out")
            continue
        end = _number(declared, fields.get(key))
        if end is None:
            got = shown(fields.get(key))
            fields.refuse(key, "wrong_type", f"{key} is {_WHAT_IT_IS[declared.type]}, got {got}")
        else:
            ends[key] = end
    log = fields.flag("log", declared.log)
    fields.finish()
    if len(ends) < 2:
        return default_of(declared)
    return _checked_range(declared, Range(low=ends["low"], high=ends["high"], log=log), fields)


def _checked_range(declared: Hyperparameter, got: Range, fields: Fields) -> Knob:
    lowest, highest = _ends(declared)
    if got.log and got.low <= 0:
        fields.refuse(
            "low",
            "not_log",
            f"a logarithmic range starts above 0, got {shown(got.low)}; {declared.name} lies within "
            f"{shown(lowest)} and {shown(highest)}",
        )
    elif got.low < lowest:
        off = '; to search whether to use it at all, write "gate": "search"' if got.low == declared.off else ""
        fields.refuse("low", "below_minimum", f"{shown(got.low)} is below {shown(lowest)}{off}")
    elif got.low >= got.high:
        fields.refuse("low", "upside_down", f"the low end {shown(got.low)} is not below the high end {shown(got.high)}")
    if got.high > highest:
        fields.refuse("high", "above_maximum", f"{shown(got.high)} is above {shown(highest)}")
    return got


def _read_choices(declared: Hyperparameter, value: Mapping[str, object], pointer: str, findings: Findings) -> Knob:
    fields = Fields(value, pointer, findings, noun="a set of choices")
    choices = fields.get("choices")
    fields.finish()
    if not isinstance(choices, list | tuple) or not 1 <= len(choices) <= MOST_CHOICES:
        fields.refuse("choices", "wrong_type", f"choices is a list of 1 to {MOST_CHOICES} values, got {shown(choices)}")
        return default_of(declared)
    read: list[Value] = []
    for index, choice in enumerate(choices):
        at = below(fields.at("choices"), index)
        value_read = _read_value(declared, choice, at, findings)
        if value_read is not None and value_read in read:
            findings.refuse(at, "duplicate", f"{shown(choice)} is among the choices already")
        elif value_read is not None:
            read.append(value_read)
    return OneOf(choices=tuple(read)) if read else default_of(declared)


def _read_value(declared: Hyperparameter, value: object, pointer: str, findings: Findings) -> Value | None:
    if declared.type == "flag":
        if isinstance(value, bool):
            return value
    elif declared.type == "choice":
        if isinstance(value, str) and value in declared.choices:
            return value
        if isinstance(value, str):
            near = suggestion(value, declared.choices)
            findings.refuse(pointer, "unknown_name", f"{shown(value)} is no {declared.name}; {near}")
            return None
    else:
        number = _number(declared, value)
        if number is not None:
            return _within(declared, number, pointer, findings)
    findings.refuse(pointer, "wrong_type", f"{declared.name} is {_forms(declared)}, got {shown(value)}")
    return None


def _within(declared: Hyperparameter, number: float | int, pointer: str, findings: Findings) -> Value | None:
    lowest, highest = _ends(declared)
    if lowest <= number <= highest or number == declared.off:
        return number
    off = "" if declared.off is None or lowest <= declared.off <= highest else f"; {shown(declared.off)} is off"
    if number < lowest:
        findings.refuse(pointer, "below_minimum", f"{shown(number)} is below {shown(lowest)}{off}")
    else:
        findings.refuse(pointer, "above_maximum", f"{shown(number)} is above {shown(highest)}{off}")
    return None


def _number(declared: Hyperparameter, value: object) -> float | int | None:
    return whole_number(value) if declared.type == "integer" else real_number(value)


def _typed(declared: Hyperparameter, value: Value) -> float | int:
    return int(value) if declared.type == "integer" else float(value)


def _ends(declared: Hyperparameter) -> tuple[float, float]:
    if declared.low is None or declared.high is None:
        raise TypeError(f"the catalogue gives {declared.name} no range")
    return declared.low, declared.high


def _forms(declared: Hyperparameter) -> str:
    if declared.type == "choice":
        return f'one of {", ".join(declared.choices)} or {{"choices": […]}}'
    if declared.type == "flag":
        return 'true, false or {"choices": [false, true]}'
    return f'{_WHAT_IT_IS[declared.type]}, {{"low": …, "high": …}} or {{"choices": […]}}'
