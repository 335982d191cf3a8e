"""The client and the commands against the real application, on a port of loopback; a ledger plays the worker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from ledger_driver import Driver, completed, report
from stored_studies import definition_of, queue_trials
from waiting import wait_until

from regtune import InvalidStudy
from regtune.cli.main import main
from regtune.client import Client, ProblemError
from regtune.client.study_files import with_dataset_uploaded
from service.api.app import create_app
from service.store.database import Database
from service.store.files import FileStore
from service.store.settings import Settings

STUDY = {
    "dataset": "wine",
    "regularizers": [{"kind": "dropout"}, {"kind": "early_stopping"}],
    "baselines": False,
    "training": {"epochs": 20},
    "budget": {"trials": 3},
}
SETTINGS = [{"dropout.rate": rate, "early_stopping.patience": 10} for rate in (0.1, 0.2, 0.3)]
CSV = "x,y\n" + "\n".join(f"{row},{'ab'[row % 2]}" for row in range(40)) + "\n"


@dataclass(frozen=True)
class Service:
    """A service without workers or a coordinator."""

    url: str
    database: Database

    def train(self, study_id: str) -> None:
        """Suggests three settings and trains them: the second is the best, each trial in one epoch."""
        queue_trials(self.database, study_id, definition_of(self.database, study_id), SETTINGS)
        driver = Driver(self.database)
        run, fits = driver.start(study_id, len(SETTINGS))
        ended = [completed(fit, value) for fit, value in zip(fits, (0.5, 0.9, 0.7), strict=True)]
        driver.tick(run, 1, [report(fit, 1) for fit in fits], ended)


@pytest.fixture
def service(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    settings = Settings.from_environment({"REGTUNE_DATA": str(tmp_path / "data")}, tmp_path)
    app = create_app(sqlite_database, FileStore(settings.store_url), settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setenv("REGTUNE_URL", url)
        yield Service(url, sqlite_database)
        server.should_exit = True
        thread.join(30)


@pytest.fixture
def real_client(service: Service) -> Iterator[Client]:
    with Client(service.url) as client:
        yield client


def test_a_study_is_submitted_followed_and_read(real_client: Client, service: Service) -> None:
    study = real_client.create_study(STUDY)
    service.train(study["id"])
    ended = real_client.wait(study["id"], timeout_seconds=30)
    assert (ended["state"], ended["progress"]["completed"]) == ("completed", 3)
    assert real_client.best(study["id"])["setting"] == SETTINGS[1]
    assert [trial["value"] for trial in real_client.trials(study["id"])] == [0.5, 0.9, 0.7]
    assert real_client.trial(study["id"], 1)["metrics"] == {"accuracy": 0.9}
    assert [point["epoch"] for point in real_client.curve(study["id"], 1)] == [1]
    assert [found["id"] for found in real_client.studies()] == [study["id"]]


def test_a_study_that_is_not_valid_is_refused_where_it_is_wrong(real_client: Client) -> None:
    with pytest.raises(ProblemError) as refused:
        real_client.create_study({"dataset": "wine", "regularizers": [{"kind": "dropout", "rate": 1.5}]})
    assert refused.value.status == 422
    assert refused.value.errors[0].pointer.startswith("/regularizers/0/rate")


def test_validation_resolves_and_stores_nothing(real_client: Client) -> None:
    resolved = real_client.validate_study({"dataset": "wine"})
    assert resolved["definition"]["objective"]["metric"] == "balanced_accuracy"
    assert resolved["space"]["dimensions"]
    assert list(real_client.studies()) == []


def test_a_stopped_study_is_followed_to_its_end(real_client: Client) -> None:
    study = real_client.create_study(STUDY)
    real_client.stop(study["id"], "now")
    assert real_client.wait(study["id"], timeout_seconds=30)["stop_reason"] == "user"


def test_a_deleted_study_is_unknown(real_client: Client) -> None:
    study = real_client.create_study(STUDY)
    real_client.delete_study(study["id"])
    with pytest.raises(ProblemError) as unknown:
        real_client.study(study["id"])
    assert unknown.value.status == 404


def test_the_catalogue_and_the_bundled_data_sets_are_listed(real_client: Client) -> None:
    assert "dropout" in [kind["kind"] for kind in real_client.regularizers()]
    assert "wine" in [dataset["id"] for dataset in real_client.datasets()]
    assert real_client.dataset("wine")["rows"] == 178


def test_a_file_beside_the_study_is_uploaded_once_by_its_content(real_client: Client, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(CSV)
    document = {"dataset": {"path": "train.csv", "target": "y", "task": "classification"}}
    first, second = (with_dataset_uploaded(real_client, document, tmp_path) for _ in range(2))
    assert first == second
    assert real_client.dataset(first["dataset"])["rows"] == 40
    assert real_client.profile(first["dataset"])


def test_a_target_that_the_file_lacks_points_into_the_study_file(real_client: Client, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(CSV)
    with pytest.raises(InvalidStudy) as refused:
        with_dataset_uploaded(real_client, {"dataset": {"path": "train.csv", "target": "z"}}, tmp_path)
    assert [error.pointer for error in refused.value.errors] == ["/dataset/target"]


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["status"], "credit"),
        (["status", "ID"], "3 trials: 3 completed, 0 pruned, 0 failed"),
        (["trials", "ID"], "dropout.rate=0.3, early_stopping.patience=10"),
        (["best", "ID"], "early_stopping.patience  10"),
        (["best", "ID", "--format", "yaml"], "early_stopping.patience: 10"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_read_what_the_service_writes(
    words: list[str], last: str, real_client: Client, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    study_id = real_client.create_study({**STUDY, "name": "credit"})["id"]
    service.train(study_id)
    with pytest.raises(SystemExit) as ended:
        main([study_id if word == "ID" else word for word in words])
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(last)


def test_a_study_file_is_validated_by_the_service(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.yaml").write_text("dataset: wine\nregularizers: [{kind: dropout}, {kind: l1, gate: search}]\n")
    with pytest.raises(SystemExit) as ended:
        main(["validate", "study.yaml"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[-1] == "valid: searches 3 dimensions in 128 trials"


def test_a_study_that_has_ended_cannot_be_stopped(
    real_client: Client, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    study_id = real_client.create_study(STUDY)["id"]
    service.train(study_id)
    with pytest.raises(SystemExit) as ended:
        main(["stop", study_id])
    assert ended.value.code == 2
    assert "has ended as 'completed'" in capsys.readouterr().err
