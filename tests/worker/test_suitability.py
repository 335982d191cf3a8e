"""A worker leaves alone what it could only train in another sense than the study's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from stored_studies import bundled, new_study

from regcore.catalog import load
from service.store.database import open_database, upgrade
from service.store.study_rows import StudyRow
from worker.suitability import what_is_missing


@pytest.fixture
def study(tmp_path: Path) -> StudyRow:
    database = open_database(f"sqlite:///{tmp_path / 'regtune.db'}")
    upgrade(database)
    return new_study(
        database, {"resources": {"device": "cuda"}, "regularizers": [{"kind": "dropout"}]}, bundled("wine")
    )


def test_a_study_for_a_gpu_is_not_trained_on_a_cpu(study: StudyRow) -> None:
    missing = what_is_missing(study, load(), "cpu")
    assert missing is not None
    assert "it asks for the device cuda" in missing


def test_a_study_for_a_gpu_is_trained_on_any_gpu(study: StudyRow) -> None:
    assert what_is_missing(study, load(), "cuda:3") is None


def test_a_kind_that_means_something_else_here_is_not_trained(study: StudyRow) -> None:
    newer = load().kind("dropout").meaning + 1
    missing = what_is_missing(replace(study, meanings={"dropout": newer}), load(), "cuda")
    assert missing is not None
    assert f"version {newer} of dropout" in missing


def test_a_kind_that_means_the_same_here_is_trained(study: StudyRow) -> None:
    meanings = {"dropout": load().kind("dropout").meaning}
    assert what_is_missing(replace(study, meanings=meanings), load(), "cuda") is None


def test_bundled_data_that_differ_from_the_studys_are_not_trained_on(study: StudyRow) -> None:
    missing = what_is_missing(replace(study, dataset_digest="0" * 64), load(), "cuda")
    assert missing is not None
    assert "another version of wine" in missing
