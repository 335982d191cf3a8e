"""ETags: a study's version stands for it and for everything below it, and grows with every change there."""

from __future__ import annotations

import pytest
from answers import document_of, errors_of, problem_of
from fastapi.testclient import TestClient
from ledger_driver import Driver, completed, new_trial, report

from service.store.database import Database
from service.store.endings import stop_study
from service.store.studies import set_waiting

BELOW = ("", "/trials", "/trials/0", "/trials/0/curve", "/best", "/best?format=yaml")


@pytest.fixture
def ledger(sqlite_database: Database) -> Driver:
    """A hand on what is stored."""
    return Driver(sqlite_database)


@pytest.fixture
def study(ledger: Driver) -> str:
    """The URL of a study of two trials, the first of which has ended."""
    study_id = ledger.study_with_trials(2)
    run, (fit,) = ledger.start(study_id, 1)
    ledger.tick(run, 1, [report(fit, 1)], [completed(fit)])
    return f"/api/v1/studies/{study_id}"


@pytest.mark.parametrize("path", BELOW)
def test_everything_of_a_study_has_its_version_for_a_tag(client: TestClient, study: str, path: str) -> None:
    version = document_of(client.get(study))["version"]
    response = client.get(study + path)
    assert response.status_code == 200
    assert response.headers["etag"] == f'"{version}"'


@pytest.mark.parametrize("path", BELOW)
def test_who_knows_the_version_gets_304_and_no_body(client: TestClient, study: str, path: str) -> None:
    tag = client.get(study + path).headers["etag"]
    response = client.get(study + path, headers={"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == tag


@pytest.mark.parametrize("tags", ['"0"', '"none", W/"0"', "nonsense", ""])
def test_who_knows_another_version_gets_the_answer(client: TestClient, study: str, tags: str) -> None:
    for path in BELOW:
        assert client.get(study + path, headers={"If-None-Match": tags}).status_code == 200


@pytest.mark.parametrize("tags", ["{tag}", "W/{tag}", '"0", {tag}', '"0",W/{tag} , "x"', "*"])
def test_the_tag_is_recognized_weak_in_a_list_and_as_any(client: TestClient, study: str, tags: str) -> None:
    tag = client.get(study).headers["etag"]
    assert client.get(study, headers={"If-None-Match": tags.format(tag=tag)}).status_code == 304


def test_the_version_grows_with_every_change_below_it(client: TestClient, ledger: Driver) -> None:
    study_id = ledger.study()
    versions = [1]

    def see_it_grown() -> None:
        response = client.get(f"/api/v1/studies/{study_id}", headers={"If-None-Match": f'"{versions[-1]}"'})
        versions.append(document_of(response)["version"])
        assert versions[-1] > versions[-2]

    ledger.insert(study_id, map(new_trial, range(2)))
    see_it_grown()
    set_waiting(ledger.database, study_id, "no worker lives")
    see_it_grown()
    run, (first, second) = ledger.start(study_id, 2)
    see_it_grown()
    ledger.tick(run, 1, [report(first, 1)])
    see_it_grown()
    ledger.tick(run, 2, [], [completed(first)])
    see_it_grown()
    stop_study(ledger.database, study_id, "drain")
    see_it_grown()
    ledger.tick(run, 3, [], [completed(second)])
    see_it_grown()


def test_reading_changes_no_version(client: TestClient, study: str) -> None:
    before = client.get(study).headers["etag"]
    for path in BELOW:
        client.get(study + path)
    assert client.get(study).headers["etag"] == before


def test_a_tag_does_not_hide_that_there_is_nothing(client: TestClient, study: str) -> None:
    tag = client.get(study).headers["etag"]
    client.delete(study)
    for path in BELOW:
        problem_of(client.get(study + path, headers={"If-None-Match": tag}), 404)


def test_a_condition_on_a_change_is_refused_until_it_is_kept(client: TestClient, study: str) -> None:
    for method, path in (("DELETE", ""), ("POST", ":stop"), ("GET", "")):
        response = client.request(method, study + path, headers={"If-Match": '"1"'})
        assert errors_of(response) == [("/header/If-Match", "not_available")]
    assert document_of(client.get(study))["state"] == "running"
