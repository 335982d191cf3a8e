"""Compiling: one graph of a whole step, the same for any number of lanes, rows and units, and kept on disk.

The graphs lie in the folder that TORCHINDUCTOR_CACHE_DIR names, where another process finds them again. Importing this
file costs a second and 70 MB, so that only what compiles does.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType
from typing import ParamSpec, TypeVar

import torch
import torch.fx.experimental._config as shape_settings
from torch import Tensor
from torch._dynamo import config as tracing_settings
from torch._inductor import config as code_settings
from torch._inductor import cpu_vec_isa
from torch._inductor.cpp_builder import get_cpp_compiler
from torch._inductor.runtime.cache_dir_utils import cache_dir
from torch.utils._triton import has_triton

from regcore.lanes.errors import CannotCompile

_log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Graphs of a process at most: programs of one structure share theirs.
_GRAPHS = 64


def compiled_graph(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function as one graph without a break, made and compiled when it is first called."""
    graph: Callable[Arguments, Result] = torch.compile(function, fullgraph=True, dynamic=True)

    def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        with _settings():
            return graph(*arguments, **named)

    return run


def compiled_graph_of_one_size(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function as a graph without a break for each sizes of its arguments with which it is called.

    The graphs are kept with the function's code. A copy of it ends with this function, and counts its own graphs.
    """
    own = FunctionType(function.__code__.replace(), function.__globals__, function.__name__, None, function.__closure__)
    graph: Callable[Arguments, Result] = torch.compile(own, fullgraph=True, dynamic=False)

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


def compile_by(run: Callable[[], object], device: torch.device) -> None:
    """Runs what compiles graphs as a side effect. What lies on disk and cannot be used is thrown away and made anew.

    Raises:
        CannotCompile: it did not work from scratch either.
    """
    check_compiler(device)
    if device.type == "cpu" and not cpu_vec_isa.pick_vec_isa():
        # No vector instructions: rare in a processor, and what a spoilt probe among the graphs looks like.
        _forget()
    try:
        run()
    except Exception as error:
        _log.warning("compiling failed (%s): once more, without the graphs kept in %s", _in_short(error), cache_dir())
        _forget()
        try:
            run()
        except Exception as again:
            torch._dynamo.reset()
            raise CannotCompile(f"the compiler fails: {_in_short(again)}") from again


def _forget() -> None:
    """Throws away all graphs, and what was found out about the processor by programs that lie beside them."""
    torch._dynamo.reset()
    shutil.rmtree(cache_dir(), ignore_errors=True)
    cache_dir()
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
        # A pool of compiling processes would outlive its worker's lease on memory and cores.
        stack.enter_context(code_settings.patch(compile_threads=1))
        yield


def _in_short(error: Exception) -> str:
    """What was raised innermost: around it the compiler says only which of its parts passed it on."""
    inner: BaseException = error
    while inner.__cause__ is not None:
        inner = inner.__cause__
    lines = str(inner).strip().splitlines() or [""]
    return f"{type(inner).__name__}: {' '.join(lines[:2])}"
