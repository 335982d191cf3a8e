"""The README's five minutes, typed word for word: with its own table, and again with others put in its place."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from documents import Block, blocks, section
from terminals import Terminal, service

FIVE_MINUTES = "Five minutes"
TRIALS = 40


@dataclass(frozen=True)
class Tutorial:
    """The blocks of the README's tutorial: the service, the second terminal, the table, what is typed then."""

    start: str
    second_terminal: str
    table: str
    commands: str
    programs: tuple[Block, ...]


@pytest.fixture(scope="module")
def tutorial(checkout: Path) -> Tutorial:
    start, second_terminal, table, *rest = blocks(section(checkout / "README.md", FIVE_MINUTES), "sh", "python")
    assert start.text.endswith("regtune up\n")
    assert "wine.csv" in table.text
    return Tutorial(
        start=start.text,
        second_terminal=second_terminal.text,
        table=table.text,
        commands="".join(block.text for block in rest if block.language == "sh"),
        programs=tuple(block for block in rest if block.language == "python"),
    )


@pytest.fixture(scope="module")
def typed(make_terminal: Callable[[], Terminal], tutorial: Tutorial) -> Iterator[Terminal]:
    """A terminal beside the service that the tutorial's first block started, at a port of its own."""
    terminal = make_terminal()
    with service(terminal, f"{tutorial.start.rstrip()} --port {terminal.port}"):
        yield terminal


def put_in(text: str, words: dict[str, str]) -> str:
    """The text with words replaced, each of which must be there."""
    for old, new in words.items():
        assert old in text
        text = text.replace(old, new)
    return text


def study_of(terminal: Terminal) -> dict[str, Any]:
    """The study that the commands left in study.json, as the service has it now."""
    known = json.loads((terminal.folder / "study.json").read_text())
    study: dict[str, Any] = json.loads(terminal.shell(f"curl -s $REGTUNE_URL/api/v1/studies/{known['id']}"))
    return study


def ended(study: dict[str, Any]) -> int:
    """How many trials have ended with a value."""
    progress: dict[str, int] = study["progress"]
    return progress["completed"] + progress["pruned"]


def test_the_commands_work_word_for_word(typed: Terminal, tutorial: Tutorial) -> None:
    typed.shell(tutorial.second_terminal + tutorial.table + tutorial.commands)
    study = study_of(typed)
    assert (study["state"], study["stop_reason"], ended(study)) == ("completed", "budget_trials", TRIALS)
    assert study["best"]["value"] > 0.85


def test_the_program_works_word_for_word(typed: Terminal, tutorial: Tutorial) -> None:
    typed.shell(tutorial.second_terminal + tutorial.table)
    assert tutorial.programs
    for program in tutorial.programs:
        assert typed.python(program.text)


def test_the_commands_work_on_credit_g(typed: Terminal, tutorial: Tutorial, shared_data: Path) -> None:
    with gzip.open(shared_data / "credit-g.csv.gz") as packed, (typed.folder / "credit-g.csv").open("wb") as table:
        shutil.copyfileobj(packed, table)
    typed.shell(
        tutorial.second_terminal
        + put_in(tutorial.commands, {"wine.csv": "credit-g.csv", "my-wine": "credit", "cultivar": "target"})
    )
    study = study_of(typed)
    assert (study["state"], ended(study)) == ("completed", TRIALS)
    assert study["best"]["value"] > 0.6


def test_the_commands_work_on_mnist(typed: Terminal, tutorial: Tutorial, shared_data: Path) -> None:
    shutil.copy(shared_data / "mnist5k.npz", typed.folder)
    changes = {
        "wine.csv": "mnist5k.npz",
        "my-wine": "mnist",
        '"target": "cultivar", ': "",
        # 94 times the values of the wines: the same minutes for a smaller question.
        '"epochs": 50, "batch_size": 32': '"epochs": 3, "batch_size": 128',
        f'"trials": {TRIALS}': '"trials": 10',
    }
    typed.shell(tutorial.second_terminal + put_in(tutorial.commands, changes))
    study = study_of(typed)
    assert (study["state"], ended(study)) == ("completed", 10)
    assert study["best"]["value"] > 0.8
