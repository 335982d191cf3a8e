"""Any document at all: it is a study, or it is refused with places that lie in it."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regcore.catalog import Catalog
from regtune.errors import FieldError, InvalidStudy
from regtune.space import default_setting, plain_setting, program_digest, space_of
from regtune.study import StudyDefinition

KEYS = st.sampled_from(
    [
        *(
            "dataset",
            "name",
            "labels",
            "seed",
            "runner",
            "model",
            "training",
            "regularizers",
            "objective",
            "objectives",
        ),
        *("constraints", "split", "sampler", "pruner", "budget", "stagnation", "confirm", "baselines", "warm_start"),
        *("resources", "kind", "gate", "rate", "strength", "patience", "rule", "low", "high", "log", "choices"),
        *(
            "schedule",
            "optimizer",
            "epochs",
            "batch_size",
            "width",
            "metric",
            "direction",
            "keep",
            "trials",
            "a/b~",
            "\ud800",
        ),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(
        [
            "digits",
            "wine",
            "dropout",
            "l1",
            "early_stopping",
            "on",
            "search",
            "mlp",
            "accuracy",
            "tpe",
            "",
            "\ud800",
            "a\x00",
        ]
    )
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
MEMBERS = st.dictionaries(KEYS, VALUES, max_size=6)
DOCUMENTS = MEMBERS | st.builds(lambda rest: {"dataset": "digits", **rest}, MEMBERS)


def parent_is_there(document: object, pointer: str) -> bool:
    for member in pointer.split("/")[1:-1]:
        name = member.replace("~1", "/").replace("~0", "~").replace("\\ud800", "\ud800")
        if isinstance(document, dict):
            document = document[name]
        elif isinstance(document, list):
            document = document[int(name)]
        else:
            return False
    return isinstance(document, dict | list)


def outcome(parse: Any, document: dict[str, object]) -> tuple[StudyDefinition | None, tuple[FieldError, ...]]:
    try:
        return parse(document).definition, ()
    except InvalidStudy as refusal:
        return None, refusal.errors


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
def test_any_document_is_a_study_or_is_refused_at_places_that_lie_in_it(
    parse: Any, catalog: Catalog, document: dict[str, object]
) -> None:
    definition, errors = outcome(parse, document)
    assert (definition is None) == bool(errors)
    assert all(parent_is_there(document, error.pointer) for error in errors)
    assert all(f"{error.pointer}{error.message}".encode() for error in errors)
    if definition is not None:
        space_of(definition, catalog)
        for setting in (plain_setting(definition, catalog), default_setting(definition, catalog)):
            assert len(program_digest(definition, setting)) == 64
