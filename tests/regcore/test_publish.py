"""Publishing what is derived from the declarations."""

import json
import subprocess
import sys

import pytest

from regcore import publish
from regcore.catalog import PATH, load
from regcore.regularizers import kinds


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The derived files, to be written below another root than the repository's."""
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    monkeypatch.setattr(publish, "PAGES", tmp_path / "docs")
    monkeypatch.setattr(publish, "PATH", tmp_path / "catalog.json")
    return tmp_path


def test_what_is_in_the_repository_is_fresh() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "regcore.publish", "--check"], capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stderr) == (0, "")


def test_every_file_among_the_regularizers_is_in_the_catalogue() -> None:
    assert tuple(kind.kind for kind in load().kinds) == kinds()


def test_publishing_writes_the_catalogue_a_page_and_a_picture_for_each_kind(elsewhere) -> None:
    assert publish.main([]) == 0
    assert {path.stem for path in (elsewhere / "docs").glob("*.md")} == {"index", *kinds()}
    assert {path.name for path in (elsewhere / "docs" / "pictures").iterdir()} == {f"{kind}.svg" for kind in kinds()}
    assert (elsewhere / "catalog.json").read_text(encoding="utf-8") == PATH.read_text(encoding="utf-8")


def test_publishing_twice_changes_nothing(elsewhere) -> None:
    publish.main([])
    assert publish.main(["--check"]) == 0


def test_the_check_names_a_page_that_was_edited_and_writes_nothing(elsewhere, capsys) -> None:
    publish.main([])
    page = elsewhere / "docs" / "l1.md"
    page.write_text("edited", encoding="utf-8")
    assert publish.main(["--check"]) == 1
    assert "docs/l1.md is stale" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "edited"


def test_the_check_names_a_missing_file(elsewhere, capsys) -> None:
    publish.main([])
    (elsewhere / "catalog.json").unlink()
    assert publish.main(["--check"]) == 1
    assert "catalog.json is stale" in capsys.readouterr().err


def test_the_page_of_a_kind_that_is_no_more_is_stale_and_removed(elsewhere, capsys) -> None:
    publish.main([])
    left_over = elsewhere / "docs" / "no_more.md"
    left_over.write_text("", encoding="utf-8")
    assert publish.main(["--check"]) == 1
    assert "docs/no_more.md is stale" in capsys.readouterr().err
    publish.main([])
    assert not left_over.exists()


@pytest.fixture
def picture(elsewhere):
    """A picture that was published, of one line from 30 to 225 and others."""
    publish.main([])
    return elsewhere / "docs" / "pictures" / "l1.svg"


def test_a_last_digit_of_a_picture_is_neither_stale_nor_written_anew(picture) -> None:
    other = picture.read_text(encoding="utf-8").replace('points="30,', 'points="30.3,')
    picture.write_text(other, encoding="utf-8")
    assert publish.main(["--check"]) == 0
    publish.main([])
    assert picture.read_text(encoding="utf-8") == other


def test_a_picture_that_is_a_pixel_off_is_stale(picture, capsys) -> None:
    published = picture.read_text(encoding="utf-8")
    picture.write_text(published.replace('points="30,', 'points="31,'), encoding="utf-8")
    assert publish.main(["--check"]) == 1
    assert "docs/pictures/l1.svg is stale" in capsys.readouterr().err
    publish.main([])
    assert picture.read_text(encoding="utf-8") == published


def test_the_picture_of_a_kind_that_is_no_more_is_removed(picture) -> None:
    left_over = picture.with_name("no_more.svg")
    left_over.write_text("", encoding="utf-8")
    publish.main([])
    assert not left_over.exists()


def test_a_measured_cost_is_published_and_the_others_are_said_to_be_missing(elsewhere, monkeypatch) -> None:
    ratio = {"median": 1.04, "low": 0.98, "high": 1.1}
    row = {"kind": "l1", "ratio": ratio, "class": "elementwise", "network": "Mlp", "graphs": 2}
    (elsewhere / "costs.json").write_text(json.dumps({"kinds": [row]}), encoding="utf-8")
    monkeypatch.setattr(publish, "COSTS", elsewhere / "costs.json")
    publish.main([])
    assert "takes 1.04 times a plain one (0.98–1.10" in (elsewhere / "docs" / "l1.md").read_text(encoding="utf-8")
    assert "has not been measured" in (elsewhere / "docs" / "l2.md").read_text(encoding="utf-8")
    assert "| [`l1`](l1.md) | 1.04 | 0.98–1.10 |" in (elsewhere / "docs" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", load().kinds, ids=lambda kind: kind.kind)
def test_a_page_shows_every_hyperparameter_the_source_and_the_parity(kind) -> None:
    text = (publish.PAGES / f"{kind.kind}.md").read_text(encoding="utf-8")
    assert f"Source: {kind.source}." in text
    assert f"Parity: {kind.parity}." in text
    assert f"(pictures/{kind.kind}.svg)" in text
    for knob in kind.hyperparameters:
        assert f"| `{knob.name}` |" in text
