"""Settings: the environment over the file over the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.store.errors import SettingsError
from service.store.settings import Settings


def test_what_nobody_sets_has_its_default(tmp_path: Path) -> None:
    settings = Settings.from_environment({}, tmp_path)
    assert settings.database_url == f"sqlite:///{settings.data / 'regtune.db'}"
    assert (settings.broker_url, settings.device_hour_price) == (None, None)
    assert (settings.lease_seconds, settings.sweep_seconds) == (30.0, 5.0)
    assert (settings.slice_seconds, settings.checkpoint_seconds) == (300.0, 30.0)


def test_files_and_database_follow_the_data_folder(tmp_path: Path) -> None:
    settings = Settings.from_environment({"REGTUNE_DATA": str(tmp_path / "data")}, tmp_path)
    assert settings.store_url == (tmp_path / "data").as_uri()
    assert settings.database_url.endswith("/data/regtune.db")


def test_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "regtune.toml").write_text('lease_seconds = 4\nkey_prefix = "mine:"\n')
    settings = Settings.from_environment({}, tmp_path)
    assert (settings.lease_seconds, settings.key_prefix) == (4.0, "mine:")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "regtune.toml").write_text("lease_seconds = 4\n")
    assert Settings.from_environment({"REGTUNE_LEASE_SECONDS": "2.5"}, tmp_path).lease_seconds == 2.5


def test_an_empty_variable_is_one_that_is_not_set(tmp_path: Path) -> None:
    assert Settings.from_environment({"REGTUNE_BROKER_URL": ""}, tmp_path).broker_url is None


@pytest.mark.parametrize("word", ["soon", "0", "-1", "inf", "nan"])
def test_a_duration_that_is_none_is_refused_by_name(tmp_path: Path, word: str) -> None:
    with pytest.raises(SettingsError, match="REGTUNE_LEASE_SECONDS"):
        Settings.from_environment({"REGTUNE_LEASE_SECONDS": word}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://me:swordfish@there/x"),
        ("DATABASE_URL", "me:swordfish@there"),
        ("BROKER_URL", "amqp://me:swordfish@there"),
        ("STORE", "ftp://me:swordfish@there"),
    ],
)
def test_an_address_of_another_kind_is_refused_and_not_repeated(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"REGTUNE_{name}") as raised:
        Settings.from_environment({f"REGTUNE_{name}": value}, tmp_path)
    assert "swordfish" not in str(raised.value)


def test_the_broker_may_be_none(tmp_path: Path) -> None:
    assert Settings.from_environment({"REGTUNE_BROKER_URL": "none"}, tmp_path).broker_url == "none"


@pytest.mark.parametrize("text", ["lease = 4\n", "lease_seconds = \n"])
def test_a_file_that_says_what_nobody_knows_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "regtune.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"regtune\.toml"):
        Settings.from_environment({}, tmp_path)
