"""The data folder is private, and one supervisor's at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.embedded.errors import FolderInUse, FolderUnusable
from service.embedded.folder import held

HOLDING = """
import sys; from pathlib import Path; from service.embedded.folder import held
with held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()
"""


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with held(tmp_path / "deep" / "data") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(FolderInUse, match=f"is in use by process {os.getpid()}"), held(tmp_path):
        pass


def test_a_killed_holder_leaves_the_folder_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    with held(tmp_path) as folder:
        assert folder == tmp_path


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(FolderUnusable, match=r"file/data cannot be used \(Not a directory\)"),
        held(tmp_path / "file/data"),
    ):
        pass


def test_a_folder_without_room_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(FolderUnusable, match="cannot be used \\(No space left on device\\)"), held(tmp_path):
        pass
