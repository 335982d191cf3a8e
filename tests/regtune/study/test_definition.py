"""Definitions: their JSON, their digests, and that resolving twice is resolving once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from regtune.study import StudyDefinition, definition_digest

rates = (
    st.floats(0.0, 0.95)
    | st.builds(lambda low, high: {"low": low, "high": high}, st.floats(0.0, 0.4), st.floats(0.5, 0.95))
    | st.builds(lambda values: {"choices": values}, st.lists(st.floats(0.0, 0.95), min_size=1, max_size=4, unique=True))
)
studies = st.fixed_dictionaries(
    {"dataset": st.sampled_from(["digits", "digits", "wine"])},
    optional={
        "name": st.text("abc é", min_size=1).filter(str.strip),
        "seed": st.integers(0, 2**53 - 1),
        "model": st.fixed_dictionaries({"kind": st.just("mlp")}, optional={"width": st.integers(1, 4096)}),
        "training": st.fixed_dictionaries(
            {}, optional={"epochs": st.integers(1, 99), "batch_size": st.integers(2, 99)}
        ),
        "regularizers": st.lists(
            st.fixed_dictionaries(
                {"kind": st.just("dropout")},
                optional={"rate": rates, "gate": st.sampled_from(["on", "off", "search"])},
            ),
            max_size=1,
        ),
        "pruner": st.none()
        | st.builds(lambda keep: {"keep": keep}, st.floats(0.01, 1.0))
        | st.fixed_dictionaries(
            {"kind": st.just("asha")},
            optional={"min_epochs": st.integers(1, 99), "reduction_factor": st.integers(2, 9)},
        )
        | st.fixed_dictionaries(
            {"kind": st.just("median")},
            optional={"warmup_epochs": st.integers(0, 99), "spare_improving": st.booleans()},
        ),
        "budget": st.fixed_dictionaries(
            {}, optional={"trials": st.integers(1, 999), "wall_seconds": st.none() | st.floats(0.1, 1e6)}
        ),
        "baselines": st.booleans(),
    },
)
with_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@with_fixtures
@given(document=studies)
def test_a_definition_survives_being_stored(parse: Any, document: dict[str, object]) -> None:
    definition = parse(document).definition
    assert StudyDefinition.from_json(json.loads(json.dumps(definition.to_json()))) == definition


@with_fixtures
@given(document=studies)
def test_resolving_a_resolved_definition_changes_nothing(parse: Any, document: dict[str, object]) -> None:
    definition = parse(document).definition
    resolved = {key: part for key, part in definition.to_json().items() if key != "resolved"}
    assert parse(resolved).definition == definition


def test_a_definition_cannot_be_changed(parse: Any) -> None:
    definition = parse({"dataset": "digits"}).definition
    with pytest.raises(ValidationError, match="frozen"):
        definition.seed = 3


def test_a_digest_is_of_the_question_and_not_of_its_name(parse: Any) -> None:
    plain = parse({"dataset": "digits"}).definition
    named = parse({"dataset": "digits", "name": "x", "labels": {"a": "b"}, "priority": 3}).definition
    assert definition_digest(named) == definition_digest(plain)


@pytest.mark.parametrize(
    "changed",
    [{"seed": 1}, {"dataset": "wine"}, {"budget": {"trials": 9}}, {"pruner": {"kind": "asha"}}, {"regularizers": []}],
)
def test_a_digest_tells_questions_apart(parse: Any, changed: dict[str, object]) -> None:
    plain = parse({"dataset": "digits"}).definition
    assert definition_digest(parse({"dataset": "digits", **changed}).definition) != definition_digest(plain)


def test_writing_a_default_out_does_not_change_the_question(parse: Any) -> None:
    plain = parse({"dataset": "digits"}).definition
    written = parse({"dataset": "digits", "sampler": {"kind": "tpe"}, "training": {"epochs": 50}}).definition
    assert definition_digest(written) == definition_digest(plain)
