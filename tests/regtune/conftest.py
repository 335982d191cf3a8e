"""What the tests of the words share: the catalogue, some data sets by name, and ways to parse a study on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import settings

from regcore.catalog import Catalog, load
from regtune.dataset import DatasetFacts
from regtune.errors import FieldError, InvalidStudy
from regtune.study import ParsedStudy, parse_study

# The same examples in every run, however slow the machine is at that moment.
settings.register_profile("words", deadline=None, derandomize=True)
settings.load_profile("words")

DATASETS = {
    "digits": DatasetFacts(
        id="digits",
        name="digits",
        digest="d1" * 32,
        task="classification",
        kind="image",
        shape=(1, 8, 8),
        rows=1797,
        classes=tuple("0123456789"),
        class_counts=(178, 182, 177, 183, 181, 182, 181, 179, 174, 180),
    ),
    "wine": DatasetFacts(
        id="wine",
        name="wine",
        digest="e2" * 32,
        task="classification",
        kind="table",
        shape=(13,),
        rows=178,
        classes=("class_0", "class_1", "class_2"),
        class_counts=(59, 71, 48),
    ),
    "diabetes": DatasetFacts(
        id="diabetes",
        name="diabetes",
        digest="f3" * 32,
        task="regression",
        kind="table",
        shape=(10,),
        rows=442,
        classes=None,
        class_counts=None,
    ),
}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalogue of this installation."""
    return load()


Parse = Callable[[Mapping[str, object]], ParsedStudy]
Refused = Callable[[Mapping[str, object]], tuple[FieldError, ...]]


@pytest.fixture
def parse(catalog: Catalog) -> Parse:
    """Parse a document among the data sets above."""

    def parsed(document: Mapping[str, object]) -> ParsedStudy:
        return parse_study(document, catalog, DATASETS.get, lambda: list(DATASETS))

    return parsed


@pytest.fixture
def refused(parse: Parse) -> Refused:
    """The errors of a document that must be refused."""

    def errors(document: Mapping[str, object]) -> tuple[FieldError, ...]:
        with pytest.raises(InvalidStudy) as caught:
            parse(document)
        return caught.value.errors

    return errors


@pytest.fixture(scope="session")
def datasets() -> Mapping[str, DatasetFacts]:
    """The data sets above, by name."""
    return DATASETS
