"""`regtune worker` takes a device, a number of lanes and a broker, and refuses what is none."""

from __future__ import annotations

import pytest

from worker.command import Words, main, parse


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGTUNE_BROKER_URL", raising=False)


def test_without_words_it_polls_on_the_cpu() -> None:
    assert parse([]) == Words(device="cpu", lanes=16, broker_url="none")


def test_a_gpu_gets_more_lanes() -> None:
    assert parse(["--device", "cuda:1"]) == Words(device="cuda:1", lanes=128, broker_url="none")


def test_lanes_are_capped_by_a_word() -> None:
    assert parse(["--lanes", "3"]).lanes == 3


def test_the_broker_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGTUNE_BROKER_URL", "redis://broker:6379")
    assert parse([]).broker_url == "redis://broker:6379"


def test_a_word_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGTUNE_BROKER_URL", "redis://broker:6379")
    assert parse(["--broker", "none"]).broker_url == "none"


def test_a_broker_of_another_kind_is_refused_and_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--broker", "amqp://me:swordfish@there"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("regtune worker: --broker begins with 'amqp'; allowed are none, redis://…")
    assert "swordfish" not in said


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--device", "tpu"], "'tpu' is not a device: cpu, cuda or cuda:N"),
        (["--device", "cuda:first"], "'cuda:first' is not a device"),
        (["--lanes", "0"], "0 is too few lanes: at least 1"),
    ],
)
def test_what_is_no_device_or_no_number_of_lanes_is_refused(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(words)
    assert reason in capsys.readouterr().err
