"""Which server a client talks to."""

from __future__ import annotations

from pathlib import Path

import pytest

from regtune.client import InvalidAddress
from regtune.client.address import DEFAULT_URL, Address

ENVIRONMENT = {"REGTUNE_URL": "http://from.environment", "REGTUNE_KEY": "environment's"}


def test_nothing_said_means_the_url_of_up_and_no_key(tmp_path: Path) -> None:
    assert Address.found(None, None, {}, tmp_path) == Address(DEFAULT_URL, None)


def test_the_caller_wins_over_the_environment(tmp_path: Path) -> None:
    found = Address.found("http://from.caller", "caller's", ENVIRONMENT, tmp_path)
    assert found == Address("http://from.caller", "caller's")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "regtune.toml").write_text('url = "http://from.file"\nkey = "file\'s"\n')
    found = Address.found(None, None, ENVIRONMENT, tmp_path)
    assert found == Address("http://from.environment", "environment's")


def test_the_file_says_what_nobody_else_does(tmp_path: Path) -> None:
    (tmp_path / "regtune.toml").write_text('url = "http://from.file"\nkey = "file\'s"\nlease_seconds = 3\n')
    assert Address.found(None, None, {}, tmp_path) == Address("http://from.file", "file's")


def test_an_empty_variable_is_one_that_is_not_set(tmp_path: Path) -> None:
    assert Address.found(None, None, {"REGTUNE_URL": "", "REGTUNE_KEY": ""}, tmp_path) == Address(DEFAULT_URL, None)


@pytest.mark.parametrize("url", ["http://a.test/", "http://a.test/api/v1", "http://a.test/api/v1/"])
def test_a_slash_or_the_apis_prefix_at_the_end_does_not_count(url: str, tmp_path: Path) -> None:
    assert Address.found(url, None, {}, tmp_path).url == "http://a.test"


@pytest.mark.parametrize("key", ["é", "a\nb"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_repeated(key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidAddress) as raised:
        Address.found(None, key, {}, tmp_path)
    assert key not in str(raised.value)


@pytest.mark.parametrize("url", ["localhost:8000", "127.0.0.1", "ftp://a.test", "http://", "http://a.test:port"])
def test_what_is_no_http_url_is_refused_and_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidAddress, match="the server's URL is") as refused:
        Address.found(url, None, {}, tmp_path)
    assert url in str(refused.value)


def test_a_file_that_is_no_toml_is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "regtune.toml").write_text("url = ")
    with pytest.raises(InvalidAddress, match=r"regtune\.toml cannot be read"):
        Address.found(None, None, {}, tmp_path)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_no_proxy_leads_to_this_machine(url: str) -> None:
    assert Address(url, None).is_loopback


def test_a_proxy_may_lead_to_another_machine() -> None:
    assert not Address("https://regtune.test", None).is_loopback
