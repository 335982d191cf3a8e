"""The data sets that need no upload."""

import numpy as np
import pytest

from regcore.catalog import load
from regcore.data import Images, Table, UnknownDataset, bundled_names, load_bundled
from regcore.data.bundled import bundled_descriptions

DESCRIBED = {described.name: described for described in bundled_descriptions()}


def test_the_catalogue_lists_them_as_they_are() -> None:
    assert load().datasets == tuple(DESCRIBED.values())


@pytest.mark.parametrize("name", bundled_names())
def test_what_is_said_of_a_set_is_true_of_its_rows(name: str) -> None:
    rows, described = load_bundled(name), DESCRIBED[name]
    assert (described.task, described.kind, described.shape) == (rows.task, rows.kind, rows.shape)
    assert (described.rows, described.classes) == (len(rows), rows.classes)
    assert described.class_counts is None or sum(described.class_counts) == len(rows)


@pytest.mark.parametrize("name", bundled_names())
def test_every_input_and_target_is_finite(name: str) -> None:
    rows = load_bundled(name)
    inputs = rows.inputs.values if isinstance(rows.inputs, Table) else rows.inputs.pixels
    assert np.isfinite(inputs).all()
    assert np.isfinite(rows.targets).all()


def test_digests_tell_the_sets_apart_and_stay() -> None:
    digests = [described.digest for described in bundled_descriptions()]
    assert digests == [described.digest for described in DESCRIBED.values()]
    assert len(set(digests)) == len(bundled_names())


def test_digits_are_images_of_8_by_8_pixels_between_0_and_1() -> None:
    images = load_bundled("digits").inputs
    assert isinstance(images, Images)
    assert images.pixels.shape == (1797, 1, 8, 8)
    assert images.pixels.dtype == np.float32
    assert (images.pixels.min(), images.pixels.max()) == (0.0, 1.0)


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownDataset, match="no bundled data set 'digit'; there are digits, digits-table"):
        load_bundled("digit")
