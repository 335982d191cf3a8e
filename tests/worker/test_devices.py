"""A worker does not start on a device that is not there: it would fail every fit it claims."""

from __future__ import annotations

import subprocess

import pytest

from worker.devices import DeviceMissing, check_device


def found(count: int) -> object:
    return lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=f"{count}\n", stderr="")


def test_a_cpu_is_always_there() -> None:
    check_device("cpu")


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:1"])
def test_a_gpu_that_torch_finds_is_there(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", found(2))
    check_device(device)


@pytest.mark.parametrize(("device", "count"), [("cuda", 0), ("cuda:1", 1)])
def test_one_that_torch_does_not_find_is_refused(device: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", found(count))
    with pytest.raises(
        DeviceMissing, match=f"there is no device '{device}': torch finds {count} of CUDA; use --device"
    ):
        check_device(device)
