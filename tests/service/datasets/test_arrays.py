"""What arrays become: a table, or images, with test rows of their own."""

import numpy as np
import polars
import pytest

from service.datasets import Limits

TARGETS = np.array(["no", "yes", "no", "yes"])
TABLE = np.array([[1, 2.5], [2, np.nan], [3, 5], [4, 1]])
IMAGES = np.arange(4 * 2 * 5 * 6, dtype=np.uint8).reshape(4, 2, 5, 6)


def test_rows_of_numbers_are_a_table(npz, read, stored) -> None:
    imported = read(npz(X=TABLE, y=TARGETS), "a.npz")
    assert (imported.kind, imported.shape, imported.target, imported.suffix) == ("table", (2,), "y", ".parquet")
    assert polars.read_parquet(stored)["x1"].to_list() == [2.5, None, 5.0, 1.0]


@pytest.mark.parametrize(("images", "shape"), [(IMAGES, (2, 5, 6)), (IMAGES[:, 0], (1, 5, 6))])
def test_rows_of_pixels_are_images_with_channels_first(images, shape, npz, read, stored) -> None:
    imported = read(npz(X=images, y=TARGETS), "a.npz")
    assert (imported.kind, imported.shape, imported.suffix) == ("image", shape, ".npz")
    with stored.open("rb") as file, np.load(file) as arrays:
        assert arrays["X"].dtype == np.uint8
        assert np.array_equal(arrays["X"].reshape(images.shape), images)
        assert arrays["y"].tolist() == TARGETS.tolist()


@pytest.mark.parametrize("rows", [TABLE, IMAGES])
def test_test_rows_that_the_file_brings_are_kept_apart(rows, npz, read) -> None:
    imported = read(npz(X=rows, y=TARGETS, X_test=rows[:3], y_test=TARGETS[:3]), "a.npz")
    assert (imported.own_test, imported.rows, imported.class_counts) == (True, 4, (2, 2))


def test_test_rows_decide_nothing_about_the_columns(npz, read) -> None:
    constant = np.array([[1.0, 7], [2, 7], [3, 7], [4, 7]])
    imported = read(npz(X=constant, y=TARGETS, X_test=TABLE, y_test=TARGETS), "a.npz")
    assert [column.kind for column in imported.columns] == ["numeric", "ignore"]
    assert imported.columns[0].missing == 0


def test_test_rows_are_in_the_digest(npz, read) -> None:
    def with_test(rows: np.ndarray) -> str:
        return read(npz(X=IMAGES, y=TARGETS, X_test=rows, y_test=TARGETS), "a.npz").digest

    assert len({with_test(IMAGES), with_test(IMAGES + 1), read(npz(X=IMAGES, y=TARGETS), "a.npz").digest}) == 3


def test_a_class_that_only_test_rows_have_is_refused(npz, refuse) -> None:
    error = refuse(npz(X=IMAGES, y=TARGETS, X_test=IMAGES[:1], y_test=np.array(["maybe"])), "a.npz")
    assert (error.pointer, error.code) == ("/meta/target", "unknown_class")


@pytest.mark.parametrize(
    ("targets", "classes"),
    [
        (np.array([True, False, True, True]), ("false", "true")),
        (np.array([10, 9, 10, 9]), ("9", "10")),
        (np.array([[0], [1], [0], [1]]), ("0", "1")),
        (np.array([b"no", b"yes", b"no", b"no"]), ("no", "yes")),
    ],
)
def test_targets_of_any_type_name_classes(targets, classes, npz, read) -> None:
    assert read(npz(X=IMAGES, y=targets), "a.npz").classes == classes


def test_floats_that_are_not_whole_make_a_regression(npz, read) -> None:
    assert read(npz(X=IMAGES, y=np.array([0.5, 1, 2, 3])), "a.npz").task == "regression"


@pytest.mark.parametrize("images", [IMAGES.astype(np.float64), IMAGES.astype(np.int64)])
def test_other_pixels_are_stored_as_float32_with_a_warning_of_their_range(images, npz, read, stored) -> None:
    imported = read(npz(X=images, y=TARGETS), "a.npz")
    with stored.open("rb") as file, np.load(file) as arrays:
        assert arrays["X"].dtype == np.float32
    assert imported.profile["warnings"] == [
        "pixels go up to 239 and are used as they are; as uint8 they would be scaled to 0–1"
    ]


@pytest.mark.parametrize("pixel", [np.nan, np.inf, -np.inf, 1e300])
def test_a_pixel_that_is_not_finite_is_refused_with_its_place(pixel, npz, refuse) -> None:
    images = IMAGES.astype(np.float64)
    images[2, 1, 0, 3] = pixel
    error = refuse(npz(X=images, y=TARGETS), "a.npz")
    assert (error.pointer, error.code) == ("/file", "not_finite")
    assert error.message.startswith("X[2, 1, 0, 3] is ")


@pytest.mark.parametrize(
    "arrays",
    [
        {"X": IMAGES, "y": TARGETS[:3]},
        {"X": IMAGES, "y": np.zeros((4, 2))},
        {"X": np.arange(4), "y": TARGETS},
        {"X": IMAGES[None], "y": TARGETS},
        {"X": np.zeros((4, 8, 8, 3)), "y": TARGETS},
        {"X": IMAGES, "y": TARGETS, "X_test": IMAGES[:, :1], "y_test": TARGETS},
        {"X": IMAGES, "y": TARGETS, "X_test": IMAGES, "y_test": TARGETS[:2]},
    ],
    ids=["short y", "wide y", "vector", "five axes", "channels last", "other images", "short y_test"],
)
def test_shapes_that_do_not_fit_are_refused(arrays, npz, refuse) -> None:
    error = refuse(npz(**arrays), "a.npz")
    assert (error.pointer, error.code) == ("/file", "wrong_shape")


def test_pixels_of_two_scales_are_refused(npz, refuse) -> None:
    images = np.arange(4 * 2 * 2, dtype=np.uint8).reshape(4, 2, 2)
    error = refuse(npz(X=images, y=[0, 1, 0, 1], X_test=images / 255, y_test=[0, 1, 0, 1]), "a.npz")
    assert (error.pointer, error.code) == ("/file", "wrong_type")
    assert "uint8 and float64" in error.message


def test_targets_that_are_no_text_are_refused(npz, refuse) -> None:
    error = refuse(npz(X=np.zeros((2, 2)), y=np.array([b"a", b"\xff"])), "a.npz")
    assert (error.pointer, error.code) == ("/file", "wrong_characters")


def test_no_rows_are_refused(npz, refuse) -> None:
    assert refuse(npz(X=IMAGES[:0], y=TARGETS[:0]), "a.npz").code == "empty"


@pytest.mark.parametrize("limits", [Limits(rows=3), Limits(columns=1), Limits(numbers=7)], ids=str)
def test_more_than_the_limits_is_too_large(limits, npz, refuse) -> None:
    error = refuse(npz(X=TABLE, y=TARGETS), "a.npz", limits=limits)
    assert (error.pointer, error.code) == ("/file", "too_large")


def test_another_target_than_y_is_refused(npz, refuse) -> None:
    assert refuse(npz(X=TABLE, y=TARGETS), "a.npz", target="label").pointer == "/meta/target"


def test_kinds_of_columns_are_refused(npz, refuse) -> None:
    assert refuse(npz(X=TABLE, y=TARGETS), "a.npz", columns={"x0": "ignore"}).pointer == "/meta/columns"
