"""Arrays as NPZ: what an archive declares is not believed."""

import io
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy

from service.datasets import Limits

IMAGES = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
TARGETS = np.array([0, 1])


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(f"{name}.npy", content)
    return packed.getvalue()


def array(values: object) -> bytes:
    written = io.BytesIO()
    npy.write_array(written, np.asarray(values), allow_pickle=True)
    return written.getvalue()


def declaring(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    written = io.BytesIO()
    npy.write_array_header_1_0(written, {"descr": descr, "fortran_order": False, "shape": shape})
    return written.getvalue()


def test_images_are_read(npz, read) -> None:
    assert read(npz(X=IMAGES, y=TARGETS), "a.npz").shape == (1, 3, 3)


def test_packed_or_not_makes_no_difference(npz, read) -> None:
    plain = io.BytesIO()
    np.savez(plain, X=IMAGES, y=TARGETS)
    assert read(plain.getvalue(), "a.npz").digest == read(npz(X=IMAGES, y=TARGETS), "a.npz").digest


def test_the_order_in_memory_makes_no_difference(npz, read) -> None:
    fortran = npz(X=np.asfortranarray(IMAGES), y=TARGETS.astype(">i4"))
    assert read(fortran, "a.npz").digest == read(npz(X=IMAGES, y=TARGETS), "a.npz").digest


def test_a_zip_bomb_is_refused_by_what_it_declares(refuse) -> None:
    zeros = bytes(300_000_000)
    bomb = archive(X=declaring((300_000_000,), "|u1") + zeros, y=array(TARGETS))
    assert len(bomb) < 400_000
    error = refuse(bomb, "a.npz", limits=Limits(content_bytes=200_000_000))
    assert (error.pointer, error.code) == ("/file", "too_large")


def test_a_header_that_promises_more_than_there_is_is_refused(refuse) -> None:
    error = refuse(archive(X=declaring((10**6, 10**6)), y=array(TARGETS)), "a.npz")
    assert (error.pointer, error.code) == ("/file", "wrong_shape")
    assert "X declares the shape [1000000, 1000000] of float64" in error.message


def test_a_header_that_promises_less_than_there_is_is_refused(refuse) -> None:
    assert refuse(archive(X=array(IMAGES) + b"more", y=array(TARGETS)), "a.npz").code == "wrong_shape"


@pytest.mark.parametrize("name", ["X", "y"])
def test_objects_are_refused_without_being_unpickled(name, refuse) -> None:
    members = {"X": array(IMAGES), "y": array(TARGETS), name: array(np.array([{}, {}], dtype=object))}
    error = refuse(archive(**members), "a.npz")
    assert (error.pointer, error.code) == ("/file", "object_array")


@pytest.mark.parametrize(("name", "dtype"), [("X", "<U3"), ("X", "complex64"), ("y", "datetime64[D]"), ("X", "i4,f4")])
def test_values_of_other_types_are_refused(name, dtype, refuse) -> None:
    members = {"X": array(IMAGES), "y": array(TARGETS), name: array(np.zeros(2, dtype=dtype))}
    assert refuse(archive(**members), "a.npz").code == "wrong_type"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (["X"], "missing"),
        (["y"], "missing"),
        (["X", "y", "X_test"], "missing"),
        (["X", "Y"], "unknown_name"),
        (["X", "y", "../../evil"], "unknown_name"),
        (["X", "y", "/etc/passwd"], "unknown_name"),
    ],
)
def test_the_arrays_have_their_names(members, code, refuse) -> None:
    error = refuse(archive(**{name: array(TARGETS) for name in members}), "a.npz")
    assert (error.pointer, error.code) == ("/file", code)


def test_an_array_that_is_there_twice_is_refused(refuse) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("X.npy", array(IMAGES))
        written.writestr("y.npy", array(TARGETS))
        with pytest.warns(UserWarning, match="Duplicate name"):
            written.writestr("y.npy", array(TARGETS))
    assert refuse(packed.getvalue(), "a.npz").code == "duplicate"


@pytest.mark.parametrize("kept_bytes", [10, 100, -10, -200])
def test_a_file_cut_off_is_refused(kept_bytes, npz, refuse) -> None:
    error = refuse(npz(X=IMAGES, y=TARGETS)[:kept_bytes], "a.npz")
    assert (error.pointer, error.code) == ("/file", "not_readable")


def test_damage_in_the_middle_is_refused(npz, refuse) -> None:
    whole = bytearray(npz(X=np.random.default_rng(0).integers(0, 255, (9, 9, 9), dtype=np.uint8), y=np.arange(9) % 2))
    whole[300:320] = b"\xff" * 20
    error = refuse(bytes(whole), "a.npz")
    assert (error.pointer, error.code) == ("/file", "not_readable")


def test_an_archive_that_lies_about_its_offsets_is_refused(npz, refuse) -> None:
    whole = bytearray(npz(X=IMAGES, y=TARGETS))
    end = whole.rindex(b"PK\x05\x06")
    whole[end + 16 : end + 20] = b"\xff\xff\xff\x7f"
    error = refuse(bytes(whole), "a.npz")
    assert (error.pointer, error.code) == ("/file", "not_readable")


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x09\x00", b"\x93NUMPY\x01\x00\xff\xff"])
def test_a_member_that_is_no_array_is_refused(content, refuse) -> None:
    error = refuse(archive(X=content, y=array(TARGETS)), "a.npz")
    assert (error.pointer, error.code) == ("/file", "not_readable")
