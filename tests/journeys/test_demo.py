"""What `./run demo` shows: the study names well-known methods, and the output ends with the line that sums it up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from terminals import Terminal

from regtune.study_file import read_study_file

LAST_LINE = re.compile(r"\d+ trials: \d+ completed, \d+ pruned, \d+ failed")
# What the demo's study would train for a minute; the shape of the output is the same for less.
SMALLER = {"epochs: 30": "epochs: 3", "trials: 96": "trials: 12", "width: 64": "width: 8"}


@pytest.fixture(scope="module")
def study_file(checkout: Path) -> Path:
    return checkout / "examples" / "digits.yaml"


@pytest.fixture(scope="module")
def shown(terminal: Terminal, study_file: Path) -> str:
    """What `regtune run` prints of a smaller demo."""
    text = study_file.read_text()
    for old, new in SMALLER.items():
        assert old in text
        text = text.replace(old, new)
    (terminal.folder / "digits.yaml").write_text(text)
    return terminal.shell(".venv/bin/regtune run digits.yaml")


MISSION = {
    *("l1", "l2", "elastic_net", "weight_regularization", "dropout", "batch_norm", "early_stopping"),
    *("rotation", "scaling", "flip", "crop"),
}


def test_the_study_names_the_methods_that_everyone_knows(study_file: Path) -> None:
    named = {regularizer["kind"] for regularizer in read_study_file(study_file)["regularizers"]}
    assert named >= MISSION


def test_the_study_is_96_trials_of_at_most_30_epochs(study_file: Path) -> None:
    study = read_study_file(study_file)
    assert (study["budget"]["trials"], study["training"]["epochs"]) == (96, 30)


def test_the_last_line_says_how_the_trials_ended(shown: str) -> None:
    last = shown.splitlines()[-1]
    assert LAST_LINE.fullmatch(last)
    total, *ends = map(int, re.findall(r"\d+", last))
    assert total == sum(ends) == 12


@pytest.mark.parametrize("word", ["baseline", "best", "difference", "epochs", "saved", "trials per second"])
def test_the_table_says(word: str, shown: str) -> None:
    assert word in shown.lower()
