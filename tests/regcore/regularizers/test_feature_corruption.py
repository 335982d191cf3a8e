"""Corruption of features by values of other rows."""

import pytest
import torch

from regcore.regularizers.feature_corruption import FeatureCorruption
from regcore.sites import Batch, TrainingRows

KEY = torch.tensor(3, dtype=torch.int32)
COLUMNS = torch.tensor([0, 1, 2, 2, 2, 3])
# feature f of row i holds 1000 f + i, so that a value shows the feature and the row that it came from
TABLE = torch.arange(400.0)[:, None] + 1000 * torch.arange(6.0)


def apply(rate, key=KEY):
    rule = FeatureCorruption(rate=rate)
    rule.known = FeatureCorruption.prepare(TrainingRows(TABLE, TABLE, COLUMNS))
    return rule.apply(Batch(TABLE, torch.ones(400, 2)), key)


def test_values_stay_in_their_feature() -> None:
    assert torch.equal(apply(0.5).inputs // 1000, TABLE // 1000)


def test_the_rate_is_the_share_of_columns_whose_value_is_another_rows() -> None:
    replaced = (apply(0.3).inputs != TABLE)[:, [0, 1, 2, 5]]
    assert replaced.double().mean().item() == pytest.approx(0.3, abs=5 * (0.21 / 1600) ** 0.5)


def test_features_of_one_column_come_from_one_row() -> None:
    rows = apply(0.5).inputs % 1000
    assert torch.equal(rows[:, 2], rows[:, 3])
    assert torch.equal(rows[:, 2], rows[:, 4])


def test_columns_are_replaced_from_rows_of_their_own() -> None:
    rows = apply(0.9).inputs % 1000
    both = (rows[:, 0] != torch.arange(400)) & (rows[:, 1] != torch.arange(400))
    assert (rows[both, 0] != rows[both, 1]).double().mean() > 0.9


def test_every_other_row_is_equally_likely() -> None:
    rows = apply(0.9).inputs % 1000
    distance = (rows - torch.arange(400.0)[:, None]) % 400
    distance = distance[:, [0, 1, 2, 5]][distance[:, [0, 1, 2, 5]] > 0]
    assert distance.mean().item() == pytest.approx(200, abs=5 * 400 / (12 * len(distance)) ** 0.5)
    assert (distance.min(), distance.max()) <= (3, 399)


def test_rate_zero_is_the_identity_to_the_bit() -> None:
    assert torch.equal(apply(0.0).inputs, TABLE)


def test_targets_stay_and_the_key_decides() -> None:
    assert torch.equal(apply(0.5).targets, torch.ones(400, 2))
    assert torch.equal(apply(0.5).inputs, apply(0.5).inputs)
    assert not torch.equal(apply(0.5).inputs, apply(0.5, KEY + 1).inputs)


def test_each_lane_has_its_own_rate() -> None:
    rates = torch.tensor([0.0, 0.3, 0.9])
    for lane, rate in zip(torch.func.vmap(lambda rate: apply(rate).inputs)(rates), rates, strict=True):
        assert torch.equal(lane, apply(rate).inputs)
