"""Every regularizer through the whole service: a small study of each, and one of all that go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from terminals import Terminal

from regcore import catalog
from regtune import Client

CATALOG = catalog.load()
LONGEST_SECONDS = 500.0
TABLE = {"dataset": "wine", "model": {"kind": "mlp", "width": 16, "depth": 2}}
IMAGES = {"dataset": "digits", "model": {"kind": "convnet", "width": 2, "depth": 1}}
RESIDUAL_TABLE = {**TABLE, "model": {"kind": "resnet_mlp", "width": 8, "depth": 1}}
RESIDUAL_IMAGES = {**IMAGES, "model": {"kind": "resnet", "width": 2, "blocks": 1}}


def setting_of(kind: catalog.Kind) -> dict[str, Any]:
    """Data and a network that have a place for a kind."""
    places = ("", *CATALOG.architecture("mlp").sites)
    if "table" in kind.inputs and kind.place in places:
        return TABLE
    return RESIDUAL_TABLE if "table" in kind.inputs else IMAGES


def study_of(kinds: Sequence[str], setting: dict[str, Any], trials: int, epochs: int) -> dict[str, Any]:
    """A study that always uses these kinds."""
    return {
        **setting,
        "name": " ".join(kinds)[:60],
        "regularizers": [{"kind": kind} for kind in kinds],
        "training": {"epochs": epochs, "batch_size": 32 if setting["dataset"] == "wine" else 256},
        "sampler": {"kind": "random"},
        "pruner": None,
        "budget": {"trials": trials},
        "confirm": None,
    }


@pytest.fixture(scope="module")
def client(terminal: Terminal) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{terminal.port}") as made:
        yield made


@pytest.fixture(scope="module")
def studies(client: Client) -> dict[str, str]:
    """The ids of a study of each kind, all of which have ended."""
    ids = {
        kind.kind: client.create_study(study_of([kind.kind], setting_of(kind), trials=4, epochs=3))["id"]
        for kind in CATALOG.kinds
    }
    for study_id in ids.values():
        client.wait(study_id, timeout_seconds=LONGEST_SECONDS)
    return ids


@pytest.mark.parametrize("kind", [kind.kind for kind in CATALOG.kinds])
def test_no_trial_of_a_kinds_study_fails(kind: str, client: Client, studies: dict[str, str]) -> None:
    states = [trial["state"] for trial in client.trials(studies[kind])]
    assert states == 4 * ["completed"]


@pytest.mark.parametrize("kind", [kind.kind for kind in CATALOG.kinds if kind.site != "stopping_rule"])
def test_a_kind_changes_the_training(kind: str, client: Client, studies: dict[str, str]) -> None:
    plain, with_it = (client.curve(studies[kind], number) for number in (0, 1))
    assert len(plain) == len(with_it) == 3
    assert plain != with_it


@pytest.fixture(scope="module")
def table_with_categories(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a table with two columns of numbers and two of categories."""
    rows = [f"{n % 7},{n % 11},{'abcd'[n % 4]},{'xyz'[n % 3]},{['no', 'yes'][n % 5 // 3]}" for n in range(200)]
    file = tmp_path_factory.mktemp("table") / "mixed.csv"
    file.write_text("\n".join(["first,second,letter,sign,answer", *rows]) + "\n")
    return str(client.upload_dataset(file, name="mixed", target="answer")["id"])


def test_all_that_go_together_train_at_once_on_a_table_with_categories(
    client: Client, table_with_categories: str
) -> None:
    assert_all_train_at_once(client, {**RESIDUAL_TABLE, "dataset": table_with_categories}, "table")


@pytest.mark.proof
def test_all_that_go_together_train_at_once_on_images(client: Client) -> None:
    assert_all_train_at_once(client, RESIDUAL_IMAGES, "image")


def assert_all_train_at_once(client: Client, setting: dict[str, Any], inputs: str) -> None:
    sites = CATALOG.architecture(setting["model"]["kind"]).sites
    together: list[catalog.Kind] = []
    for kind in CATALOG.kinds:
        apart = any(one.kind in kind.conflicts or kind.kind in one.conflicts for one in together)
        if inputs in kind.inputs and kind.place in ("", *sites) and not apart:
            together.append(kind)
    assert len(together) > 50
    created = client.create_study(study_of([kind.kind for kind in together], setting, trials=2, epochs=1))
    assert client.wait(created["id"], timeout_seconds=LONGEST_SECONDS)["state"] == "completed"
    assert [trial["state"] for trial in client.trials(created["id"])] == 2 * ["completed"]
