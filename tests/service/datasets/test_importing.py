"""The limited process: whatever happens in it, the upload is refused and nothing is left."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from waiting import wait_until

from regtune.errors import FieldError
from service.datasets import InvalidDataset, Limits, child, import_dataset, importing, parse_meta
from service.datasets.upload import Upload

META = parse_meta('{"name": "a table", "target": "y"}')
CSV = "age,colour,y\n" + "1,red,no\n2,blue,yes\n3,red,no\n" * 10


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_text(CSV)
    return path


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    folder = tmp_path / "stored"
    folder.mkdir()
    return folder / "rows"


@pytest.fixture
def put_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts code in the place of the process that reads."""

    def instead(code: str) -> None:
        (tmp_path / "another_child.py").write_text(code)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(importing, "CHILD", "another_child")

    return instead


def refusal(upload: Path, destination: Path, limits: Limits | None = None) -> tuple[str, str, str]:
    """Pointer, code and message of the one error, once nothing is left where the rows would be."""
    with pytest.raises(InvalidDataset) as raised:
        import_dataset(upload, "a.csv", META, destination, limits or Limits())
    assert list(destination.parent.iterdir()) == []
    (error,) = raised.value.errors
    return error.pointer, error.code, error.message


def test_a_good_file_is_read_and_its_rows_are_there(upload, destination) -> None:
    imported = import_dataset(upload, "a.csv", META, destination)
    assert (imported.rows, imported.classes, imported.shape) == (30, ("no", "yes"), (2,))
    assert list(destination.parent.iterdir()) == [destination]


def test_a_bad_file_is_refused_as_the_process_says(upload, destination) -> None:
    upload.write_text("age,y\n1,no\n2,no\n")
    assert refusal(upload, destination)[:2] == ("/meta/target", "one_class")


def test_too_little_memory_is_too_large(upload, destination) -> None:
    upload.write_text("age,colour,y\n" + "1,red,no\n2,blue,yes\n" * 2_000_000)
    pointer, code, message = refusal(upload, destination, Limits(memory_bytes=400 * 1024**2))
    assert (pointer, code) == ("/file", "too_large")
    assert "memory than the 419430400 bytes allowed" in message


def test_more_output_than_allowed_is_too_large(upload, destination) -> None:
    upload.write_text("x,y\n" + "".join(f"{place**0.5},{place % 2}\n" for place in range(5000)))
    assert refusal(upload, destination, Limits(output_bytes=20_000))[:2] == ("/file", "too_large")


def test_a_full_disk_is_told_apart(upload, destination, monkeypatch) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("pathlib.Path.write_bytes", Mock(side_effect=full))
    answer = child.answer(Upload(upload, "a.csv", META, destination), Limits())
    assert answer["errors"][0]["code"] == "no_room"
    assert InvalidDataset(FieldError(**error) for error in answer["errors"]).status == 507


def test_a_process_that_hangs_is_ended_at_its_time(upload, destination, put_child) -> None:
    put_child("import threading\nthreading.Event().wait()")
    pointer, code, message = refusal(upload, destination, Limits(wall_seconds=0.5))
    assert (pointer, code) == ("/file", "not_readable")
    assert message == "reading the file takes more than the 0.5 s allowed"


def test_a_process_that_computes_for_ever_is_ended_by_the_kernel(upload, destination, put_child) -> None:
    put_child(
        "from service.datasets import Limits, child\nchild.limit_resources(Limits(cpu_seconds=1))\nwhile True: pass"
    )
    pointer, code, message = refusal(upload, destination, Limits(cpu_seconds=1))
    assert (pointer, code) == ("/file", "not_readable")
    assert "more than the 1 s of computing allowed" in message


def test_a_process_that_crashes_says_so(upload, destination, put_child) -> None:
    put_child("import os\nos.abort()")
    pointer, code, message = refusal(upload, destination)
    assert (pointer, code) == ("/file", "too_large")
    assert "ended with SIGABRT" in message


def test_an_error_that_nobody_thought_of_goes_to_the_log_alone(upload, destination, put_child, caplog) -> None:
    put_child("raise RuntimeError('what was in row 7')")
    pointer, code, message = refusal(upload, destination)
    assert (pointer, code) == ("/file", "not_readable")
    assert "row 7" not in message
    assert "RuntimeError: what was in row 7" in caplog.text


def test_rows_written_before_a_crash_are_removed(upload, destination, put_child) -> None:
    put_child(
        "import json, os, pathlib, sys\n"
        "request = json.loads(sys.stdin.readline())\n"
        "pathlib.Path(request['upload']['destination']).write_text('half a file')\n"
        "os.abort()"
    )
    refusal(upload, destination)


def test_no_secret_of_the_service_reaches_the_process(upload, destination, put_child, monkeypatch) -> None:
    monkeypatch.setenv("REGTUNE_DATABASE_URL", "postgresql://hush")
    put_child(
        "import json, os\n"
        "error = {'pointer': '/file', 'code': 'environment', 'message': json.dumps(dict(os.environ))}\n"
        "print(json.dumps({'errors': [error]}))"
    )
    environment = json.loads(refusal(upload, destination)[2])
    assert "PATH" in environment
    assert "hush" not in str(environment)


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("service.datasets.child", {"fastapi", "sklearn", "sqlalchemy", "torch"}),
        ("service.datasets", {"numpy", "polars", "sklearn", "torch"}),
    ],
    ids=["process", "service"],
)
def test_what_is_not_needed_is_not_loaded(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}\nprint(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_process_does_not_outlive_a_service_that_is_killed(upload, destination, tmp_path, put_child) -> None:
    put_child(
        "import os, pathlib, sys, threading\n"
        "from service.datasets.child import end_with_the_parent\n"
        "sys.stdin.buffer.readline()\n"
        "threading.Thread(target=end_with_the_parent, daemon=True).start()\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        "threading.Event().wait()"
    )
    code = (
        "from pathlib import Path\n"
        "from service.datasets import import_dataset, importing, parse_meta\n"
        "importing.CHILD = 'another_child'\n"
        f"import_dataset(Path({str(upload)!r}), 'a.csv', parse_meta('{{\"name\": \"a\"}}'), Path({str(destination)!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as service:
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        pid = int((tmp_path / "pid").read_text())
        assert is_running(pid)
        service.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Whether the process is there and not only waiting to be collected by whoever adopted it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
