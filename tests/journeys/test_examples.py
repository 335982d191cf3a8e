"""The study files in examples/: each is a legal study, or names a file of the reader's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from regcore import catalog
from regtune.dataset import DatasetFacts, bundled_facts
from regtune.study import parse_study
from regtune.study_file import read_study_file

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.yaml"))
CREDIT = DatasetFacts(
    id="credit-g",
    name="credit-g",
    digest="0" * 64,
    task="classification",
    kind="table",
    shape=(20,),
    rows=1000,
    classes=("bad", "good"),
    class_counts=(300, 700),
    own_test=False,
)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_example_is_a_legal_study(file: Path) -> None:
    document = read_study_file(file)
    if isinstance(document["dataset"], dict):
        assert set(document["dataset"]) == {"path", "target"}
        document["dataset"] = CREDIT.name
    parsed = parse_study(document, catalog.load(), facts_of, lambda: ())
    assert parsed.definition.budget.trials == document["budget"]["trials"]


def facts_of(name: str) -> DatasetFacts | None:
    """The facts of a bundled data set, and those of the table that an example leaves to its reader."""
    if name == CREDIT.name:
        return CREDIT
    return bundled_facts(catalog.load().dataset(name))
