"""A worker says what it can train in words that the service can compare with a study's."""

from __future__ import annotations

import json

from regcore.catalog import load
from worker.capabilities import capabilities, versions


def test_each_kind_is_named_with_its_meaning() -> None:
    said = capabilities(load(), "cpu")
    assert said["kinds"]["dropout"] == load().kind("dropout").meaning


def test_the_device_and_the_architectures_are_named() -> None:
    said = capabilities(load(), "cuda:1")
    assert said["devices"] == ["cuda:1"]
    assert {"mlp", "convnet"} <= set(said["architectures"])


def test_capabilities_are_plain_json() -> None:
    assert json.loads(json.dumps(capabilities(load(), "cpu"))) == capabilities(load(), "cpu")


def test_the_versions_name_python_and_torch() -> None:
    assert {"python", "torch"} <= versions().keys()
