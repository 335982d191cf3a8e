"""Compiling: one graph of a whole step, the same for any number of lanes, rows and units, and kept on disk.

The graphs lie in the folder that TORCHINDUCTOR_CACHE_DIR names, where another process finds them again. Importing this
file costs a second and 70 MB, so that only what compiles does.
"""

from __future__ import annotations

import gc
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

import torch
import torch.fx.experimental._config as shape_settings
from torch import Tensor
from torch._dynamo import config as tracing_settings
from torch._inductor import config as code_settings
from torch._inductor import cpu_vec_isa
from torch._inductor.compile_fx import compile_fx, compile_fx_inner
from torch._inductor.cpp_builder import get_cpp_compiler
from torch._inductor.runtime.cache_dir_utils import cache_dir
from torch.fx import GraphModule
from torch.utils._triton import has_triton

from regcore.lanes.errors import CannotCompile
from regcore.lanes.turns import LOCKS, Part, make_all, turn, wait_patiently

_log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Graphs of a process at most: programs of one structure share theirs.
_GRAPHS = 64
# C++ compilers at once: on its own core, and on that of a worker that waits for the same graph. Where there is a GPU
# more than one means a pool of processes, which would outlive its worker's lease on memory and cores.
_COMPILERS = 1 if torch.cuda.is_available() else 2


def compiled_graph(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function as one graph without a break, made and compiled when it is first called."""
    graph: Callable[Arguments, Result] = torch.compile(function, backend=_compiled, fullgraph=True, dynamic=True)

    def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        with _settings():
            return graph(*arguments, **named)

    return run


def compiled_graph_of_one_size(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function as a graph without a break for each sizes of its arguments with which it is called.

    The graphs are kept with the function's code. A copy of it ends with this function, and counts its own graphs.
    """
    own = FunctionType(function.__code__.replace(), function.__globals__, function.__name__, None, function.__closure__)
    graph: Callable[Arguments, Result] = torch.compile(own, backend=_compiled, fullgraph=True, dynamic=False)

    def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        with _settings():
            return graph(*arguments, **named)

    return run


def fix_image_size(images: Tensor) -> None:
    """Lets graphs take the sizes of images `[N, C, H, W]` as numbers, so that a lane's scalar may be multiplied by one.

    A graph serves one size of images then, while the number of rows stays open. Rows of a table are left as they are.
    """
    for axis in range(1, images.dim() if images.dim() > 2 else 0):
        torch._dynamo.mark_static(images, axis)


def check_compiler(device: torch.device) -> None:
    """Looks for what compiling for a device takes: a C++ compiler, or Triton on a GPU.

    Raises:
        CannotCompile: it is not there.
    """
    if device.type == "cpu":
        try:
            get_cpp_compiler()
        except RuntimeError as error:
            raise CannotCompile("no C++ compiler was found (g++ or clang++; CXX may name one)") from error
    elif not has_triton():
        raise CannotCompile(f"Triton, which compiles for {device.type}, is not installed")


def compile_by(parts: Sequence[Part], device: torch.device, while_waiting: Callable[[], None] = wait_patiently) -> None:
    """Makes the parts, which compiles graphs as a side effect; a graph is compiled by one process at a time.

    What lies on disk and cannot be used is thrown away and made anew. `while_waiting` is called while another process
    compiles what this one needs, and what it raises is raised.

    Raises:
        CannotCompile: it did not work from scratch either.
    """
    check_compiler(device)
    if device.type == "cpu" and not cpu_vec_isa.pick_vec_isa():
        # No vector instructions: rare in a processor, and what a spoilt probe among the graphs looks like.
        _forget()
    waiting = _Waiting(while_waiting)
    try:
        _make(parts, waiting)
    except Exception as error:
        waiting.raise_if_ended()
        _log.warning("compiling failed (%s): once more, without the graphs kept in %s", _in_short(error), cache_dir())
        _forget()
        try:
            _make(parts, waiting)
        except Exception as again:
            waiting.raise_if_ended()
            torch._dynamo.reset()
            raise CannotCompile(f"the compiler fails: {_in_short(again)}") from again


class _Waiting:
    """What a process does while another compiles what it needs.

    What that raises comes out of the compiler as an error of its own, and is kept here as it was.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._ended: Exception | None = None

    def __call__(self) -> None:
        try:
            self._ask()
        except Exception as error:
            self._ended = error
            raise

    def raise_if_ended(self) -> None:
        if self._ended is not None:
            raise self._ended


_waiting: ContextVar[Callable[[], None]] = ContextVar("waiting", default=wait_patiently)


def _make(parts: Sequence[Part], waiting: _Waiting) -> None:
    token = _waiting.set(waiting)
    try:
        with _without_collecting():
            make_all(parts, Path(cache_dir()))
    finally:
        _waiting.reset(token)


def _compiled(graph: GraphModule, inputs: list[Tensor]) -> Any:
    """What Inductor makes of a traced graph, or finds on disk."""
    return compile_fx(graph, inputs, inner_compile=_compiled_in_turn)


def _compiled_in_turn(graph: GraphModule, inputs: Sequence[Any], **named: Any) -> Any:
    """What is not on disk when it is looked for first may be there when the process's turn has come."""
    with turn(graph.code, Path(cache_dir()), _waiting.get()):
        return compile_fx_inner(graph, inputs, **named)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Tracing makes millions of objects, nearly all of which live on: looking for others takes a tenth of its time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _forget() -> None:
    """Throws away all graphs, and what was found out about the processor by programs that lie beside them."""
    torch._dynamo.reset()
    for kept in Path(cache_dir()).iterdir():
        # Whoever compiles now holds a lock there.
        if kept.name != LOCKS:
            shutil.rmtree(kept, ignore_errors=True) if kept.is_dir() else kept.unlink(missing_ok=True)
    cpu_vec_isa.valid_vec_isa_list.cache_clear()
    for kind in {kind for isa in cpu_vec_isa.supported_vec_isa_list for kind in type(isa).__mro__}:
        for found_out in vars(kind).values():
            getattr(found_out, "cache_clear", lambda: None)()


@contextmanager
def _settings() -> Iterator[None]:
    """What a graph must not depend on: two sizes that happen to be equal, and how many programs came before."""
    with ExitStack() as stack:
        stack.enter_context(shape_settings.patch(use_duck_shape=False))  # type: ignore[attr-defined]
        stack.enter_context(tracing_settings.patch(recompile_limit=_GRAPHS))
        stack.enter_context(code_settings.patch(compile_threads=_COMPILERS))
        yield


def _in_short(error: Exception) -> str:
    """What was raised innermost: around it the compiler says only which of its parts passed it on."""
    inner: BaseException = error
    while inner.__cause__ is not None:
        inner = inner.__cause__
    lines = str(inner).strip().splitlines() or [""]
    return f"{type(inner).__name__}: {' '.join(lines[:2])}"
