"""The facts of data sets."""

from __future__ import annotations

from regcore.catalog import BundledDataset
from regtune.dataset import DatasetFacts, bundled_facts


def test_a_bundled_data_set_has_its_name_for_an_id_and_no_test_rows_of_its_own() -> None:
    bundled = BundledDataset(
        name="wine",
        task="classification",
        kind="table",
        shape=(13,),
        rows=178,
        classes=("class_0", "class_1", "class_2"),
        class_counts=(59, 71, 48),
        target="target",
        digest="ab" * 32,
        doc="Three cultivars.",
        source="Aeberhard and Forina (1992), doi:10.24432/C5PC7J.",
    )
    assert bundled_facts(bundled) == DatasetFacts(
        id="wine",
        name="wine",
        digest="ab" * 32,
        task="classification",
        kind="table",
        shape=(13,),
        rows=178,
        classes=("class_0", "class_1", "class_2"),
        class_counts=(59, 71, 48),
        own_test=False,
    )
