"""What the Dockerfile promises: no torch in the API, nobody is root, health without curl, nothing the linter minds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def stages(checkout: Path) -> dict[str, str]:
    """The text of each stage, by its name."""
    text = (checkout / "Dockerfile").read_text()
    parts = re.split(r"^FROM (\S+) AS (\S+)$", text, flags=re.MULTILINE)
    return {parts[i + 1]: f"{parts[i]}\n{parts[i + 2]}" for i in range(1, len(parts), 3)}


def test_the_linter_has_nothing_to_say(checkout: Path) -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([hadolint, "Dockerfile"], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_images_are_those_of_the_deployment(stages: dict[str, str]) -> None:
    assert {"api", "coordinator", "worker"} < set(stages)


@pytest.mark.parametrize("image", ["api", "coordinator"])
def test_the_images_of_the_service_are_built_without_torch(image: str, stages: dict[str, str]) -> None:
    assert "--from=build-server" in stages[image]
    assert ".[server]" in stages["build-server"]
    assert "torch" not in stages["build-server"]


def test_no_image_runs_as_root(stages: dict[str, str]) -> None:
    runtimes = {"api": "runtime", "coordinator": "runtime", "worker": "runtime-with-compiler"}
    for image, runtime in runtimes.items():
        assert [line for line in stages[runtime].splitlines() if line and line[0] != "#"][-1] == "USER 10001:10001"
        assert stages[image].startswith(f"{runtime}\n")
        assert "USER" not in stages[image]


def test_the_health_of_the_api_is_asked_without_curl(stages: dict[str, str]) -> None:
    assert '"python", "-c"' in stages["api"]
    assert "/readyz" in stages["api"]
    assert "curl" not in stages["api"]


@pytest.mark.parametrize("image", ["api", "coordinator", "worker"])
def test_commands_are_lists_so_that_signals_arrive(image: str, stages: dict[str, str]) -> None:
    assert re.search(r'^CMD \["regtune", "\w+"\]$', stages[image], flags=re.MULTILINE)


def test_every_package_of_the_wheel_is_in_the_build(stages: dict[str, str]) -> None:
    for folder in ("regcore", "regtune", "service", "worker", "migrations"):
        assert f"COPY {folder} {folder}" in stages["build"]
