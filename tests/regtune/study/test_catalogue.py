"""Studies against the whole catalogue: whatever it declares can be named, searched to its ends, and no further."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from regcore.catalog import Catalog, Kind, load
from regcore.hyper import Hyperparameter
from regtune.errors import InvalidStudy
from regtune.space import default_setting, kinds_in_use, space_of
from regtune.study import Range, parse_study

KINDS = load().kinds
NUMBERS = [
    (kind, hyperparameter)
    for kind in KINDS
    for hyperparameter in kind.hyperparameters
    if hyperparameter.type in ("real", "integer")
]
each_number = pytest.mark.parametrize(
    ("kind", "declared"), NUMBERS, ids=[f"{kind.kind}.{declared.name}" for kind, declared in NUMBERS]
)


DATASETS = {
    ("image", "classification"): "digits",
    ("table", "classification"): "wine",
    ("table", "regression"): "diabetes",
}


def study_of(kind: Kind, **knobs: object) -> dict[str, object]:
    """A study of the kind alone, on data and with a network that suit it."""
    suiting = (dataset for (sort, task), dataset in DATASETS.items() if sort in kind.inputs and task in kind.tasks)
    dataset = next(suiting)
    sort = "image" if dataset == "digits" else "table"
    networks = sorted(load().architectures, key=lambda network: network.kind != "mlp")
    model = next(one.kind for one in networks if sort in one.inputs and kind.place in ("", *one.sites))
    return {"dataset": dataset, "model": {"kind": model}, "regularizers": [{"kind": kind.kind, **knobs}]}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.kind for kind in KINDS])
def test_every_kind_can_be_named_alone(parse: Any, catalog: Catalog, kind: Kind) -> None:
    definition = parse(study_of(kind)).definition
    assert kinds_in_use(default_setting(definition, catalog)) == (kind.kind,)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.kind for kind in KINDS])
def test_every_kind_is_searched_where_the_catalogue_says_so(parse: Any, catalog: Catalog, kind: Kind) -> None:
    searched = [f"{kind.kind}.{declared.name}" for declared in kind.hyperparameters if declared.search is not None]
    space = space_of(parse(study_of(kind)).definition, catalog)
    assert [dimension.name for dimension in space] == searched


@each_number
def test_the_whole_declared_range_can_be_searched(parse: Any, kind: Kind, declared: Hyperparameter) -> None:
    written: dict[str, Any] = {"low": declared.low, "high": declared.high}
    use = parse(study_of(kind, **{declared.name: written})).definition.regularizers[0]
    assert use.hyperparameters[declared.name] == Range(**written, log=declared.log)


@each_number
def test_no_range_goes_past_the_declared_one(refused: Any, kind: Kind, declared: Hyperparameter) -> None:
    written = {"low": declared.low, "high": (declared.high or 0) + 1}
    (error,) = refused(study_of(kind, **{declared.name: written}))
    assert (error.pointer, error.code) == (f"/regularizers/0/{declared.name}/high", "above_maximum")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "table" not in kind.inputs], ids=lambda kind: kind.kind)
def test_what_is_for_images_is_refused_for_tables(refused: Any, kind: Kind) -> None:
    errors = refused({**study_of(kind), "dataset": "wine"})
    assert ("/regularizers/0/kind", "not_for_tables") in [(error.pointer, error.code) for error in errors]


SUITING = [
    (dataset, network.kind)
    for (sort, _), dataset in DATASETS.items()
    for network in load().architectures
    if sort in network.inputs
]


@pytest.mark.parametrize("preset", sorted(load().presets))
@pytest.mark.parametrize(("dataset", "network"), SUITING)
def test_every_preset_suits_all_data_in_every_network(
    parse: Any, catalog: Catalog, dataset: str, network: str, preset: str
) -> None:
    study = {"dataset": dataset, "model": {"kind": network}, "regularizers": preset}
    definition = parse(study).definition
    # Written out, it is a study like any other, and nothing in it is refused.
    written = [use.model_dump(mode="json") for use in definition.regularizers]
    assert parse({**study, "regularizers": written}).definition.regularizers == definition.regularizers
    assert len(space_of(definition, catalog))


def changed(catalog: Catalog, name: str, **fields: Any) -> Catalog:
    kinds = tuple(replace(kind, **fields) if kind.kind == name else kind for kind in catalog.kinds)
    return replace(catalog, kinds=kinds)


def errors(catalog: Catalog, datasets: Any, **written: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidStudy) as caught:
        parse_study({"dataset": "digits", **written}, catalog, datasets.get, lambda: list(datasets))
    return [(error.pointer, error.code) for error in caught.value.errors]


@pytest.mark.parametrize("declaring", ["dropout", "batch_norm"])
def test_kinds_that_conflict_are_refused_whichever_declares_it(catalog: Catalog, datasets: Any, declaring: str) -> None:
    other = {"dropout": "batch_norm", "batch_norm": "dropout"}[declaring]
    conflicting = changed(catalog, declaring, conflicts=(other,))
    regularizers = [{"kind": "dropout"}, {"kind": "l1"}, {"kind": "batch_norm"}]
    found = errors(conflicting, datasets, regularizers=regularizers)
    assert found == [("/regularizers/2/kind", "conflict")]


def test_a_kind_that_is_off_conflicts_with_nothing(catalog: Catalog, datasets: Any) -> None:
    conflicting = changed(catalog, "dropout", conflicts=("batch_norm",))
    regularizers = [{"kind": "dropout", "gate": "off"}, {"kind": "batch_norm"}]
    document = {"dataset": "digits", "regularizers": regularizers}
    parsed = parse_study(document, conflicting, datasets.get, lambda: list(datasets))
    assert len(parsed.definition.regularizers) == 2


def test_what_is_for_tables_is_refused_for_images(catalog: Catalog, datasets: Any) -> None:
    tables_only = changed(catalog, "dropout", inputs=("table",))
    found = errors(tables_only, datasets, regularizers=[{"kind": "dropout"}])
    assert found == [("/regularizers/0/kind", "not_for_images")]
