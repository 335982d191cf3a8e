"""The catalogue as other floors read it."""

import dataclasses
import json
import subprocess
import sys

import pytest

from regcore.catalog import PATH, Catalog, load

CATALOG = load()
REQUIRED = {
    "l1",
    "proximal_l1",
    "l2",
    "elastic_net",
    "weight_regularization",
    "dropout",
    "batch_norm",
    "early_stopping",
    "rotation",
    "scaling",
    "flip",
    "crop",
    "decoupled_weight_decay",
}


def test_it_holds_every_method_of_the_product() -> None:
    assert {kind.kind for kind in CATALOG.kinds} >= REQUIRED


def test_it_is_read_without_torch_and_numpy() -> None:
    code = "import sys, regcore.catalog; regcore.catalog.load(); sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_is_read_once() -> None:
    assert load() is load()


def test_it_survives_json() -> None:
    document = json.loads(PATH.read_text(encoding="utf-8"))
    assert Catalog.from_json(document).to_json() == document


def test_its_entries_are_found_by_name() -> None:
    assert CATALOG.kind("dropout").kind == "dropout"
    assert CATALOG.architecture("mlp").kind == "mlp"
    assert CATALOG.optimizer("adamw").kind == "adamw"
    assert CATALOG.schedule("cosine").kind == "cosine"
    assert CATALOG.dataset("digits").name == "digits"


@pytest.mark.parametrize("find", ["kind", "architecture", "optimizer", "schedule", "dataset"])
def test_an_unknown_name_is_a_key_error(find) -> None:
    with pytest.raises(KeyError):
        getattr(CATALOG, find)("no_such_thing")


def test_its_values_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CATALOG.kind("l1").meaning = 2
    with pytest.raises(TypeError):
        CATALOG.presets["recommended"] = ()


def test_augmentations_are_for_images_only_and_everything_else_for_both() -> None:
    images_only = {kind.kind for kind in CATALOG.kinds if kind.inputs == ("image",)}
    assert images_only == {
        *("rotation", "scaling", "flip", "crop", "translation", "shear"),
        *("color_jitter", "channel_dropout", "drop_block", "random_erasing", "rand_augment", "trivial_augment"),
    }


@pytest.mark.parametrize("relation", ["conflicts", "overlaps"])
def test_a_relation_between_kinds_goes_both_ways(relation) -> None:
    for kind in CATALOG.kinds:
        for other in getattr(kind, relation):
            assert kind.kind in getattr(CATALOG.kind(other), relation)


def test_the_four_penalties_on_norms_declare_that_they_overlap() -> None:
    penalties = {"l1", "l2", "elastic_net", "weight_regularization"}
    for name in penalties:
        assert {name, *CATALOG.kind(name).overlaps} == penalties


@pytest.mark.parametrize("kind", CATALOG.kinds, ids=lambda kind: kind.kind)
def test_a_kind_says_what_it_is_and_where_it_comes_from(kind) -> None:
    first = kind.doc.split("\n")[0]
    assert first.endswith(".")
    assert ": " in first
    assert any(mark in kind.source for mark in ("doi:", "arXiv:", ".org"))


@pytest.mark.parametrize("kind", CATALOG.kinds, ids=lambda kind: kind.kind)
def test_a_kind_searches_at_most_two_of_its_hyperparameters_by_default(kind) -> None:
    assert sum(knob.search is not None for knob in kind.hyperparameters) <= 2


@pytest.mark.parametrize("name", CATALOG.presets)
def test_a_preset_is_a_list_of_kinds_that_a_study_could_hold(name) -> None:
    entries = CATALOG.presets[name]
    assert len({entry["kind"] for entry in entries}) == len(entries)
    for entry in entries:
        knobs = {knob.name for knob in CATALOG.kind(entry["kind"]).hyperparameters}
        assert entry.keys() <= {"kind", "gate", *knobs}
        assert entry.get("gate", "on") in ("on", "off", "search")


def test_the_recommended_preset_stops_early_in_every_trial() -> None:
    stopping = [entry for entry in CATALOG.presets["recommended"] if entry["kind"] == "early_stopping"]
    assert stopping == [{"kind": "early_stopping"}]


def test_the_cocktail_searches_the_gates_of_the_thirteen_methods_of_its_source() -> None:
    assert {entry["kind"]: entry["gate"] for entry in CATALOG.presets["cocktail"]} == dict.fromkeys(
        [
            *("batch_norm", "swa", "lookahead", "decoupled_weight_decay", "dropout", "snapshot_ensemble"),
            *("skip_connections", "shake_drop", "shake_shake", "mixup", "cutmix", "cutout", "fgsm"),
        ],
        "search",
    )


def test_the_preset_of_all_searches_every_gate_but_that_of_early_stopping() -> None:
    gates = {entry["kind"]: entry.get("gate", "on") for entry in CATALOG.presets["all"]}
    stopping = CATALOG.kind("early_stopping")
    assert gates.keys() == {kind.kind for kind in CATALOG.kinds if not kind.conflicts_with(stopping)}
    assert {kind for kind, gate in gates.items() if gate != "search"} == {"early_stopping"}


@pytest.mark.parametrize("kind", CATALOG.kinds, ids=lambda kind: kind.kind)
def test_a_kind_does_not_conflict_with_what_gives_it_its_place(kind) -> None:
    givers = [other for other in CATALOG.kinds if kind.place in other.gives]
    assert not any(kind.conflicts_with(giver) for giver in givers)


@pytest.mark.parametrize("kind", CATALOG.kinds, ids=lambda kind: kind.kind)
def test_the_place_that_a_kind_needs_is_there_in_some_network(kind) -> None:
    places = {place for network in CATALOG.architectures for place in network.sites}
    assert kind.place in {"", *places}


def test_every_training_has_a_length_and_a_batch_size() -> None:
    epochs, batch_size = CATALOG.training
    assert (epochs.name, epochs.default, epochs.per) == ("epochs", 50, "lane")
    assert (batch_size.name, batch_size.default, batch_size.per) == ("batch_size", 128, "program")
