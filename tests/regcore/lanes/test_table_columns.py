"""Choosing whole columns of a table."""

import pytest
import torch

from regcore.lanes.columns import chosen, columns_of, of_each, whole_number_of
from regcore.sites import TrainingRows

KEY = torch.tensor(12345, dtype=torch.int32)
TARGETS = torch.ones(2, 1)
# columns 7, 2 and 4 of a table, of which the last became three features
NAMES = torch.tensor([7, 2, 4, 4, 4])


def known(names=NAMES, features=5):
    return columns_of(TrainingRows(torch.zeros(2, features), TARGETS, names))


def test_columns_are_numbered_without_gaps() -> None:
    found = known()
    assert len(found["columns"]) == 3
    assert found["column"].tolist() == [2, 0, 1, 1, 1]


def test_without_names_each_feature_is_a_column() -> None:
    assert known(None)["column"].tolist() == [0, 1, 2, 3, 4]


def test_images_have_no_columns() -> None:
    assert columns_of(TrainingRows(torch.zeros(2, 1, 4, 4), TARGETS)) == {}


@pytest.mark.parametrize(("share", "count"), [(0.01, 1), (0.34, 1), (0.5, 2), (0.9, 3)])
def test_a_share_is_a_whole_number_of_columns_and_at_least_one(share, count) -> None:
    assert whole_number_of(torch.tensor(share), known()).item() == count


def test_features_of_one_column_are_chosen_together() -> None:
    features = chosen(KEY, 200, torch.tensor(1.0), known())
    assert torch.equal(features[:, 2], features[:, 3])
    assert torch.equal(features[:, 2], features[:, 4])


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_every_row_has_as_many_columns_as_were_asked_for(count) -> None:
    features = chosen(KEY, 200, torch.tensor(float(count)), known())
    assert (features[:, [0, 1, 2]].sum(1) == count).all()


def test_every_set_of_columns_is_equally_likely_for_a_row() -> None:
    alone = known(torch.arange(4), features=4)
    draw = torch.func.vmap(lambda key: chosen(key, 1, torch.tensor(2.0), alone)[0])
    sets = draw(torch.arange(6000, dtype=torch.int32) * 7919)
    _, counts = torch.unique(sets, dim=0, return_counts=True)
    assert counts.tolist() == pytest.approx([1000] * 6, abs=5 * 1000**0.5)


def test_rows_choose_columns_of_their_own() -> None:
    assert len(torch.unique(chosen(KEY, 200, torch.tensor(1.0), known()), dim=0)) == 3


def test_what_is_drawn_for_a_column_goes_to_each_of_its_features() -> None:
    assert of_each(torch.tensor([[10, 20, 30]]), known()).tolist() == [[30, 10, 20, 20, 20]]
