"""Lanes on every device: what is promised on a processor is promised on a GPU."""

from functools import partial

import pytest
from devices import ON_CUDA

from regcore.lanes import Lanes


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=ON_CUDA)])
def on_each_device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Has the test's lanes train on a processor and, where there is one, on a GPU; gives the device."""
    device: str = request.param
    for module in ("training_runs", "regcore.testing.trainings"):
        monkeypatch.setattr(f"{module}.Lanes", partial(Lanes, device=device))
    return device
