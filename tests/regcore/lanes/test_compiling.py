"""Graphs kept on disk: found again by the next process, and made anew where they are spoilt."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from regcore.lanes.compiling import compile_by, compiled_graph
from regcore.lanes.errors import CannotCompile
from regcore.lanes.turns import Part

COMPILES = """
import torch
from torch._dynamo.utils import counters
from regcore.lanes.compiling import compile_by, compiled_graph
from regcore.lanes.turns import Part
from torch._inductor.cpu_vec_isa import pick_vec_isa

graph = compiled_graph(lambda x: torch.sin(x) * 2 + x.sum())
compile_by([Part("sine", lambda: print(graph(torch.arange(70.0)).tolist()))], torch.device("cpu"))
print(pick_vec_isa(), dict(counters["inductor"]).get("fxgraph_cache_hit", 0))
"""


def compiling_process(kept_in: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "TORCHINDUCTOR_CACHE_DIR": str(kept_in),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return subprocess.Popen([sys.executable, "-c", COMPILES], env=environment, stdout=subprocess.PIPE, text=True)


def compiled(process: subprocess.Popen[str]) -> tuple[str, str, int]:
    """The numbers, the instructions that were compiled for, and how many graphs were found on disk."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    *_, numbers, last = output.splitlines()
    instructions, _, hits = last.rpartition(" ")
    return numbers, instructions, int(hits)


def compiled_in_a_process_of_its_own(kept_in: Path) -> tuple[str, str, int]:
    return compiled(compiling_process(kept_in))


@pytest.mark.slow
def test_of_two_processes_at_once_one_compiles_and_both_have_the_graph(tmp_path: Path) -> None:
    (first, *_), (second, *_) = both = [
        compiled(process) for process in [compiling_process(tmp_path) for _ in range(2)]
    ]
    assert first == second
    assert sorted(hits for *_, hits in both) == [0, 1]


def test_graphs_are_found_again_and_spoilt_ones_are_made_anew(tmp_path: Path) -> None:
    """What was found out about the processor lies there too: spoilt, it would leave out the best instructions."""
    numbers, instructions, hits = compiled_in_a_process_of_its_own(tmp_path)
    assert hits == 0
    assert compiled_in_a_process_of_its_own(tmp_path) == (numbers, instructions, 1)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00not a graph")
    assert compiled_in_a_process_of_its_own(tmp_path) == (numbers, instructions, 0)


@contextmanager
def holding_every_turn() -> Iterator[None]:
    """What another process would hold that compiles the graph."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("regcore.lanes.turns._taken", lambda lock: False)
        yield


@pytest.fixture
def graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of graphs, in which nothing has to be found out about the processor."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("torch._inductor.cpu_vec_isa.pick_vec_isa", lambda: True)
    return tmp_path


@pytest.mark.usefixtures("graphs")
def test_a_compiler_that_fails_is_asked_twice_and_says_why() -> None:
    tried = []

    def fail() -> None:
        tried.append(1)
        raise RuntimeError("around it") from ValueError("g++: internal error\nsecond line\nthird line")

    with pytest.raises(CannotCompile, match=r"the compiler fails: ValueError: g\+\+: internal error second line$"):
        compile_by([Part("fails", fail)], torch.device("cpu"))
    assert len(tried) == 2


@pytest.mark.usefixtures("graphs")
def test_what_ends_the_waiting_for_another_process_is_no_failure_of_the_compiler() -> None:
    class Ended(Exception):
        pass

    def stop_waiting() -> None:
        raise Ended

    graph = compiled_graph(lambda x: torch.cos(x) * 3)
    with holding_every_turn(), pytest.raises(Ended):
        compile_by([Part("cosine", lambda: graph(torch.arange(70.0)))], torch.device("cpu"), stop_waiting)


def test_what_fails_once_is_not_held_against_the_compiler(graphs: Path) -> None:
    spoilt = graphs / "graph"
    spoilt.write_text("spoilt")

    def fail_while_it_lies_there() -> None:
        if spoilt.exists():
            raise OSError("invalid ELF header")

    compile_by([Part("fails once", fail_while_it_lies_there)], torch.device("cpu"))
    assert not spoilt.exists()
