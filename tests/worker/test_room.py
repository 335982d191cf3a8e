"""What is free is read from the machine and from the control groups around a process, whichever leaves less."""

from pathlib import Path

import pytest

from worker.room import Room, free_bytes

GIGABYTE = 2**30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system with 8 GB available, and no limit."""
    write(tmp_path / "proc/meminfo", f"MemTotal: 99999999 kB\nMemAvailable: {8 * GIGABYTE // 1024} kB\n")
    return tmp_path


def write(path: Path, text: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def limited(folder: Path, most: object, used: int, cached: int = 0) -> None:
    write(folder / "memory.max", most)
    write(folder / "memory.current", used)
    write(folder / "memory.stat", f"anon 5\ninactive_file {cached}\nactive_file 7")


def test_a_machine_without_limits_has_what_is_available(root: Path) -> None:
    assert free_bytes("cpu", root) == 8 * GIGABYTE


def test_a_limit_leaves_what_is_not_used_and_what_is_only_cached(root: Path) -> None:
    limited(root / "sys/fs/cgroup", 4 * GIGABYTE, used=3 * GIGABYTE, cached=GIGABYTE)
    assert free_bytes("cpu", root) == 2 * GIGABYTE


def test_the_narrowest_of_the_groups_around_the_process_counts(root: Path) -> None:
    write(root / "proc/self/cgroup", "0::/system/regtune")
    limited(root / "sys/fs/cgroup/system/regtune", "max", used=GIGABYTE)
    limited(root / "sys/fs/cgroup/system", 2 * GIGABYTE, used=GIGABYTE)
    limited(root / "sys/fs/cgroup/other", GIGABYTE, used=GIGABYTE)
    assert free_bytes("cpu", root) == GIGABYTE


def test_limits_of_the_first_version_of_control_groups_count_too(root: Path) -> None:
    write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", 3 * GIGABYTE)
    write(root / "sys/fs/cgroup/memory/memory.usage_in_bytes", GIGABYTE)
    assert free_bytes("cpu", root) == 2 * GIGABYTE


def test_a_limit_wider_than_the_machine_is_none(root: Path) -> None:
    limited(root / "sys/fs/cgroup", 100 * GIGABYTE, used=GIGABYTE)
    assert free_bytes("cpu", root) == 8 * GIGABYTE


def test_a_limit_that_is_overdrawn_leaves_nothing(root: Path) -> None:
    limited(root / "sys/fs/cgroup", GIGABYTE, used=2 * GIGABYTE)
    assert free_bytes("cpu", root) == 0


def test_a_system_that_does_not_say_leaves_it_open(tmp_path: Path) -> None:
    assert free_bytes("cpu", tmp_path) is None
    assert Room(None).share is None


def test_workers_share_four_fifths_of_what_is_free() -> None:
    assert Room(1000, workers=4).share == 200
