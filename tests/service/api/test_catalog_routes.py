"""The catalogue over HTTP: what a study may name, with every range and default, read from one place."""

from __future__ import annotations

from typing import Any

import pytest
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient

from regcore.catalog import load

CATALOG = load()
KINDS = [kind.kind for kind in CATALOG.kinds]
KNOB = {"name", "type", "default", "doc", "low", "high", "log", "off", "choices", "per", "search"}


def items(client: TestClient, path: str) -> list[dict[str, Any]]:
    answer = document_of(client.get(f"/api/v1/{path}"))
    found: list[dict[str, Any]] = answer["items"]
    assert answer == {"items": found, "next_page_token": None, "total": len(found)}
    return found


def test_all_regularizers_are_listed(client: TestClient) -> None:
    assert [kind["kind"] for kind in items(client, "regularizers")] == KINDS


def test_each_regularizer_says_what_it_is_where_it_acts_and_where_it_is_from(client: TestClient) -> None:
    for kind in items(client, "regularizers"):
        assert kind.keys() == {
            "kind",
            "site",
            "doc",
            "source",
            "parity",
            "meaning",
            "inputs",
            "tasks",
            "place",
            "gives",
            "gate_per",
            "least_batch",
            "hyperparameters",
            "conflicts",
            "overlaps",
        }
        assert kind["site"]
        assert kind["doc"]
        assert kind["source"]
        assert kind["parity"]
        assert kind["meaning"] >= 1
        declared = CATALOG.kind(kind["kind"])
        assert (kind["conflicts"], kind["overlaps"]) == ([*declared.conflicts], [*declared.overlaps])


def test_each_hyperparameter_has_its_range_default_scale_off_value_and_doc(client: TestClient) -> None:
    for kind in items(client, "regularizers"):
        for knob in kind["hyperparameters"]:
            assert knob.keys() == KNOB
            assert knob["doc"]
            if knob["type"] in {"real", "integer"}:
                assert knob["low"] < knob["high"]
                assert knob["low"] <= knob["default"] <= knob["high"]


def test_one_regularizer_is_as_in_the_list(client: TestClient) -> None:
    for listed in items(client, "regularizers"):
        assert document_of(client.get(f"/api/v1/regularizers/{listed['kind']}")) == listed


def test_the_range_of_the_contract_s_example_is_the_catalogue_s(client: TestClient) -> None:
    knobs = document_of(client.get("/api/v1/regularizers/dropout"))["hyperparameters"]
    (rate,) = [knob for knob in knobs if knob["name"] == "rate"]
    assert (rate["low"], rate["high"], rate["off"], rate["log"]) == (0.0, 0.95, 0.0, False)


def test_an_unknown_regularizer_is_not_found_and_the_nearest_is_named(client: TestClient) -> None:
    assert '"dropout"' in problem_of(client.get("/api/v1/regularizers/drop_out"), 404)["detail"]


def test_the_networks_are_listed_with_their_fields(client: TestClient) -> None:
    networks = {one["kind"]: one for one in items(client, "architectures")}
    assert networks.keys() == {"mlp", "convnet", "resnet", "resnet_mlp"}
    fields = {field["name"]: field["default"] for field in networks["mlp"]["fields"]}
    assert fields == {"width": 128, "depth": 2}
    assert (networks["mlp"]["inputs"], networks["convnet"]["inputs"]) == (["table", "image"], ["image"])


def test_each_preset_can_be_submitted_by_name(client: TestClient) -> None:
    for preset in items(client, "presets"):
        study = client.post("/api/v1/studies", json={"dataset": "digits", "regularizers": preset["name"]})
        listed = [entry["kind"] for entry in preset["regularizers"]]
        used = [use["kind"] for use in document_of(study, 201)["regularizers"]]
        assert used == [kind for kind in listed if kind in used]


def test_the_recommended_preset_can_be_submitted_as_it_is_listed(client: TestClient) -> None:
    (preset,) = [one for one in items(client, "presets") if one["name"] == "recommended"]
    study = {"dataset": "digits", "model": {"kind": "resnet"}}
    by_name = client.post("/api/v1/studies", json={**study, "regularizers": preset["name"]})
    in_full = client.post("/api/v1/studies", json={**study, "regularizers": preset["regularizers"]})
    assert document_of(in_full, 201)["regularizers"] == document_of(by_name, 201)["regularizers"]


def test_each_regularizer_can_be_used_as_it_is_listed(client: TestClient) -> None:
    networks = items(client, "architectures")
    for kind in items(client, "regularizers"):
        use = {"kind": kind["kind"], **{knob["name"]: knob["default"] for knob in kind["hyperparameters"]}}
        dataset = "digits" if "image" in kind["inputs"] else "wine"
        accepting = [one for one in networks if ("image" if dataset == "digits" else "table") in one["inputs"]]
        model = {"kind": next(one["kind"] for one in accepting if kind["place"] in (None, *one["sites"]))}
        study = client.post("/api/v1/studies", json={"dataset": dataset, "model": model, "regularizers": [use]})
        assert document_of(study, 201)["regularizers"] == [{**use, "gate": "on"}]


@pytest.mark.parametrize("path", ["regularizers", "regularizers/l1", "architectures", "presets"])
def test_a_parameter_that_there_is_not_is_refused(client: TestClient, path: str) -> None:
    assert errors_of(client.get(f"/api/v1/{path}?page_size=1")) == [("/query/page_size", "unknown_key")]
